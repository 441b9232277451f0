"""Find flipped labels: ours and cleanlab's, on the same rows, and how well each did."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from bench.alternating_runs import PEERS_PYTHON, Side
from bench.loop_quality.datasets import shuffled
from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.label_errors.rule import mean_self_confidence, suspicion_score
from iris_core.label_errors.suspecting import METHODS, QUICK, Method, suspect
from iris_core.model.folds import assign_folds
from iris_core.model.prediction import predict
from iris_core.model.recipes import DEFAULT, PLAIN, RECIPES
from iris_core.model.training import train

FLIPPED = 0.05
FOUND = 0.95
"""Share of the flips that reviews are counted for."""
FOLDS = 5
CLEANLAB_PLAIN, CLEANLAB_OURS = "cleanlab, plain network", "cleanlab, our ensemble"
KEPT = "the default network's own"
CLEANLAB = (CLEANLAB_PLAIN, CLEANLAB_OURS)


@dataclass(frozen=True, slots=True)
class Found:
    """How well flipped labels were found.

    Attributes:
        precision: share of the labels called wrong that were flipped, 0 to 1.
        recall: share of the flipped labels that were called wrong, 0 to 1.
        right: share of those found whose true class was guessed, 0 to 1.
        reviews: rows reviewed for each flip, until 95 % of the flips are found.
        flagged: share of the labels called wrong in the data before any was flipped; NaN if that
            was not measured.
    """

    precision: float
    recall: float
    right: float
    reviews: float
    flagged: float = float("nan")

    @classmethod
    def of(
        cls,
        wrong: NDArray[np.bool_],
        score: NDArray[np.floating],
        guess: NDArray[np.intp],
        truth: NDArray[np.intp],
        flipped: Sequence[int],
        flagged: float = float("nan"),
    ) -> Found:
        """Compare what was called wrong with what was flipped.

        Args:
            wrong: (rows,) whether the label is called wrong: these are reviewed first.
            score: (rows,) how much it is suspected: by this the rows of either kind are reviewed.
            guess: (rows,) numbers of the classes that are suggested.
            truth: (rows,) those that are true.
            flipped: the rows whose label was flipped.
            flagged: as the attribute.
        """
        is_flipped = np.zeros(len(wrong), np.bool_)
        is_flipped[list(flipped)] = True
        hits = wrong & is_flipped
        order = np.lexsort((-score, ~wrong))
        wanted = int(np.ceil(FOUND * len(flipped)))
        reviews = 1 + int(np.searchsorted(np.cumsum(is_flipped[order]), wanted))
        return cls(
            float(hits.sum() / max(1, wrong.sum())),
            float(hits.sum() / len(flipped)),
            float((guess == truth)[hits].mean()) if hits.any() else 0.0,
            reviews / len(flipped),
            flagged,
        )

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0 to 1."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def mean(ones: Sequence[Found], figure: str) -> float:
    """Return the mean of a figure over those for which it was measured."""
    values = [getattr(one, figure) for one in ones]
    return fmean(value for value in values if not np.isnan(value))


Finders = Mapping[str, Sequence[Found]]
"""By finder how well it did in each repeat."""


def found_by_all(ds: DataSet, *, repeats: int) -> Finders:
    """Flip labels once a repeat, and let everybody find them."""
    found: dict[str, list[Found]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        home, cases = Path(folder), []
        for seed in range(repeats):
            clean = shuffled(ds, seed=seed)
            noisy, flipped = add_label_noise(clean, rows=round(FLIPPED * ds.rows), seed=seed)
            case = clean.class_indices, flipped
            cases.append(case)
            for method in METHODS:
                result = suspect(noisy, method=method, seed=seed)
                before = suspect(clean, method=method, seed=seed).wrong.mean()
                found[method].append(
                    Found.of(result.wrong, result.score, result.guess, *case, float(before))
                )
            found[KEPT].append(found_by_default(noisy, *case))
            for peer, probabilities in (
                (CLEANLAB_PLAIN, out_of_fold_plain(noisy, seed=seed)),
                (CLEANLAB_OURS, result.probabilities),
            ):
                path = home / f"{seed}.{CLEANLAB.index(peer)}.npz"
                np.savez(path, labels=noisy.class_indices, probabilities=probabilities)
        Side("bench.peers.cleanlab_issues", (home,), PEERS_PYTHON).run()
        for seed, case in enumerate(cases):
            for number, peer in enumerate(CLEANLAB):
                given = np.load(home / f"{seed}.{number}.npz")["probabilities"]
                issues = np.load(home / f"{seed}.{number}.found.npz")
                guess = given.argmax(axis=1)
                found[peer].append(Found.of(issues["wrong"], issues["score"], guess, *case))
    return found


def out_of_fold_plain(ds: DataSet, *, seed: int) -> NDArray[np.float32]:
    """Return (rows, classes) what plain networks predict of the folds that they did not learn."""
    folds, recipe = assign_folds(ds, FOLDS, seed=seed), RECIPES[PLAIN]
    result = np.zeros((ds.rows, len(ds.classes)), np.float32)
    for fold in range(FOLDS):
        tested = folds == fold
        model = train(ds.with_rows(ds.name, ds.frame[~tested]), recipe.spec, options=recipe.options)
        known = [ds.classes.index(name) for name in model.card.schema.classes]
        result[np.ix_(tested, known)] = predict(model, ds.frame[tested])
    return result


def found_by_default(ds: DataSet, truth: NDArray[np.intp], flipped: Sequence[int]) -> Found:
    """Let the default network find flipped labels, by the predictions that its model keeps."""
    recipe = RECIPES[DEFAULT]
    kept = train(ds, recipe.spec, options=recipe.options).out_of_fold
    if kept is None:
        raise TypeError(f"the {DEFAULT} network is no ensemble")
    probabilities, labels = kept.probabilities(ds.fingerprints), ds.class_indices
    confidence = mean_self_confidence(probabilities, labels, np.ones(ds.rows, np.bool_))
    return Found.of(
        QUICK.contradicts(probabilities, labels, confidence),
        suspicion_score(probabilities, labels),
        probabilities.argmax(axis=1),
        truth,
        flipped,
    )


def processor_seconds(ds: DataSet, method: Method) -> float:
    """Return the processor time that a search takes, of all cores together."""
    began = time.process_time()
    suspect(ds, method=method)
    return time.process_time() - began
