"""A workspace with a trained model, shared by the tests of the loop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.pipeline import default_dataset, train_model
from app.services import Services
from aws.settings import Settings
from iris_core.datasets import DataSet
from iris_core.models import Model
from iris_core.options import ModelSpec, TrainOptions


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A workspace with a local cloud of its own."""
    made = Services(tmp_path_factory.mktemp("home"), Settings())
    yield made
    made.close()


@pytest.fixture(scope="module")
def dataset(services: Services) -> DataSet:
    """The default data."""
    return default_dataset(services)


@pytest.fixture(scope="module")
def model(services: Services, dataset: DataSet) -> Model:
    """A model of the default data."""
    return train_model(services, dataset, ModelSpec(), options=TrainOptions(epochs=15))
