"""The options of a model: its network, and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass

from iris_core.checks import check_choice, check_number, check_seed, check_whole
from iris_core.errors import OptionError

ACTIVATIONS = ("relu", "gelu", "silu", "elu", "tanh", "sigmoid")
OPTIMISERS = ("adam", "rmsprop", "sgd")
MAX_LAYERS = 10
MAX_UNITS = 4_096
MAX_MEMBERS = 64
MAX_BINS = 64

_BATCHES = ((500, 32), (2_000, 64), (8_000, 128))
"""Below which number of rows a batch has which size: as many steps an epoch as learn well."""
_LARGEST_BATCH = 256


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
        members: 1 for a single network; 2 to 64 for an ensemble of as many, each of these units
            and each leaving out another fold of the rows, whose probabilities are averaged.
        bins: 0 to standardise numbers only; 2 to 64 to encode each in up to so many bins as well,
            flag missing numbers, and leave out categories that occur once (`Schema.fit`). A single
            network has no bins.
        linear_path: whether the members of an ensemble also add to their logits what a straight
            line makes of the inputs other than bins. A single network has no such path.

    Raises:
        OptionError: one of them is out of its range.
    """

    units: tuple[int, ...] = (32, 16)
    activation: str = "relu"
    dropout: float = 0.0
    optimiser: str = "adam"
    learning_rate: float = 0.003
    members: int = 1
    bins: int = 0
    linear_path: bool = False

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
        check_whole("members", self.members, low=1, high=MAX_MEMBERS)
        if self.bins != 0:
            check_whole("bins", self.bins, low=2, high=MAX_BINS)
        if not isinstance(self.linear_path, bool):
            raise OptionError(
                f"linear_path: expected true or false, received {self.linear_path!r}."
            )

    @property
    def units_text(self) -> str:
        """The hidden layers for people, such as `32, 16` or `64, 32 (8 members)`."""
        units = ", ".join(map(str, self.units)) or "none"
        return f"{units} ({self.members} members)" if self.is_ensemble else units

    @property
    def is_ensemble(self) -> bool:
        """Whether there are several members."""
        return self.members > 1

    @property
    def input_bins(self) -> int:
        """The bins that each column of numbers is encoded in, at most."""
        return self.bins if self.is_ensemble else 0

    @property
    def has_linear_path(self) -> bool:
        """Whether there is a kernel from the inputs to the logits beside the hidden layers."""
        return self.linear_path and self.is_ensemble


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How long and on what a network is trained.

    Attributes:
        epochs: passes over the training rows, 1 to 10,000.
        batch_size: rows a step, 1 to 65,536; None goes by the number of rows, see `batch_rows`.
        validation_share: share of the rows that are not fitted but measured after each epoch, 0
            (none) or 0.01 to 0.5. An ensemble needs none: its folds are measured.
        patience: stop after this many epochs without a lower validation loss, and keep the best
            weights; None trains to the last epoch. A single network needs a validation share.
        seed: of the initial weights, the order of rows, the split and the dropout.
        class_weights: whether each class counts as much as any other in the loss, however few rows
            it has; else each row counts as much as any other.

    Raises:
        OptionError: one of them is out of its range.
    """

    epochs: int = 30
    batch_size: int | None = 32
    validation_share: float = 0.1
    patience: int | None = None
    seed: int = 0
    class_weights: bool = False

    def __post_init__(self) -> None:
        check_whole("epochs", self.epochs, low=1, high=10_000)
        if self.batch_size is not None:
            check_whole("batch_size", self.batch_size, low=1, high=65_536)
        if self.validation_share != 0:
            check_number("validation_share", self.validation_share, low=0.01, high=0.5)
        if self.patience is not None:
            check_whole("patience", self.patience, low=1, high=10_000)
        check_seed(self.seed)
        if not isinstance(self.class_weights, bool):
            raise OptionError(
                f"class_weights: expected true or false, received {self.class_weights!r}."
            )

    def check_patience(self, spec: ModelSpec) -> None:
        """Raise `OptionError` if there would be no rows to stop a network early by."""
        if self.patience is not None and not self.validation_share and not spec.is_ensemble:
            raise OptionError(
                "patience: expected a validation_share above 0 to stop by, received 0."
            )

    def batch_rows(self, rows: int) -> int:
        """Return the rows a step for a training of `rows` rows."""
        if self.batch_size is not None:
            return self.batch_size
        return next((size for limit, size in _BATCHES if rows < limit), _LARGEST_BATCH)
