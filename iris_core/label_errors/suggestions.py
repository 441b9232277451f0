"""What a reviewer sees of a row: whether its label is likely wrong, or the model, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iris_core.data.fingerprints import Fingerprints, as_letters
from iris_core.label_errors.rule import LEAST_OF_CLASS
from iris_core.label_errors.suspecting import Suspicion

Kind = Literal["label", "model", "ambiguous", "fine"]
CLEAR = 0.6
"""A label is clearly right if its probability is so many times its class's mean self-confidence."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is suggested for one row, with the evidence.

    Attributes:
        fingerprint: of the row, as letters.
        row: its position, from 0.
        label: the one that it has.
        suggested: the class that it should have; its label, unless that is in doubt.
        wrong: whether the label is likely wrong.
        probability: of the class suggested, by models that never saw the row, 0 to 1.
        kind: `label`: it is likely wrong; `model`: the label is right, and the tested model's
            prediction is not; `ambiguous`: neither is clear; `fine`: nothing speaks against it.
        votes: how many of the models find the suggested class most probable.
        voters: how many models that never saw the row there are.
        neighbours: how many of the nearest rows have the suggested class; None if unknown.
        reason: for people, in a sentence or two with these numbers.
    """

    fingerprint: str
    row: int
    label: str
    suggested: str
    wrong: bool
    probability: float
    kind: Kind
    votes: int
    voters: int
    neighbours: int | None
    reason: str


def suggestions(
    suspicion: Suspicion,
    fingerprints: Fingerprints,
    rows: Sequence[int],
    *,
    labels: Sequence[str],
    predictions: Sequence[str] | None = None,
) -> list[Suggestion]:
    """Return a suggestion for each of some rows, in their order.

    Args:
        suspicion: of all rows.
        fingerprints: (rows,) of all rows.
        rows: positions of those that are asked about.
        labels: the labels of all rows.
        predictions: the classes that the tested model predicts for all rows; None if none does.
    """
    kinds = _kinds(suspicion, predictions)
    letters = as_letters(fingerprints[np.asarray(rows, np.intp)])
    return [
        _suggestion(suspicion, row, kinds[row], letters[place], labels[row])
        for place, row in enumerate(rows)
    ]


def _kinds(suspicion: Suspicion, predictions: Sequence[str] | None) -> list[Kind]:
    """Return the kind of every row."""
    guess = suspicion.guess
    known = suspicion.given >= 0
    least = np.where(known, CLEAR * suspicion.confidence[suspicion.given], np.inf)
    is_clear = (guess == suspicion.given) & (suspicion.self_confidence >= least)
    is_clear |= suspicion.reviewed
    differs = np.zeros(len(guess), np.bool_)
    if predictions is not None:
        names = np.array([*suspicion.classes, ""], dtype=object)
        differs = names[suspicion.labels] != np.asarray(predictions, dtype=object)
    chosen: list[Kind] = np.select(
        [suspicion.wrong, is_clear & differs, is_clear],
        ["label", "model", "fine"],
        "ambiguous",
    ).tolist()
    return chosen


def _suggestion(
    suspicion: Suspicion, row: int, kind: Kind, fingerprint: str, label: str
) -> Suggestion:
    """Return the suggestion of a row, whose most probable class is the one suggested."""
    guess = int(suspicion.guess[row])
    near = None
    if suspicion.neighbours is not None:
        near = int((suspicion.neighbours[row] == guess).sum())
    suggested, probability = suspicion.classes[guess], float(suspicion.probabilities[row, guess])
    return Suggestion(
        fingerprint,
        row,
        label,
        suggested,
        kind == "label",
        probability,
        kind,
        int(suspicion.votes[row]),
        int(suspicion.voters[row]),
        near,
        _reason(suspicion, row, kind, label),
    )


def _reason(suspicion: Suspicion, row: int, kind: Kind, label: str) -> str:
    """Return the evidence in words, such as `25 of 25 models that never saw this row say …`."""
    guess, given = int(suspicion.guess[row]), int(suspicion.given[row])
    name = suspicion.classes[guess]
    likely = float(suspicion.probabilities[row, guess])
    models = f"{suspicion.votes[row]} of {suspicion.voters[row]} models that never saw this row"
    parts = [f"{models} say {name} ({likely:.2f})"]
    if guess != given:
        parts[0] += f", {float(suspicion.self_confidence[row]):.2f} {label}"
    if suspicion.neighbours is not None:
        near: NDArray[np.int16] = suspicion.neighbours[row]
        parts.append(
            f"{int((near == guess).sum())} of its {int((near >= 0).sum())} nearest rows are {name}"
        )
    reason = "; ".join(parts) + "."
    rows = int(suspicion.different[given]) if given >= 0 else 0
    if kind == "ambiguous" and rows < LEAST_OF_CLASS:
        reason += f" Only {rows} rows to learn from are {label}, too few to say that it is wrong."
    return reason
