"""The options of a model: its network, and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass

from iris_core.checks import check_choice, check_number, check_seed, check_whole
from iris_core.errors import OptionError

ACTIVATIONS = ("relu", "gelu", "silu", "elu", "tanh", "sigmoid")
OPTIMISERS = ("adam", "rmsprop", "sgd")
MAX_LAYERS = 10
MAX_UNITS = 4_096


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """The network and its optimiser.

    Attributes:
        units: width of each hidden layer, at most 10 layers of 1 to 4,096 units; none at all is
            a logistic regression.
        activation: of the hidden layers, one of `ACTIVATIONS`.
        dropout: share of each hidden layer's outputs dropped in training, 0 to 0.9.
        optimiser: one of `OPTIMISERS`.
        learning_rate: 1e-6 to 1.

    Raises:
        OptionError: one of them is out of its range.
    """

    units: tuple[int, ...] = (32, 16)
    activation: str = "relu"
    dropout: float = 0.0
    optimiser: str = "adam"
    learning_rate: float = 0.003

    def __post_init__(self) -> None:
        if len(self.units) > MAX_LAYERS:
            raise OptionError(
                f"units: expected at most {MAX_LAYERS} layers, received {len(self.units)}."
            )
        for number, width in enumerate(self.units, start=1):
            check_whole(f"units of layer {number}", width, low=1, high=MAX_UNITS)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_number("dropout", self.dropout, low=0, high=0.9)
        check_choice("optimiser", self.optimiser, OPTIMISERS)
        check_number("learning_rate", self.learning_rate, low=1e-6, high=1)


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How long and on what a network is trained.

    Attributes:
        epochs: passes over the training rows, 1 to 10,000.
        batch_size: rows a step, 1 to 65,536.
        validation_share: share of the rows that are not fitted but measured after each epoch, 0
            (none) or 0.01 to 0.5.
        patience: stop after this many epochs without a lower validation loss, and keep the best
            weights; None trains to the last epoch.
        seed: of the initial weights, the order of rows, the split and the dropout.
        class_weights: whether each class counts as much as any other in the loss, however few rows
            it has; else each row counts as much as any other.

    Raises:
        OptionError: one of them is out of its range.
    """

    epochs: int = 30
    batch_size: int = 32
    validation_share: float = 0.1
    patience: int | None = None
    seed: int = 0
    class_weights: bool = False

    def __post_init__(self) -> None:
        check_whole("epochs", self.epochs, low=1, high=10_000)
        check_whole("batch_size", self.batch_size, low=1, high=65_536)
        if self.validation_share != 0:
            check_number("validation_share", self.validation_share, low=0.01, high=0.5)
        if self.patience is not None:
            check_whole("patience", self.patience, low=1, high=10_000)
            if self.validation_share == 0:
                raise OptionError(
                    "patience: expected a validation_share above 0 to stop by, received 0."
                )
        check_seed(self.seed)
        if not isinstance(self.class_weights, bool):
            raise OptionError(
                f"class_weights: expected true or false, received {self.class_weights!r}."
            )
