"""Pictures of a test run, and of two beside each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, listed, number, text, texts
from iris_core.evaluation.threshold_curve import ThresholdCurve
from iris_core.records.calibration import Calibration
from iris_core.records.interval import Interval

_SCALE_USED = 0.3
"""Share of the colour scale that cells take: further on, plotly's text is hard to read on it."""


def confusion(counts: Sequence[Sequence[int]], classes: Sequence[str], unseen: str) -> Picture:
    """Which class was taken for which; the colour is the share of the actual class.

    `counts`: a row for each actual class in the order of `classes`, and a last one for labels the
    model never saw, called `unseen`, which is left out while it is empty; a column for each
    predicted class.
    """
    rows = [*classes, unseen] if any(counts[-1]) else list(classes)
    shown = [list(counts[index]) for index in range(len(rows))]
    down = shown[::-1]
    shares = [[count / (sum(row) or 1) for count in row] for row in down]
    across, up = texts(classes), texts(rows)[::-1]
    cells = go.Heatmap(
        # The root makes a few mistakes among many right ones visible.
        z=[[math.sqrt(share) for share in row] for row in shares],
        zmin=0,
        zmax=1 / _SCALE_USED,
        x=across,
        y=up,
        text=[[f"{count:,}" for count in row] for row in down],
        texttemplate="%{text}",
        hoverinfo="skip",
        showscale=False,
        xgap=2,
        ygap=2,
    )
    # A heatmap takes no clicks on the screen; these frames do, unseen until they are chosen.
    places = [(x, y) for y in range(len(up)) for x in range(len(across))]
    frames = go.Scatter(
        x=[across[x] for x, _ in places],
        y=[up[y] for _, y in places],
        customdata=[[down[y][x], shares[y][x]] for x, y in places],
        mode="markers",
        marker={"symbol": "square-open", "size": 40, "opacity": 0, "line": {"width": 3}},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="actual %{y}, predicted %{x}:<br>%{customdata[0]:,}, "
        "%{customdata[1]:.1%} of the actual class<extra></extra>",
    )
    figure = drawn(
        [cells, frames],
        x="predicted",
        y="actual",
        height=max(260, 120 + 50 * len(rows)),
        xaxis={"type": "category", "showgrid": False},
        yaxis={"type": "category", "showgrid": False},
        showlegend=False,
        hovermode="closest",
        hoverdistance=60,
    )
    wrong = {
        f"{actual} taken for {predicted}": shown[row][column]
        for row, actual in enumerate(rows)
        for column, predicted in enumerate(classes)
        if row != column and shown[row][column]
    }
    right = sum(shown[index][index] for index in range(len(classes)))
    told = f"wrong: {listed(wrong)}" if wrong else "none wrong"
    table = pd.DataFrame(shown, columns=list(classes))
    table.insert(0, "actual \\ predicted", rows)
    return Picture(figure, f"Confusion matrix: {right:,} right; {told}.", table)


def calibration_curve(found: Calibration) -> Picture:
    """How often the model was right, by how sure it was, with the interval of each share."""
    bins = [entry for entry in found.bins if entry.rows]
    sure = [entry.confidence or 0.0 for entry in bins]
    right = [entry.accuracy or 0.0 for entry in bins]
    ideal = go.Scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"dash": "dot"},
        name="as often as it says",
        hoverinfo="skip",
    )
    marks = go.Scatter(
        x=sure,
        y=right,
        mode="lines+markers",
        marker={"size": 9},
        name="this run",
        customdata=[[e.rows, e.interval.low, e.interval.high, e.low, e.high] for e in bins],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, e.interval.high - (e.accuracy or 0.0)) for e in bins],
            "arrayminus": [max(0.0, (e.accuracy or 0.0) - e.interval.low) for e in bins],
            "thickness": 1,
        },
        hovertemplate="%{customdata[0]:,} records of probability %{customdata[3]:.0%} to "
        "%{customdata[4]:.0%}:<br>on average %{x:.1%} sure, %{y:.1%} right "
        "(%{customdata[1]:.1%} to %{customdata[2]:.1%})<extra></extra>",
    )
    figure = drawn(
        [ideal, marks],
        x="probability of the predicted class",
        y="share right",
        height=360,
        xaxis={"range": [-0.02, 1.02], "tickformat": ".0%"},
        yaxis={"range": [-0.02, 1.05], "tickformat": ".0%"},
    )
    told = {
        f"{entry.low:.0%} to {entry.high:.0%}": f"{entry.accuracy or 0:.1%} of {entry.rows:,} right"
        for entry in bins
    }
    return Picture(
        figure,
        f"Reliability diagram, expected calibration error {found.error:.3f}. By probability: "
        f"{listed(told)}.",
        pd.DataFrame(
            {
                "from": [entry.low for entry in bins],
                "to": [entry.high for entry in bins],
                "records": [entry.rows for entry in bins],
                "mean probability": sure,
                "share right": right,
                "low": [entry.interval.low for entry in bins],
                "high": [entry.interval.high for entry in bins],
            }
        ),
    )


def threshold_curves(curve: ThresholdCurve, chosen: int) -> Picture:
    """What each threshold would have people review and would catch; `chosen` is a place in it."""
    marks = curve.thresholds.tolist()
    reviews = (curve.reviews / max(1, curve.rows)).tolist()
    caught = curve.caught_share.tolist()
    lines = [
        go.Scatter(
            x=marks,
            y=shares,
            mode="lines",
            line={"shape": "hv"},
            name=name,
            customdata=counts.tolist(),
            hovertemplate="threshold %{x}: %{customdata:,}, %{y:.1%}",
        )
        for name, shares, counts in (
            ("records to review", reviews, curve.reviews),
            ("errors below the threshold", caught, curve.caught),
        )
    ]
    at = marks[chosen]
    here = go.Scatter(
        x=[at, at],
        y=[reviews[chosen], caught[chosen]],
        mode="markers",
        marker={"size": 12},
        name=f"at {number(at)}",
        hoverinfo="skip",
    )
    figure = drawn(
        [*lines, here],
        x="threshold",
        y="share",
        height=340,
        xaxis={"range": [-0.02, 1.02]},
        yaxis={"range": [-0.03, 1.05], "tickformat": ".0%"},
    )
    return Picture(
        figure,
        f"Records to review and errors caught by threshold. At {number(at)}: "
        f"{curve.reviews[chosen]:,} of {curve.rows:,} records to review, {curve.caught[chosen]:,} "
        f"of {curve.errors:,} errors below it; at 1: {curve.reviews[-1]:,} to review.",
        pd.DataFrame(
            {
                "threshold": marks,
                "records to review": curve.reviews,
                "records below": curve.below,
                "errors below": curve.caught,
                "share of errors below": caught,
            }
        ),
    )


def accuracies(runs: Sequence[tuple[str, float, Interval]]) -> Picture:
    """The accuracy of some runs, each with its interval; the first on top."""
    down = list(runs)[::-1]
    marks = go.Scatter(
        x=[share for _, share, _ in down],
        y=texts([name for name, _, _ in down]),
        mode="markers",
        marker={"size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [span.high - share for _, share, span in down],
            "arrayminus": [share - span.low for _, share, span in down],
        },
        hovertemplate="%{y}: %{x:.2%}<extra></extra>",
    )
    figure = drawn(
        [marks],
        x="accuracy",
        y="",
        height=100 + 45 * len(down),
        xaxis={"tickformat": ".1%"},
        yaxis={"type": "category"},
    )
    told = {
        name: f"{share:.1%} (95% interval {span.low:.1%} to {span.high:.1%})"
        for name, share, span in runs
    }
    table = pd.DataFrame(
        [(name, share, span.low, span.high) for name, share, span in runs],
        columns=["run", "accuracy", "low", "high"],
    )
    return Picture(figure, f"Accuracy: {listed(told)}.", table)


def class_shares(
    classes: Sequence[str], shares: Sequence[tuple[str, Sequence[float | None]]], figure_name: str
) -> Picture:
    """One figure (0…1) of each class in some runs, side by side; None where a run has it not."""
    bars = [
        go.Bar(x=texts(classes), y=list(values), name=text(name), hovertemplate="%{x}: %{y:.1%}")
        for name, values in shares
    ]
    figure = drawn(
        bars,
        x="class",
        y=figure_name,
        barmode="group",
        xaxis={"type": "category"},
        yaxis={"tickformat": ".0%", "range": [0, 1.05]},
    )
    told = "; ".join(
        f"{name}: "
        + listed(
            {
                label: "none" if value is None else f"{value:.1%}"
                for label, value in zip(classes, values, strict=True)
            }
        )
        for name, values in shares
    )
    table = pd.DataFrame({"class": list(classes), **{name: list(of) for name, of in shares}})
    return Picture(figure, f"{figure_name.capitalize()} by class. {told}.", table)
