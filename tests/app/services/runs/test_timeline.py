"""The timeline has the runs that count, and marks those that are worse than before."""

from __future__ import annotations

from typing import Any

import pytest

from app.services.runs.timeline import newest_step, timeline
from iris_core.records.interval import wilson_interval
from iris_core.records.run import Run, RunState
from tests.aws.samples import sample_run


def a_run(accuracy: float | None = 0.95, **changes: Any) -> Run:
    """A run of 240 records on data of its own."""
    number = changes.pop("number", None)
    run = sample_run(
        240, state=RunState.RECONCILED, tested=240, accuracy=accuracy, expected=24, found=24
    )
    values = {"dataset": number or run.id, **changes}
    return Run(**{**{name: getattr(run, name) for name in Run.__slots__}, **values})


def history(*accuracies: float, **changes: Any) -> list[Run]:
    """Runs of these accuracies, given oldest first, newest first."""
    return [a_run(accuracy, **changes) for accuracy in accuracies][::-1]


def test_run_that_is_worse_beyond_chance_is_marked_and_says_why() -> None:
    points = timeline(history(0.95, 0.9375, 0.95, 0.8))
    assert [point.is_worse for point in points] == [False, False, False, True]
    assert points[-1].chart.limit is not None
    assert points[-1].accuracy <= points[-1].chart.limit
    assert points[-1].why.startswith(
        "Worse than the 3 runs before it beyond chance: accuracy 80.0 % of 240 records, 94.6 %"
    )
    assert [point.why for point in points[:-1]] == [""] * 3


def test_small_loss_is_not_marked() -> None:
    assert not any(point.is_worse for point in timeline(history(0.95, 0.95, 0.95, 0.93)))


def test_points_are_oldest_first_with_their_intervals() -> None:
    runs = history(0.95, 0.9)
    points = timeline(runs)
    assert [point.run for point in points] == runs[::-1]
    assert points[0].interval == wilson_interval(228, 240)
    assert points[0].candidate_rate == pytest.approx(0.1)
    assert points[0].candidate_interval == wilson_interval(24, 240)


@pytest.mark.parametrize(
    "left_out",
    [
        {"state": RunState.FAILED},
        {"state": RunState.CANCELLED},
        {"accuracy": None, "state": RunState.RUNNING},
        {"tested": 0},
    ],
)
def test_run_that_does_not_count_is_left_out_and_is_no_predecessor(
    left_out: dict[str, Any],
) -> None:
    runs = history(0.95, 0.95)
    bad = a_run(**{"accuracy": 0.2, **left_out})
    points = timeline([runs[0], bad, runs[1]])
    assert [point.run for point in points] == [runs[1], runs[0]]
    assert points[-1].chart.predecessors == 1


def test_candidates_of_a_run_that_is_not_checked_are_not_known() -> None:
    (point,) = timeline([a_run(state=RunState.WRITTEN)])
    assert (point.candidate_rate, point.candidate_interval) == (None, None)


def test_runs_are_compared_within_their_series() -> None:
    runs = [*history(0.95, 0.95, 0.95, 0.95), a_run(0.5, dataset_name="noisy")]
    by_name = timeline([runs[-1], *runs[:-1]])
    assert by_name[-1].chart.predecessors == 0
    assert not by_name[-1].is_worse
    together = timeline([runs[-1], *runs[:-1]], series_of=lambda _run: "project")
    assert together[-1].is_worse
    assert {point.series for point in together} == {"project"}


def test_same_model_on_the_same_data_is_no_predecessor_of_itself() -> None:
    points = timeline(history(0.95, 0.95, 0.95, number="0123456789ab"))
    assert [point.chart.predecessors for point in points] == [0, 0, 0]


def test_no_runs_make_no_points() -> None:
    assert timeline([]) == []


def test_step_to_the_newest_run_is_said_with_counts_and_interval() -> None:
    # By Wilson's intervals, 0.7449 to 0.8457 and 0.9146 to 0.9712, the ends are 0.15 less the root
    # of 0.0354² + 0.0457², and 0.15 more the root of 0.0212² + 0.0551².
    text = newest_step(timeline(history(0.8, 0.95)))
    name = a_run().dataset_name
    assert text == (
        f"From run 1 to run 2 on {name}: 80.0 % of 240 records → 95.0 % of 240, +15.0 points "
        "(95 % interval +9.2 to +20.9)."
    )


def test_step_that_could_be_chance_is_called_so() -> None:
    assert newest_step(timeline(history(0.95, 0.9375))).endswith(", which could be chance.")


def test_step_is_from_the_last_run_on_data_of_the_same_name() -> None:
    runs = [a_run(0.9), a_run(0.5, dataset_name="other"), a_run(0.95)]
    assert newest_step(timeline(runs[::-1])).startswith("From run 1 to run 3 on ")


def test_step_between_data_of_different_names_says_so() -> None:
    text = newest_step(timeline([a_run(0.95, dataset_name="new"), a_run(0.9, dataset_name="old")]))
    assert "90.0 % of 240 records of old → 95.0 % of 240 of new, +5.0 points" in text
    assert text.endswith("The data differ, so some of the difference may be theirs.")


@pytest.mark.parametrize("accuracies", [(), (0.9,)])
def test_no_step_without_two_runs(accuracies: tuple[float, ...]) -> None:
    assert newest_step(timeline(history(*accuracies))) == ""
