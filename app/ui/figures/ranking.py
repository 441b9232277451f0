"""Pictures of how well a run ranks one class before the rest."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn
from iris_core.evaluation.ranking_curves import RankingCurve

_SHARE = {"range": [-0.02, 1.03], "tickformat": ".0%"}


def roc_curve(curve: RankingCurve) -> Picture:
    """Return the share of the class that is found, by the share of the rest that is not spared."""
    found = curve.hits / curve.positives
    alarms = curve.false_alarms / curve.negatives
    area = curve.roc_area
    guess = go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot"}, name="guessing", hoverinfo="skip"
    )
    line = go.Scatter(
        x=alarms.tolist(),
        y=found.tolist(),
        mode="lines",
        name="this run",
        customdata=curve.cut_offs.tolist(),
        hovertemplate="from %{customdata:.3g} on: %{y:.1%} found, %{x:.1%} false alarms"
        "<extra></extra>",
    )
    figure = drawn(
        [guess, line],
        x="false alarms, share of the rest",
        y="found, share of the class",
        height=340,
        xaxis=_SHARE,
        yaxis=_SHARE,
    )
    return Picture(
        figure,
        f"ROC curve of {curve.name}: area {area.value:.3f}, 95 percent interval {area.low:.3f} to "
        f"{area.high:.3f}; guessing has 0.5.",
        _table(curve),
    )


def precision_recall_curve(curve: RankingCurve) -> Picture:
    """Return the precision by the recall, each cut-off a point."""
    hits, alarms = curve.hits[1:], curve.false_alarms[1:]
    precision = hits / (hits + alarms)
    mean = curve.average_precision
    guess = go.Scatter(
        x=[0, 1],
        y=[curve.share, curve.share],
        mode="lines",
        line={"dash": "dot"},
        name="guessing",
        hoverinfo="skip",
    )
    line = go.Scatter(
        x=(hits / curve.positives).tolist(),
        y=precision.tolist(),
        mode="lines",
        # The precision of a cut-off holds from the recall before it on.
        line={"shape": "vh"},
        name="this run",
        customdata=curve.cut_offs[1:].tolist(),
        hovertemplate="from %{customdata:.3g} on: precision %{y:.1%}, recall %{x:.1%}"
        "<extra></extra>",
    )
    figure = drawn([guess, line], x="recall", y="precision", height=340, xaxis=_SHARE, yaxis=_SHARE)
    return Picture(
        figure,
        f"Precision-recall curve of {curve.name}: average precision {mean.value:.3f}, 95 percent "
        f"interval {mean.low:.3f} to {mean.high:.3f}; guessing has {curve.share:.3f}.",
        _table(curve),
    )


def _table(curve: RankingCurve) -> pd.DataFrame:
    """Return the numbers of both figures."""
    return pd.DataFrame(
        {
            "cut-off": curve.cut_offs,
            "hits": curve.hits,
            "false alarms": curve.false_alarms,
            "misses": curve.positives - curve.hits,
        }
    )
