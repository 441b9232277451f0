"""A run is the same after a trip through JSON, and one of an earlier version still opens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from iris_core.errors import OptionError
from iris_core.records.calibration import Calibration
from iris_core.records.interval import wilson_interval
from iris_core.records.keys import new_run_id
from iris_core.records.run import Run, RunState
from iris_core.records.run_metrics import ClassMetrics, RunMetrics, ThresholdCounts
from tests.iris_core.records.strategies import run_metrics, runs

STARTED = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
METRICS = RunMetrics(
    classes=(
        ClassMetrics(name="setosa", precision=1.0, recall=0.5, f1=2 / 3, support=4),
        ClassMetrics(name="virginica", precision=0.5, recall=1.0, f1=2 / 3, support=2),
    ),
    confusion=((2, 2), (0, 2), (0, 1)),
    unseen_labels={"tulip": 1},
    unseen_categories={"soil": 2},
    missing={"length": 3},
    ignored=("colour",),
    calibration=Calibration.from_counts([(3, 0.4, 1), (4, 0.9, 3)], invalid=0),
    thresholds=ThresholdCounts(
        rows=7, errors=3, invalid=0, thresholds=(0.0, 0.5), below=(0, 3), caught=(0, 2)
    ),
)


def sample_run(**changes: Any) -> Run:
    values: dict[str, Any] = {
        "id": new_run_id(STARTED),
        "model": "iris-v1",
        "dataset": "0123456789ab",
        "dataset_name": "iris",
        "rows": 7,
        "threshold": "0.9",
        "metrics": METRICS,
    }
    return Run(**{**values, **changes})


def through_json(stored: dict[str, Any]) -> dict[str, Any]:
    again: dict[str, Any] = json.loads(json.dumps(stored, allow_nan=False))
    return again


@given(runs)
def test_run_is_the_same_after_json(run: Run) -> None:
    assert Run.from_dict(through_json(run.to_dict())) == run


@given(run_metrics)
def test_metrics_are_the_same_after_json(metrics: RunMetrics) -> None:
    assert RunMetrics.from_dict(through_json(metrics.to_dict())) == metrics


def test_metrics_are_stored_under_the_keys_of_the_first_version() -> None:
    stored = METRICS.to_dict()
    assert set(stored) == {
        *("classes", "confusion", "unseen_labels", "unseen_categories", "missing", "ignored"),
        *("reliability", "lab"),
    }
    assert stored["reliability"] == {"bins": [[3, 0.4, 1], [4, 0.9, 3]], "unjudged": 0}
    assert set(stored["lab"]) == {"rows", "errors", "unjudged", "thresholds", "below", "caught"}


def test_run_that_measured_nothing_stores_no_metrics() -> None:
    assert RunMetrics().to_dict() == {}
    assert RunMetrics.from_dict({}) == RunMetrics()


def test_run_of_an_earlier_version_opens_without_the_figures_it_lacks() -> None:
    stored = sample_run().to_dict()
    del stored["metrics"]["reliability"], stored["metrics"]["lab"], stored["note"]
    run = Run.from_dict(stored)
    assert (run.metrics.calibration, run.metrics.thresholds, run.note) == (None, None, "")
    assert run.metrics.classes == METRICS.classes
    assert run.metrics.confusion == METRICS.confusion


def test_unknown_fields_of_a_newer_version_are_ignored() -> None:
    run = sample_run()
    stored = run.to_dict()
    newer = {**stored, "colour": "red", "metrics": {**stored["metrics"], "entropy": 0.5}}
    assert Run.from_dict(newer) == run


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("classes", "classes"),
        ("confusion", "confusion"),
        ("unseen_labels", "unseen_labels"),
        ("unseen_categories", "unseen_categories"),
        ("missing", "missing"),
        ("ignored", "ignored"),
        ("reliability", "calibration"),
        ("lab", "thresholds"),
    ],
)
@pytest.mark.parametrize("broken", [7, [["x"], None], [{"name": "setosa"}], {"rows": "many"}])
def test_figure_that_cannot_be_read_leaves_the_others(key: str, field: str, broken: object) -> None:
    stored = sample_run().to_dict()
    stored["metrics"][key] = broken
    metrics = Run.from_dict(stored).metrics
    for other in METRICS.__dataclass_fields__:
        if other != field:
            assert getattr(metrics, other) == getattr(METRICS, other)


@pytest.mark.parametrize("key", ["classes", "confusion", "reliability", "lab"])
def test_figure_that_cannot_be_read_is_empty(key: str) -> None:
    stored = sample_run().to_dict()
    stored["metrics"] = {key: [{"unknown": 1}]}
    assert Run.from_dict(stored).metrics == RunMetrics()


def test_states_are_the_stored_words() -> None:
    words = ["running", "written", "reconciled", "incomplete", "failed", "cancelled"]
    assert [state.value for state in RunState] == words
    for word in words:
        stored = sample_run(state=RunState(word)).to_dict()
        assert (stored["state"], type(stored["state"])) == (word, str)


def test_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match="paused"):
        Run.from_dict({**sample_run().to_dict(), "state": "paused"})


@pytest.mark.parametrize("field", ["id", "model", "dataset", "dataset_name", "rows", "threshold"])
def test_run_without_a_required_field_is_refused(field: str) -> None:
    stored = sample_run().to_dict()
    del stored[field]
    with pytest.raises(TypeError, match=field):
        Run.from_dict(stored)


def test_start_is_that_of_the_id() -> None:
    assert sample_run().started == STARTED
    with pytest.raises(OptionError):
        _ = sample_run(id="yesterday").started


def test_interval_of_the_accuracy_is_wilsons() -> None:
    assert sample_run(accuracy=0.9, tested=120).accuracy_interval == wilson_interval(108, 120)
    assert sample_run(accuracy=2 / 3, tested=3).accuracy_interval == wilson_interval(2, 3)


def test_accuracy_that_is_not_known_has_no_interval() -> None:
    assert sample_run(tested=120).accuracy_interval is None
    assert sample_run(accuracy=0.0, tested=0).accuracy_interval is None


def test_errors_are_all_off_the_diagonal() -> None:
    assert METRICS.errors == 3
    assert METRICS.class_names == ("setosa", "virginica")
    assert RunMetrics().errors is None
