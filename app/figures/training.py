"""Pictures of a training."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from app.figures.picture import Picture, drawn
from iris_core.models import Epoch

POINTS = 400
"""Of a curve."""
MARKED_POINTS = 50
"""Up to so many, each point of a curve has a mark of its own."""


def loss_curve(history: Sequence[Epoch]) -> Picture:
    """The loss of each epoch, on the rows that were fitted and on those held back."""
    return _curve(history, "loss", [epoch.loss for epoch in history],
                  [epoch.val_loss for epoch in history])  # fmt: skip


def accuracy_curve(history: Sequence[Epoch]) -> Picture:
    """The accuracy of each epoch, on the rows that were fitted and on those held back."""
    picture = _curve(history, "accuracy", [epoch.accuracy for epoch in history],
                     [epoch.val_accuracy for epoch in history])  # fmt: skip
    picture.figure.update_yaxes(tickformat=".0%")
    return picture


def _curve(
    history: Sequence[Epoch], name: str, fitted: Sequence[float], held_back: Sequence[float | None]
) -> Picture:
    # A training of thousands of epochs is drawn twice a second: its curve need not have them all.
    step = -(-len(history) // POINTS) or 1
    shown = [index for index in range(len(history)) if (len(history) - 1 - index) % step == 0]
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
    return Picture(drawn(lines, x=every, y=name), f"{alt}.")
