"""Permutation importance: what it costs a model when the values of one column are shuffled.

Breiman, "Random forests", Machine Learning 45, 2001; as an estimate with an interval Fisher, Rudin
and Dominici, "All models are wrong, but many are useful", JMLR 20, 2019. A column is one of the
table: a category with all its inputs, a number with the flag that says that it is missing.

The headline is the log loss. It moves with every probability, the accuracy only where a class
changes, so that on a few hundred rows it separates columns that the accuracy calls equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.cancellation import IsCancelled, never
from iris_core.checks import check_seed, check_whole
from iris_core.errors import DataError
from iris_core.evaluation.control_chart import student_tail
from iris_core.evaluation.metrics import row_losses
from iris_core.evaluation.paired_interval import Estimate
from iris_core.explanation.encoded_model import EncodedModel, Matrix

REPEATS = 10
MAX_REPEATS = 100
MAX_WORK = 500_000_000_000
"""Multiplications of one explanation: ten seconds or so on two cores."""
_LEAST_ROWS = 100
_TAIL = 0.025
_HALVINGS = 60
_MANY = 1_000
"""Degrees of freedom from which on Student's t differs from the normal distribution by nothing
that is shown."""

OnProgress = Callable[[int, int], None]
"""Called with the number of columns that are done, and of all."""


@dataclass(frozen=True, slots=True)
class ColumnImportance:
    """What shuffling one column costs.

    Attributes:
        column: its name.
        log_loss: by how much the mean cross-entropy rises, in nats; 0 for a column that makes no
            difference.
        accuracy: by how much the share of rows that are predicted correctly falls, -1 to 1.
    """

    column: str
    log_loss: Estimate
    accuracy: Estimate


@dataclass(frozen=True, slots=True)
class Importance:
    """The importance of each column to a model, on the rows of a data set.

    Attributes:
        columns: all of them, the most important first.
        rows: number of rows that were shuffled.
        of: number of rows that there are with a label that the model knows; more than `rows` if
            some were drawn to bound the work.
        repeats: how often each column was shuffled.
        log_loss: of the model on these rows as they are, in nats.
        accuracy: likewise, 0 to 1.
        guess: log loss of always saying the shares that the classes have in these rows.
    """

    columns: tuple[ColumnImportance, ...]
    rows: int
    of: int
    repeats: int
    log_loss: float
    accuracy: float
    guess: float


def ignore_progress(_done: int, _of: int) -> None:
    """Do nothing: an `OnProgress` that nobody watches."""


def permutation_importance(
    model: EncodedModel,
    matrix: Matrix,
    actual: NDArray[np.intp],
    *,
    repeats: int = REPEATS,
    max_work: int = MAX_WORK,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    cancelled: IsCancelled = never,
) -> Importance:
    """Measure what shuffling each column costs; the same rows and seed give the same figures.

    No row keeps its own value in a shuffle, and none gets the same one's twice, so the mean is
    Fisher, Rudin and Dominici's e_switch less e_orig, of as many pairs of rows as were made.

    Rows are what was sampled, so the interval is one over rows. But a row counts twice: by what it
    loses with the values of others, and by what others lose with its. Its share in the estimate, a
    U-statistic, is the sum of both (Hoeffding 1948); the interval is Student's t of their mean. A
    bootstrap of what the rows themselves lose leaves the second part out: it covers 85 to 89 %.

    Args:
        model: that predicts.
        matrix: (rows, width) encoded rows.
        actual: (rows,) numbers of the true classes; rows with -1, a label never seen, are left out.
        repeats: how often each column is shuffled, 1 to 100; less often where the work would be
            more than `max_work`, and where there are fewer other rows.
        max_work: multiplications at most. Of rows that are too many even for one shuffle, as many
            are drawn as it allows, and 100 at least.
        seed: of the random numbers.
        on_progress: called after each column.
        cancelled: asked several times a second.

    Raises:
        OptionError: an option is out of its range.
        DataError: there are fewer than two rows with a label that the model knows.
        Cancelled: `cancelled` said so.
    """
    check_whole("repeats", repeats, low=1, high=MAX_REPEATS)
    check_seed(seed)
    known = np.flatnonzero(actual >= 0)
    if len(known) < 2:
        raise DataError(
            "Bring more labelled rows: expected at least two with a class that the model knows, "
            f"received {len(known)}. One row alone has nothing to be shuffled with."
        )
    generator = np.random.default_rng(seed)
    affordable = max(1, max_work // (model.cost * len(model.columns)))
    chosen = known
    if len(known) > (most := max(_LEAST_ROWS, affordable)):
        chosen = np.sort(generator.choice(known, most, replace=False))
    rows = len(chosen)
    repeats = max(1, min(repeats, affordable // rows, rows - 1))
    table, classes = matrix[chosen], actual[chosen]
    donors = _donors(rows, repeats, generator)
    before = _Scores.of(model.predicted((table[part] for part in model.parts(rows)),
                                        cancelled=cancelled), classes)  # fmt: skip
    deviate = _student_deviate(rows - 1)
    measured = []
    for number, name in enumerate(model.columns):
        after = _shuffled(model, table, classes, number, donors, cancelled)
        measured.append(
            ColumnImportance(
                name,
                _estimate(after.loss - np.tile(before.loss, repeats), donors, deviate),
                _estimate(np.tile(before.hit, repeats) - after.hit, donors, deviate),
            )
        )
        on_progress(number + 1, len(model.columns))
    measured.sort(key=lambda entry: -entry.log_loss.value)
    shares = np.bincount(classes) / rows
    return Importance(
        tuple(measured),
        rows,
        len(known),
        repeats,
        float(before.loss.mean()),
        float(before.hit.mean()),
        float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """How well rows are predicted.

    Attributes:
        loss: (rows,) cross-entropy in nats.
        hit: (rows,) 1 if the class is right, else 0.
    """

    loss: NDArray[np.float64]
    hit: NDArray[np.float64]

    @classmethod
    def of(cls, shares: NDArray[np.float32], classes: NDArray[np.intp]) -> _Scores:
        """Return those of (rows, classes) probabilities."""
        hit = (shares.argmax(axis=1) == classes).astype(np.float64)
        return cls(row_losses(shares, classes), hit)


def _donors(rows: int, repeats: int, generator: np.random.Generator) -> NDArray[np.intp]:
    """Return (repeats * rows,) whose value each row gets, shuffle after shuffle.

    The rows are put in a circle at random, and each shuffle has a distance of its own in it.
    """
    circle = generator.permutation(rows)
    place = np.argsort(circle)
    distances = 1 + generator.choice(rows - 1, repeats, replace=False)
    donors: NDArray[np.intp] = circle[(place + distances[:, None]) % rows].ravel()
    return donors


def _shuffled(
    model: EncodedModel,
    table: Matrix,
    classes: NDArray[np.intp],
    column: int,
    donors: NDArray[np.intp],
    cancelled: IsCancelled,
) -> _Scores:
    """Return how well the rows are predicted with one column shuffled, shuffle after shuffle."""
    own = np.flatnonzero(model.owners == column)
    receivers = np.resize(np.arange(len(table)), len(donors))
    values = table[:, own]

    def blocks() -> Iterator[Matrix]:
        for part in model.parts(len(donors)):
            block = table[receivers[part]]
            block[:, own] = values[donors[part]]
            yield block

    return _Scores.of(model.predicted(blocks(), cancelled=cancelled), classes[receivers])


def _estimate(
    differences: NDArray[np.float64], donors: NDArray[np.intp], deviate: float
) -> Estimate:
    """Return the mean of what rows lose, with its interval.

    Args:
        differences: (repeats * rows,) what each row loses in each shuffle.
        donors: (repeats * rows,) with whose value.
        deviate: how many standard errors the interval reaches.
    """
    rows = int(donors.max()) + 1
    repeats = len(donors) // rows
    received = differences.reshape(repeats, rows).mean(axis=0)
    given = np.bincount(donors, differences, minlength=rows) / repeats
    mean = float(received.mean())
    half = deviate * float((received + given).std(ddof=1)) / rows**0.5
    return Estimate(mean, mean - half, mean + half)


def _student_deviate(freedom: int) -> float:
    """Return the distance that Student's t exceeds once in 40 times."""
    low, high = 0.0, 20.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if student_tail(middle, min(freedom, _MANY)) > _TAIL:
            low = middle
        else:
            high = middle
    return high
