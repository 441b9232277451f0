"""A test run or a review that was killed at any point is brought to its end by a new process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from operator import ne

import numpy as np
import pytest

from app.services.pipeline import run_test
from app.services.recovery import find_run, replay
from aws import run_table, score_records
from iris_core.errors import Cancelled, NotFoundError
from iris_core.model.models import Model, build
from iris_core.records.run import RunState
from tests.faults.failpoints import Call
from tests.faults.file_workspace import MODEL
from tests.faults.run_kills import Site, site
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
"""Before and after it is noted, while its batches are written, and when all of them are."""
IN_A_REVIEW = (Call(SEND, 1, "after"), Call("io:open", 1, "after"))
"""When the cloud has the verdict and the workspace has not, and while it is noted."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("faults") / "Größe 花 & 'co'" / "home") as made:
        yield made


@pytest.mark.parametrize("point", IN_A_RUN, ids=str)
def test_killed_run_is_brought_to_its_end(place: Site, point: Call) -> None:
    harm = place.harm_of_run(point)
    assert harm is not None
    assert harm.is_none, harm


def test_killed_review_is_done_or_undone(place: Site) -> None:
    harms = [place.harm_of_review(point) for point in IN_A_REVIEW]
    assert None not in harms
    assert [harm for harm in harms if harm and not harm.is_none] == []


def knowing_nothing(model: Model) -> Model:
    """A later model of the same name that gives every class of every row the same probability."""
    network = build(model.card.spec, inputs=model.card.schema.width, classes=3)
    network.set_weights([np.zeros_like(array) for array in network.get_weights()])
    return Model(replace(model.card, created=datetime.now(UTC).isoformat()), network)


@pytest.mark.parametrize("fate", ["deleted", "replaced"])
def test_run_goes_on_with_what_it_loaded_whatever_becomes_of_the_files(
    place: Site, fate: str
) -> None:
    # GIVEN a model, data of several chunks, and what the model says of them
    workspace = place.workspace
    model = workspace.models.load(workspace.models.save(workspace.models.load(MODEL)).card.id)
    dataset = workspace.datasets.load(workspace.datasets.add(flowers(1_500, seed=3)).id)
    expected = list(records_of(model, dataset))
    chunks: list[int] = []

    # WHEN the files are gone after the first chunk, or another model is in their place
    def strike(line: str, done: int, _total: int) -> None:
        if line != "predicted":
            return
        chunks.append(done)
        if len(chunks) == 1:
            shutil.rmtree(place.home / "models" / model.card.id)
            workspace.datasets.delete(dataset.id)
            if fate == "replaced":
                assert workspace.models.save(knowing_nothing(model)).card.id == model.card.id

    run = run_test(workspace, model, dataset, on_progress=strike).run
    # THEN all is stored as the model that was loaded says, and the run reconciles
    assert len(chunks) > 1
    assert list(score_records.stored(workspace.cloud(), run)) == expected
    assert (run.state, run.model, run.dataset) == (RunState.RECONCILED, model.card.id, dataset.id)
    _, result = replay(workspace, run.id)
    assert result.complete, "what is there needs no model"
    # THEN the files do say something else now
    if fate == "replaced":
        others = list(records_of(workspace.models.load(model.card.id), dataset))
        assert all(map(ne, others, expected))
    else:
        assert model.card.id not in {card.id for card in workspace.models.list().cards}


@pytest.mark.parametrize("gone", ["model", "data set"])
def test_broken_off_run_whose_model_or_data_is_gone_says_so_until_it_is_back(
    place: Site, gone: str
) -> None:
    workspace = place.workspace
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
