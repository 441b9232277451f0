"""Nothing depends on a clock that advances: it may stand still, or be set back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count
from pathlib import Path
from typing import Self

import pytest

from app.services.journal import Journal
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.label_noise import add_label_noise
from iris_core.model.models import Model
from iris_core.records import keys
from iris_core.storage import dataset_store
from iris_core.storage.dataset_store import DataSetStore
from tests.faults.file_workspace import MODEL, OLD_RUN, SavedNetwork, run_of, verdict_on
from tests.iris_core.samples import flowers
from tests.newest import newest_model

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
VERSIONS = 12
"""So many that ids sorted as text are not in the order of versions."""

Now = Callable[[], datetime]


def frozen() -> Now:
    """Return a clock that stands still."""
    return lambda: NOON


def backward() -> Now:
    """Return a clock that is set back by an hour each time that it is read."""
    hours = count()
    return lambda: NOON - timedelta(hours=next(hours))


@pytest.fixture(params=[frozen, backward], ids=lambda clock: clock.__name__)
def now(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Now:
    """Replace the clock of the product."""
    clock: Now = request.param()

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromisoformat(clock().astimezone(tz).isoformat())

    for module in (dataset_store, keys):
        monkeypatch.setattr(module, "datetime", Clock)
    return clock


def test_models_of_a_name_are_listed_by_version(now: Now, home: Path) -> None:
    workspace = Workspace(home, Settings())
    old = workspace.models.card(MODEL)
    network = SavedNetwork(home / "models" / MODEL / "model.keras")
    for _ in range(VERSIONS):
        card = replace(old, created=now().isoformat(timespec="milliseconds"))
        newest = workspace.models.save(Model(card, network)).card
    workspace.models.delete(MODEL)
    listed = [card.version for card in workspace.models.list().cards]
    assert listed == list(range(newest.version, newest.version - VERSIONS, -1))
    assert newest_model(workspace).card == newest


def test_data_sets_are_all_listed(now: Now, tmp_path: Path) -> None:
    datasets = DataSetStore(tmp_path)
    added = {
        datasets.add(add_label_noise(flowers(), rows=5, seed=seed)[0]).id
        for seed in range(VERSIONS)
    }
    assert len(added) == VERSIONS
    assert {card.id for card in datasets.list().cards} == added


def test_run_ids_and_record_keys_are_distinct(now: Now) -> None:
    ids = {keys.new_run_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert len({keys.key_of(id_, row) for id_ in ids for row in range(3)}) == 3_000


def test_journal_keeps_every_run_and_the_last_verdict(now: Now, tmp_path: Path) -> None:
    journal = Journal(tmp_path, "local")
    ids = {keys.new_run_id() for _ in range(VERSIONS)}
    for id_ in ids:
        journal.save(run_of(id_))
    assert {run.id for run in journal.runs()} == ids
    for version in (1, 2, 3):
        journal.add_verdicts(OLD_RUN, [verdict_on(5, version=version)])
    assert journal.verdicts(OLD_RUN) == [verdict_on(5, version=3)]
