"""A test run or a review that was killed at any point is completed by a new process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from operator import ne

import numpy as np
import pytest

from app.services.review.undoing import undo
from app.services.runs.pipeline import run_test
from app.services.runs.recovery import find_run, replay
from aws import retrain_table, run_table, score_records
from iris_core.errors import Cancelled, NotFoundError, StoreError
from iris_core.model.models import Model, build
from iris_core.records.run import RunState
from tests.faults.disks import no_file_over
from tests.faults.failpoints import Call
from tests.faults.file_workspace import MODEL
from tests.faults.run_kills import (
    REVIEWED,
    LiveWorkspace,
    give_in_bulk,
    live_workspace,
    points,
    run_a_test,
    tested_data,
)
from tests.iris_core.samples import flowers
from tests.records import records_of

pytestmark = pytest.mark.cloud

SEND = "botocore.httpsession:URLLib3Session.send"
IN_A_RUN = (
    Call("os:replace", 1, "before"),
    Call("os:replace", 1, "after"),
    Call(SEND, 9, "after"),
    Call("os:replace", 2, "after"),
)
"""Before and after the run is noted, while batches are written, and when all of them are."""
IN_A_REVIEW = (Call(SEND, 1, "after"), Call("io:open", 1, "after"))
"""When the cloud has the verdict and the workspace has not, and while it is noted."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveWorkspace]:
    with live_workspace(tmp_path_factory.mktemp("faults") / "Größe 花 & 'co'" / "home") as opened:
        yield opened


@pytest.mark.parametrize("point", IN_A_RUN, ids=str)
def test_killed_run_is_completed_by_a_replay(live: LiveWorkspace, point: Call) -> None:
    outcome = live.kill_run(point)
    assert outcome is not None
    assert outcome.is_clean, outcome


def test_killed_review_is_complete_or_undone(live: LiveWorkspace) -> None:
    outcomes = [live.kill_review(point) for point in IN_A_REVIEW]
    assert None not in outcomes
    assert [outcome for outcome in outcomes if outcome and not outcome.is_clean] == []


def test_killed_taking_back_is_complete_or_undone(live: LiveWorkspace) -> None:
    outcomes = [live.kill_taking_back(point) for point in IN_A_REVIEW]
    assert None not in outcomes
    assert [outcome for outcome in outcomes if outcome and not outcome.is_clean] == []


def test_killed_bulk_leaves_old_or_new_verdicts_and_says_which(live: LiveWorkspace) -> None:
    passed = points(give_in_bulk, live)
    undo(live.workspace, next(run_table.runs(live.workspace.cloud())), who="ada")
    outcomes = [live.kill_bulk(point) for point in passed[::14]]
    # Threads do not always get to the last points in one order.
    reached = [outcome for outcome in outcomes if outcome is not None]
    assert len(reached) > len(outcomes) / 2
    assert [outcome for outcome in reached if not outcome.is_clean] == []


def test_killed_carrying_of_verdicts_is_completed_by_a_replay(live: LiveWorkspace) -> None:
    # GIVEN the points at which verdicts are stored, and then noted: the last file but the run's own
    passed = points(run_a_test, live)
    opened = [at for at, point in enumerate(passed) if "io:open" in str(point)]
    noting = opened[-4]
    sent = [point for point in passed[:noting] if str(point).endswith(SEND)]
    # WHEN a run is killed before some are stored, when all are, and while they are noted
    chosen = [*sent[-2 * REVIEWED :: 12], *passed[noting : noting + 3]]
    outcomes = [live.kill_run(point) for point in chosen]
    # THEN a replay completes them, and none is there twice
    assert [outcome for outcome in outcomes if outcome and not outcome.is_clean] == []
    assert None not in outcomes


def test_verdicts_that_could_not_be_noted_are_noted_by_a_replay(live: LiveWorkspace) -> None:
    workspace, model = live.workspace, live.workspace.models.load(MODEL)
    # GIVEN a run that carries verdicts over while the disk is full
    with ExitStack() as disk:

        def fill(line: str, done: int, total: int) -> None:
            if (line, done) == ("filtered", total):
                disk.enter_context(no_file_over(10))

        with pytest.raises(StoreError, match="make room"):
            run_test(workspace, model, tested_data(), on_progress=fill)
    run = next(run_table.runs(workspace.cloud()))
    assert run.state == RunState.FAILED
    assert [*workspace.journal.verdict_notes(run.id)] == []
    # WHEN there is room again, and the run is replayed
    run, _ = replay(workspace, run.id)
    # THEN every verdict of the cloud is noted, once
    assert run.state == RunState.RECONCILED
    reviewed = [c.key for c in retrain_table.candidates(workspace.cloud(), run) if c.verdict]
    assert reviewed
    assert [entry.key for entry in workspace.journal.verdict_notes(run.id)] == reviewed


def uninformed(model: Model) -> Model:
    """Return a later model of the same name that gives every class the same probability."""
    network = build(model.card.spec, inputs=model.card.schema.width, classes=3)
    network.set_weights([np.zeros_like(array) for array in network.get_weights()])
    return Model(replace(model.card, created=datetime.now(UTC).isoformat()), network)


@pytest.mark.parametrize("fate", ["deleted", "replaced"])
def test_run_continues_with_what_it_loaded_though_the_files_change(
    live: LiveWorkspace, fate: str
) -> None:
    # GIVEN a model, data of several chunks, and the predictions
    workspace = live.workspace
    model = workspace.models.load(workspace.models.save(workspace.models.load(MODEL)).card.id)
    dataset = workspace.datasets.load(workspace.datasets.add(flowers(1_500, seed=3)).id)
    expected = list(records_of(model, dataset))
    chunks: list[int] = []

    # WHEN the files are deleted after the first chunk, or replaced by another model
    def change_files(line: str, done: int, _total: int) -> None:
        if line != "predicted":
            return
        chunks.append(done)
        if len(chunks) == 1:
            shutil.rmtree(live.home / "models" / model.card.id)
            workspace.datasets.delete(dataset.id)
            if fate == "replaced":
                assert workspace.models.save(uninformed(model)).card.id == model.card.id

    run = run_test(workspace, model, dataset, on_progress=change_files).run
    # THEN the predictions of the loaded model are stored, and the run is reconciled
    assert len(chunks) > 1
    assert list(score_records.stored(workspace.cloud(), run)) == expected
    assert (run.state, run.model, run.dataset) == (RunState.RECONCILED, model.card.id, dataset.id)
    _, result = replay(workspace, run.id)
    assert result.complete, "what is stored needs no model"
    # THEN the files have really changed
    if fate == "replaced":
        others = list(records_of(workspace.models.load(model.card.id), dataset))
        assert all(map(ne, others, expected))
    else:
        assert model.card.id not in {card.id for card in workspace.models.list().cards}


@pytest.mark.parametrize("gone", ["model", "data set"])
def test_replay_without_its_model_or_data_says_so_until_they_are_back(
    live: LiveWorkspace, gone: str
) -> None:
    workspace = live.workspace
    model = workspace.models.load(workspace.models.save(workspace.models.load(MODEL)).card.id)
    dataset = flowers(200, seed=4)
    workspace.datasets.add(dataset)
    with pytest.raises(Cancelled):
        run_test(workspace, model, dataset, cancelled=lambda: True)
    run = next(run_table.runs(workspace.cloud()))
    if gone == "model":
        workspace.models.delete(model.card.id)
    else:
        workspace.datasets.delete(dataset.id)
    with pytest.raises(NotFoundError, match=f"id of a {gone} in the store"):
        replay(workspace, run.id)
    assert find_run(workspace, run.id).state == RunState.CANCELLED
    if gone == "model":
        workspace.models.restore(model.card.id)
    else:
        workspace.datasets.add(dataset)
    run, result = replay(workspace, run.id)
    assert (run.state, result.complete, result.stored) == (RunState.RECONCILED, True, 200)
