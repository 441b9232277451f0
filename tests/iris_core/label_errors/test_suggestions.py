"""A suggestion says what is likely wrong, and its reason repeats the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from iris_core.data.fingerprints import as_letters
from iris_core.label_errors.suggestions import Kind, suggestions
from tests.iris_core.label_errors.samples import suspicion_of

FINGERPRINTS = np.arange(1, 9, dtype=np.uint64)


def test_wrong_label_is_suggested_with_its_evidence() -> None:
    suspicion = suspicion_of(
        [[0.03, 0.97], [0.9, 0.1]],
        [0, 0],
        contradicted=[True, False],
        neighbours=[[1] * 9 + [0], [0] * 10],
    )
    (found,) = suggestions(suspicion, FINGERPRINTS, [0], labels=["a", "a"])
    assert found.reason == (
        "12 of 12 models that never saw this row say b (0.97), 0.03 a; "
        "9 of its 10 nearest rows are b."
    )
    assert (found.label, found.suggested, found.wrong, found.kind) == ("a", "b", True, "label")
    assert (found.votes, found.voters, found.neighbours) == (12, 12, 9)
    assert found.probability == pytest.approx(0.97)
    assert found.fingerprint == as_letters(FINGERPRINTS)[0]
    assert found.row == 0


@pytest.mark.parametrize(
    ("probabilities", "prediction", "kind"),
    [
        ([0.9, 0.1], "a", "fine"),
        ([0.9, 0.1], None, "fine"),
        ([0.9, 0.1], "b", "model"),
        ([0.51, 0.49], "b", "ambiguous"),  # below 0.6 * 0.9, the class's own confidence
        ([0.55, 0.45], "b", "model"),
        ([0.3, 0.7], "a", "ambiguous"),
        ([0.3, 0.7], "b", "ambiguous"),
    ],
)
def test_kind_says_whether_label_or_model_is_wrong(
    probabilities: list[float], prediction: str | None, kind: Kind
) -> None:
    (found,) = suggestions(
        suspicion_of([probabilities], [0]),
        FINGERPRINTS[:1],
        [0],
        labels=["a"],
        predictions=None if prediction is None else [prediction],
    )
    assert found.kind == kind
    assert not found.wrong
    assert found.suggested == ("b" if probabilities[1] > 0.5 else "a")
    assert found.neighbours is None
    assert "nearest" not in found.reason


def test_reviewed_row_is_fine_or_the_models_error() -> None:
    suspicion = suspicion_of([[0.1, 0.9]], [0], contradicted=[True], reviewed=[True])
    (alone,) = suggestions(suspicion, FINGERPRINTS[:1], [0], labels=["a"])
    (tested,) = suggestions(suspicion, FINGERPRINTS[:1], [0], labels=["a"], predictions=["b"])
    assert (alone.kind, tested.kind) == ("fine", "model")


def test_rare_class_is_ambiguous_and_says_why() -> None:
    suspicion = suspicion_of([[0.1, 0.9], [0.1, 0.9]], [0, -1], different=2)
    rare, unheard = suggestions(suspicion, FINGERPRINTS[:2], [0, 1], labels=["a", "z"])
    assert (rare.kind, unheard.kind) == ("ambiguous", "ambiguous")
    assert rare.reason.endswith("Only 2 rows to learn from are a, too few to say that it is wrong.")
    assert unheard.reason.endswith(
        "Only 0 rows to learn from are z, too few to say that it is wrong."
    )


def test_suggestions_come_in_the_order_asked_for() -> None:
    suspicion = suspicion_of([[0.9, 0.1]] * 4, [0] * 4)
    found = suggestions(suspicion, FINGERPRINTS[:4], [2, 0, 3], labels=["a"] * 4)
    assert [one.row for one in found] == [2, 0, 3]
    assert [one.fingerprint for one in found] == as_letters(FINGERPRINTS[[2, 0, 3]])
