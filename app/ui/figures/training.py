"""Pictures of a training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go

from app.ui.figures.picture import Picture, drawn, listed, text
from iris_core.model.models import Epoch
from iris_core.model.options import ModelSpec

POINTS = 400
"""Of a curve."""
MARKED_POINTS = 50
"""Up to so many, each point of a curve has a mark of its own."""

DRAWN_UNITS = 7
"""Dots of a layer in a sketch, however wide it is."""


def loss_curve(history: Sequence[Epoch]) -> Picture:
    """The loss of each epoch, on the rows that were fitted and on those held back."""
    return _curve(
        history, "loss", [epoch.loss for epoch in history], [epoch.val_loss for epoch in history]
    )


def accuracy_curve(history: Sequence[Epoch]) -> Picture:
    """The accuracy of each epoch, on the rows that were fitted and on those held back."""
    return _curve(
        history,
        "accuracy",
        [epoch.accuracy for epoch in history],
        [epoch.val_accuracy for epoch in history],
    )


def _curve(
    history: Sequence[Epoch], name: str, fitted: Sequence[float], held_back: Sequence[float | None]
) -> Picture:
    step, shown = _thinned(history)
    numbers = [history[index].number for index in shown]
    mode = "lines+markers" if len(shown) <= MARKED_POINTS else "lines"
    line = go.Scatter(x=numbers, y=[fitted[index] for index in shown], name="training", mode=mode)
    lines = [line]
    alt = f"Curve of the training {name} over {len(history)} epochs"
    if history:
        alt += f", from {fitted[0]:.3g} to {fitted[-1]:.3g}"
    if any(value is not None for value in held_back):
        values = [held_back[index] for index in shown]
        lines.append(go.Scatter(x=numbers, y=values, name="validation", mode=mode))
        alt += f"; validation {name} at the end {held_back[-1]:.3g}"
    every = f"epoch (each {step}th)" if step > 1 else "epoch"
    table = pd.DataFrame(
        {
            "epoch": [epoch.number for epoch in history],
            f"training {name}": list(fitted),
            f"validation {name}": list(held_back),
        }
    )
    return Picture(drawn(lines, x=every, y=name, yaxis=_ticks(name)), f"{alt}.", table)


def compared_curves(trainings: Sequence[tuple[str, Sequence[Epoch]]], figure_name: str) -> Picture:
    """One figure, `loss` or `accuracy`, over the epochs of several trainings.

    That of the rows held back where there were any, else of those that were fitted.
    """
    lines, told = [], {}
    curves: list[tuple[str, Callable[[Epoch], float | None], Sequence[Epoch]]] = []
    for name, history in trainings:
        held_back = bool(history) and history[-1].val_loss is not None
        of = _figure(figure_name, held_back=held_back)
        _, shown = _thinned(history)
        values = [of(history[index]) for index in shown]
        called = name if held_back else f"{name} (fitted rows)"
        lines.append(
            go.Scatter(
                x=[history[index].number for index in shown],
                y=values,
                name=text(called),
                mode="lines+markers" if len(shown) <= MARKED_POINTS else "lines",
                marker={"size": 4},
            )
        )
        curves.append((called, of, history))
        told[called] = f"{values[-1]:.3g}" if values else "no epochs"
    # One alone is named too.
    figure = drawn(
        lines, x="epoch", y=figure_name, height=320, yaxis=_ticks(figure_name), showlegend=True
    )
    columns = {name: pd.Series({e.number: of(e) for e in history}) for name, of, history in curves}
    table = pd.DataFrame(columns).rename_axis("epoch").reset_index()
    return Picture(figure, f"Validation {figure_name} at the end: {listed(told)}.", table)


def network_sketch(inputs: int, spec: ModelSpec, classes: int) -> Picture:
    """The layers of a network as columns of dots, with their numbers of parameters."""
    widths = [inputs, *spec.units, classes]
    weights = [(before + 1) * after for before, after in pairwise(widths)]
    hidden = f"{spec.activation}" + (f", {spec.dropout:g} dropout" if spec.dropout else "")
    roles = ["inputs", *(hidden for _ in spec.units), "classes"]
    places = [_dots(width) for width in widths]
    links_x: list[float | None] = []
    links_y: list[float | None] = []
    for layer, (before, after) in enumerate(pairwise(places)):
        for start in before:
            for end in after:
                links_x += [layer, layer + 1, None]
                links_y += [start, end, None]
    links = go.Scatter(
        x=links_x, y=links_y, mode="lines", line={"width": 0.5}, opacity=0.35, hoverinfo="skip"
    )
    dots = go.Scatter(
        x=[layer for layer, column in enumerate(places) for _ in column],
        y=[place for column in places for place in column],
        text=[
            f"{width:,} {role}"
            for width, role, column in zip(widths, roles, places, strict=True)
            for _ in column
        ],
        mode="markers",
        marker={"size": 10},
        hovertemplate="%{text}<extra></extra>",
    )
    top = DRAWN_UNITS / 2 + 0.4
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
    told = ", ".join(f"{width:,} {role}" for width, role in zip(widths, roles, strict=True))
    return Picture(
        figure,
        f"The network: {told}; {sum(weights):,} parameters "
        f"({' + '.join(f'{count:,}' for count in weights)}).",
    )


def _dots(width: int) -> list[float]:
    """The heights of a layer's dots, around 0."""
    count = min(width, DRAWN_UNITS)
    return [place - (count - 1) / 2 for place in range(count)]


def _ticks(name: str) -> dict[str, str]:
    """How the ticks of a figure's axis are written."""
    return {"tickformat": ".0%"} if name == "accuracy" else {}


def _figure(name: str, *, held_back: bool) -> Callable[[Epoch], float | None]:
    """How to read a figure from an epoch."""
    if name == "loss":
        return lambda epoch: epoch.val_loss if held_back else epoch.loss
    return lambda epoch: epoch.val_accuracy if held_back else epoch.accuracy


def _thinned(history: Sequence[Epoch]) -> tuple[int, list[int]]:
    """Every so many-th epoch, the last one included: how many, and their places.

    A training of thousands of epochs is drawn twice a second: its curve need not have them all.
    """
    step = -(-len(history) // POINTS) or 1
    return step, [place for place in range(len(history)) if (len(history) - 1 - place) % step == 0]
