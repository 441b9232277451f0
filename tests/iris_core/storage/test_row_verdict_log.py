"""Verdicts on rows are kept, undone as they were given, and survive what a crash leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from iris_core.errors import StoreError
from iris_core.records.verdict import RowVerdict
from iris_core.storage.row_verdict_log import RowReview, RowVerdictLog

PROJECT = "0123456789ab"


def review(id_: str, *rows: str, who: str = "ada") -> RowReview:
    at = "2026-11-22T09:30:00.000+00:00"
    verdicts = (RowVerdict(row * 16, "a", "relabel", "b", at, "data", "", who) for row in rows)
    return RowReview(id_, who, tuple(verdicts))


def test_reviews_are_kept_in_their_order_and_undone_whole(tmp_path: Path) -> None:
    log = RowVerdictLog(tmp_path)
    assert log.reviews(PROJECT) == []
    one, two = review("1", "k", "l"), review("2", "k", who="bob")
    log.add(PROJECT, one)
    log.add(PROJECT, two)
    log.add(PROJECT, review("3"))
    assert RowVerdictLog(tmp_path).reviews(PROJECT) == [one, two]
    log.undo(PROJECT, "1")
    assert log.reviews(PROJECT) == [two]
    assert log.reviews("f" * 12) == []


@pytest.mark.parametrize(
    "line",
    ['{"finger', "[]", "3", '{"id": "9"}', '{"undoes": []}', "\x00\ufffd"]
    + [
        f'{{"fingerprint": "{row}", "given": "a", "decision": "{decision}", "label": "", '
        '"at": "", "id": "9"}'
        for row, decision in (("digits", "drop"), ("k" * 16, "burn"))
    ],
)
def test_line_that_is_no_verdict_is_passed_over(tmp_path: Path, line: str) -> None:
    log = RowVerdictLog(tmp_path)
    log.add(PROJECT, review("1", "k"))
    file = tmp_path / "journal" / "rows" / f"{PROJECT}.jsonl"
    file.write_text(f"{file.read_text('utf-8')}{line}", "utf-8")
    log.add(PROJECT, review("2", "l"))
    assert [entry.id for entry in log.reviews(PROJECT)] == ["1", "2"]


@pytest.mark.parametrize("project", ["", "../../etc", "0123456789AB", "0123456789abc"])
def test_other_names_are_no_projects(tmp_path: Path, project: str) -> None:
    for ask in (
        lambda: RowVerdictLog(tmp_path).reviews(project),
        lambda: RowVerdictLog(tmp_path).add(project, review("1", "k")),
    ):
        with pytest.raises(StoreError, match="Expected the id of a project"):
            ask()
    assert list(tmp_path.iterdir()) == []


def test_log_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal" / "rows" / f"{PROJECT}.jsonl").mkdir(parents=True)
    with pytest.raises(StoreError, match="Give access to"):
        RowVerdictLog(tmp_path).reviews(PROJECT)
