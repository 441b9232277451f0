"""The experiments, one repeat each: data in, accuracies and counts of one seed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.loop_quality.damage import flip_class, shrink_class
from bench.loop_quality.datasets import CREDIT_ROWS, credit_like, shuffled
from bench.loop_quality.loop import (
    accuracy,
    append,
    candidates,
    candidates_first,
    correct_rows,
    fresh,
    further,
    project_parts,
    review,
    tested,
    truth_of,
)
from iris_core.data.correcting import correct
from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import SHARE, EvaluationSplit
from iris_core.data.label_noise import add_label_noise
from iris_core.data.merging import merge
from iris_core.data.splitting import split
from iris_core.evaluation.paired import PairedComparison, compare_paired
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train

UNTOUCHED = 1 / 3
FLIPPED, FLIPPED_OF_CLASS, REVIEWED = 0.05, 0.3, 0.15
FACTOR = 0.8
REVIEWS = (20, 50)
ALL = 0
"""As a number of reviews: every candidate."""
_OTHER_SEED = 10_000


@dataclass(frozen=True, slots=True)
class Reported:
    """One loop: accuracies of the retrained model, 0 to 1, on the evaluation rows and on others.

    Attributes:
        reported: on the rows that evaluate.
        untouched: on the rows that nothing touched.
        earlier_reported: the same, of the earlier way: rows appended, trained further, split anew.
        earlier_untouched: likewise.
    """

    reported: float
    untouched: float
    earlier_reported: float
    earlier_untouched: float


def reported_accuracy(*, seed: int) -> Reported:
    """Run one loop on a new noisy table, of which a third is held back before anything else."""
    table, _ = credit_like(CREDIT_ROWS, seed=seed)
    project, untouched = split(table, test_share=UNTOUCHED, seed=seed)
    truth, options = truth_of(project), TrainOptions(seed=seed)

    frozen = EvaluationSplit.of(project)
    model = train(frozen.divide(project)[0], ModelSpec(), options=options)
    verdicts = review(candidates(tested(model, project)), truth)
    training, evaluation = frozen.divide(correct(project, verdicts).dataset)
    model = fresh(training, seed=seed + 1)

    fitted, _ = split(project, test_share=SHARE, seed=seed)
    earlier = train(fitted, ModelSpec(), options=options)
    appended = append(project, candidates(tested(earlier, project)), truth)
    fitted, held_out = split(appended, test_share=SHARE, seed=seed + 1)
    earlier = further(earlier, fitted, seed=seed + 1)
    return Reported(
        accuracy(model, evaluation),
        accuracy(model, untouched),
        accuracy(earlier, held_out),
        accuracy(earlier, untouched),
    )


@dataclass(frozen=True, slots=True)
class Corrected:
    """Wrong labels after a test on all data and a true review of every candidate.

    Attributes:
        wrong: rows whose label was changed.
        reviewed: those of them that were candidates.
        corrected: those of them that were reviewed and have their true label again.
        broken: rows with a wrong label that had the true one.
        review_share: of all rows, those that were reviewed, 0 to 1.
    """

    wrong: int
    reviewed: int
    corrected: int
    broken: int
    review_share: float


def corrected_labels(ds: DataSet, *, seed: int) -> Corrected:
    """Change labels of training rows, test on all data, review every candidate, and correct."""
    parts = project_parts(shuffled(ds, seed=seed), seed=seed)
    count = round(FLIPPED * parts.training.rows)
    noisy, _ = add_label_noise(parts.training, rows=count, seed=seed)
    everything = merge(noisy, parts.evaluation, relabel=False)
    chosen = candidates(tested(fresh(noisy, seed=seed), everything))
    truth = truth_of(parts.training, parts.evaluation)
    corrected = correct(everything, review(chosen, truth)).dataset
    true = merge(parts.training, parts.evaluation, relabel=False).frame[ds.label].to_numpy()
    before = everything.frame[ds.label].to_numpy() != true
    after = corrected.frame[ds.label].to_numpy() != true
    reviewed = np.zeros(everything.rows, dtype=np.bool_)
    reviewed[[record.row for record in chosen]] = True
    return Corrected(
        int(before.sum()),
        int((before & reviewed).sum()),
        int((before & reviewed & ~after).sum()),
        int((after & ~before).sum()),
        float(reviewed.mean()),
    )


@dataclass(frozen=True, slots=True)
class Repaired:
    """Accuracies on clean evaluation rows, 0 to 1.

    Attributes:
        clean: of a model of clean labels.
        noisy: of one of noisy labels.
        fixed: after review, correction in place and a fresh training.
        earlier: after review, the reviewed rows appended, and the noisy model trained further.
        found: share of the wrong rows that were reviewed, 0 to 1.
    """

    clean: float
    noisy: float
    fixed: float
    earlier: float
    found: float


def repaired_class(ds: DataSet, *, seed: int) -> Repaired:
    """Change labels of one class to its neighbour, review some rows, and correct."""
    parts = project_parts(shuffled(ds, seed=seed), seed=seed)
    clean, evaluation = parts.training, parts.evaluation
    name = clean.classes[seed % len(clean.classes)]
    noisy = flip_class(clean, name, share=FLIPPED_OF_CLASS, seed=seed)
    model, truth = fresh(noisy, seed=seed), truth_of(clean)
    reviewed = candidates_first(tested(model, noisy))[: round(REVIEWED * noisy.rows)]
    correction = correct(noisy, review(reviewed, truth))
    wrong = int((noisy.frame[ds.label] != clean.frame[ds.label]).sum())
    return Repaired(
        clean=accuracy(fresh(clean, seed=seed), evaluation),
        noisy=accuracy(model, evaluation),
        fixed=accuracy(fresh(correction.dataset, seed=seed), evaluation),
        earlier=accuracy(further(model, append(noisy, reviewed, truth), seed=seed), evaluation),
        found=correction.relabelled / wrong,
    )


@dataclass(frozen=True, slots=True)
class Adapted:
    """Accuracies before and after one class drifted, 0 to 1.

    Attributes:
        undrifted: of the model, on fresh rows before they drifted.
        drifted: of the model, on the same rows after.
        adapted: of the model retrained with so many reviews, on those.
        undivided: likewise, if every reviewed row trained and none evaluated.
        original: of the model, on the evaluation rows that it had from the start.
        kept: of the model retrained with so many reviews, on those.
        available: number of candidates in the batch.
    """

    undrifted: float
    drifted: float
    adapted: Mapping[int, float]
    undivided: Mapping[int, float]
    original: float
    kept: Mapping[int, float]
    available: int


def adapted_to_drift(ds: DataSet, *, seed: int) -> Adapted:
    """Let a class drift in a new batch, review candidates of it, and retrain with them."""
    rest, later = split(shuffled(ds, seed=seed), test_share=0.5, seed=seed)
    batch, unseen = split(later, test_share=0.5, seed=seed)
    frozen = EvaluationSplit.of(rest)
    training, evaluation = frozen.divide(rest)
    model = fresh(training, seed=seed)
    name = _most_harmed(model, batch)
    batch, drifted = (shrink_class(part, name, factor=FACTOR) for part in (batch, unseen))
    chosen = candidates(tested(model, batch))
    truth = truth_of(batch)
    adapted, undivided, kept = {}, {}, {}
    for reviews in (*REVIEWS, ALL):
        some = chosen[:reviews] if reviews else chosen
        reviewed = batch.frame.iloc[[record.row for record in some]]
        corrected = correct(batch.with_rows(batch.name, reviewed), review(some, truth)).dataset
        union = merge(training, corrected, relabel=True)
        # As in a project: new rows go where their fingerprint says, some to the evaluation.
        retrained = fresh(frozen.divide(union)[0], seed=seed)
        adapted[reviews] = accuracy(retrained, drifted)
        kept[reviews] = accuracy(retrained, evaluation)
        undivided[reviews] = accuracy(fresh(union, seed=seed), drifted)
    return Adapted(
        accuracy(model, unseen),
        accuracy(model, drifted),
        adapted,
        undivided,
        accuracy(model, evaluation),
        kept,
        len(chosen),
    )


def _most_harmed(model: Model, batch: DataSet) -> str:
    """Return the class whose drift costs a model most; where nothing is lost nothing is regained.

    It is chosen on the batch, and what is regained is measured on other rows.
    """
    return min(
        batch.classes,
        key=lambda name: accuracy(model, shrink_class(batch, name, factor=FACTOR)),
    )


def another_seed(ds: DataSet, *, seed: int) -> PairedComparison:
    """Compare two models of the same data that differ in their seed, on the evaluation rows."""
    parts = project_parts(shuffled(ds, seed=seed), seed=seed)
    first, second = (
        correct_rows(fresh(parts.training, seed=each), parts.evaluation)
        for each in (seed, seed + _OTHER_SEED)
    )
    return compare_paired(first, second)
