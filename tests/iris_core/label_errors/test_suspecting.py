"""Flipped labels are found, verdicts are believed, and what cannot be checked says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters
from iris_core.errors import Cancelled, DataError, OptionError, SchemaError
from iris_core.label_errors.suspecting import METHODS, Method, Suspicion, suspect
from iris_core.model.schema import Schema
from iris_core.records.verdict import Decision, RowVerdict
from tests.iris_core.label_errors.samples import noisy_flowers, relabelled
from tests.iris_core.samples import data_set, flowers


def verdicts_on(
    ds: DataSet, rows: list[int], decision: Decision, labels: list[str]
) -> dict[str, RowVerdict]:
    letters, given = as_letters(ds.fingerprints), ds.frame[ds.label]
    return {
        letters[row]: RowVerdict(letters[row], given[row], decision, label, "2026-11-01")
        for row, label in zip(rows, labels, strict=True)
    }


def true_labels(ds: DataSet, rows: list[int]) -> list[str]:
    return [ds.frame[ds.label][row] for row in rows]


@pytest.mark.parametrize("method", METHODS)
def test_flipped_labels_are_found_with_their_true_class(method: Method) -> None:
    noisy, clean, flipped = noisy_flowers()
    found = suspect(noisy, method=method)
    assert np.flatnonzero(found.wrong).tolist() == flipped
    assert found.guess[flipped].tolist() == clean.class_indices[flipped].tolist()
    assert found.score[flipped].min() > np.delete(found.score, flipped).max()
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(noisy.rows), abs=1e-4)
    assert (found.neighbours is None) is (method == "quick")


@pytest.mark.parametrize("method", METHODS)
def test_clean_labels_are_not_called_wrong(method: Method) -> None:
    assert not suspect(flowers(120), method=method).wrong.any()


def test_same_seed_gives_the_same_and_another_one_does_not() -> None:
    noisy, _, _ = noisy_flowers()
    first, again, other = (suspect(noisy, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.probabilities, again.probabilities)
    assert not np.array_equal(first.probabilities, other.probabilities)


def test_row_is_predicted_by_the_members_that_never_saw_it() -> None:
    noisy, _, _ = noisy_flowers()
    quick = suspect(noisy, method="quick")
    assert (quick.voters == 5).all()
    learn = np.arange(noisy.rows) % 4 > 0
    partly = suspect(noisy, method="quick", learn=learn)
    assert partly.voters[learn].tolist() == [5] * int(learn.sum())
    assert partly.voters[~learn].tolist() == [25] * int((~learn).sum())
    assert (partly.votes <= partly.voters).all()


def test_copy_of_a_row_that_is_learnt_does_not_betray_it() -> None:
    noisy, _, _ = noisy_flowers()
    twice = noisy.with_rows("twice", pd.concat([noisy.frame, noisy.frame]))
    learn = np.arange(twice.rows) < noisy.rows
    found = suspect(twice, method="quick", learn=learn)
    assert (found.voters == 5).all()
    half = noisy.rows
    assert found.probabilities[:half] == pytest.approx(found.probabilities[half:], abs=1e-5)


def test_rows_that_are_not_learnt_are_checked_too() -> None:
    noisy, _, flipped = noisy_flowers()
    learn = ~np.isin(np.arange(noisy.rows), flipped)
    found = suspect(noisy, learn=learn)
    assert np.flatnonzero(found.wrong).tolist() == flipped


def test_reviewed_rows_are_believed_and_never_suspected_again() -> None:
    noisy, clean, flipped = noisy_flowers()
    kept = verdicts_on(noisy, flipped[:2], "right", true_labels(noisy, flipped[:2]))
    changed = verdicts_on(noisy, flipped[2:4], "relabel", true_labels(clean, flipped[2:4]))
    dropped = verdicts_on(noisy, flipped[4:5], "drop", [""])
    found = suspect(noisy, verdicts=kept | changed | dropped)
    assert np.flatnonzero(found.wrong).tolist() == flipped[5:]
    assert np.flatnonzero(found.reviewed).tolist() == flipped[:5]
    # What would have been suggested is known all the same: by it suggestions are trusted
    assert np.flatnonzero(found.contradicted).tolist() == flipped
    assert found.labels[flipped[2:4]].tolist() == clean.class_indices[flipped[2:4]].tolist()
    assert found.given.tolist() == noisy.class_indices.tolist()
    # A dropped row is nobody's teacher: all members of each round predict it
    assert found.voters[flipped[4]] == 75


def test_verdict_on_another_label_does_not_hold() -> None:
    noisy, clean, flipped = noisy_flowers()
    other = verdicts_on(clean, flipped, "right", true_labels(clean, flipped))
    found = suspect(noisy, verdicts=other)
    assert not found.reviewed.any()
    assert np.flatnonzero(found.wrong).tolist() == flipped


def test_scales_and_classes_can_be_those_of_a_model() -> None:
    noisy, _, flipped = noisy_flowers()
    found = suspect(noisy, schema=Schema.fit(noisy, bins=8), method="quick")
    assert np.flatnonzero(found.wrong).tolist() == flipped
    assert found.matrix.shape[1] == Schema.fit(noisy, bins=8).layout.plain_width
    with pytest.raises(SchemaError, match="expected a column for each"):
        suspect(noisy, schema=Schema.fit(data_set(noisy.frame.assign(more=1))))


def test_label_that_nobody_learnt_is_not_called_wrong() -> None:
    clean = flowers(120)
    labels = clean.frame[clean.label].tolist()
    learn = np.ones(120, np.bool_)
    labels[0], learn[0] = "unheard of", False
    found = suspect(relabelled(clean, labels), learn=learn)
    assert found.given[0] == -1
    assert not found.wrong.any()


def test_class_of_two_rows_is_not_called_wrong() -> None:
    clean = flowers(120)
    labels = clean.frame[clean.label].tolist()
    labels[:2] = ["rare", "rare"]
    found = suspect(relabelled(clean, labels))
    assert not found.wrong[:2].any()
    assert found.different[found.classes.index("rare")] == 2


@pytest.mark.parametrize("method", METHODS)
def test_forty_rows_can_be_checked(method: Method) -> None:
    noisy, _, flipped = noisy_flowers(40, flipped=2)
    assert np.flatnonzero(suspect(noisy, method=method).wrong).tolist() == flipped


def test_256_classes_can_be_checked() -> None:
    rng = np.random.default_rng(0)
    codes = np.arange(512) % 256
    frame = pd.DataFrame(
        {
            "kind": pd.Series(codes).map("c{:03d}".format).astype("str"),
            "x": codes % 16 + rng.normal(0, 0.01, 512),
            "y": codes // 16 + rng.normal(0, 0.01, 512),
        }
    )
    found = suspect(data_set(frame), method="quick")
    assert found.probabilities.shape == (512, 256)
    assert np.isfinite(found.probabilities).all()


def test_too_few_rows_or_classes_are_refused_in_a_sentence() -> None:
    few = flowers(90)
    with pytest.raises(DataError, match="expected at least 10 to learn from, received 9"):
        suspect(few.with_rows("few", few.frame[:9]))
    one = relabelled(few, ["setosa"] * 90)
    with pytest.raises(DataError, match="expected at least two classes, received 1"):
        suspect(one)
    nothing = relabelled(few, [""] * 90)
    with pytest.raises(DataError, match="expected labels"):
        suspect(nothing)
    strange = relabelled(few, ["x", "y", "z"] * 30)
    with pytest.raises(DataError, match="rows of two classes that the model has"):
        suspect(strange, schema=Schema.fit(few))


def test_unknown_method_or_seed_is_refused() -> None:
    with pytest.raises(OptionError, match="method"):
        suspect(flowers(), method="slow")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="seed"):
        suspect(flowers(), seed=-1)


def test_progress_rises_to_the_end() -> None:
    seen: list[float] = []
    suspect(flowers(), on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 5


@pytest.mark.parametrize("asked", [1, 30])
def test_search_is_cancelled(asked: int) -> None:
    count = 0

    def cancelled() -> bool:
        nonlocal count
        count += 1
        return count >= asked

    with pytest.raises(Cancelled, match="search for wrong labels was cancelled"):
        suspect(flowers(), cancelled=cancelled)
    assert count == asked


def test_reviews_make_the_rest_clearer() -> None:
    """With every other flip of a class corrected, the others are suspected more."""
    clean = flowers(240)
    labels = np.array(clean.frame[clean.label].tolist(), dtype=object)
    wrong = np.flatnonzero(labels == "virginica")[:24]
    labels[wrong] = "versicolor"
    noisy = relabelled(clean, labels.tolist())
    before = suspect(noisy, method="quick")
    half = wrong[::2].tolist()
    verdicts = verdicts_on(noisy, half, "relabel", true_labels(clean, half))
    after = suspect(noisy, method="quick", verdicts=verdicts)
    assert mean_score(after, wrong[1::2]) > mean_score(before, wrong[1::2])


def mean_score(suspicion: Suspicion, rows: np.ndarray) -> float:
    return float(suspicion.score[rows].mean())
