"""Match the texts of a file with those that a model knows: " yes", "Yes" and "yes." are "yes"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from iris_core.data.datasets import DataSet
from iris_core.errors import DataError

_NAMED = 10


def match_texts(values: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """Return the known text that each unknown one stands for, as far as there is just one.

    Tried in turn: without the spaces around it, without a full stop behind it, upper and lower
    case alike, and as the same number ("+1" is "1", "2.0" is "2").

    Args:
        values: different texts.
        known: what they may stand for.
    """
    unknown = [value for value in values if value not in known]
    matches: dict[str, str] = {}
    for simplified in (str.strip, _without_stop, _alike, _number):
        by_form = _by_form(known, simplified)
        for value in unknown:
            same = by_form.get(simplified(value), ())
            if value not in matches and len(same) == 1:
                matches[value] = same[0]
    return matches


def same_numbers(values: Iterable[str]) -> dict[str, str]:
    """Return the shortest text of the same number for each that has a shorter one: "1" for "+1".

    Args:
        values: different texts.
    """
    texts = sorted(values, key=lambda text: (len(text), text))
    first: dict[str, str] = {}
    for text in texts:
        if form := _number(text):
            first.setdefault(form, text.strip())
    return {text: first[form] for text in texts if (form := _number(text)) and first[form] != text}


def check_labels(ds: DataSet, classes: Collection[str]) -> None:
    """Raise `DataError` if a model knows none of a data set's labels.

    Args:
        ds: the data set.
        classes: those that the model knows.
    """
    if not set(classes).isdisjoint(ds.classes):
        return
    nearest = [
        f"{label!r} (nearest: {close[0]!r})" if close else repr(label)
        for label in ds.classes[:_NAMED]
        for close in [get_close_matches(label, classes, n=1, cutoff=0.5)]
    ]
    raise DataError(
        f"{ds.name}, label '{ds.label}': correct the labels, or choose the model that knows them: "
        f"expected {', '.join(map(repr, sorted(classes)[:_NAMED]))}, received "
        f"{', '.join(nearest)}, of which it knows none."
    )


def _by_form(known: Collection[str], simplified: Callable[[str], str]) -> dict[str, list[str]]:
    """Return the known texts by their simplified form, "" left out."""
    by_form: dict[str, list[str]] = {}
    for text in known:
        if form := simplified(text):
            by_form.setdefault(form, []).append(text)
    return by_form


def _without_stop(text: str) -> str:
    """Return a text without spaces around it and a full stop behind it."""
    return text.strip().removesuffix(".").rstrip()


def _alike(text: str) -> str:
    """Return a text in which upper and lower case are alike."""
    return _without_stop(text).casefold()


def _number(text: str) -> str:
    """Return the number that a text is in one form, "" if it is none."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return ""
    return str(number.normalize()) if number.is_finite() else ""
