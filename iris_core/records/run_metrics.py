"""The metrics of a test run, small enough for one item of the run table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from iris_core.records.baseline import Baseline
from iris_core.records.calibration import Calibration

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """The metrics of one class.

    Attributes:
        name: of the class.
        precision: share of the rows predicted as this class that are of it, 0 to 1.
        recall: share of the rows of this class that were predicted as it, 0 to 1.
        f1: their harmonic mean, 0 to 1.
        support: number of rows of this class.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class ThresholdCounts:
    """The points of a threshold curve at which a count changes.

    Attributes:
        rows: number of records.
        errors: number of them that are misclassified.
        invalid: number of them whose probability is not a number from 0 to 1.
        thresholds: increasing, 0 to 1.
        below: for each threshold, the number of records with a lower probability.
        caught: for each threshold, the number of misclassified records among those.
    """

    rows: int
    errors: int
    invalid: int
    thresholds: tuple[float, ...]
    below: tuple[int, ...]
    caught: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMetrics:
    """The metrics of a test run; a field is empty if the run did not finish, or predates it.

    Attributes:
        classes: metrics of each class, in the model's order.
        confusion: a row for each true class and a last one for labels the model never saw, a
            column for each predicted class; both in the model's order.
        unseen_labels: labels that the model never saw, with their number of rows.
        unseen_categories: for each column that has any, how many cells hold a category that the
            model never saw.
        missing: for each column that has any, how many cells are missing.
        ignored: columns that the model does not use.
        seen: number of records whose row the model was trained on; None if that is not known.
        unseen_correct: number of correct predictions of the others; None if that is not known.
        calibration: accuracy of the predictions, by their confidence.
        thresholds: number of reviews and of caught errors at each threshold.
        baselines: how the model does beside each, on the same records.
    """

    classes: tuple[ClassMetrics, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    unseen_labels: Mapping[str, int] = field(default_factory=dict)
    unseen_categories: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    seen: int | None = None
    unseen_correct: int | None = None
    calibration: Calibration | None = None
    thresholds: ThresholdCounts | None = None
    baselines: tuple[Baseline, ...] = ()

    @property
    def balanced_accuracy(self) -> float | None:
        """Mean recall of the classes that have rows, 0 to 1; None without any."""
        return balanced_accuracy(self.classes)

    @property
    def macro_f1(self) -> float | None:
        """Mean F1 of the classes that have rows, 0 to 1; None without any."""
        return macro_f1(self.classes)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, in the model's order."""
        return tuple(entry.name for entry in self.classes)

    @property
    def errors(self) -> int | None:
        """Number of misclassified records; None without a confusion matrix."""
        if not self.confusion:
            return None
        return sum(
            count
            for actual, counts in enumerate(self.confusion)
            for predicted, count in enumerate(counts)
            if actual != predicted
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the metrics as plain values, fit for JSON; empty if every field is."""
        if self == RunMetrics():
            return {}
        stored: dict[str, Any] = {
            "classes": [asdict(entry) for entry in self.classes],
            "confusion": [list(row) for row in self.confusion],
            "unseen_labels": dict(self.unseen_labels),
            "unseen_categories": dict(self.unseen_categories),
            "missing": dict(self.missing),
            "ignored": list(self.ignored),
        }
        if self.seen is not None:
            stored |= {"seen": self.seen, "unseen_correct": self.unseen_correct}
        if self.calibration is not None:
            stored["reliability"] = {
                "bins": [list(entry) for entry in self.calibration.counts()],
                "unjudged": self.calibration.invalid,
            }
        if self.thresholds is not None:
            stored["lab"] = {
                "rows": self.thresholds.rows,
                "errors": self.thresholds.errors,
                "unjudged": self.thresholds.invalid,
                "thresholds": list(self.thresholds.thresholds),
                "below": list(self.thresholds.below),
                "caught": list(self.thresholds.caught),
            }
        if self.baselines:
            stored["baselines"] = [entry.to_dict() for entry in self.baselines]
        return stored

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> RunMetrics:
        """Return the metrics that `to_dict` wrote, in this version or another.

        A field that is missing or cannot be parsed is left empty, so that the run can be opened.
        """
        values = {
            name: value
            for name, (key, parse) in _PARSERS.items()
            if (value := _parsed(parse, stored.get(key))) is not None
        }
        return cls(**values)


def balanced_accuracy(classes: Sequence[ClassMetrics]) -> float | None:
    """Return the mean recall of the classes that have rows, 0 to 1; None without any.

    As in scikit-learn's user guide, "Balanced accuracy score". Of two classes, always saying the
    same one gives 0.5, however rare the other is.
    """
    return _mean([entry.recall for entry in classes if entry.support])


def macro_f1(classes: Sequence[ClassMetrics]) -> float | None:
    """Return the mean F1 of the classes that have rows, 0 to 1; None without any."""
    return _mean([entry.f1 for entry in classes if entry.support])


def _mean(shares: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return sum(shares) / len(shares) if shares else None


def _parsed(parse: Callable[[Any], _T], value: object) -> _T | None:
    """Return a stored value parsed, None if it is missing or cannot be parsed."""
    try:
        return None if value is None else parse(value)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _classes(stored: Any) -> tuple[ClassMetrics, ...]:
    """Parse the metrics of each class."""
    return tuple(ClassMetrics(**entry) for entry in stored)


def _confusion(stored: Any) -> tuple[tuple[int, ...], ...]:
    """Parse the confusion matrix."""
    return tuple(tuple(map(int, row)) for row in stored)


def _count_by_name(stored: Any) -> dict[str, int]:
    """Parse counts by name."""
    return {str(name): int(count) for name, count in stored.items()}


def _names(stored: Any) -> tuple[str, ...]:
    """Parse names."""
    return tuple(map(str, stored))


def _calibration(stored: Any) -> Calibration:
    """Parse the calibration from its bins' counts."""
    counts = [
        (int(rows), float(confidence), int(hits)) for rows, confidence, hits in stored["bins"]
    ]
    return Calibration.from_counts(counts, invalid=int(stored["unjudged"]))


def _thresholds(stored: Any) -> ThresholdCounts:
    """Parse the points of the threshold curve."""
    return ThresholdCounts(
        rows=int(stored["rows"]),
        errors=int(stored["errors"]),
        invalid=int(stored["unjudged"]),
        thresholds=tuple(map(float, stored["thresholds"])),
        below=tuple(map(int, stored["below"])),
        caught=tuple(map(int, stored["caught"])),
    )


def _baselines(stored: Any) -> tuple[Baseline, ...]:
    """Parse the baselines."""
    return tuple(map(Baseline.from_dict, stored))


_PARSERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "classes": ("classes", _classes),
    "confusion": ("confusion", _confusion),
    "unseen_labels": ("unseen_labels", _count_by_name),
    "unseen_categories": ("unseen_categories", _count_by_name),
    "missing": ("missing", _count_by_name),
    "ignored": ("ignored", _names),
    "seen": ("seen", int),
    "unseen_correct": ("unseen_correct", int),
    "calibration": ("reliability", _calibration),
    "thresholds": ("lab", _thresholds),
    "baselines": ("baselines", _baselines),
}
"""Each field's stored key and parser."""
