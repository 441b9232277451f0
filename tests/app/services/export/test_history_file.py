"""A history as a file: read as it was written, and refused by line and key if it is not whole."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.services.export.history_entries import Entry
from app.services.export.history_file import HistoryCounts, read_history, write_history
from aws.history_items import CARRIED
from iris_core.errors import DataError, OptionError
from iris_core.records.keys import key_of
from iris_core.records.run import Run
from iris_core.records.run_metrics import ClassMetrics, RunMetrics
from tests.aws.samples import sample_record, sample_run

ENDINGS = ("history.jsonl", "history.parquet")
FREE = [name for name in CARRIED[2:] if name not in ("Verdict", "Version", "Opinions")]


def candidate_of(run: Run, row: int, **attributes: str) -> dict[str, str]:
    item = sample_record(row).to_item(key_of(run.id, row), threshold="0.9")
    return {**item, "Reason": "wrong", **attributes}


def in_order(item: dict[str, str]) -> dict[str, str]:
    return {name: item[name] for name in CARRIED if name in item}


METRICS = st.builds(
    RunMetrics,
    classes=st.lists(
        st.builds(ClassMetrics, st.text(max_size=3), st.floats(0, 1), st.just(1.0), st.just(1.0),
                  st.integers(0, 9)), max_size=2
    ).map(tuple),
    missing=st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2),
    seen=st.none() | st.integers(0, 9),
)  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    entries: list[Entry] = []
    for _ in range(draw(st.integers(0, 3))):
        run = sample_run(
            draw(st.integers(0, 3_000)),
            dataset_name=draw(st.text(max_size=5)),
            accuracy=draw(st.none() | st.floats(0, 1)),
            loss=draw(st.none() | st.floats(allow_nan=False)),
            record_days=draw(st.integers(0, 9_999)),
            metrics=draw(METRICS),
        )
        entries.append(run)
        rows = draw(st.sets(st.integers(0, run.rows - 1), max_size=4)) if run.rows else set()
        for row in sorted(rows):
            texts = draw(st.dictionaries(st.sampled_from(FREE), st.text(max_size=4)))
            entries.append(in_order(candidate_of(run, row, **texts)))
    return entries


@pytest.mark.parametrize("name", ENDINGS)
@given(entries=histories())
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_history_is_read_as_it_was_written(tmp_path: Path, name: str, entries: list[Entry]) -> None:
    counts = write_history(tmp_path / name, entries)
    assert list(read_history(tmp_path / name)) == entries
    runs = sum(isinstance(entry, Run) for entry in entries)
    assert (counts.runs, counts.candidates) == (runs, len(entries) - runs)


def small() -> list[Entry]:
    run = sample_run(30, dataset_name="flowers")
    first = candidate_of(run, 0, Verdict="drop", Version="1", Opinions="{}")
    return [run, first, candidate_of(run, 10), sample_run(2)]


@pytest.mark.parametrize("name", ENDINGS)
def test_verdicts_are_counted(tmp_path: Path, name: str) -> None:
    assert write_history(tmp_path / name, small()) == HistoryCounts(2, 2, 1)


def test_file_that_is_cut_anywhere_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    write_history(file, small())
    whole = file.read_bytes()
    for size in range(0, len(whole) - 1, 13):
        file.write_bytes(whole[:size])
        line = whole[:size].count(b"\n")
        at_a_line = size == 0 or whole[:size].endswith(b"\n")
        place = f"after line {line}" if at_a_line else f"line {line + 1}: the file was cut within"
        with pytest.raises(DataError, match=place):
            list(read_history(file))


def test_parquet_file_that_is_cut_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "history.parquet"
    write_history(file, small())
    whole = file.read_bytes()
    for size in (0, 3, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(DataError, match="expected a history that can be read"):
            list(read_history(file))


def changed(number: int, **values: Any) -> list[dict[str, Any]]:
    """The lines of `small`, with values of one of them changed; None takes a key away."""
    entries: list[dict[str, Any]] = []
    for entry in small():
        kind = {"kind": "run", **entry.to_dict()} if isinstance(entry, Run) else {
            "kind": "candidate", **entry}  # fmt: skip
        entries.append(kind)
    # The rows are those of this run, whose id is another one at each call.
    merged = {**entries[number - 1], **values}
    entries[number - 1] = {name: value for name, value in merged.items() if value is not None}
    return entries


@pytest.mark.parametrize(
    ("number", "values", "message"),
    [
        (1, {"colour": "red"}, "line 1, key 'colour': expected one that this version knows"),
        (1, {"kind": "data set"}, "line 1, key 'kind': expected 'run' or 'candidate'"),
        (1, {"rows": "30"}, "line 1, key 'rows': expected int, received '30'"),
        (1, {"rows": True}, "line 1, key 'rows': expected int"),
        (1, {"rows": -1}, "line 1, key 'rows': expected a number from 0"),
        (1, {"record_days": 10**9}, "line 1, key 'record_days'"),
        (1, {"id": "../../run"}, "line 1: Expected a run id"),
        (1, {"state": "lost"}, "line 1: 'lost' is not a valid RunState"),
        (1, {"threshold": "2"}, "line 1: "),
        (1, {"model": None}, "line 1, key 'model': expected a value, received nothing"),
        (1, {"metrics": {"mood": 3}}, "line 1, key 'metrics.mood'"),
        (2, {"Colour": "red"}, "line 2, key 'Colour'"),
        (2, {"LeasedBy": "ben"}, "line 2, key 'LeasedBy'"),
        (2, {"Actual": None}, "line 2, key 'Actual'"),
        (2, {"Features": 7}, "line 2, key 'Features': expected a text, received 7"),
        (2, {"sort_key": "000000030"}, "line 2, key 'sort_key': expected a row of the run"),
        (2, {"sort_key": "0"}, "line 2, key 'sort_key'"),
        (2, {"sort_key": "-00000001"}, "line 2, key 'sort_key'"),
        (2, {"partition_key": "another#000000"}, "line 2, key 'sort_key'"),
        (2, {"Verdict": "maybe"}, "line 2, key 'Verdict': expected one of right, relabel, drop"),
        (2, {"Version": "-1"}, "line 2, key 'Version'"),
        (2, {"Opinions": "[]"}, "line 2, key 'Opinions': expected a JSON object"),
        (3, {"sort_key": "000000000"}, "line 3, key 'sort_key': expected one behind 000000000"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_by_line_and_key(
    tmp_path: Path, number: int, values: dict[str, Any], message: str
) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in changed(number, **values)))
    with pytest.raises(DataError) as caught:
        list(read_history(file))
    assert message in str(caught.value)
    assert "history.jsonl" in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (b"[1]\n", "line 1: expected a JSON object"),
        (b"\xff\n", "line 1: expected a JSON object"),
        (b'{"kind": "end", "runs": 1, "candidates": 0}\n', "line 1: lines are missing before it"),
        (b'{"kind": "end", "runs": 0, "candidates": 0}\n\n', "expected the file to end there"),
        (b"[" * (1 << 22) + b"\n", "line 1: expected a JSON object"),
    ],
)
def test_what_is_no_line_of_a_history_is_refused(
    tmp_path: Path, lines: bytes, message: str
) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(lines)
    with pytest.raises(DataError, match=message):
        list(read_history(file))


def test_candidate_without_its_run_and_run_that_comes_twice_are_refused(tmp_path: Path) -> None:
    run, first, *_ = small()
    for entries, message in (([first], "expected its run"), ([run, run], "each run once")):
        write_history(tmp_path / "h.jsonl", entries)
        with pytest.raises(DataError, match=message):
            list(read_history(tmp_path / "h.jsonl"))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"kind": ["run"], "colour": ["red"]}, "received the column 'colour'"),
        ({"id": ["x"]}, "received no column 'kind'"),
        ({"kind": ["run"], "rows": ["{"]}, "row 1, key 'rows': expected JSON"),
        ({"kind": ["run"], "rows": [7]}, "row 1, key 'rows': expected JSON"),
        ({"kind": ["candidate"], "Features": ["{}"]}, "row 1, key 'partition_key'"),
    ],
)
def test_parquet_of_something_else_is_refused(
    tmp_path: Path, columns: dict[str, list[object]], message: str
) -> None:
    file = tmp_path / "history.parquet"
    pq.write_table(pa.table(columns), file)
    with pytest.raises(DataError, match=message):
        list(read_history(file))


def test_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        list(read_history(tmp_path / "none.jsonl"))
    with pytest.raises(OptionError, match="--out"):
        write_history(tmp_path, [])


def test_history_that_cannot_be_read_to_its_end_leaves_the_earlier_file(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    write_history(file, small())
    before = file.read_bytes()

    def failing() -> Iterator[Entry]:
        yield sample_run(1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_history(file, failing())
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("name", ENDINGS)
def test_long_history_takes_no_more_memory_than_a_part_of_it(tmp_path: Path, name: str) -> None:
    run = sample_run(40_000)
    entries = (candidate_of(run, row, Note="n" * 500) for row in range(5_000))
    file = tmp_path / name
    list(read_history_of(file, [run, candidate_of(run, 0)]))
    tracemalloc.start()
    write_history(file, (entry for part in ([run], entries) for entry in part))
    read = sum(1 for _ in read_history(file))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == 5_001
    # All items at once are some 10 MB.
    assert peak < 7_000_000


def read_history_of(file: Path, entries: list[Entry]) -> Iterator[Entry]:
    """Write and read once, so that what is imported is not measured."""
    write_history(file, entries)
    yield from read_history(file)
