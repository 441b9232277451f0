"""The Loop page: what is known at once, what the cloud adds, and the one next step."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.services import overview
from app.services.journal import NotedVerdict
from app.services.overview import MIN_VERDICTS_TO_RETRAIN, Overview, next_step
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.loop import OTHERS, SERIES, WORSE, RunPoint, accuracy_over_runs
from app.ui.figures.run_signals import SignalPoint, run_signals
from app.ui.visit import visit_workspace
from app.ui.widgets.error_display import UNEXPECTED
from app.ui.widgets.texts import compact
from aws.errors import UnreachableError
from iris_core.data.datasets import DataSet
from iris_core.model.models import Model, ModelCard
from iris_core.records.interval import wilson_interval
from iris_core.records.run import Run, RunState
from tests.app.driving import open_page, press, texts
from tests.aws.samples import sample_run

STAGE = re.compile(r"'>([^<]*)</span><span class='name'>([^<]*)<")


def opened() -> AppTest:
    return open_page("loop")


def stages(app: AppTest) -> dict[str, str]:
    """The stages of the ring as it was drawn last, with their numbers."""
    drawn = app.get("html")[-1].proto.body
    return {name: value for value, name in STAGE.findall(drawn)}


def known(**changes: Any) -> Overview:
    """A loop in which everything up to an untouched run was done."""
    run = sample_run(100, state=RunState.RECONCILED, found=30, expected=30)
    values: dict[str, Any] = {"datasets": 1, "models": (card(run.model),), "runs": (run,),
                              "verdicts": ()}  # fmt: skip
    return Overview(**{**values, **changes})


def card(model_id: str, parent: str | None = None) -> ModelCard:
    """A card of which only the id and the parent are looked at."""
    made = object.__new__(ModelCard)
    object.__setattr__(made, "id", model_id)
    object.__setattr__(made, "parent", parent)
    object.__setattr__(made, "created", "2099-01-01T00:00:00.000+00:00")
    return made


def verdicts(
    number: int, decision: Any = "right", *, carried_from: str = ""
) -> tuple[NotedVerdict, ...]:
    return tuple(
        NotedVerdict("run#000000", f"{row:09d}", decision, "", 1, carried_from=carried_from)
        for row in range(number)
    )


FAILED = sample_run(9, state=RunState.FAILED)
CANCELLED = sample_run(9, state=RunState.CANCELLED)
INCOMPLETE = sample_run(9, state=RunState.INCOMPLETE)
FRESH = card("iris-v2")
AGAIN = card("iris-v2", parent="iris-v1")


@pytest.mark.parametrize(
    ("loop", "page", "label"),
    [
        (known(datasets=0, models=(), runs=()), "data", "Add data"),
        (known(models=(), runs=()), "train", "Train a model"),
        (known(runs=()), "test", "Test the model"),
        (known(models=(FRESH, card("iris-v1"))), "test", "Test the new model"),
        (known(models=(AGAIN, card("iris-v1"))), "test", "Test again"),
        (
            known(runs=(sample_run(9, state=RunState.INCOMPLETE),)),
            "test",
            "Complete the newest run",
        ),
        (known(runs=(sample_run(9, state=RunState.WRITTEN),)), "test", "Complete the newest run"),
        (known(runs=(FAILED, CANCELLED)), "test", "Test the model"),
        (known(runs=(FAILED, *known().runs)), "retrain", "Review candidates"),
        (known(runs=(CANCELLED, INCOMPLETE)), "test", "Complete the newest run"),
        (
            known(models=(FRESH,), runs=(replace(FAILED, model=FRESH.id), *known().runs)),
            "test",
            "Test the new model",
        ),
        (replace(known(), is_lost=True), "test", "Restore the newest run"),
        (known(), "retrain", "Review candidates"),
        (known(verdicts=verdicts(MIN_VERDICTS_TO_RETRAIN - 1)), "retrain", "Review candidates"),
        (known(verdicts=verdicts(MIN_VERDICTS_TO_RETRAIN)), "retrain", "Apply and retrain"),
        (known(verdicts=verdicts(30, "drop")), "retrain", "Apply and retrain"),
        (known(verdicts=verdicts(30, carried_from="run")), "data", "Try other data"),
        (
            replace(known(models=(FRESH, card("iris-v1"))), champion="iris-v1"),
            "train",
            "Compare with the champion",
        ),
        (
            replace(known(models=(FRESH, card("iris-v1"))), champion=FRESH.id),
            "test",
            "Test the new model",
        ),
        (known(runs=(sample_run(9, state=RunState.RECONCILED),)), "data", "Try other data"),
    ],
)
def test_next_step_is_the_one_that_brings_the_loop_on(
    loop: Overview, page: str, label: str
) -> None:
    step = next_step(loop)
    assert (step.page, step.label) == (page, label)


def test_first_page_shows_what_the_workspace_knows_before_the_cloud_answers(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_workspace: Workspace) -> None:
        raise UnreachableError("Expected an answer, received none. Look at the network.")

    monkeypatch.setattr(Workspace, "cloud", unreachable)
    app = opened()
    assert app.title[0].value == "Loop"
    assert stages(app)["Data"] == "0"
    assert [button.label for button in app.button] == ["Show me", "Upload a table", "Open the lab"]
    assert "received none" in app.error[0].value
    assert UNEXPECTED not in texts(app)


def test_error_nobody_meant_is_calm_and_leaves_the_rest_of_the_page(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "cloud", lambda _workspace: 1 / 0)
    app = opened()
    assert app.error[0].value == UNEXPECTED
    assert stages(app)["Train"] == "0"


@pytest.mark.cloud
def test_loop_shows_the_newest_run_and_finds_it_in_the_cloud_alone(
    workspace: Workspace, dataset: DataSet, model: Model, home: Path
) -> None:
    # GIVEN a workspace with a tested model
    outcome = run_test(workspace, model, dataset)
    workspace.close()
    shutil.copytree(workspace.home, home)
    # THEN the page shows its counts, the cloud and the next step
    app = opened()
    found = str(outcome.run.found)
    expected = {"Test": "1,200", "Store": "1,200", "Filter": "on", "Candidates": found}
    assert stages(app).items() >= expected.items(), texts(app)
    assert "Reconciled: all 1,200 records" in texts(app)
    assert "all 7 resources are healthy" in texts(app)
    # AND the same when the workspace's notes are lost: the run table has it
    shutil.rmtree(home / "journal")
    app = app.run()
    assert stages(app).items() >= expected.items(), texts(app)
    assert not app.error
    assert "Test the model" not in [button.label for button in app.button][-1:]


def test_only_the_newest_runs_are_read(home: Path) -> None:
    workspace = visit_workspace()
    for number in range(5):
        workspace.journal.save(replace(sample_run(1), note=str(number)))
    newest = list(islice(workspace.journal.newest_runs(), 2))
    assert newest == workspace.journal.runs()[:2]
    loop = overview.from_workspace(workspace, None)
    joined = overview.with_cloud_runs(workspace, loop, newest)
    assert [run.id for run in joined.runs] == [run.id for run in workspace.journal.runs()]


def test_accuracy_is_drawn_with_its_interval_and_described_in_words() -> None:
    points = [
        RunPoint(f"run {number}", f"<b>{number}", 0.9, wilson_interval(90, 100), 100)
        for number in range(SERIES + 5)
    ]
    picture = accuracy_over_runs(points)
    assert len(picture.figure.data) == SERIES + 1
    assert picture.figure.data[-1].name == OTHERS
    assert picture.figure.data[0].name == "&lt;b>0"
    low = picture.figure.data[0].error_y.arrayminus[0]
    assert low == pytest.approx(0.9 - wilson_interval(90, 100).low)
    assert "run 13: 90.0%" in picture.alt
    assert picture.table is not None
    assert len(picture.table) == len(points)


def test_marked_run_is_framed_and_limits_are_dashes() -> None:
    interval = wilson_interval(90, 100)
    points = [
        RunPoint("first", "a", 0.95, interval, 100),
        RunPoint("second", "a", 0.9, interval, 100, limit=0.8),
        RunPoint("third", "a", 0.5, interval, 100, limit=0.82, is_worse=True),
    ]
    picture = accuracy_over_runs(points)
    series, limits, frames = picture.figure.data
    assert (list(limits.x), list(limits.y)) == ([2, 3], [0.8, 0.82])
    assert (list(frames.x), list(frames.y)) == ([3], [0.5])
    assert frames.name == WORSE
    assert frames.marker.symbol != series.marker.symbol
    assert picture.alt.endswith("Worse than their predecessors beyond chance: third 50.0%.")
    assert picture.table is not None
    assert list(picture.table["worse"]) == [False, False, True]
    assert accuracy_over_runs(points[:1]).alt.endswith("None is worse than its predecessors "
                                                       "beyond chance.")  # fmt: skip


def test_candidates_and_drift_are_drawn_where_they_are_known() -> None:
    points = [
        SignalPoint("first", "0.9"),
        SignalPoint("second", "0.9", 0.1, wilson_interval(10, 100), "<b>", 0.3, "drifted"),
    ]
    picture = run_signals(points)
    candidates, drift = picture.figure.data
    assert (list(candidates.x), list(candidates.y)) == ([2], [0.1])
    assert candidates.error_y.array[0] == pytest.approx(wilson_interval(10, 100).high - 0.1)
    assert (list(drift.x), list(drift.y), drift.yaxis) == ([2], [0.3], "y2")
    assert drift.customdata[0][1] == "&lt;b>"
    assert "10.0% of its records are candidates" in picture.alt
    assert "the feature <b> drifted most, index 0.300 (drifted)" in picture.alt
    unknown = run_signals(points[:1])
    assert "not known yet; the drift of its data is not known" in unknown.alt
    assert picture.table is not None
    assert list(picture.table["drift"]) == ["", "drifted"]
    assert run_signals([]).alt.endswith("there is none yet.")


def saved_runs(*accuracies: float) -> list[Run]:
    """Runs of these accuracies, oldest first, noted in the workspace of the dashboard."""
    workspace = visit_workspace()
    runs = []
    for accuracy in accuracies:
        run = sample_run(240, state=RunState.RECONCILED, tested=240, accuracy=accuracy,
                         expected=24, found=24)  # fmt: skip
        runs.append(replace(run, dataset=run.id))
        workspace.journal.save(runs[-1])
    return runs


@pytest.fixture
def no_cloud(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dashboard whose cloud does not answer: it shows what the workspace notes."""

    def unreachable(_workspace: Workspace) -> None:
        raise UnreachableError("Expected an answer, received none. Look at the network.")

    monkeypatch.setattr(Workspace, "cloud", unreachable)


@pytest.mark.usefixtures("no_cloud")
def test_newest_run_that_is_worse_than_before_is_announced_with_what_to_do() -> None:
    *_, newest = saved_runs(0.95, 0.95, 0.95, 0.8)
    app = opened()
    (warning,) = app.warning
    assert warning.value.startswith("Compare the newest run with the one before it")
    assert "80.0 % of 240 records" in warning.value
    assert "Candidates and drift" in texts(app)
    # WHEN its button is pressed
    app = press(app, "Compare the runs")
    # THEN the Test page is to open that run, in its view of comparisons
    assert app.session_state[state.RUN_VIEW] == "Compare"
    assert app.session_state[state.pending(state.RUN)] == newest.id


@pytest.mark.usefixtures("no_cloud")
def test_marked_run_is_no_warning_any_more_when_the_next_is_as_good_as_before() -> None:
    saved_runs(0.95, 0.95, 0.95, 0.8, 0.95)
    assert not opened().warning


@pytest.mark.usefixtures("no_cloud")
def test_failed_run_is_neither_on_the_timeline_nor_in_the_ring() -> None:
    saved_runs(0.95)
    visit_workspace().journal.save(sample_run(9, state=RunState.FAILED, tested=5, accuracy=0.0))
    app = opened()
    assert stages(app)["Test"] == "240"
    assert "it failed" in app.warning[0].value


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (9_999, "9,999"), (10_000, "10 k"), (999_999, "999 k"), (1_000_000, "1.0 M")],
)
def test_counts_fit_in_the_ring(count: int, text: str) -> None:
    assert compact(count) == text
