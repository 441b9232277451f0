"""Find the rows whose label is likely wrong, by what the other rows say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iris_core.cancellation import IsCancelled, never
from iris_core.checks import check_choice, check_seed
from iris_core.data.datasets import DataSet
from iris_core.label_errors.neighbours import Neighbours, nearest_labels
from iris_core.label_errors.reviewed_rows import Rows
from iris_core.label_errors.rule import (
    LEAST_OF_CLASS,
    Probabilities,
    Rule,
    mean_self_confidence,
    self_confidence,
    suspicion_score,
)
from iris_core.label_errors.short_ensemble import Votes, predict_out_of_fold
from iris_core.label_errors.watching import OnProgress, Watch, ignore_progress
from iris_core.model.fitting import Examples
from iris_core.model.folds import assign_folds, fold_keys
from iris_core.model.schema import Schema
from iris_core.records.verdict import RowVerdict

Method = Literal["best", "quick"]
METHODS: tuple[Method, ...] = ("best", "quick")
FOLDS, DIVISIONS = 5, 5
ROUNDS = 3
"""Of the best method: the quick one, then two without what was found before."""
MOST_LEFT_OUT = 0.5
"""Share of a class that a round may leave out as found before."""
# Chosen on the even repeats of five sets with 5 % of the labels flipped: docs/label_errors.md.
QUICK, BEST = Rule(below=0.2, share=0.6), Rule(below=0.15, share=0.6)
DOUBTFUL = Rule(below=0.5, share=0.9)
"""Finds labels of which many are right where classes overlap, and wrong where a whole class has
noisy labels: a sample of them decides."""
_SEEDS_APART = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Suspicion:
    """What the rows of a data set say of each other's labels.

    Attributes:
        classes: the names of the classes.
        given: (rows,) number of the class that each row is labelled with, -1 for a label that no
            row to learn from has.
        labels: (rows,) the same, as reviewers said.
        reviewed: (rows,) which were reviewed: they are never suspected.
        different: (classes,) how many different rows of each class were learnt from.
        probabilities: (rows, classes) float32, by models that never saw the row.
        confidence: (classes,) the mean self-confidence of each.
        contradicted: (rows,) whether the rule calls the label given wrong, reviewed or not.
        doubtful: (rows,) whether it may be wrong, by a wider rule, or is called so.
        score: (rows,) how much the label is suspected, 0 to 1.
        votes: (rows,) how many of the models find the most probable class most probable.
        voters: (rows,) how many models that never saw the row there are.
        neighbours: (rows, 10) int16 numbers of the classes of the nearest rows, -1 for none; None
            if they were not looked for.
        nearest: (rows, 10) int32 positions of these rows, the nearest first, -1 for none; None
            likewise.
        matrix: (rows, features) float32, scaled.
    """

    classes: tuple[str, ...]
    given: NDArray[np.intp]
    labels: NDArray[np.intp]
    reviewed: NDArray[np.bool_]
    different: NDArray[np.intp]
    probabilities: Probabilities
    confidence: NDArray[np.float64]
    contradicted: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    score: NDArray[np.float32]
    votes: NDArray[np.intp]
    voters: NDArray[np.intp]
    neighbours: NDArray[np.int16] | None
    nearest: NDArray[np.int32] | None
    matrix: NDArray[np.float32]

    @property
    def guess(self) -> NDArray[np.intp]:
        """(rows,) number of the most probable class of each row."""
        guess: NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return guess

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """(rows,) which labels are likely wrong, and were not reviewed."""
        return self.contradicted & ~self.reviewed

    @property
    def self_confidence(self) -> NDArray[np.float32]:
        """(rows,) the probability of the label given."""
        return self_confidence(self.probabilities, self.given)


def suspect(
    ds: DataSet,
    *,
    schema: Schema | None = None,
    learn: NDArray[np.bool_] | None = None,
    verdicts: Mapping[str, RowVerdict] | None = None,
    method: Method = "best",
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    cancelled: IsCancelled = never,
) -> Suspicion:
    """Find the rows whose label is likely wrong; the same rows and seed give the same answer.

    Args:
        ds: the rows to check.
        schema: of a model, for scales and categories; None learns them from the rows.
        learn: (rows,) which may be learnt from, such as not those of an evaluation set; None for
            all. The others are checked too.
        verdicts: of reviewers, by fingerprint: a row is learnt with the label that it was given,
            not at all when it was dropped, and is not suspected again.
        method: `best`, or `quick`, which takes a quarter of the time: one ensemble alone.
        seed: of folds, weights and order.
        on_progress: called with the share that is done.
        cancelled: asked several times a second.

    Raises:
        DataError: there are fewer than ten rows to learn from, or rows of one class only.
        SchemaError: the rows do not fit the schema, or have too many classes.
        OptionError: the method or seed is none.
        Cancelled: `cancelled` returned True.
    """
    check_choice("method", method, METHODS)
    check_seed(seed)
    rows = Rows.of(ds, schema=schema, learn=learn, verdicts=verdicts or {})
    watch = Watch(on_progress, cancelled)
    if method == "quick":
        votes = _round(rows, rows.learn, seed=seed, watch=watch)
        return _suspicion(rows, votes, None, QUICK)
    votes, neighbours = _clean(rows, seed=seed, watch=watch)
    return _suspicion(rows, votes, neighbours, BEST)


def _clean(rows: Rows, *, seed: int, watch: Watch) -> tuple[Votes, Neighbours]:
    """Return the votes of three rounds, and the neighbours, without the rows found before.

    The probabilities are the means of all four.
    """
    learn, rounds, epochs = rows.learn, [], None
    for number in range(ROUNDS):
        own = watch.part(number, ROUNDS + 1)
        apart = seed + number * _SEEDS_APART
        rounds.append(_round(rows, learn, seed=apart, watch=own, epochs=epochs))
        epochs = rounds[-1].epochs
        learn = rows.learn & ~_left_out(rows, rounds[-1].probabilities)
    neighbours = nearest_labels(
        rows.matrix,
        rows.labels,
        fold_keys(rows.ds),
        learn=learn,
        count=len(rows.classes),
        seed=seed,
        watch=watch,
    )
    watch.report(1.0)
    parts = [*(one.probabilities for one in rounds), neighbours.probabilities]
    votes = Votes(
        rounds[0].epochs,
        np.mean(parts, axis=0),
        np.sum([one.votes for one in rounds], axis=0),
        np.sum([one.voters for one in rounds], axis=0),
    )
    return votes, neighbours


def _round(
    rows: Rows, learn: NDArray[np.bool_], *, seed: int, watch: Watch, epochs: int | None = None
) -> Votes:
    """Return the votes of one ensemble that learns from some of the rows."""
    folds = np.stack(
        [assign_folds(rows.ds, FOLDS, seed=seed + number) for number in range(DIVISIONS)]
    )
    keys = fold_keys(rows.ds)
    return predict_out_of_fold(
        Examples(rows.matrix, rows.labels, learn.astype(np.float32)),
        folds,
        classes=len(rows.classes),
        known=np.isin(keys, keys[learn]),
        seed=seed,
        watch=watch,
        epochs=epochs,
    )


def _left_out(rows: Rows, probabilities: Probabilities) -> NDArray[np.bool_]:
    """Return (rows,) which are likely labelled wrongly, so that the next round is without them.

    Never more than half of a class, the least probable first: it would not be known any more.
    """
    confidence = mean_self_confidence(probabilities, rows.labels, rows.learn)
    found = QUICK.contradicts(probabilities, rows.labels, confidence) & ~rows.reviewed & rows.learn
    own = self_confidence(probabilities, rows.labels)
    most = MOST_LEFT_OUT * np.bincount(rows.labels[rows.learn], minlength=len(rows.classes))
    for number in np.unique(rows.labels[found]):
        of_class = np.flatnonzero(found & (rows.labels == number))
        found[of_class[np.argsort(own[of_class], kind="stable")][int(most[number]) :]] = False
    return found


def _suspicion(rows: Rows, votes: Votes, neighbours: Neighbours | None, rule: Rule) -> Suspicion:
    """Return what was found, by the rule."""
    probabilities, different = votes.probabilities, rows.different
    confidence = mean_self_confidence(probabilities, rows.labels, rows.learn)
    is_known = (rows.given >= 0) & (different[rows.given] >= LEAST_OF_CLASS)
    guess = probabilities.argmax(axis=1)
    contradicted, doubtful = (
        one.contradicts(probabilities, rows.given, confidence) & is_known
        for one in (rule, DOUBTFUL)
    )
    return Suspicion(
        rows.classes,
        rows.given,
        rows.labels,
        rows.reviewed,
        different,
        probabilities,
        confidence,
        contradicted,
        contradicted | doubtful,
        suspicion_score(probabilities, rows.given),
        votes.votes[np.arange(len(guess)), guess].astype(np.intp),
        votes.voters.astype(np.intp),
        None if neighbours is None else neighbours.labels,
        None if neighbours is None else neighbours.rows,
        rows.matrix,
    )
