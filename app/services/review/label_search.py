"""A search for label errors among the candidates of a run, or the rows of a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.services.project_data import evaluation_split
from app.services.review.ledger import note_verdicts_of_run, row_verdicts
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.cancellation import IsCancelled, never
from iris_core.data.datasets import DataSet
from iris_core.data.merging import merge
from iris_core.errors import DataError, NotFoundError
from iris_core.label_errors.orders import MISLABELLED, ORDERS, mislabelled_within
from iris_core.label_errors.stopping import Acceptance, Yield, acceptance, review_yield
from iris_core.label_errors.suggestions import Suggestion, suggestions
from iris_core.label_errors.suspecting import Method, Suspicion, suspect
from iris_core.label_errors.watching import OnProgress, ignore_progress
from iris_core.records.run import Run
from iris_core.records.verdict import RowVerdict


@dataclass(frozen=True, slots=True)
class Watched:
    """Who watches a search, and may cancel it.

    Attributes:
        on_progress: called with the share that is done, 0 to 1.
        cancelled: asked several times a second.
    """

    on_progress: OnProgress = ignore_progress
    cancelled: IsCancelled = never


_NOBODY = Watched()


@dataclass(frozen=True, eq=False)
class Search:
    """Rows that were searched for label errors, and those of them that are asked about.

    Attributes:
        ds: all rows; of a run those tested, then those that only teach.
        asked: positions of the rows that are asked about and were not reviewed.
        reviewed: positions of those that were, such as in another run.
        predictions: the classes that the tested model predicts; None if none was.
        suspicion: what was found.
        verdicts: the verdicts of the project by row.
    """

    ds: DataSet
    asked: NDArray[np.intp]
    reviewed: NDArray[np.intp]
    predictions: Sequence[str] | None
    suspicion: Suspicion
    verdicts: Mapping[str, RowVerdict]

    @cached_property
    def labels(self) -> list[str]:
        """(rows,) the labels that were given."""
        labels: list[str] = self.ds.frame[self.ds.label].tolist()
        return labels

    @property
    def wrong(self) -> int:
        """Of how many of the rows asked about the label is likely wrong."""
        return int(self.suspicion.wrong[self.asked].sum())

    @property
    def found(self) -> Yield:
        """What the last reviews of the project found."""
        by_time = sorted(self.verdicts.values(), key=lambda verdict: verdict.at)
        return review_yield([verdict.decision != "right" for verdict in by_time])

    @property
    def trusted(self) -> Acceptance:
        """How many of the suggestions that were reviewed were right.

        A row's own verdict does not change what models that never saw it say.
        """
        found = self.suspicion
        rows = np.flatnonzero(found.doubtful & found.reviewed)
        right: list[bool] = (found.labels[rows] == found.guess[rows]).tolist()
        return acceptance(right, left=int(found.doubtful[self.asked].sum()))

    def ordered(self, order: str, *, budget: int | None = None) -> list[int]:
        """Return the rows that are asked about in one of `ORDERS`.

        Args:
            order: its name.
            budget: how many of them will be seen; None for all.
        """
        asked = (order, budget)
        if asked not in self._ordered:
            rows = (
                mislabelled_within(self.suspicion, self.asked, budget)
                if order == MISLABELLED
                else ORDERS[order](self.suspicion, self.asked)
            )
            self._ordered[asked] = rows.tolist()
        return self._ordered[asked]

    @cached_property
    def _ordered(self) -> dict[tuple[str, int | None], list[int]]:
        """The orders that were asked for: a page asks with every drawing."""
        return {}

    def suggestion(self, row: int) -> Suggestion:
        """Return the suggestion for one row: a page asks for it in several places."""
        if row not in self._suggested:
            self._suggested[row] = self.suggestions([row])[0]
        return self._suggested[row]

    @cached_property
    def _suggested(self) -> dict[int, Suggestion]:
        """The rows that were asked for one by one: each time all rows are compared."""
        return {}

    def suggestions(self, rows: Sequence[int]) -> list[Suggestion]:
        """Return a suggestion for each of some rows."""
        return suggestions(
            self.suspicion,
            self.ds.fingerprints,
            rows,
            labels=self.labels,
            predictions=self.predictions,
        )


def search_run(
    workspace: Workspace,
    run: Run,
    *,
    method: Method = "best",
    seed: int = 0,
    watched: Watched = _NOBODY,
) -> Search:
    """Search the candidates of a run that are not reviewed yet for label errors.

    The rows that the project trains on teach; tested rows that are none of them are only checked.

    Raises:
        NotFoundError: the data that were tested are gone.
        DataError: they have no labels, or there are too few rows to learn from.
        Cancelled: `watched` asked for it.
    """
    tested = workspace.datasets.load(run.dataset)
    _check_labelled(tested)
    project = RunProjects(workspace).project_of(run)
    note_verdicts_of_run(workspace, workspace.cloud(), run)
    training = _training(workspace, project)
    rows, learn = tested, np.ones(tested.rows, np.bool_)
    if training is not None and training.columns.project == tested.columns.project:
        rows = merge(tested, training, relabel=False)
        learn = np.isin(rows.fingerprints, training.fingerprints)
    asked, predictions = [], rows.frame[rows.label].tolist()
    for candidate in retrain_table.candidates(workspace.cloud(), run):
        row = candidate.key.row
        if row >= tested.rows:
            raise DataError(
                f"Test the model again: expected the {run.rows:,} rows of run {run.id} in "
                f"{tested.name}, received {tested.rows:,}."
            )
        predictions[row] = candidate.record.class_string
        if candidate.verdict is None:
            asked.append(row)
    found = _Rows(rows, learn, np.array(asked, np.intp), predictions)
    return _search(workspace, found, project, method=method, seed=seed, watched=watched)


def search_dataset(
    workspace: Workspace,
    dataset_id: str,
    *,
    method: Method = "best",
    seed: int = 0,
    watched: Watched = _NOBODY,
) -> Search:
    """Search the rows of a data set that are not reviewed yet for label errors.

    Those that train teach, those that evaluate are only checked.

    Raises:
        NotFoundError: there is no such data set.
        DataError: it has no labels, or too few rows to learn from.
        Cancelled: `watched` asked for it.
    """
    dataset = workspace.datasets.load(dataset_id)
    _check_labelled(dataset)
    learn = ~evaluation_split(workspace, dataset).evaluates(dataset.fingerprints)
    rows = _Rows(dataset, learn, np.arange(dataset.rows), None)
    return _search(
        workspace, rows, dataset.columns.project, method=method, seed=seed, watched=watched
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows to search, and those that are asked about.

    Attributes:
        ds: all rows.
        learn: (rows,) which teach.
        asked: positions of those that are asked about.
        predictions: the classes that the tested model predicts; None if none was.
    """

    ds: DataSet
    learn: NDArray[np.bool_]
    asked: NDArray[np.intp]
    predictions: Sequence[str] | None


def _search(
    workspace: Workspace,
    rows: _Rows,
    project: str,
    *,
    method: Method,
    seed: int,
    watched: Watched,
) -> Search:
    """Search the rows, with the verdicts of their project."""
    verdicts = row_verdicts(workspace, project)
    suspicion = suspect(
        rows.ds,
        learn=rows.learn,
        verdicts=verdicts,
        method=method,
        seed=seed,
        on_progress=watched.on_progress,
        cancelled=watched.cancelled,
    )
    is_reviewed = suspicion.reviewed[rows.asked]
    left, reviewed = rows.asked[~is_reviewed], rows.asked[is_reviewed]
    return Search(rows.ds, left, reviewed, rows.predictions, suspicion, verdicts)


def _training(workspace: Workspace, project: str) -> DataSet | None:
    """Return the rows that a project trains on now; None if it has none, or they are gone."""
    card = workspace.projects.card(project)
    if card is None or card.data is None:
        return None
    try:
        data = workspace.datasets.load(card.data)
    except NotFoundError:
        return None
    return evaluation_split(workspace, data).divide(data)[0]


def _check_labelled(ds: DataSet) -> None:
    """Raise `DataError` unless the rows have labels that can be wrong."""
    if not ds.is_labelled:
        raise DataError(
            f"{ds.name}: choose data with labels: expected a label in the column '{ds.label}', "
            "received none."
        )
