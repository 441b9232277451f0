"""A decision cut-off beside the one that costs least, what is stored, and always and never."""

from __future__ import annotations

import math
from dataclasses import dataclass

from iris_core.evaluation.cut_off import (
    UNIT_ROWS,
    CutOff,
    CutOffCosts,
    at_cut_off,
    cross_fitted,
    cut_off_costs,
    expected_cost,
)
from iris_core.evaluation.paired_interval import Estimate
from iris_core.evaluation.ranking_curves import RankingCurve
from iris_core.records.run import Run


@dataclass(frozen=True, slots=True)
class CutOffRule:
    """One way to say a class, and what it costs.

    Attributes:
        name: for people.
        cut_off: from which on the class is said; None where no cut-off decides.
        false_alarms: other rows of which it is said.
        misses: rows of it of which it is not.
        per_unit: expected cost of 1,000 records, with its interval.
    """

    name: str
    cut_off: float | None
    false_alarms: int
    misses: int
    per_unit: Estimate


@dataclass(frozen=True, slots=True)
class CutOffComparison:
    """A chosen cut-off beside others.

    Attributes:
        chosen: the one that was chosen, to the precision of the bins.
        stored: what the run predicted: the most probable class.
        rules: these two, the cheapest one, and always and never saying the class.
        advice: what to do, and what it would cost on rows that it was not chosen on.
    """

    chosen: CutOffRule
    stored: CutOffRule
    rules: tuple[CutOffRule, ...]
    advice: str


def compare_cut_offs(
    run: Run, curve: RankingCurve, cut_off: float, *, false_alarm: float, miss: float
) -> CutOffComparison:
    """Return what a cut-off costs, beside others.

    Args:
        run: with its confusion matrix.
        curve: of one of its classes.
        cut_off: 0 to 1.
        false_alarm: cost of saying the class of a row that is not of it, 0 to 1e9.
        miss: cost of not saying it of one that is, 0 to 1e9.

    Raises:
        OptionError: a cost or the cut-off is out of its range, or both costs are 0.
    """
    rows = curve.positives + curve.negatives

    def estimate(false_alarms: float, misses: float) -> Estimate:
        return expected_cost(false_alarms, misses, rows, false_alarm=false_alarm, miss=miss)

    def rule(name: str, entry: CutOff) -> CutOffRule:
        at = entry.cut_off if math.isfinite(entry.cut_off) else None
        per_unit = estimate(entry.false_alarms, entry.misses)
        return CutOffRule(name, at, entry.false_alarms, entry.misses, per_unit)

    chosen = rule("Chosen", at_cut_off(curve, cut_off, false_alarm=false_alarm, miss=miss))
    costs = cut_off_costs(curve, false_alarm=false_alarm, miss=miss)
    alarms, misses = _as_predicted(run, curve.name)
    two = len(run.metrics.class_names) == 2
    stored = CutOffRule(
        "As predicted, from 0.5 on" if two else "As predicted, the most probable class",
        0.5 if two else None,
        alarms,
        misses,
        estimate(alarms, misses),
    )
    cheapest = rule("Cheapest on these records", costs.cheapest)
    fitted = cross_fitted(curve, false_alarm=false_alarm, miss=miss)
    on_others = None if fitted is None else estimate(fitted.false_alarms, fitted.misses)
    rules = (
        chosen,
        stored,
        cheapest,
        rule("Always say it", costs.always),
        rule("Never say it", costs.never),
    )
    advice = _advice(curve.name, costs, stored.per_unit, cheapest.per_unit, on_others)
    return CutOffComparison(chosen, stored, rules, advice)


def _as_predicted(run: Run, name: str) -> tuple[int, int]:
    """Return the false alarms and the misses of a class in what is stored."""
    place, confusion = run.metrics.class_names.index(name), run.metrics.confusion
    hits = confusion[place][place]
    return sum(row[place] for row in confusion) - hits, sum(confusion[place]) - hits


def _advice(
    name: str, costs: CutOffCosts, stored: Estimate, cheapest: Estimate, on_others: Estimate | None
) -> str:
    """Return what to do, and what it would cost."""
    at = costs.cheapest.cut_off
    where = f"Say '{name}' from {at:.3g} on" if math.isfinite(at) else f"Never say '{name}'"
    each = f"{UNIT_ROWS:,} records"
    if on_others is None:
        return (
            f"Test more rows before you choose by cost: there are too few of '{name}', or of the "
            f"others, to say what a cut-off costs on new ones. On these {each} cost "
            f"{stored.value:,.1f} as predicted."
        )
    expected = (
        f"{each} are expected to cost {on_others.value:,.1f} with a cut-off chosen like that (95 % "
        f"interval {on_others.low:,.1f} to {on_others.high:,.1f}), {stored.value:,.1f} as "
        f"predicted ({stored.low:,.1f} to {stored.high:,.1f})"
    )
    if on_others.value >= stored.value:
        return f"Keep what is predicted: {expected}."
    return (
        f"{where}: {expected}. On these records it costs {cheapest.value:,.1f}, which is too good, "
        "for it was chosen on them. By the costs alone, of calibrated probabilities, the cut-off "
        f"would be {costs.by_costs:.3g}."
    )
