"""Review rows in the order of suspicion, correct the data, retrain, and see what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bench.loop_quality.damage import flip_class
from bench.loop_quality.datasets import shuffled
from bench.loop_quality.loop import accuracy, fresh, project_parts
from iris_core.data.correcting import correct
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters
from iris_core.label_errors.orders import mislabelled_within
from iris_core.label_errors.stopping import SAMPLE, acceptance, review_yield, sample_to_review
from iris_core.label_errors.suspecting import Suspicion, suspect
from iris_core.records.verdict import Decision, RowVerdict

FLIPPED_OF_CLASS, A_ROUND, ROUNDS, ERRORS, LOOKS = 0.3, 0.05, 3, 0.05, 30
BETWEEN_SCORES = 10
"""Reviews after which the scores are made anew, with a stopping rule."""
MOST_REVIEWED = 0.5
"""Share of the rows after which a review without an end is ended."""
_AT = "2026-11-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Way:
    """What one way of reviewing gave.

    Attributes:
        accuracy: of a model of the corrected data, on clean evaluation rows, 0 to 1.
        looks: rows that were looked at.
        share: of all rows, 0 to 1.
    """

    accuracy: float
    looks: int
    share: float


@dataclass(frozen=True, slots=True)
class Recovered:
    """Accuracies on clean evaluation rows, 0 to 1.

    Attributes:
        clean: of a model of clean labels.
        noisy: of one of noisy labels.
        ways: by way of reviewing.
    """

    clean: float
    noisy: float
    ways: Mapping[str, Way]


class Review:
    """A review of noisy rows by somebody who knows the truth, and errs now and then."""

    def __init__(self, noisy: DataSet, clean: DataSet, *, errors: float, seed: int) -> None:
        self.noisy, self.seed = noisy, seed
        self.verdicts: dict[str, RowVerdict] = {}
        self.found: list[bool] = []
        self._letters = as_letters(noisy.fingerprints)
        self._given = noisy.frame[noisy.label].tolist()
        self._true: list[str] = clean.frame[clean.label].tolist()
        self._errors, self._rng = errors, np.random.default_rng(seed)

    def suspicion(self) -> Suspicion:
        """Return what is suspected by now."""
        return suspect(self.noisy, verdicts=self.verdicts, seed=self.seed, method="best")

    def next_rows(self, count: int) -> list[int]:
        """Return the rows to review next."""
        suspicion = self.suspicion()
        left = np.flatnonzero(~suspicion.reviewed)
        rows: list[int] = mislabelled_within(suspicion, left, count)[:count].tolist()
        return rows

    def look(self, row: int) -> str:
        """Look at a row, note the verdict, and return the label that it says."""
        label = self._true[row]
        if self._rng.random() < self._errors:
            others = [name for name in self.noisy.classes if name != label]
            label = others[self._rng.integers(len(others))]
        self.accept(row, label)
        self.found.append(label != self._given[row])
        return label

    def wrong_rows(self) -> list[int]:
        """Return the rows whose label is wrong, in an order drawn from the seed."""
        wrong = np.array(self._given) != np.array(self._true)
        rows: list[int] = self._rng.permutation(np.flatnonzero(wrong)).tolist()
        return rows

    def accept(self, row: int, label: str) -> None:
        """Note a label for a row."""
        given, fingerprint = self._given[row], self._letters[row]
        decision: Decision = "right" if label == given else "relabel"
        self.verdicts[fingerprint] = RowVerdict(fingerprint, given, decision, label, _AT)

    def outcome(self, evaluation: DataSet) -> Way:
        """Correct the data, retrain, and measure."""
        corrected = correct(self.noisy, list(self.verdicts.values())).dataset
        looks = len(self.found)
        model = fresh(corrected, seed=self.seed)
        return Way(accuracy(model, evaluation), looks, looks / self.noisy.rows)


def in_rounds(review: Review) -> None:
    """Review 5 % of the rows three times."""
    for _ in range(ROUNDS):
        for row in review.next_rows(round(A_ROUND * review.noisy.rows)):
            review.look(row)


def until_enough(review: Review) -> None:
    """Review until of the last 20 rows one at most was wrong."""
    while len(review.found) < MOST_REVIEWED * review.noisy.rows:
        for row in review.next_rows(BETWEEN_SCORES):
            review.look(row)
        if review_yield(review.found).enough:
            return


def by_sample(review: Review) -> None:
    """Review a sample of the doubtful rows; where most were wrong accept the others, and so again.

    Where too few were, the next sample is of those that are called wrong. What is left of the looks
    goes to the rows that are suspected most.
    """
    is_trusted = True
    while len(review.found) < LOOKS:
        suspicion = review.suspicion()
        flags = suspicion.doubtful & ~suspicion.reviewed if is_trusted else suspicion.wrong
        suggested = np.flatnonzero(flags).tolist()
        names = {row: suspicion.classes[suspicion.guess[row]] for row in suggested}
        size = min(SAMPLE, LOOKS - len(review.found))
        sample = sample_to_review(suggested, size=size, seed=review.seed)
        right = [review.look(row) == names[row] for row in sample]
        left = [row for row in suggested if row not in sample]
        if not sample:
            for row in review.next_rows(size):
                review.look(row)
            return
        is_trusted = acceptance(right, left=len(left)).acceptable
        if is_trusted:
            for row in left:
                review.accept(row, names[row])


def wrong_within_rounds(review: Review) -> None:
    """Review rows with a wrong label alone, as many as three rounds have."""
    for row in review.wrong_rows()[: ROUNDS * round(A_ROUND * review.noisy.rows)]:
        review.look(row)


def all_wrong(review: Review) -> None:
    """Review all rows with a wrong label and no others."""
    for row in review.wrong_rows():
        review.look(row)


_WAYS: Mapping[str, tuple[Callable[[Review], None], float]] = {
    "rounds": (in_rounds, 0.0),
    "erring": (until_enough, ERRORS),
    "sampled": (by_sample, 0.0),
    "known": (wrong_within_rounds, 0.0),
    "known_erring": (all_wrong, ERRORS),
}
"""By name how it is reviewed, and how often the reviewer errs."""


def recovered(ds: DataSet, *, seed: int) -> Recovered:
    """Flip 30 % of the labels of a class to the nearest class, and review in each way."""
    parts = project_parts(shuffled(ds, seed=seed), seed=seed)
    clean, evaluation = parts.training, parts.evaluation
    name = clean.classes[seed % len(clean.classes)]
    noisy = flip_class(clean, name, share=FLIPPED_OF_CLASS, seed=seed)
    ways = {}
    for way, (work, errors) in _WAYS.items():
        review = Review(noisy, clean, errors=errors, seed=seed)
        work(review)
        ways[way] = review.outcome(evaluation)
    return Recovered(
        accuracy(fresh(clean, seed=seed), evaluation),
        accuracy(fresh(noisy, seed=seed), evaluation),
        ways,
    )
