"""An accuracy in words, beside its baselines: what it is, whether it beats them, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iris_core.evaluation.baselines import baselines_of, beats_baselines, is_better, is_worse
from iris_core.evaluation.paired import mcnemar_p_value
from iris_core.evaluation.testing import TestReport
from iris_core.model.models import ModelCard
from iris_core.records.baseline import Baseline, BaselineKind, PairedCounts
from iris_core.records.interval import wilson_interval
from iris_core.records.run import Run
from iris_core.records.run_metrics import balanced_accuracy, macro_f1

MAX_LABEL = 40
"""Characters of a class that a sentence has."""
_STORED = {
    BaselineKind.MAJORITY: "test_baseline",
    BaselineKind.TESTED_MAJORITY: "test_baseline",
    BaselineKind.LOGISTIC: "test_logistic",
}
"""How the metrics of a model's card about a baseline begin."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An accuracy beside its baselines.

    Attributes:
        accuracy: in words, with its interval, its count and its baselines.
        beats: whether it beats them: only then may it be shown in green; None without any.
        advice: what to do, and why, a sentence or two.
    """

    accuracy: str
    beats: bool | None
    advice: str


def finding(correct: int, rows: int, baselines: Sequence[tuple[Baseline, PairedCounts]]) -> Finding:
    """Return an accuracy beside its baselines.

    Args:
        correct: number of rows that the model predicts correctly.
        rows: number of rows, 1 or more.
        baselines: each with its counts on these rows.
    """
    interval = wilson_interval(correct, rows)
    beside = "; ".join(f"{baseline_name(entry)}: {_percent(of)}" for entry, of in baselines)
    accuracy = share_text(correct, rows) + (f" ({beside})" if beside else "")
    ends = f"{share_text(interval.low)} to {share_text(interval.high)}"
    accuracy += f", 95 % interval {ends} of {rows:,} rows"
    against = [(entry.kind, of) for entry, of in baselines]
    return Finding(accuracy, beats_baselines(against) if against else None, _advice(baselines))


def finding_of_run(run: Run) -> Finding | None:
    """Return the accuracy of a run beside its baselines; None before it is known.

    Where the model was trained on some of the rows, it is that of the others.
    """
    baselines = baselines_of(run.metrics)
    unseen, correct = run.unseen_rows, run.metrics.unseen_correct
    if run.metrics.seen and unseen and correct is not None:
        on_unseen = [(entry, entry.unseen) for entry in baselines if entry.unseen is not None]
        return finding(correct, unseen, on_unseen)
    if run.accuracy is None or not run.tested:
        return None
    on_all = [(entry, entry.counts) for entry in baselines]
    return finding(round(run.accuracy * run.tested), run.tested, on_all)


def finding_of_card(card: ModelCard) -> Finding | None:
    """Return a model's accuracy on its evaluation set; None if it was not measured."""
    share, rows = card.metrics.get("test_accuracy"), int(card.metrics.get("test_rows", 0))
    if share is None or not rows:
        return None
    baselines = card_baselines(card)
    return finding(round(share * rows), rows, [(entry, entry.counts) for entry in baselines])


def card_metrics(report: TestReport) -> dict[str, float]:
    """Return what a model's card keeps of its test on the evaluation set."""
    kept = {
        "test_accuracy": report.accuracy or 0.0,
        "test_loss": report.loss or 0.0,
        "test_rows": float(report.rows),
        "test_balanced_accuracy": balanced_accuracy(report.classes) or 0.0,
        "test_macro_f1": macro_f1(report.classes) or 0.0,
    }
    for entry in report.baselines:
        stem = _STORED[entry.kind]
        kept |= {
            f"{stem}_accuracy": entry.counts.baseline_accuracy,
            f"{stem}_fixed": float(entry.counts.fixed),
            f"{stem}_broken": float(entry.counts.broken),
        }
    return kept


def card_baselines(card: ModelCard) -> tuple[Baseline, ...]:
    """Return the baselines that a model's card keeps of its evaluation; none in an earlier one."""
    share, rows = card.metrics.get("test_accuracy"), int(card.metrics.get("test_rows", 0))
    found = []
    for kind in (BaselineKind.MAJORITY, BaselineKind.LOGISTIC):
        fixed, broken = (card.metrics.get(f"{_STORED[kind]}_{of}") for of in ("fixed", "broken"))
        if share is None or fixed is None or broken is None:
            continue
        counts = PairedCounts(rows, round(share * rows), int(fixed), int(broken))
        label = ""
        if kind == BaselineKind.MAJORITY and card.class_counts is not None:
            label = card.schema.classes[card.class_counts.index(max(card.class_counts))]
        found.append(Baseline(kind, label, counts))
    return tuple(found)


def baseline_accuracies(baselines: Sequence[Baseline]) -> Mapping[str, float | None]:
    """Return the accuracy of each baseline by its key in answers; None where it is not known."""
    keys = {"baseline_accuracy": None, "logistic_accuracy": None}
    found: dict[str, Any] = dict(keys)
    for entry in baselines:
        key = _STORED[entry.kind].replace("test_", "") + "_accuracy"
        found[key] = entry.counts.baseline_accuracy
    return found


def baseline_text(baselines: Sequence[Baseline]) -> str:
    """Return the accuracies of baselines in words: `always saying 'no': 79.8 %; …`."""
    return "; ".join(f"{baseline_name(entry)}: {_percent(entry.counts)}" for entry in baselines)


def _advice(baselines: Sequence[tuple[Baseline, PairedCounts]]) -> str:
    """Return what to do about an accuracy, by its baselines."""
    majority = next((pair for pair in baselines if pair[0].kind != BaselineKind.LOGISTIC), None)
    logistic = next((pair for pair in baselines if pair[0].kind == BaselineKind.LOGISTIC), None)
    if majority is None:
        return "Train the model anew to see its baselines: an earlier version did not keep them."
    if not is_better(majority[1]):
        worse = "worse" if is_worse(majority[1]) else "no better beyond chance"
        return (
            "Look at the balanced accuracy and the recall of each class, and bring features that "
            f"say more of the label, or more rows: it is {worse} than {baseline_name(majority[0])} "
            f"({_test(majority[1])})."
        )
    if logistic is None:
        return (
            f"It is better than {baseline_name(majority[0])} beyond chance ({_test(majority[1])})."
        )
    if is_worse(logistic[1]):
        return (
            "Train fewer epochs or with patience, or with no hidden layers: a logistic regression "
            f"is better beyond chance ({_test(logistic[1])})."
        )
    if is_better(logistic[1]):
        return "It is better than both beyond chance (McNemar's exact test)."
    return (
        f"It is better than {baseline_name(majority[0])} beyond chance; a logistic regression does "
        f"as well within chance ({_test(logistic[1])})."
    )


def _test(counts: PairedCounts) -> str:
    """Return the test that decides, with its p-value."""
    return f"McNemar's exact test, p = {mcnemar_p_value(counts.fixed, counts.broken):.2g}"


def baseline_name(baseline: Baseline) -> str:
    """Return what a baseline is called."""
    if baseline.kind == BaselineKind.LOGISTIC:
        return "logistic regression"
    label = baseline.label
    shown = f"'{label}'" if len(label) <= MAX_LABEL else f"'{label[: MAX_LABEL - 1]}…'"
    if baseline.kind == BaselineKind.TESTED_MAJORITY:
        return f"always saying {shown}, the most frequent class of these rows"
    return f"always saying {shown}"


def _percent(counts: PairedCounts) -> str:
    """Return a baseline's accuracy."""
    return share_text(counts.baseline_correct, counts.rows)


def share_text(part: float, whole: float = 1) -> str:
    """Write a share with one decimal; only the whole is written as 100 %."""
    share = part / whole if whole else 0.0
    rounded = round(100 * share, 1)
    return f"{99.9 if rounded == 100 and share < 1 else rounded:.1f} %"
