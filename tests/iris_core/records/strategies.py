"""Values of the domain for property-based tests."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from iris_core.records.baseline import Baseline, BaselineKind, PairedCounts
from iris_core.records.calibration import BinCounts, Calibration
from iris_core.records.keys import Key, key_of, new_run_id
from iris_core.records.record import Record
from iris_core.records.run import Run, RunState
from iris_core.records.run_metrics import ClassMetrics, RunMetrics, ThresholdCounts
from iris_core.records.verdict import Verdict

shares = st.floats(0, 1)
counts = st.integers(0, 10**9)
names = st.text(max_size=12)
counts_by_name = st.dictionaries(names, counts, max_size=4)
run_ids = st.integers(0, 2**32).map(lambda second: new_run_id(datetime.fromtimestamp(second, UTC)))


@st.composite
def _bin(draw: st.DrawFn) -> BinCounts:
    rows = draw(counts)
    return (rows, draw(shares), draw(st.integers(0, rows))) if rows else (0, 0.0, 0)


bin_counts = st.lists(_bin(), min_size=1, max_size=12)
calibrations = st.builds(
    lambda bins, invalid: Calibration.from_counts(bins, invalid=invalid), bin_counts, counts
)


@st.composite
def _threshold_counts(draw: st.DrawFn) -> ThresholdCounts:
    points = draw(st.lists(st.tuples(shares, counts, counts), max_size=6))
    thresholds, below, caught = zip(*points, strict=True) if points else ((), (), ())
    return ThresholdCounts(
        rows=draw(counts),
        errors=draw(counts),
        invalid=draw(counts),
        thresholds=tuple(sorted(thresholds)),
        below=below,
        caught=caught,
    )


@st.composite
def _paired(draw: st.DrawFn) -> PairedCounts:
    correct = draw(counts)
    fixed, broken = draw(st.integers(0, correct)), draw(counts)
    return PairedCounts(correct + broken + draw(counts), correct, fixed, broken)


baselines = st.builds(
    Baseline,
    kind=st.sampled_from(BaselineKind),
    label=names,
    counts=_paired(),
    unseen=st.none() | _paired(),
)


run_metrics = st.builds(
    RunMetrics,
    classes=st.lists(
        st.builds(
            ClassMetrics, name=names, precision=shares, recall=shares, f1=shares, support=counts
        ),
        max_size=4,
    ).map(tuple),
    confusion=st.lists(st.lists(counts, max_size=4).map(tuple), max_size=4).map(tuple),
    unseen_labels=counts_by_name,
    unseen_categories=counts_by_name,
    missing=counts_by_name,
    ignored=st.lists(names, max_size=4).map(tuple),
    calibration=st.none() | calibrations,
    thresholds=st.none() | _threshold_counts(),
    baselines=st.lists(baselines, max_size=2).map(tuple),
)
runs = st.builds(
    Run,
    id=run_ids,
    model=names,
    dataset=names,
    dataset_name=names,
    rows=counts,
    threshold=shares.map(str),
    state=st.sampled_from(RunState),
    tested=counts,
    stored=counts,
    expected=counts,
    found=counts,
    accuracy=st.none() | shares,
    loss=st.none() | st.floats(0, 1e6),
    seconds=st.none() | st.floats(0, 1e6),
    metrics=run_metrics,
    note=names,
)


@st.composite
def keyed_records(draw: st.DrawFn) -> tuple[Key, Record]:
    """Draw a record, and its key in some run."""
    row = draw(st.integers(0, 10**8))
    fingerprint = draw(st.sampled_from(["", "zkwvzkwvzkwvzkwv"]))
    share = draw(shares.map(str))
    record = Record(row, draw(names), draw(names), draw(names), share, fingerprint)
    return key_of(draw(run_ids), row), record


verdicts = st.builds(
    Verdict,
    decision=st.sampled_from(["right", "relabel", "drop"]),
    label=names,
    at=st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
)
