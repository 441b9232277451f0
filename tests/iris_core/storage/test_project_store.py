"""What a project remembers of its groups grows, and nothing of it is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import SHARE, EvaluationSplit
from iris_core.errors import StoreError
from iris_core.storage.project_store import ProjectStore
from tests.iris_core.grouped import grouped
from tests.iris_core.samples import flowers

PROJECT = "0123456789ab"


def patients(first: int) -> DataSet:
    return grouped(
        [
            ("xy"[who % 2], 3 * who + row, f"p{who}")
            for who in range(first, first + 20)
            for row in range(3)
        ]
    )


def test_project_without_groups_remembers_none(tmp_path: Path) -> None:
    store, split = ProjectStore(tmp_path), EvaluationSplit.of(flowers())
    store.decide(PROJECT, split)
    assert store.group(PROJECT) is None
    assert store.group("ffffffffffff") is None
    assert sorted(path.name for path in (tmp_path / "projects" / PROJECT).iterdir()) == [
        "card.json",
        "evaluation.u64",
        "training.u64",
    ]


def test_rows_and_groups_are_remembered_in_addition(tmp_path: Path) -> None:
    store, split = ProjectStore(tmp_path), EvaluationSplit.of(patients(0))
    store.decide(PROJECT, split)
    for first in (0, 100, 200, 300):
        split = split.extended(patients(first))
        assert store.remember(PROJECT, split)
        kept = ProjectStore(tmp_path).split(PROJECT)
        assert kept is not None
        assert kept.is_same(split)
        assert store.remember(PROJECT, split)
    assert store.group(PROJECT) == "patient"
    # THEN no more versions are on disk than are read
    assert len(list((tmp_path / "projects" / PROJECT / "sides").iterdir())) == 2
    assert store.broken() == ()


def test_threads_that_remember_at_once_lose_nothing(tmp_path: Path) -> None:
    store, split = ProjectStore(tmp_path), EvaluationSplit.of(patients(0))
    store.decide(PROJECT, split)
    more = [split.extended(patients(first)) for first in range(100, 700, 100)]
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(lambda own: ProjectStore(tmp_path).remember(PROJECT, own), more))
    kept = store.split(PROJECT)
    assert kept is not None
    for own in more:
        joined = kept.joined(own)
        assert joined is not None
        assert joined.is_same(kept)


def test_other_side_of_a_row_is_not_remembered(tmp_path: Path) -> None:
    store, split = ProjectStore(tmp_path), EvaluationSplit.of(patients(0))
    store.decide(PROJECT, split)
    assert store.remember(PROJECT, split)
    turned = EvaluationSplit(
        split.training,
        split.evaluation,
        SHARE,
        "patient",
        split.training_groups,
        split.evaluation_groups,
    )
    assert not store.remember(PROJECT, turned)
    kept = store.split(PROJECT)
    assert kept is not None
    assert kept.is_same(split)


def test_broken_list_of_groups_is_named(tmp_path: Path) -> None:
    store, split = ProjectStore(tmp_path), EvaluationSplit.of(patients(0))
    store.decide(PROJECT, split)
    assert store.remember(PROJECT, split)
    path = tmp_path / "projects" / PROJECT / "sides" / "00000001" / "training-groups.u64"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(StoreError, match=r"training-groups\.u64"):
        store.split(PROJECT)
