"""The comparison on public tables, with its goals."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measurement import Measurement
from bench.tables.runs import OURS, PEERS, Means, all_scores
from bench.tables.scores import Comparison, Scores
from iris_core.model.recipes import DEFAULT

SEEDS = 5
BEHIND = 1.0
"""Points that the default network may be behind logistic regression on any table."""
_FIGURES = {
    "accuracy": ("mean accuracy", 100, "%", True),
    "balanced": ("mean balanced accuracy", 100, "%", True),
    "loss": ("mean log loss", 1, "nats", False),
    "error": ("mean calibration error", 100, "%", False),
}
"""By field: its name, the factor and the unit that it is shown in, whether more is better."""


def tables(seeds: int = SEEDS) -> Iterator[Measurement]:
    """Compare our networks with scikit-learn's classifiers on public tables, with five splits each.

    The constants of the default network were chosen on every other table by name; the rest only
    checked them, and are shown by themselves.
    """
    means = all_scores(seeds)
    names = sorted(means[DEFAULT])
    for part, chosen in (("all", names), ("chosen on", names[::2]), ("checked on", names[1::2])):
        yield from _compared(_only(means, chosen), part)


def _only(means: Means, names: list[str]) -> Means:
    """Return the scores on some of the tables."""
    return {who: {name: of[name] for name in names} for who, of in means.items()}


def _compared(means: Means, part: str) -> Iterator[Measurement]:
    """Compare the default network with the others on some of the tables."""
    everybody = {who: Scores.mean(list(means[who].values())) for who in (*OURS, *PEERS)}
    where = f"{len(means[DEFAULT])} tables ({part})"
    for field, (what, factor, unit, at_least) in _FIGURES.items():
        shown = {who: factor * getattr(scores, field) for who, scores in everybody.items()}
        yield Measurement(
            f"{where}: {what}, boosting's as goal",
            shown[DEFAULT],
            round(shown["boosting"], 3),
            unit,
            ", ".join(f"{who} {value:.3g}" for who, value in shown.items() if who != DEFAULT),
            at_least=at_least,
        )
    boosting = Comparison.of(means[DEFAULT], means["boosting"])
    yield Measurement(
        f"{where}: tables won of boosting, of those lost",
        boosting.wins / max(1, boosting.losses),
        2,
        "times",
        f"{boosting.wins} won, {boosting.losses} lost, {boosting.ties} alike; furthest behind "
        f"{100 * boosting.behind:.1f} points on {boosting.worst}",
        at_least=True,
    )
    logistic = Comparison.of(means[DEFAULT], means["logistic"])
    yield Measurement(
        f"{where}: points behind logistic regression at most",
        100 * logistic.behind,
        BEHIND,
        "points",
        f"on {logistic.worst}; {logistic.wins} won, {logistic.losses} lost, {logistic.ties} alike",
    )
