"""What is out of its range is refused before anything is trained."""

from __future__ import annotations

from typing import Any

import pytest

from iris_core.errors import OptionError
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.recipes import RECIPES


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"units": (0,)}, "units of layer 1: expected a whole number from 1 to 4096, received 0"),
        ({"units": (8, 4097)}, "units of layer 2"),
        ({"units": (8.0,)}, "received 8.0"),
        ({"units": (True,)}, "received True"),
        ({"units": (1,) * 11}, "at most 10 layers, received 11"),
        ({"activation": "tahn"}, "activation: expected one of relu, .*, received 'tahn'"),
        ({"dropout": 1.0}, "dropout: expected a number from 0 to 0.9, received 1.0"),
        ({"dropout": float("nan")}, "received nan"),
        ({"optimiser": "Adam"}, "optimiser: expected one of adam"),
        ({"learning_rate": 0}, "learning_rate: expected a number from 1e-06 to 1, received 0"),
        ({"learning_rate": "0.1"}, "received '0.1'"),
        ({"members": 0}, "members: expected a whole number from 1 to 64, received 0"),
        ({"members": 65}, "received 65"),
        ({"bins": 1}, "bins: expected a whole number from 2 to 64, received 1"),
        ({"bins": 65}, "received 65"),
        ({"linear_path": "yes"}, "linear_path: expected true or false, received 'yes'"),
    ],
)
def test_network_out_of_range_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        ModelSpec(**wrong)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"epochs": 0}, "epochs: expected a whole number from 1 to 10000, received 0"),
        ({"epochs": 2.5}, "received 2.5"),
        ({"batch_size": 0}, "batch_size"),
        ({"validation_share": 0.6}, "validation_share: expected a number from 0.01 to 0.5"),
        ({"validation_share": -0.1}, "received -0.1"),
        ({"patience": 0}, "patience"),
        ({"batch_size": 65_537}, "batch_size"),
        ({"seed": -1}, "seed"),
    ],
)
def test_training_out_of_range_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        TrainOptions(**wrong)


def test_network_without_hidden_layers_is_allowed() -> None:
    assert ModelSpec(units=()).units == ()


@pytest.mark.parametrize(
    ("rows", "batch"), [(2, 32), (499, 32), (500, 64), (2_000, 128), (8_000, 256), (10**6, 256)]
)
def test_batch_goes_by_the_rows_unless_it_is_given(rows: int, batch: int) -> None:
    assert TrainOptions(batch_size=None).batch_rows(rows) == batch
    assert TrainOptions(batch_size=7).batch_rows(rows) == 7


def test_named_networks_are_a_single_one_and_ensembles() -> None:
    assert RECIPES["plain"].spec == ModelSpec()
    assert RECIPES["plain"].options == TrainOptions()
    members = [RECIPES[name].spec.members for name in ("plain", "default", "thorough")]
    assert members == sorted(members)
    for recipe in RECIPES.values():
        recipe.options.check_patience(recipe.spec)


def test_default_network_is_wider_for_many_rows_and_the_plain_one_never() -> None:
    default, plain = RECIPES["default"], RECIPES["plain"]
    assert default.spec_for(1_999) == default.spec
    assert default.spec_for(2_000).units == (64, 32)
    assert default.spec_for(2_000).linear_path
    assert plain.spec_for(10**6) == plain.spec


def test_single_network_has_no_linear_path() -> None:
    assert ModelSpec(members=2, linear_path=True).has_linear_path
    assert not ModelSpec(linear_path=True).has_linear_path
