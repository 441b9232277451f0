"""A test run or a review that was killed at any point is brought to its end by a new process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.pipeline import run_test
from app.recovery import find_run, replay
from aws import run_table
from aws.run_table import CANCELLED, RECONCILED
from iris_core.errors import Cancelled, NotFoundError
from tests.faults.failpoints import Call
from tests.faults.file_workspace import MODEL
from tests.faults.run_kills import Site, site
from tests.iris_core.samples import flowers

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


def test_run_goes_on_with_what_it_loaded_though_model_and_data_are_deleted(place: Site) -> None:
    services = place.services
    model = services.models.load(services.models.save(services.models.load(MODEL)).card.id)
    dataset = services.datasets.load(services.datasets.add(flowers(200, seed=3)).id)

    def delete(line: str, done: int, total: int) -> None:
        if (line, done) == ("predicted", total):
            services.models.delete(model.card.id)
            services.datasets.delete(dataset.id)

    run = run_test(services, model, dataset, on_progress=delete).run
    assert (run.state, run.model, run.dataset) == (RECONCILED, model.card.id, dataset.id)
    assert model.card.id not in {card.id for card in services.models.list().cards}
    _, result = replay(services, run.id)
    assert result.complete, "what is there needs no model"


@pytest.mark.parametrize("gone", ["model", "data set"])
def test_broken_off_run_whose_model_or_data_is_gone_says_so_until_it_is_back(
    place: Site, gone: str
) -> None:
    services = place.services
    model = services.models.load(services.models.save(services.models.load(MODEL)).card.id)
    dataset = flowers(200, seed=4)
    services.datasets.add(dataset)
    with pytest.raises(Cancelled):
        run_test(services, model, dataset, cancelled=lambda: True)
    run = next(run_table.runs(services.cloud()))
    if gone == "model":
        services.models.delete(model.card.id)
    else:
        services.datasets.delete(dataset.id)
    with pytest.raises(NotFoundError, match=f"id of a {gone} in the store"):
        replay(services, run.id)
    assert find_run(services, run.id).state == CANCELLED
    if gone == "model":
        services.models.restore(model.card.id)
    else:
        services.datasets.add(dataset)
    run, result = replay(services, run.id)
    assert (run.state, result.complete, result.stored) == (RECONCILED, True, 200)
