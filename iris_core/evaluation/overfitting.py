"""Overfitting of a training: the validation loss has risen while the training loss fell."""

from __future__ import annotations

from collections.abc import Sequence

from iris_core.model.models import Epoch

RISE = 0.05
"""Part of its minimum by which the validation loss has to have risen."""
LEAST_RISE = 0.01
"""Nats by which it has to have risen: of a loss near 0 any part is little."""
LAST_EPOCHS = 3
"""So many epochs in a row have to be above: one alone may be noise."""


def overfitting_since(history: Sequence[Epoch]) -> int | None:
    """Return the number of the epoch since which a training overfits; None if it does not.

    It is the epoch of the lowest validation loss, if in each of the last three epochs that loss is
    more than 5 % of its minimum, and more than 0.01 nats, above it, and the training loss is lower
    now than then. The first part is the generalisation loss of Prechelt, "Early stopping - but
    when?", 1998, at 5 %.

    Args:
        history: epochs of one training, in their order.
    """
    losses = [epoch.val_loss for epoch in history]
    measured = [loss for loss in losses if loss is not None]
    if len(measured) < len(losses) or len(losses) <= LAST_EPOCHS:
        return None
    lowest = min(measured)
    best = measured.index(lowest)
    limit = lowest + max(RISE * lowest, LEAST_RISE)
    if min(measured[-LAST_EPOCHS:]) <= limit or history[-1].loss >= history[best].loss:
        return None
    return history[best].number
