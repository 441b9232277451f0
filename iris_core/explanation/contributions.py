"""Contributions: what each column of one record adds to the log-odds of a class.

They are Shapley values (Shapley 1953) of a game whose players are the columns, as Štrumbelj and
Kononenko, "Explaining prediction models and individual predictions with feature contributions",
Knowledge and Information Systems 41, 2014, define them: a column that has not joined keeps the
value of a background row. Up to `MAX_EXACT` columns all coalitions are predicted; of more, columns
join in random orders (Castro, Gómez and Tejada, "Polynomial calculation of the Shapley value based
on sampling", Computers and Operations Research 36, 2009), each order followed by its reverse
(Mitchell, Cooper, Frank and Holmes, "Sampling permutations for Shapley value estimation", JMLR 23,
2022).

They are of the log-odds, not of the probability: evidence adds up in log-odds, so that of a
logistic regression a contribution is its weight times the column's distance from its mean,
whatever the other columns hold. Probabilities count as 0.0001 to 0.9999, for no table here is large
enough to confirm more, and one certainty too much would outweigh all else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.cancellation import IsCancelled, never
from iris_core.checks import check_seed
from iris_core.errors import DataError
from iris_core.explanation.encoded_model import EncodedModel, Matrix

MAX_BACKGROUND = 100
MAX_EXACT = 8
"""Columns whose coalitions are all predicted: 256 a background row."""
MAX_WORK = 4_000_000_000
"""Multiplications of one explanation: a fifth of a second or so on two cores."""
MAX_PAIRS = 10
_LEAST_BACKGROUND = 10
_SMALLEST = 1e-4
_DEVIATE_95 = 1.959964


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """What each column of a record adds to the log-odds of a class.

    Attributes:
        columns: names of the model's columns.
        values: (columns,) in log-odds; they sum to `prediction` less `base`.
        errors: (columns,) their standard errors, for the background and the orders are drawn.
        base: mean log-odds of the class over the background.
        prediction: log-odds of the class for the record.
        background: number of background rows.
        orders: number of orders in which the columns joined, of each background row; None where
            all coalitions were predicted.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    base: float
    prediction: float
    background: int
    orders: int | None

    @property
    def low(self) -> NDArray[np.float64]:
        """(columns,) lower ends of the 95% intervals."""
        return self.values - _DEVIATE_95 * self.errors

    @property
    def high(self) -> NDArray[np.float64]:
        """(columns,) upper ends of the 95% intervals."""
        return self.values + _DEVIATE_95 * self.errors


def log_odds(shares: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return ln(p / (1 - p)) of probabilities, which count as 0.0001 to 0.9999."""
    clipped = np.clip(shares.astype(np.float64), _SMALLEST, 1 - _SMALLEST)
    return np.log(clipped) - np.log1p(-clipped)


def contributions(
    model: EncodedModel,
    record: Matrix,
    background: Matrix,
    of_class: int,
    *,
    max_work: int = MAX_WORK,
    seed: int = 0,
    cancelled: IsCancelled = never,
) -> Contributions:
    """Return what each column of a record adds; the same rows and seed give the same figures.

    Args:
        model: that predicts.
        record: (width,) encoded.
        background: (rows, width) encoded rows of the training data, of which the first 100 at most
            are taken: bring them in a random order.
        of_class: number of the class.
        max_work: multiplications at most: of many columns there are fewer orders, then fewer
            background rows, 10 at least.
        seed: of the orders.
        cancelled: asked several times a second.

    Raises:
        OptionError: the seed is out of its range.
        DataError: there is no background row.
        Cancelled: `cancelled` said so.
    """
    check_seed(seed)
    if not len(background):
        raise DataError(
            "Bring the model's training data: expected rows to compare the record with, received "
            "none."
        )
    rows = background[:MAX_BACKGROUND]
    # Who holds what all background rows hold adds nothing, in whatever order.
    differs = np.bincount(model.owners, (rows != record).any(axis=0), len(model.columns)) > 0
    players = np.flatnonzero(differs)
    game = _Game(model, record, rows, of_class, players, cancelled)
    orders, shares = None, np.zeros((len(rows), 0))
    if 0 < len(players) <= MAX_EXACT:
        shares = game.exact()
    elif len(players):
        affordable = max_work // (2 * model.cost * len(players))
        game.rows = rows = rows[: max(_LEAST_BACKGROUND, affordable)]
        pairs = min(MAX_PAIRS, max(1, affordable // len(rows)))
        orders = 2 * pairs
        shares = game.sampled(pairs, np.random.default_rng(seed))
    values, errors = np.zeros(len(model.columns)), np.zeros(len(model.columns))
    values[players] = shares.mean(axis=0)
    if len(rows) > 1:
        errors[players] = shares.std(axis=0, ddof=1) / len(rows) ** 0.5
    alone = game.log_odds(rows)
    mine = float(game.log_odds(record[None])[0])
    return Contributions(
        model.columns, values, errors, float(alone.mean()), mine, len(rows), orders
    )


_Who = Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.bool_]]


@dataclass(slots=True, eq=False)
class _Game:
    """A record against each background row: the columns join, one after the other.

    Attributes:
        model: that predicts.
        record: (width,) encoded.
        rows: (rows, width) the background.
        of_class: number of the class.
        players: numbers of the columns that differ anywhere.
        cancelled: asked before each block.
    """

    model: EncodedModel
    record: Matrix
    rows: Matrix
    of_class: int
    players: NDArray[np.intp]
    cancelled: IsCancelled

    def log_odds(self, matrix: Matrix) -> NDArray[np.float64]:
        """Return (rows,) the log-odds of the class for encoded rows."""
        blocks = (matrix[part] for part in self.model.parts(len(matrix)))
        shares = self.model.predicted(blocks, cancelled=self.cancelled)
        return log_odds(shares[:, self.of_class])

    def exact(self) -> NDArray[np.float64]:
        """Return (rows, players) the Shapley values of each row's game, of all its coalitions."""
        count = len(self.players)
        bits, numbers = np.arange(count), np.arange(2**count)
        worth = self._worth(len(numbers), lambda _row, number: (number[:, None] >> bits & 1) > 0)
        sizes = (numbers[:, None] >> bits & 1).sum(axis=1)
        weights = np.array([1 / (count * math.comb(count - 1, size)) for size in range(count)])
        shares = np.empty((len(self.rows), count))
        for player in range(count):
            without = numbers[numbers >> player & 1 == 0]
            gains = worth[:, without | 1 << player] - worth[:, without]
            shares[:, player] = gains @ weights[sizes[without]]
        return shares

    def sampled(self, pairs: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """Return (rows, players) estimates of the values of each row's game, of random orders."""
        count = len(self.players)
        shares = np.zeros((len(self.rows), count))
        each_row = np.arange(len(self.rows))[:, None]
        for _ in range(pairs):
            orders = generator.permuted(np.tile(np.arange(count), (len(self.rows), 1)), axis=1)
            for order in (orders, orders[:, ::-1]):
                shares[each_row, order] += np.diff(self._in_order(order), axis=1)
        return shares / (2 * pairs)

    def _in_order(self, order: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return (rows, 1 + players) the worth as the players join in each row's order."""
        place = np.argsort(order, axis=1)
        return self._worth(len(self.players) + 1, lambda row, joined: place[row] < joined[:, None])

    def _worth(self, coalitions: int, who: _Who) -> NDArray[np.float64]:
        """Return (rows, coalitions) the log-odds of each coalition against each row.

        Args:
            coalitions: number of them.
            who: returns (n, players) whether each has joined, of (n,) rows and coalitions.
        """
        # Columns that are no players hold the same in the record and in all rows.
        player_of = np.zeros(len(self.model.columns), dtype=np.intp)
        player_of[self.players] = np.arange(len(self.players))
        of_input = player_of[self.model.owners]

        def blocks() -> Iterator[Matrix]:
            for part in self.model.parts(len(self.rows) * coalitions):
                row, coalition = np.divmod(np.arange(part.start, part.stop), coalitions)
                has_joined = who(row, coalition)[:, of_input]
                yield np.where(has_joined, self.record, self.rows[row])

        shares = self.model.predicted(blocks(), cancelled=self.cancelled)
        return log_odds(shares[:, self.of_class]).reshape(-1, coalitions)
