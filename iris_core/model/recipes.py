"""Networks with a name, each with the options to train it by.

docs/networks.md says how the constants were chosen, what they reach, and what did not help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from iris_core.model.options import ModelSpec, TrainOptions

PLAIN, DEFAULT, THOROUGH = "plain", "default", "thorough"
"""The names; JSON and the command line know them."""
_MANY_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """A network and how it is trained.

    Attributes:
        spec: the network.
        options: of the training.
        purpose: what it is for, a sentence for people.
        of_many_rows: the network for data sets of 2,000 rows or more; None for the same one.
    """

    spec: ModelSpec
    options: TrainOptions
    purpose: str
    of_many_rows: ModelSpec | None = None

    def spec_for(self, rows: int) -> ModelSpec:
        """Return the network for a data set of so many rows."""
        return self.of_many_rows if self.of_many_rows and rows >= _MANY_ROWS else self.spec


_DEFAULT_SPEC = ModelSpec(
    units=(32, 16), dropout=0.1, learning_rate=0.008, members=8, bins=12, linear_path=True
)
_DEFAULT_OPTIONS = TrainOptions(epochs=150, batch_size=None, validation_share=0, patience=6)

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        DEFAULT: Recipe(
            _DEFAULT_SPEC,
            _DEFAULT_OPTIONS,
            "Eight small networks, each validated on rows that it never learns from, and averaged: "
            "the best start on any table.",
            replace(_DEFAULT_SPEC, units=(64, 32), learning_rate=0.004),
        ),
        THOROUGH: Recipe(
            ModelSpec(
                units=(64, 32),
                dropout=0.1,
                learning_rate=0.004,
                members=16,
                bins=16,
                linear_path=True,
            ),
            TrainOptions(epochs=300, batch_size=None, validation_share=0, patience=16),
            "Sixteen of them, with more patience: a little better, in about four times the time.",
        ),
        PLAIN: Recipe(
            ModelSpec(),
            TrainOptions(),
            "One network of two hidden layers, as in the lab: to draw, to explain, to try things.",
        ),
    }
)
"""By name, the one to begin with first."""
