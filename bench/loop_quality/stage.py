"""The experiments, each over all repeats, with their goals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean, stdev
from typing import TypeVar

from bench.loop_quality.costs import costs
from bench.loop_quality.datasets import CREDIT, OURS, five_sets
from bench.loop_quality.decision import is_called_better, share_called_better
from bench.loop_quality.repeats import (
    ALL,
    FLIPPED,
    FLIPPED_OF_CLASS,
    REVIEWED,
    REVIEWS,
    Adapted,
    Repaired,
    adapted_to_drift,
    another_seed,
    corrected_labels,
    repaired_class,
    reported_accuracy,
)
from bench.loop_quality.statistics import share_interval, share_regained
from bench.measurement import Measurement
from iris_core.data.datasets import DataSet

REPEATS = 20
TABLES = 5
"""Noisy tables a repeat: 20 loops alone would leave a standard error of a point."""
REGAINED: Mapping[str, float | None] = {
    OURS: 65,
    CREDIT: None,
    "wine": 53,
    "breast_cancer": 62,
    "digits": 63,
}
"""Percent of the loss to regain by set; the noisy set has no reference."""
ADAPTED = dict(zip(REVIEWS, (93, 95), strict=True))
"""Percent of the loss to regain by number of reviews."""
LEAST_LOSS = 2.0
"""Points; where a drift costs less, the share regained is all noise, and has no goal."""
ROWS, GAIN, BROKEN = 240, 0.05, 0.01
EQUAL = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Shares of the rows fixed, and as many broken, by a model that is no better."""

T = TypeVar("T")


def loop_quality(repeats: int = REPEATS) -> Iterator[Measurement]:
    """Measure what review and retraining give back, and what is reported; means over 20 seeds."""
    yield _reported(repeats)
    sets = five_sets()
    yield from _corrected(sets, repeats)
    yield from _repaired(sets, repeats)
    yield from _adapted(sets, repeats)
    yield from _decided()
    yield _called_better(sets, repeats)
    yield from costs()


def _of_sets(
    repeat: Callable[..., T], sets: Mapping[str, DataSet], repeats: int
) -> dict[str, list[T]]:
    """Run a repeat for every data set and seed; a set after the other, for the compiled steps."""
    return {name: [repeat(ds, seed=seed) for seed in range(repeats)] for name, ds in sets.items()}


def _reported(repeats: int) -> Measurement:
    """Compare the reported accuracy of retrained models with that on rows nothing touched."""
    loops = [reported_accuracy(seed=seed) for seed in range(repeats * TABLES)]
    differences = [100 * (loop.reported - loop.untouched) for loop in loops]
    earlier = fmean(100 * (loop.earlier_reported - loop.earlier_untouched) for loop in loops)
    average = fmean(differences)
    return Measurement(
        "points between evaluation accuracy and accuracy on untouched rows",
        abs(average),
        1,
        "points",
        f"{len(loops)} loops, {CREDIT}: {_percent([loop.reported for loop in loops])} reported, "
        f"{_percent([loop.untouched for loop in loops])} untouched, {average:+.2f} ± "
        f"{stdev(differences) / len(loops) ** 0.5:.2f} standard error; appended, trained further "
        f"and split anew {earlier:+.1f}",
        spread=(min(differences), max(differences)),
    )


def _corrected(sets: Mapping[str, DataSet], repeats: int) -> Iterator[Measurement]:
    """Count the wrong labels that a review of all candidates corrects."""
    results = _of_sets(corrected_labels, sets, repeats)
    every = [one for ones in results.values() for one in ones]
    yield Measurement(
        f"{FLIPPED:.0%} of labels wrong: corrected, of those reviewed",
        100 * sum(one.corrected for one in every) / sum(one.reviewed for one in every),
        100,
        "%",
        f"{sum(one.reviewed for one in every):,} of {len(sets)} sets, all candidates reviewed",
        at_least=True,
    )
    yield Measurement(
        "true labels made wrong by it", sum(one.broken for one in every), 0, "", "of all rows"
    )
    for name, ones in results.items():
        yield Measurement.mean_of(
            f"{name}: wrong labels that are candidates, of all wrong",
            [100 * one.reviewed / one.wrong for one in ones],
            None,
            "%",
            remark=f"{_percent([one.review_share for one in ones])} of the rows reviewed",
        )


def _repaired(sets: Mapping[str, DataSet], repeats: int) -> Iterator[Measurement]:
    """Measure how much accuracy comes back when some of the wrong labels are corrected."""
    for name, ones in _of_sets(repaired_class, sets, repeats).items():
        lost = [one.clean - one.noisy for one in ones]
        fixed = [one.fixed - one.noisy for one in ones]
        earlier = [one.earlier - one.noisy for one in ones]
        yield Measurement(
            f"{name}: {FLIPPED_OF_CLASS:.0%} of a class wrong, {REVIEWED:.0%} reviewed: regained",
            100 * share_regained(lost, fixed),
            REGAINED[name],
            "%",
            f"{_interval(lost, fixed)}; {_accuracies(ones)}; appended and trained further "
            f"{100 * share_regained(lost, earlier):.0f} %; "
            f"{_percent([one.found for one in ones])} of the wrong rows were reviewed",
            at_least=True,
        )


def _accuracies(ones: Sequence[Repaired]) -> str:
    """Return the accuracies of clean, noisy and corrected labels."""
    clean, noisy, fixed = (
        _percent([getattr(one, kind) for one in ones]) for kind in ("clean", "noisy", "fixed")
    )
    return f"clean {clean}, noisy {noisy}, corrected {fixed}"


def _adapted(sets: Mapping[str, DataSet], repeats: int) -> Iterator[Measurement]:
    """Measure how much accuracy comes back after a class drifted, and what it costs elsewhere."""
    for name, ones in _of_sets(adapted_to_drift, sets, repeats).items():
        lost = [one.undrifted - one.drifted for one in ones]
        cost = 100 * fmean(lost)
        yield Measurement(f"{name}: points that a drifted class costs", cost, None, "points")
        yield from _regained_from_drift(name, ones, lost, with_goal=cost >= LEAST_LOSS)
        losses = {
            # Sums of differences of floats: nothing lost is to be 0, not -5e-15.
            reviews: round(100 * fmean(one.original - one.kept[reviews] for one in ones), 6) + 0.0
            for reviews in (*REVIEWS, ALL)
        }
        yield Measurement(
            f"{name}: points lost on the original evaluation set",
            max(losses[reviews] for reviews in REVIEWS),
            0.8,
            "points",
            ", ".join(f"{loss:+.2f} with {_reviews(reviews)}" for reviews, loss in losses.items()),
        )


def _regained_from_drift(
    name: str, ones: Sequence[Adapted], lost: Sequence[float], *, with_goal: bool
) -> Iterator[Measurement]:
    """Compare the accuracy on drifted rows with what the drift cost."""
    regained = {
        reviews: [one.adapted[reviews] - one.drifted for one in ones] for reviews in (*REVIEWS, ALL)
    }
    for reviews, goal in ADAPTED.items():
        undivided = [one.undivided[reviews] - one.drifted for one in ones]
        yield Measurement(
            f"{name}: a class drifted, {reviews} reviews: regained",
            100 * share_regained(lost, regained[reviews]),
            goal if with_goal else None,
            "%",
            f"{_interval(lost, regained[reviews])}; before "
            f"{_percent([one.undrifted for one in ones])}, drifted "
            f"{_percent([one.drifted for one in ones])}, retrained "
            f"{_percent([one.adapted[reviews] for one in ones])}; all "
            f"{fmean(one.available for one in ones):.0f} candidates "
            f"{100 * share_regained(lost, regained[ALL]):.0f} %; if no reviewed row evaluated "
            f"{100 * share_regained(lost, undivided):.0f} %",
            at_least=True,
        )


def _decided() -> Iterator[Measurement]:
    """Enumerate how often the paired comparison calls a model better."""
    yield Measurement(
        f"{ROWS} paired rows: a gain of {100 * GAIN:.0f} points is found",
        100 * share_called_better(ROWS, fixed=GAIN + BROKEN, broken=BROKEN),
        80,
        "%",
        f"enumerated, {BROKEN:.0%} of the rows broken",
        at_least=True,
    )
    false = {share: 100 * share_called_better(ROWS, fixed=share, broken=share) for share in EQUAL}
    yield Measurement(
        f"{ROWS} paired rows: called better without a gain",
        max(false.values()),
        2.5,
        "%",
        "enumerated, the worst of "
        + ", ".join(f"{share:.0%} fixed and broken {one:.1f} %" for share, one in false.items()),
    )


def _called_better(sets: Mapping[str, DataSet], repeats: int) -> Measurement:
    """Count how often another seed alone is called better."""
    results = _of_sets(another_seed, sets, repeats)
    called = {name: sum(map(is_called_better, ones)) for name, ones in results.items()}
    pairs = repeats * len(sets)
    return Measurement(
        "another seed on the same data is called better",
        100 * sum(called.values()) / pairs,
        5,
        "%",
        f"{pairs} pairs: " + ", ".join(f"{name} {count}" for name, count in called.items()),
    )


def _percent(shares: Sequence[float]) -> str:
    """Return the mean of shares in percent."""
    return f"{100 * fmean(shares):.1f} %"


def _interval(lost: Sequence[float], regained: Sequence[float]) -> str:
    """Return the 95 % interval of the share regained, in percent."""
    low, high = share_interval(lost, regained)
    return f"95 % interval {100 * low:.0f}…{100 * high:.0f}"


def _reviews(reviews: int) -> str:
    """Return a number of reviews in words."""
    return f"{reviews}" if reviews else "all"
