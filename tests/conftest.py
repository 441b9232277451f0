"""Clouds for the tests, moto in memory and the local cloud; and a model, trained once."""

from __future__ import annotations

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
from iris_core.storage.store import ModelStore
from tests.iris_core.samples import flowers

ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",  # pragma: allowlist secret
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="session", autouse=True)
def _files_of_packages_are_read_once() -> Iterator[None]:
    """boto3 reads its service models for each session, Streamlit all metadata for each AppTest.

    Both are as they were a moment ago; read again each time they were a sixth of all tests' time.
    """
    with pytest.MonkeyPatch.context() as patched:
        for module, name in (
            (botocore.session, "create_loader"),
            (manifest_scanner, "scan_component_manifests"),
        ):
            patched.setattr(module, name, cache(getattr(module, name)))
        yield


@pytest.fixture(autouse=True)
def _main_module_stays() -> Iterator[None]:
    """AppTest leaves the app as the main module, which every process of ours would run at first."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def _no_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test does, it cannot reach an account of the person who runs it."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "IRIS_"))]:
        monkeypatch.delenv(name)
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def moto_cloud(_no_real_account: None) -> Iterator[Cloud]:
    """A deployed stack in moto: tables that work, a function that never runs."""
    with mock_aws():
        cloud = connect(Settings(target="aws"))
        deploy(cloud)
        yield cloud


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The local cloud with the stack deployed, shared by the tests: each uses runs of its own."""
    hold = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud = connect_local(Settings(), hold.endpoint())
    deploy(cloud)
    yield cloud
    hold.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A directory for a local cloud of the test's own."""
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
    """The model as one file."""
    store = ModelStore(tmp_path_factory.mktemp("home"))
    return store.export(store.save(model).card.id)
