"""A trained model for all tests of iris_core, trained once."""

import pytest
from hypothesis import settings

from iris_core.datasets import DataSet
from iris_core.models import Model
from iris_core.options import ModelSpec, TrainOptions
from iris_core.training import train
from tests.iris_core.samples import flowers

# A busy machine is no fault of an example.
settings.register_profile("iris_core", deadline=None)
settings.load_profile("iris_core")


@pytest.fixture(scope="session")
def trained_on() -> DataSet:
    return flowers()


@pytest.fixture(scope="session")
def model(trained_on: DataSet) -> Model:
    spec = ModelSpec(units=(8,), learning_rate=0.05)
    return train(trained_on, spec, options=TrainOptions(epochs=8, batch_size=16))
