"""Clouds for the tests (moto in memory, and the local cloud) and a model, trained once."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from moto import mock_aws
from streamlit.components.v2 import manifest_scanner

from aws.clients import Cloud, connect, connect_local
from aws.local_cloud import LocalCloud
from aws.settings import Settings
from aws.stack import deploy
from iris_core.data.datasets import DataSet
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from iris_core.storage.model_store import ModelStore
from tests.iris_core.samples import flowers
from tests.moto_calls import teach

ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",  # pragma: allowlist secret
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files beside this one: they are whole loops, and the last would run alone."""
    items.sort(key=lambda item: item.path.parent != Path(__file__).parent)


@pytest.fixture(scope="session", autouse=True)
def _cache_files_of_packages() -> Iterator[None]:
    """Cache the service models of boto3 and the metadata that Streamlit reads.

    boto3 reads them for each session, Streamlit for each AppTest: a sixth of the time of all tests.
    """
    with pytest.MonkeyPatch.context() as patched:
        for module, name in (
            (botocore.session, "create_loader"),
            (manifest_scanner, "scan_component_manifests"),
        ):
            patched.setattr(module, name, cache(getattr(module, name)))
        yield


@pytest.fixture(scope="module", autouse=True)
def _leave_older_objects_uncollected() -> None:
    """Let the garbage collector pass over all that was there before a file's tests.

    Streamlit collects after each drawing of a page. With the objects of all earlier tests that
    took 0.4 s each time, nine tenths of the time of the tests of the pages.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _restore_main_module() -> Iterator[None]:
    """Restore the main module: AppTest replaces it by the app, which new processes would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def _no_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the settings and credentials of the person who runs the tests."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "IRIS_"))]:
        monkeypatch.delenv(name)
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session", autouse=True)
def _moto_protects() -> Iterator[None]:
    """Teach moto the calls by which a stack is protected."""
    with pytest.MonkeyPatch.context() as patched:
        teach(patched)
        yield


@pytest.fixture
def moto_cloud(_no_real_account: None) -> Iterator[Cloud]:
    """Deploy the stack in moto: tables that work, a function that never runs."""
    with mock_aws():
        cloud = connect(Settings(target="aws"))
        deploy(cloud)
        yield cloud


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Deploy the stack in a local cloud for all tests: each uses its own runs."""
    hold = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud = connect_local(Settings(), hold.endpoint())
    deploy(cloud)
    yield cloud
    hold.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a folder for a local cloud of one test."""
    return tmp_path / "cloud"


@pytest.fixture(scope="session")
def trained_on() -> DataSet:
    return flowers()


@pytest.fixture(scope="session")
def model(trained_on: DataSet) -> Model:
    spec = ModelSpec(units=(8,), learning_rate=0.05)
    return train(trained_on, spec, options=TrainOptions(epochs=8, batch_size=16))


@pytest.fixture(scope="session")
def bundle(model: Model, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the model as one file."""
    store = ModelStore(tmp_path_factory.mktemp("home"))
    return store.export(store.save(model).card.id)
