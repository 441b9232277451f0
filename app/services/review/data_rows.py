"""Review the rows of a data set that are no candidates: verdicts on them, and their undo.

They are verdicts of the project like any other: the search for label errors believes them, later
runs take them over, and applying the verdicts corrects the data by them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from app.services.event_log import log_event
from app.services.review.label_search import Search
from app.services.review.ledger import row_verdicts
from app.services.workspace import Workspace
from iris_core.data.fingerprints import as_letters, from_letters
from iris_core.errors import DataError, NotFoundError
from iris_core.label_errors.suggestions import Suggestion
from iris_core.records.verdict import MAX_WHO, Decision, RowVerdict
from iris_core.storage.row_verdict_log import RowReview


@dataclass(frozen=True, slots=True)
class OpenRows:
    """The rows of a data set that are to be reviewed.

    Attributes:
        suggestions: for the first of them, in the order to review.
        rows: how many there are.
        wrong: of how many the label is likely wrong.
        reviewed: how many rows have a verdict.
    """

    suggestions: tuple[Suggestion, ...]
    rows: int
    wrong: int
    reviewed: int


def open_rows(workspace: Workspace, search: Search, order: str, *, most: int) -> OpenRows:
    """Return the rows of a search that nobody has reviewed, also since it was made.

    Args:
        workspace: with the verdicts.
        search: of a data set.
        order: one of `ORDERS`.
        most: suggestions to return.
    """
    reviewed = _reviewed(workspace, search)
    left = [row for row in search.ordered(order) if row not in reviewed]
    wrong = search.suspicion.wrong
    return OpenRows(
        tuple(search.suggestions(left[:most])), len(left), int(wrong[left].sum()), len(reviewed)
    )


def _reviewed(workspace: Workspace, search: Search) -> set[int]:
    """Return the rows of a search that have a verdict on their label by now."""
    ds = search.ds
    verdicts = row_verdicts(workspace, ds.columns.project)
    rows = np.flatnonzero(np.isin(ds.fingerprints, from_letters(list(verdicts))))
    names = as_letters(ds.fingerprints[rows])
    return {
        row
        for row, name in zip(rows.tolist(), names, strict=True)
        if verdicts[name].for_label(search.labels[row]) is not None
    }


def give_row_verdicts(
    workspace: Workspace,
    dataset_id: str,
    choices: Mapping[int, tuple[Decision, str]],
    *,
    who: str = "",
) -> int:
    """Give verdicts on rows of a data set, which one undo takes back; return how many.

    Args:
        workspace: that notes them.
        dataset_id: of the data set.
        choices: the decision on each row, by its position from 0, and the class for `relabel`; to
            relabel a row as what it is keeps its label.
        who: the reviewer; of a longer name the first `MAX_WHO` characters.

    Raises:
        DataError: a choice is no verdict; nothing was noted.
        NotFoundError: there is no such data set.
        StoreError: they could not be noted.
    """
    dataset = workspace.datasets.load(dataset_id)
    labels, names = dataset.frame[dataset.label], as_letters(dataset.fingerprints)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    verdicts: list[RowVerdict] = []
    for row, (decision, label) in choices.items():
        if not 0 <= row < dataset.rows:
            raise DataError(
                f"Choose rows of {dataset.name}: expected 0 to {dataset.rows - 1:,}, received "
                f"{row:,}."
            )
        given = labels.iloc[row]
        if decision not in ("right", "relabel", "drop") or (
            decision == "relabel" and label not in dataset.classes
        ):
            raise DataError(
                f"Choose one of the classes {', '.join(dataset.classes[:30])} for 'relabel', or "
                f"'right' or 'drop': received {decision!r} with {label[:40]!r}."
            )
        kept = decision == "right" or (decision == "relabel" and label == given)
        stored: Decision = "right" if kept else decision
        new = given if kept else label if decision == "relabel" else ""
        verdicts.append(
            RowVerdict(names[row], given, stored, new, at, run=dataset_id, who=who[:MAX_WHO])
        )
    review = RowReview(secrets.token_hex(8), who[:MAX_WHO], tuple(verdicts))
    workspace.row_log.add(dataset.columns.project, review)
    log_event("row verdicts given", dataset=dataset_id, given=len(verdicts))
    return len(verdicts)


def undo_row_verdicts(workspace: Workspace, project: str, *, who: str) -> int:
    """Undo the verdicts on rows that a reviewer gave together last; return how many there were.

    Raises:
        NotFoundError: there is nothing to undo.
        StoreError: it could not be noted.
    """
    own = own_reviews(workspace, project, who=who)
    if not own:
        raise NotFoundError(f"Give a verdict on a row first: expected verdicts by {who} to undo.")
    workspace.row_log.undo(project, own[-1].id)
    log_event("row verdicts undone", undone=len(own[-1].verdicts))
    return len(own[-1].verdicts)


def own_reviews(workspace: Workspace, project: str, *, who: str) -> Sequence[RowReview]:
    """Return what a reviewer gave on rows of a project and could undo, the newest last."""
    reviews = workspace.row_log.reviews(project)
    return [review for review in reviews if review.who == who[:MAX_WHO]]
