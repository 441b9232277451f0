"""The measurements of suspicion and review, each over all repeats, with their goals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from bench.loop_quality.statistics import share_interval, share_regained
from bench.measurement import Measurement
from bench.review_quality.datasets import OTHERS, all_sets
from bench.review_quality.finding import (
    CLEANLAB,
    FLIPPED,
    FOUND,
    Finders,
    found_by_all,
    mean,
    processor_seconds,
)
from bench.review_quality.reviewing import (
    A_ROUND,
    ERRORS,
    FLIPPED_OF_CLASS,
    LOOKS,
    ROUNDS,
    Recovered,
    recovered,
)
from bench.samples import long_dataset
from iris_core.label_errors.suspecting import METHODS, Method

REPEATS = 20
OF_OTHERS = 3
"""Repeats on the public tables."""
BEST: Method = "best"
_GOALS = {
    "precision": ("precision", 100, 85.0, "%", True),
    "recall": ("recall", 100, 90.0, "%", True),
    "right": ("true class guessed, of those found", 100, 98.0, "%", True),
    "reviews": (f"reviews a flip to find {FOUND:.0%}", 1, 1.3, "", False),
    "flagged": ("called wrong before any was flipped", 100, 1.0, "%", False),
}
"""By figure: its name, the factor, goal and unit that it is shown in, whether more is better."""
_WAYS = {
    "rounds": (f"{ROUNDS} rounds of {A_ROUND:.0%} of the rows", 95),
    "erring": (f"until of 20 rows one was wrong, {ERRORS:.0%} of the verdicts wrong", 85),
    "sampled": (f"at most {LOOKS} looks, the rest accepted by samples", 70),
}
"""By way of reviewing: how, and the percent of the gap to recover."""
_LIMITS = {"rounds": "known", "erring": "known_erring"}
"""By way of reviewing, the one that looks at wrong labels alone, in a drawn order."""
_SIZES = ((1_200, 5), (10_000, 60))
"""Rows of 20 features, and seconds on two cores."""


def review_quality(repeats: int = REPEATS) -> Iterator[Measurement]:
    """Find flipped labels beside cleanlab's, and review them; means over 20 seeds.

    The constants were chosen on the even repeats of the first five sets; the others are reported.
    """
    sets = all_sets()
    for name, ds in sets.items():
        times = min(repeats, OF_OTHERS) if name in OTHERS else repeats
        yield from _found(name, found_by_all(ds, repeats=times))
    for name, ds in sets.items():
        if name not in OTHERS:
            yield from _recovered(name, [recovered(ds, seed=seed) for seed in range(repeats)])
    yield from _seconds()


def _found(name: str, found: Finders) -> Iterator[Measurement]:
    """Compare what everybody found in one set."""
    odd = {who: ones[1::2] or ones for who, ones in found.items()}
    f1 = {who: 100 * mean(ones, "f1") for who, ones in odd.items()}
    yield Measurement(
        f"{name}, {FLIPPED:.0%} flipped: F1, cleanlab's as goal",
        f1[BEST],
        math.floor(100 * max(f1[who] for who in CLEANLAB)) / 100,
        "%",
        _of_others(f1),
        at_least=True,
    )
    for figure, (what, factor, goal, unit, at_least) in _GOALS.items():
        shown = {
            who: factor * mean(ones, figure)
            for who, ones in odd.items()
            if figure != "flagged" or who in METHODS
        }
        yield Measurement(
            f"{name}: {what}", shown[BEST], goal, unit, _of_others(shown), at_least=at_least
        )


def _of_others(shown: Mapping[str, float]) -> str:
    """Return the figures of all but the best method, for the remark."""
    return ", ".join(f"{who} {value:.3g}" for who, value in shown.items() if who != BEST)


def _recovered(name: str, ones: Sequence[Recovered]) -> Iterator[Measurement]:
    """Measure how much of the accuracy gap each way of reviewing recovers."""
    lost = [one.clean - one.noisy for one in ones]
    for way, (how, goal) in _WAYS.items():
        gained = [one.ways[way].accuracy - one.noisy for one in ones]
        limit = ""
        if known := _LIMITS.get(way):
            at_best = [one.ways[known].accuracy - one.noisy for one in ones]
            limit = f"; who knew the wrong ones {100 * share_regained(lost, at_best):.0f} %"
        low, high = share_interval(lost, gained)
        yield Measurement(
            f"{name}, {FLIPPED_OF_CLASS:.0%} of a class: recovered by {how}",
            100 * share_regained(lost, gained),
            goal,
            "%",
            f"95 % interval {100 * low:.0f}…{100 * high:.0f}; clean "
            f"{100 * fmean(one.clean for one in ones):.1f} %, noisy "
            f"{100 * fmean(one.noisy for one in ones):.1f} %; looked at "
            f"{fmean(one.ways[way].looks for one in ones):.0f} rows, "
            f"{100 * fmean(one.ways[way].share for one in ones):.0f} %{limit}",
            at_least=True,
        )


def _seconds() -> Iterator[Measurement]:
    """Measure the processor time of a search, of both cores together."""
    for rows, goal in _SIZES:
        ds = long_dataset(rows)
        for method in METHODS:
            yield Measurement(
                f"{method}: processor time of {rows:,} rows of 20",
                processor_seconds(ds, method),
                goal if method == BEST else None,
                "s",
                "of both cores together; the first of its shape compiles",
            )
