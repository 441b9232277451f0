"""A test run passes on a record for every row, and its report adds up."""

from __future__ import annotations

import ast
import math
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters
from iris_core.errors import Cancelled, SchemaError
from iris_core.evaluation import testing
from iris_core.model.models import Model
from iris_core.model.prediction import predict
from iris_core.records.record import Record
from tests.iris_core.samples import data_set, flowers
from tests.records import records_of


def tested(model: Model, ds: DataSet) -> tuple[testing.TestReport, list[Record]]:
    records: list[Record] = []
    return testing.test(model, ds, records.append), records


def test_every_row_becomes_a_record_in_order(model: Model) -> None:
    ds = flowers(30)
    _, records = tested(model, ds)
    shares = predict(model, ds.frame)
    assert [record.row for record in records] == list(range(30))
    assert [record.actual_string for record in records] == ds.frame["species"].tolist()
    assert [record.class_string for record in records] == [
        ds.classes[number] for number in shares.argmax(axis=1)
    ]


def test_record_holds_what_post_score_takes() -> None:
    names = [field.name for field in fields(Record)]
    taken = ["feature_string", "class_string", "actual_string", "prob_string"]
    assert names == ["row", *taken, "fingerprint"]


def test_record_is_known_by_the_fingerprint_of_its_row(model: Model) -> None:
    ds = flowers(30)
    known_by = [record.fingerprint for record in records_of(model, ds)]
    assert known_by == as_letters(ds.fingerprints)
    assert len(set(known_by)) == 30


def test_probability_is_the_shortest_decimal_of_the_float(model: Model) -> None:
    ds = flowers(30)
    for record, shares in zip(records_of(model, ds), predict(model, ds.frame), strict=True):
        assert record.prob_string == str(np.float32(record.prob_string))
        assert np.float32(record.prob_string) == pytest.approx(shares.max(), abs=1e-6)
        assert 0 <= float(record.prob_string) <= 1


def test_feature_string_is_the_row_of_the_file(model: Model) -> None:
    ds = read_csv(b"species,soil,length,colour,width\nsetosa,1,0.5,NA,\nvirginica,2,,,4.25\n")
    assert [record.feature_string for record in records_of(model, ds)] == [
        "{'species': 'setosa', 'soil': 1, 'length': 0.5, 'colour': 'NA', 'width': None}",
        "{'species': 'virginica', 'soil': 2, 'length': None, 'colour': None, 'width': 4.25}",
    ]


cells = st.fixed_dictionaries(
    {
        "length": st.none() | st.floats(-1e30, 1e30),
        "width": st.floats(-1e30, 1e30),
        "soil": st.integers(-(2**53), 2**53),
        "colour": st.none() | st.text(min_size=1),
    }
)


@given(
    rows=st.lists(cells, min_size=1, max_size=5),
    extra=st.text(min_size=1),
    label=st.text("ab'%{\"\\", min_size=1),
)
def test_literal_eval_of_the_feature_string_is_the_row(
    model: Model, rows: list[dict[str, object]], extra: str, label: str
) -> None:
    names = ("length", "width", "soil", "colour")
    expected = [
        {"species": label, **{name: row[name] for name in names}, f"more {extra}": 1}
        for row in rows
    ]
    kinds = {"species": "str", "length": "float64", "width": "float64", "colour": "str"}
    ds = data_set(pd.DataFrame(expected).astype(kinds))
    records = list(records_of(model, ds))
    assert [ast.literal_eval(record.feature_string) for record in records] == expected
    assert [record.feature_string for record in records] == [str(row) for row in expected]


def test_report_agrees_with_the_records(model: Model) -> None:
    ds = flowers(60, seed=4)
    report, records = tested(model, ds)
    right = [record.class_string == record.actual_string for record in records]
    assert report.rows == 60
    assert report.accuracy == sum(right) / 60
    assert sum(map(sum, report.confusion)) == 60
    assert [figures.name for figures in report.classes] == list(ds.classes)
    assert [figures.support for figures in report.classes] == [20, 20, 20]
    shares = predict(model, ds.frame)[range(60), np.arange(60) % 3]
    assert report.loss == pytest.approx(-np.log(shares).mean(), rel=1e-4)
    assert report.seconds > 0


def test_columns_are_matched_by_name_and_others_reported_as_ignored(model: Model) -> None:
    frame = flowers(30).frame
    swapped = frame[["species", *frame.columns[:0:-1]]].assign(more=1)
    report, records = tested(model, data_set(swapped))
    expected, _ = tested(model, data_set(frame))
    assert report.confusion == expected.confusion
    assert report.ignored == ("more",)
    assert list(ast.literal_eval(records[0].feature_string)) == list(swapped.columns)


def test_label_never_seen_is_counted_as_an_error(model: Model) -> None:
    frame = flowers(30).frame.copy()
    frame.loc[[0, 3], "species"] = "tulip"
    report, records = tested(model, data_set(frame))
    assert report.unseen_labels == {"tulip": 2}
    assert sum(report.confusion[-1]) == 2
    assert report.accuracy is not None
    assert report.accuracy <= 28 / 30
    assert records[0].actual_string == "tulip"
    assert records[0].class_string in model.card.schema.classes


def test_labels_all_never_seen_still_give_a_report(model: Model) -> None:
    frame = flowers(6).frame.copy()
    frame["species"] = pd.Series(["tulip", "rose"] * 3, dtype="str")
    report, _ = tested(model, data_set(frame))
    assert (report.accuracy, report.loss) == (0.0, None)


def test_labels_are_not_encoded_anew(model: Model) -> None:
    ds = flowers(30)
    only = ds.frame[ds.frame["species"] != "setosa"].reset_index(drop=True)
    report, _ = tested(model, data_set(only))
    assert [sum(row) for row in report.confusion] == [0, 10, 10, 0]
    assert report.accuracy is not None
    assert report.accuracy > 0.9


def test_unseen_categories_and_missing_cells_are_counted(model: Model) -> None:
    frame = flowers(30).frame.copy()
    frame.loc[[1, 2], "colour"] = "green"
    frame.loc[5, "colour"] = None
    frame.loc[[7, 8, 9], "length"] = None
    report, _ = tested(model, data_set(frame))
    assert report.unseen_categories == {"colour": 2}
    assert report.missing == {"length": 3, "colour": 1}


def test_missing_column_is_refused_before_any_record(model: Model) -> None:
    records: list[Record] = []
    with pytest.raises(SchemaError, match="received none for 'width'"):
        testing.test(model, data_set(flowers(9).frame.drop(columns="width")), records.append)
    assert not records


def test_other_label_is_refused(model: Model) -> None:
    ds = read_csv(to_csv(flowers(9)), label="colour")
    with pytest.raises(SchemaError, match="expected 'species' as the label"):
        testing.test(model, ds, lambda _: None)


def test_rows_of_several_chunks_become_records_in_order(model: Model) -> None:
    ds = flowers(2500)
    _, records = tested(model, ds)
    assert [record.row for record in records] == list(range(2500))
    assert list(records_of(model, ds)) == records


def test_progress_counts_up_to_all_rows(model: Model) -> None:
    steps: list[tuple[int, int]] = []
    testing.test(model, flowers(2500), lambda _: None, on_progress=lambda *step: steps.append(step))
    assert steps == [(1024, 2500), (2048, 2500), (2500, 2500)]


def test_cancelled_run_ends_within_a_chunk(model: Model) -> None:
    records: list[Record] = []
    with pytest.raises(Cancelled, match="after 1,024 of 2,500 rows"):
        testing.test(model, flowers(2500), records.append, cancelled=lambda: len(records) >= 1000)
    assert len(records) == 1024


def test_what_the_sink_raises_ends_the_run(model: Model) -> None:
    def full(_: Record) -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        testing.test(model, flowers(9), full)


def test_whole_number_in_a_column_with_missing_ones_reads_back_equal(model: Model) -> None:
    ds = read_csv(b"species,soil,length,colour,width\nsetosa,1,2,red,3\nvirginica,,4,red,\n")
    first, second = (ast.literal_eval(record.feature_string) for record in records_of(model, ds))
    assert (first["soil"], second["soil"]) == (1, None)
    assert not math.isnan(first["width"])
