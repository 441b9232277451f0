"""The cells of a confusion matrix lead to their records, labels never seen among them."""

from __future__ import annotations

from app.services.runs.confusion_cells import cell_counts, cell_id_of, cell_of, unseen_label_title
from iris_core.records.record import Record

NAMES = ("a", "b")


def test_mistakes_come_first_the_most_frequent_ahead_and_empty_cells_are_left_out() -> None:
    assert list(cell_counts(((9, 1), (3, 8), (0, 2)))) == ["1/0", "2/1", "0/1", "0/0", "1/1"]


def test_record_is_in_the_cell_of_its_labels() -> None:
    record = Record(0, "{}", "b", "a", "0.5")
    assert cell_id_of(NAMES, record) == "0/1"
    cell = cell_of(NAMES, "0/1")
    assert (cell.actual, cell.predicted) == ("a", "b")
    unseen = cell_id_of(NAMES, Record(0, "{}", "b", "tulip", "0.5"))
    assert unseen == "2/1"
    assert cell_of(NAMES, unseen).actual is None
    assert cell_id_of(NAMES, Record(0, "{}", "tulip", "a", "0.5")) is None


def test_title_of_unseen_labels_is_no_class() -> None:
    assert unseen_label_title(NAMES) == "unseen label"
    assert unseen_label_title(("unseen label",)) == "(unseen label)"
