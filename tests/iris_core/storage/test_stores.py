"""The store keeps bundles complete and unchanged, and never mixes them up."""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.data.row_groups import row_keys
from iris_core.errors import NotFoundError, OptionError, StoreError
from iris_core.model.models import Model
from iris_core.model.prediction import predict
from iris_core.storage.bundles import Bundles
from iris_core.storage.dataset_store import DataSetStore
from iris_core.storage.model_store import ModelStore
from tests.iris_core.grouped import grouped
from tests.iris_core.samples import data_set, flowers


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_data_set_is_loaded_as_it_was(tmp_path: Path) -> None:
    frame = flowers().frame.assign(code=pd.Series(["01", "2"] * 45, dtype="str"))
    ds = data_set(frame, name="with codes")
    card = DataSetStore(tmp_path).add(ds)
    again = DataSetStore(tmp_path).load(card.id)
    pd.testing.assert_frame_equal(again.frame, ds.frame)
    assert (again.id, again.name, again.label) == (ds.id, "with codes", "species")
    assert (card.rows, card.columns, card.categorical) == (90, 6, ("colour", "code"))


def test_same_content_twice_is_one_data_set(tmp_path: Path) -> None:
    store = DataSetStore(tmp_path)
    store.add(flowers())
    card = store.add(flowers().with_rows("other name", flowers().frame))
    assert card.name == "flowers"
    assert len(store.list().cards) == 1


def test_newest_data_set_is_listed_first(tmp_path: Path) -> None:
    store = DataSetStore(tmp_path)
    older = store.add(flowers())
    path = tmp_path / "datasets" / older.id / "card.json"
    path.write_text(path.read_text().replace(older.created, "2020-01-01T00:00:00.000+00:00"))
    newer = store.add(add_label_noise(flowers(), rows=5, seed=1)[0])
    assert [card.id for card in store.list().cards] == [newer.id, older.id]


def test_loaded_data_set_is_cached_but_not_after_its_deletion(tmp_path: Path) -> None:
    store = DataSetStore(tmp_path)
    card = store.add(flowers())
    assert store.load(card.id) is store.load(card.id)
    store.delete(card.id)
    assert store.list().cards == ()
    with pytest.raises(NotFoundError, match=card.id):
        store.load(card.id)


def test_data_set_that_was_set_aside_comes_back_until_the_next_one_is(tmp_path: Path) -> None:
    store = DataSetStore(tmp_path)
    first, second = (store.add(flowers(rows)) for rows in (30, 33))
    store.set_aside(first.id)
    assert [card.id for card in store.list().cards] == [second.id]
    store.restore(first.id)
    assert store.load(first.id).rows == 30
    store.restore(first.id)  # it is there
    # WHEN another one is deleted after it
    store.set_aside(first.id)
    store.set_aside(second.id)
    with pytest.raises(NotFoundError):
        store.restore(first.id)
    # THEN the last one is all that is left, until that is cleared
    store.add(flowers(33))
    store.restore(second.id)
    store.set_aside(second.id)
    store.clear_set_aside()
    with pytest.raises(NotFoundError):
        store.restore(second.id)
    with pytest.raises(NotFoundError):
        store.set_aside(second.id)


@pytest.mark.parametrize("labels", [["x", "x"], ["", ""], ["x"]], ids=["one", "none", "one row"])
def test_data_to_test_on_may_have_one_class_or_no_labels(tmp_path: Path, labels: list[str]) -> None:
    ds = data_set(pd.DataFrame({"kind": labels, "a": range(len(labels))}))
    card = DataSetStore(tmp_path).add(ds)
    loaded = DataSetStore(tmp_path).load(card.id)
    assert loaded.frame.equals(ds.frame)
    assert loaded.is_labelled == (labels != ["", ""])


def test_roles_come_back_as_they_were(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "kind": ["x", "y", "x"],
            "id": ["007", "8", "9"],
            "day": ["2024-01-01", None, "2024-03-01"],
            "zone": ["01", "1", "01"],
            "a": [1.5, 2.0, 3.0],
        }
    ).astype(dict.fromkeys(("kind", "id", "day", "zone"), "str"))
    ds = DataSet("d", "kind", frame, dates=("day",), ignored=("id",))
    card = DataSetStore(tmp_path).add(ds, notes=("Left out: id.",))
    assert (card.dates, card.ignored, card.notes) == (("day",), ("id",), ("Left out: id.",))
    loaded = DataSetStore(tmp_path).load(card.id)
    assert loaded.frame.equals(frame)
    assert loaded.columns == ds.columns == card.columns_by_kind
    assert np.array_equal(loaded.fingerprints, ds.fingerprints)


def test_group_comes_back_and_an_earlier_card_has_none(tmp_path: Path) -> None:
    ds = grouped([("x", 1, "007"), ("y", 2, "007"), ("x", 3, None), ("y", 4, " 8")])
    store = DataSetStore(tmp_path)
    card = store.add(ds)
    assert card.group == card.columns_by_kind.group == "patient"
    loaded = DataSetStore(tmp_path).load(card.id)
    assert loaded.group == "patient"
    assert loaded.frame.equals(ds.frame)
    assert row_keys(loaded).tolist() == row_keys(ds).tolist()
    # AND a card that was written before there were groups opens as it did
    plain = store.add(flowers())
    path = tmp_path / "datasets" / plain.id / "card.json"
    written = json.loads(path.read_text())
    assert written.pop("group") is None
    path.write_text(json.dumps(written))
    assert DataSetStore(tmp_path).card(plain.id) == plain
    assert DataSetStore(tmp_path).load(plain.id).group is None


def test_changed_data_is_detected(tmp_path: Path) -> None:
    store = DataSetStore(tmp_path)
    card = store.add(flowers())
    path = tmp_path / "datasets" / card.id / "data.csv"
    path.write_text(path.read_text().replace("setosa", "sedosa", 1))
    with pytest.raises(StoreError, match=r"data\.csv.*its content is that of"):
        store.load(card.id)


def test_model_is_loaded_as_it_was(tmp_path: Path, model: Model) -> None:
    saved = ModelStore(tmp_path).save(model)
    assert (saved.card.id, saved.card.version) == ("flowers-v1", 1)
    again = ModelStore(tmp_path).load("flowers-v1")
    assert again.card == saved.card
    frame = flowers(50).frame
    assert np.array_equal(predict(again, frame), predict(model, frame))


def test_card_is_readable_and_complete(tmp_path: Path, model: Model) -> None:
    ModelStore(tmp_path).save(model)
    card = json.loads((tmp_path / "models/flowers-v1/card.json").read_text())
    assert card["schema"]["classes"] == ["setosa", "versicolor", "virginica"]
    assert card["spec"]["units"] == [8]
    assert card["options"]["seed"] == 0
    assert card["dataset_id"] == flowers().id


def test_versions_count_up_and_newest_is_listed_first(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    ids = [store.save(model).card.id for _ in range(3)]
    assert ids == ["flowers-v1", "flowers-v2", "flowers-v3"]
    assert [card.id for card in store.list().cards] == ids[::-1]


def test_name_of_any_characters_gives_a_safe_id(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    for name, stem in (
        ("../../etc", "etc"),
        ("Größe 1", "Gr-e-1"),
        ("花", "model"),
        (".", "model"),
    ):
        saved = store.save(Model(replace(model.card, name=name), model.network))
        assert saved.card.id.startswith(f"{stem}-v")
        assert store.load(saved.card.id).card.name == name
    assert not (tmp_path.parent / "etc-v1").exists()


@pytest.mark.parametrize(
    "model_id", ["", "..", "../models", "a/b", "/etc", "a\0", "none-v1", ".deleted"]
)
def test_id_that_is_not_in_the_store_is_not_found(
    tmp_path: Path, model: Model, model_id: str
) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    for action in (store.load, store.card, store.delete, store.restore):
        with pytest.raises(NotFoundError, match="expected the id of a model"):
            action(model_id)


def test_renamed_model_keeps_its_id(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    assert store.load("flowers-v1").card.name == "flowers"
    store.rename("flowers-v1", "Best so far")
    assert store.load("flowers-v1").card.name == "Best so far"
    assert [card.name for card in store.list().cards] == ["Best so far"]


@pytest.mark.parametrize("name", ["", " x", "a\nb", "x" * 101])
def test_name_that_nobody_can_read_is_refused(tmp_path: Path, model: Model, name: str) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    with pytest.raises(OptionError, match="name: expected 1 to 100"):
        store.rename("flowers-v1", name)


def test_deleted_model_can_be_restored(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    before = files(tmp_path / "models/flowers-v1")
    store.delete("flowers-v1")
    assert store.list().cards == ()
    with pytest.raises(NotFoundError):
        store.load("flowers-v1")
    store.restore("flowers-v1")
    assert files(tmp_path / "models/flowers-v1") == before


def test_id_of_a_deleted_model_is_not_assigned_again(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    store.delete("flowers-v1")
    assert store.save(model).card.id == "flowers-v2"


def test_disk_that_is_full_leaves_the_store_as_it_was(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    before = files(tmp_path)

    def tear(path: Path) -> None:
        path.write_bytes(b"PK\3\4")

    monkeypatch.setattr(type(model.network), "save", lambda _, path: tear(path))
    with pytest.raises(StoreError, match="could not be written whole"):
        store.save(model)
    assert files(tmp_path) == before
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["flowers-v1"]


def test_home_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "datasets").write_text("in the way")
    with pytest.raises(StoreError, match="make room or give access"):
        DataSetStore(tmp_path).add(flowers())


def test_leftovers_of_a_killed_writer_are_not_listed(tmp_path: Path, model: Model) -> None:
    store = ModelStore(tmp_path)
    store.save(model)
    shutil.copytree(tmp_path / "models/flowers-v1", tmp_path / "models/.writing-x1")
    listing = store.list()
    assert (len(listing.cards), listing.broken) == (1, ())


def test_threads_that_save_at_once_get_a_version_each(tmp_path: Path, model: Model) -> None:
    start = threading.Barrier(4)

    def save(_: int) -> str:
        start.wait()
        return ModelStore(tmp_path).save(model).card.id

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(save, range(4)))
    assert sorted(ids) == [f"flowers-v{version}" for version in (1, 2, 3, 4)]
    assert len(ModelStore(tmp_path).list().cards) == 4


def add_bundles(root: Path) -> list[str]:
    """Add ten bundles under ids that another process tries too."""
    bundles = Bundles(root, "bundle", "content")
    return [
        bundles.add(
            (f"b{number}" for number in range(100)),
            fill=lambda folder: (folder / "content").touch(),
            card=lambda bundle_id: {"id": bundle_id},
        )
        for _ in range(10)
    ]


def test_processes_that_add_at_once_never_share_an_id(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        ids = [name for names in pool.map(add_bundles, [tmp_path] * 2) for name in names]
    assert len(set(ids)) == 20
    for name in ids:
        assert json.loads((tmp_path / name / "card.json").read_text()) == {"id": name}


def test_same_data_added_by_threads_at_once_is_one_data_set(tmp_path: Path) -> None:
    ds: DataSet = flowers()
    with ThreadPoolExecutor(4) as pool:
        ids = {card.id for card in pool.map(lambda _: DataSetStore(tmp_path).add(ds), range(4))}
    assert ids == {ds.id}
    assert DataSetStore(tmp_path).load(ds.id).id == ds.id
