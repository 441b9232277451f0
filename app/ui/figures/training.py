"""Figures of a training: its curves, and a sketch of the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, text
from app.ui.figures.values import listed
from iris_core.evaluation.overfitting import overfitting_since
from iris_core.model.models import Epoch
from iris_core.model.options import ModelSpec

POINTS = 400
"""Of a curve at most."""
MARKED_POINTS = 50
"""Up to this number each point of a curve has a mark of its own."""
SKETCHED_UNITS = 7
"""Dots of a layer in a sketch at most, however wide it is."""


def loss_curve(history: Sequence[Epoch]) -> Picture:
    """Draw the loss of each epoch, on the training and on the validation rows.

    Where the training overfits, a line says since which epoch.
    """
    picture = _curve(
        history, "loss", [epoch.loss for epoch in history], [epoch.val_loss for epoch in history]
    )
    since = overfitting_since(history)
    if since is None:
        return picture
    words = f"overfitting since epoch {since}"
    picture.figure.add_vline(
        x=since, line={"dash": "dot", "width": 1}, annotation={"text": words, "yanchor": "top"}
    )
    return replace(picture, alt=f"{picture.alt} {words.capitalize()}.")


def accuracy_curve(history: Sequence[Epoch]) -> Picture:
    """Draw the accuracy of each epoch, on the training and on the validation rows."""
    return _curve(
        history,
        "accuracy",
        [epoch.accuracy for epoch in history],
        [epoch.val_accuracy for epoch in history],
    )


def _curve(
    history: Sequence[Epoch],
    name: str,
    training: Sequence[float],
    validation: Sequence[float | None],
) -> Picture:
    """Draw one metric over the epochs, on the training and on the validation rows."""
    step, indices = _thin_out(history)
    numbers = [history[index].number for index in indices]
    mode = "lines+markers" if len(indices) <= MARKED_POINTS else "lines"
    values = [training[index] for index in indices]
    line = go.Scatter(x=numbers, y=values, name="training", mode=mode)
    lines = [line]
    alt = f"Curve of the training {name} over {len(history)} epochs"
    if history:
        alt += f", from {training[0]:.3g} to {training[-1]:.3g}"
    if any(value is not None for value in validation):
        validation_values = [validation[index] for index in indices]
        lines.append(go.Scatter(x=numbers, y=validation_values, name="validation", mode=mode))
        alt += f"; validation {name} at the end {validation[-1]:.3g}"
    every = f"epoch (each {step}th)" if step > 1 else "epoch"
    table = pd.DataFrame(
        {
            "epoch": [epoch.number for epoch in history],
            f"training {name}": list(training),
            f"validation {name}": list(validation),
        }
    )
    return Picture(drawn(lines, x=every, y=name, yaxis=_ticks(name)), f"{alt}.", table)


def compared_curves(trainings: Sequence[tuple[str, Sequence[Epoch]]], metric: str) -> Picture:
    """Draw one metric over the epochs of several trainings.

    Args:
        trainings: names with their epochs. On the validation rows where there were any, else on
            the training rows, which the legend says.
        metric: `loss` or `accuracy`.
    """
    lines, last_values = [], {}
    curves: list[tuple[str, Callable[[Epoch], float | None], Sequence[Epoch]]] = []
    for name, history in trainings:
        has_validation = bool(history) and history[-1].val_loss is not None
        of = _reader(metric, validation=has_validation)
        _, indices = _thin_out(history)
        values = [of(history[index]) for index in indices]
        label = name if has_validation else f"{name} (training rows)"
        lines.append(
            go.Scatter(
                x=[history[index].number for index in indices],
                y=values,
                name=text(label),
                mode="lines+markers" if len(indices) <= MARKED_POINTS else "lines",
                marker={"size": 4},
            )
        )
        curves.append((label, of, history))
        last_values[label] = f"{values[-1]:.3g}" if values else "no epochs"
    # A single line is named too.
    figure = drawn(lines, x="epoch", y=metric, height=320, yaxis=_ticks(metric), showlegend=True)
    columns = {name: pd.Series({e.number: of(e) for e in history}) for name, of, history in curves}
    table = pd.DataFrame(columns).rename_axis("epoch").reset_index()
    return Picture(figure, f"Validation {metric} at the end: {listed(last_values)}.", table)


def network_sketch(inputs: int, spec: ModelSpec, classes: int) -> Picture:
    """Draw the layers of a network as columns of dots, with their numbers of parameters.

    Of an ensemble one member is drawn: all are alike.

    Args:
        inputs: width of the first layer.
        spec: the hidden layers.
        classes: width of the last layer.
    """
    widths = [inputs, *spec.units, classes]
    weights = [(before + 1) * after for before, after in pairwise(widths)]
    hidden = f"{spec.activation}" + (f", {spec.dropout:g} dropout" if spec.dropout else "")
    roles = ["inputs", *(hidden for _ in spec.units), "classes"]
    layers = [_dots(width) for width in widths]
    links_x: list[float | None] = []
    links_y: list[float | None] = []
    for layer, (before, after) in enumerate(pairwise(layers)):
        for start in before:
            for end in after:
                links_x += [layer, layer + 1, None]
                links_y += [start, end, None]
    links = go.Scatter(
        x=links_x, y=links_y, mode="lines", line={"width": 0.5}, opacity=0.35, hoverinfo="skip"
    )
    dots = go.Scatter(
        x=[layer for layer, column in enumerate(layers) for _ in column],
        y=[height for column in layers for height in column],
        text=[
            f"{width:,} {role}"
            for width, role, column in zip(widths, roles, layers, strict=True)
            for _ in column
        ],
        mode="markers",
        marker={"size": 10},
        hovertemplate="%{text}<extra></extra>",
    )
    top = SKETCHED_UNITS / 2 + 0.4
    captions = go.Scatter(
        x=list(range(len(widths))),
        y=[top] * len(widths),
        text=[f"<b>{width:,}</b>" for width in widths],
        mode="text",
        hoverinfo="skip",
    )
    below = go.Scatter(
        x=[layer + 0.5 for layer in range(len(weights))],
        y=[-top] * len(weights),
        text=[f"{count:,}" for count in weights],
        mode="text",
        hoverinfo="skip",
    )
    figure = drawn(
        [links, dots, captions, below],
        x="",
        y="",
        height=240,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis={
            "tickvals": list(range(len(widths))),
            "ticktext": ["inputs", *(text(spec.activation) for _ in spec.units), "classes"],
            "showgrid": False,
            "zeroline": False,
            "range": [-0.4, len(widths) - 0.6],
            "fixedrange": True,
        },
        yaxis={"visible": False, "range": [-top - 0.7, top + 0.7], "fixedrange": True},
        showlegend=False,
    )
    in_words = ", ".join(f"{width:,} {role}" for width, role in zip(widths, roles, strict=True))
    what = f"Each of {spec.members} networks" if spec.is_ensemble else "The network"
    if spec.has_linear_path:
        weights.append(inputs * classes)
        in_words += ", and a linear path from the inputs to the classes"
    return Picture(
        figure,
        f"{what}: {in_words}; {sum(weights):,} parameters "
        f"({' + '.join(f'{count:,}' for count in weights)}).",
    )


def _dots(width: int) -> list[float]:
    """Return the heights of a layer's dots, around 0."""
    count = min(width, SKETCHED_UNITS)
    return [index - (count - 1) / 2 for index in range(count)]


def _ticks(name: str) -> dict[str, str]:
    """Return how the ticks of a metric's axis are written."""
    return {"tickformat": ".0%"} if name == "accuracy" else {}


def _reader(metric: str, *, validation: bool) -> Callable[[Epoch], float | None]:
    """Return what reads a metric from an epoch."""
    if metric == "loss":
        return lambda epoch: epoch.val_loss if validation else epoch.loss
    return lambda epoch: epoch.val_accuracy if validation else epoch.accuracy


def _thin_out(history: Sequence[Epoch]) -> tuple[int, list[int]]:
    """Return a step, and the indices of every epoch at that step, the last one included.

    A training of thousands of epochs is drawn twice a second: its curve need not have them all.
    """
    step = -(-len(history) // POINTS) or 1
    last = len(history) - 1
    return step, [index for index in range(len(history)) if (last - index) % step == 0]
