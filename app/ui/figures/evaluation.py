"""Pictures of a test run, and of two compared."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

from app.ui.figures.picture import Picture, drawn, short_axis, text, texts
from app.ui.figures.values import listed, number
from iris_core.evaluation.threshold_curve import ThresholdCurve
from iris_core.records.calibration import Calibration
from iris_core.records.interval import Interval

_SCALE_USED = 0.3
"""Share of the colour scale that cells take: further on, plotly's text is hard to read on it."""


def confusion(counts: Sequence[Sequence[int]], classes: Sequence[str], unseen: str) -> Picture:
    """Return the confusion matrix as a heat map: the colour is the share of the true class.

    Args:
        counts: a row for each true class in the order of `classes`, and a last one for labels that
            the model never saw, which is left out while it is empty; a column for each predicted
            class.
        classes: their names.
        unseen: title of the last row.
    """
    rows = [*classes, unseen] if any(counts[-1]) else list(classes)
    drawn_counts = [list(counts[index]) for index in range(len(rows))]
    table = pd.DataFrame(drawn_counts, columns=list(classes))
    table.insert(0, "true \\ predicted", rows)
    figure = drawn(
        _cells(drawn_counts, x_names=texts(classes), y_names=texts(rows)),
        x="predicted class",
        y="true label",
        height=max(260, 120 + 50 * len(rows)),
        xaxis={**short_axis(classes), "showgrid": False},
        yaxis={**short_axis(rows), "showgrid": False},
        showlegend=False,
        hovermode="closest",
        hoverdistance=60,
    )
    mistakes = {
        f"true {actual} → predicted {predicted}": drawn_counts[row][column]
        for row, actual in enumerate(rows)
        for column, predicted in enumerate(classes)
        if row != column and drawn_counts[row][column]
    }
    correct = sum(drawn_counts[index][index] for index in range(len(classes)))
    in_words = f"misclassified: {listed(mistakes)}" if mistakes else "none misclassified"
    return Picture(figure, f"Confusion matrix: {correct:,} correct; {in_words}.", table)


def _cells(
    counts: Sequence[Sequence[int]], *, x_names: Sequence[str], y_names: Sequence[str]
) -> list[BaseTraceType]:
    """Return a heat map of counts, and a frame around each cell that can be clicked."""
    # Plotly draws the first row at the bottom.
    upwards, y_names = counts[::-1], y_names[::-1]
    shares = [[count / (sum(row) or 1) for count in row] for row in upwards]
    cells = go.Heatmap(
        # The root makes a few mistakes among many correct ones visible.
        z=[[math.sqrt(share) for share in row] for row in shares],
        zmin=0,
        zmax=1 / _SCALE_USED,
        x=x_names,
        y=y_names,
        text=[[f"{count:,}" for count in row] for row in upwards],
        texttemplate="%{text}",
        hoverinfo="skip",
        showscale=False,
        xgap=2,
        ygap=2,
    )
    # A heatmap takes no clicks on the screen; these frames do, unseen until they are chosen.
    positions = [(x, y) for y in range(len(y_names)) for x in range(len(x_names))]
    frames = go.Scatter(
        x=[x_names[x] for x, _ in positions],
        y=[y_names[y] for _, y in positions],
        customdata=[[upwards[y][x], shares[y][x]] for x, y in positions],
        mode="markers",
        marker={"symbol": "square-open", "size": 40, "opacity": 0, "line": {"width": 3}},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="true %{y} → predicted %{x}:<br>%{customdata[0]:,}, "
        "%{customdata[1]:.1%} of the true class<extra></extra>",
    )
    return [cells, frames]


def calibration_curve(calibration: Calibration) -> Picture:
    """Return the accuracy of each bin of probabilities, with its interval, by mean probability."""
    bins = [entry for entry in calibration.bins if entry.rows]
    confidences = [entry.confidence or 0.0 for entry in bins]
    shares = [entry.accuracy or 0.0 for entry in bins]
    perfect = go.Scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"dash": "dot"},
        name="perfectly calibrated",
        hoverinfo="skip",
    )
    marks = go.Scatter(
        x=confidences,
        y=shares,
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
        "%{customdata[4]:.0%}:<br>mean probability %{x:.1%}, accuracy %{y:.1%} "
        "(%{customdata[1]:.1%} to %{customdata[2]:.1%})<extra></extra>",
    )
    figure = drawn(
        [perfect, marks],
        x="probability of the predicted class",
        y="accuracy",
        height=360,
        xaxis={"range": [-0.02, 1.02], "tickformat": ".0%"},
        yaxis={"range": [-0.02, 1.05], "tickformat": ".0%"},
    )
    in_words = {
        f"{entry.low:.0%} to {entry.high:.0%}": f"{entry.accuracy or 0:.1%} of {entry.rows:,} "
        "correct"
        for entry in bins
    }
    return Picture(
        figure,
        f"Calibration curve, expected calibration error {calibration.error:.3f}. By probability: "
        f"{listed(in_words)}.",
        pd.DataFrame(
            {
                "from": [entry.low for entry in bins],
                "to": [entry.high for entry in bins],
                "records": [entry.rows for entry in bins],
                "mean probability": confidences,
                "accuracy": shares,
                "low": [entry.interval.low for entry in bins],
                "high": [entry.interval.high for entry in bins],
            }
        ),
    )


def threshold_curves(curve: ThresholdCurve, index: int) -> Picture:
    """Return what each threshold would have people review, and what it would catch.

    Args:
        curve: to be drawn.
        index: of the threshold in it that is chosen.
    """
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
    threshold = marks[index]
    point = go.Scatter(
        x=[threshold, threshold],
        y=[reviews[index], caught[index]],
        mode="markers",
        marker={"size": 12},
        name=f"at {number(threshold)}",
        hoverinfo="skip",
    )
    figure = drawn(
        [*lines, point],
        x="threshold",
        y="share",
        height=340,
        xaxis={"range": [-0.02, 1.02]},
        yaxis={"range": [-0.03, 1.05], "tickformat": ".0%"},
    )
    return Picture(
        figure,
        f"Records to review and errors caught by threshold. At {number(threshold)}: "
        f"{curve.reviews[index]:,} of {curve.rows:,} records to review, {curve.caught[index]:,} "
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
    """Return the accuracy of some runs, each with its interval; the first on top.

    Args:
        runs: name, accuracy (0 to 1) and its 95 % interval.
    """
    # Plotly draws the first one at the bottom.
    upwards = list(runs)[::-1]
    marks = go.Scatter(
        x=[share for _, share, _ in upwards],
        y=texts([name for name, _, _ in upwards]),
        mode="markers",
        marker={"size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [interval.high - share for _, share, interval in upwards],
            "arrayminus": [share - interval.low for _, share, interval in upwards],
        },
        hovertemplate="%{y}: %{x:.2%}<extra></extra>",
    )
    figure = drawn(
        [marks],
        x="accuracy",
        y="",
        height=100 + 45 * len(upwards),
        xaxis={"tickformat": ".1%"},
        yaxis={"type": "category"},
    )
    in_words = {
        name: f"{share:.1%} (95 % interval {interval.low:.1%} to {interval.high:.1%})"
        for name, share, interval in runs
    }
    table = pd.DataFrame(
        [(name, share, interval.low, interval.high) for name, share, interval in runs],
        columns=["run", "accuracy", "low", "high"],
    )
    return Picture(figure, f"Accuracy: {listed(in_words)}.", table)


def class_shares(
    classes: Sequence[str], shares: Sequence[tuple[str, Sequence[float | None]]], figure_name: str
) -> Picture:
    """Return one figure of each class in some runs, side by side.

    Args:
        classes: their names.
        shares: name of a run, and the figure (0 to 1) of each class; None where the run does not
            have it.
        figure_name: such as "recall".
    """
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
    in_words = "; ".join(
        f"{name}: "
        + listed(
            {
                label: "none" if value is None else f"{value:.1%}"
                for label, value in zip(classes, values, strict=True)
            }
        )
        for name, values in shares
    )
    table = pd.DataFrame(
        {"class": list(classes), **{name: list(values) for name, values in shares}}
    )
    return Picture(figure, f"{figure_name.capitalize()} by class. {in_words}.", table)
