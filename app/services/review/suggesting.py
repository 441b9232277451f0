"""Suggest which rows have a wrong label: of a run's candidates, or of a whole data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.services.project_data import evaluation_split
from app.services.review.ledger import note_verdicts_of_run, row_verdicts
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.cancellation import IsCancelled, never
from iris_core.checks import check_choice, check_whole
from iris_core.data.datasets import DataSet
from iris_core.data.merging import merge
from iris_core.errors import DataError, NotFoundError
from iris_core.label_errors.orders import ORDERS
from iris_core.label_errors.stopping import (
    Acceptance,
    Yield,
    acceptance,
    review_yield,
    sample_to_review,
)
from iris_core.label_errors.suggestions import Suggestion, suggestions
from iris_core.label_errors.suspecting import Method, Suspicion, suspect
from iris_core.label_errors.watching import OnProgress, ignore_progress
from iris_core.records.run import Run
from iris_core.records.verdict import RowVerdict

MOST = 1_000_000
"""Suggestions that can be asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a search.

    Attributes:
        order: in which rows are to be reviewed, one of `ORDERS`.
        budget: how many rows at most; None for all.
        sample: instead of an order, so many doubtful rows by chance, to accept the others by; None
            for none.
        method: `best` or `quick`.
        seed: of the search and the sample.

    Raises:
        OptionError: one of them is out of its range.
    """

    order: str = next(iter(ORDERS))
    budget: int | None = None
    sample: int | None = None
    method: Method = "best"
    seed: int = 0

    def __post_init__(self) -> None:
        check_choice("order", self.order, tuple(ORDERS))
        for name, value in (("budget", self.budget), ("sample", self.sample)):
            if value is not None:
                check_whole(name, value, low=1, high=MOST)


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is suggested, and how far the review has come.

    Attributes:
        suggestions: in the order to review.
        rows: how many rows are open, those beyond the budget included.
        wrong: of how many of them the label is likely wrong.
        found: what the last reviews of the project found.
        trusted: how many of the suggestions that were reviewed were right.
    """

    suggestions: tuple[Suggestion, ...]
    rows: int
    wrong: int
    found: Yield
    trusted: Acceptance


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


def suggest_for_run(
    workspace: Workspace, run: Run, question: Question, *, watched: Watched = _NOBODY
) -> Suggested:
    """Suggest what to do with the candidates of a run that are not reviewed yet.

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
                f"Test the model again: expected the {run.rows} rows of run {run.id} in "
                f"{tested.name}, received {tested.rows}."
            )
        predictions[row] = candidate.record.class_string
        if candidate.verdict is None:
            asked.append(row)
    return _suggested(
        _Rows(rows, learn, np.array(asked, np.intp), predictions),
        row_verdicts(workspace, project),
        question,
        watched,
    )


def suggest_for_dataset(
    workspace: Workspace, dataset_id: str, question: Question, *, watched: Watched = _NOBODY
) -> Suggested:
    """Suggest what to do with the rows of a data set that are not reviewed yet.

    Those that train teach, those that evaluate are only checked.

    Raises:
        NotFoundError: there is no such data set.
        DataError: it has no labels, or too few rows to learn from.
        Cancelled: `watched` asked for it.
    """
    dataset = workspace.datasets.load(dataset_id)
    _check_labelled(dataset)
    learn = ~evaluation_split(workspace, dataset).evaluates(dataset.fingerprints)
    return _suggested(
        _Rows(dataset, learn, np.arange(dataset.rows), None),
        row_verdicts(workspace, dataset.columns.project),
        question,
        watched,
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


def _suggested(
    rows: _Rows, verdicts: Mapping[str, RowVerdict], question: Question, watched: Watched
) -> Suggested:
    """Search, and answer the question."""
    suspicion = suspect(
        rows.ds,
        learn=rows.learn,
        verdicts=verdicts,
        method=question.method,
        seed=question.seed,
        on_progress=watched.on_progress,
        cancelled=watched.cancelled,
    )
    left = rows.asked[~suspicion.reviewed[rows.asked]]
    chosen = _chosen(suspicion, left, question)
    found = suggestions(
        suspicion,
        rows.ds.fingerprints,
        chosen,
        labels=rows.ds.frame[rows.ds.label].tolist(),
        predictions=rows.predictions,
    )
    doubtful = int(suspicion.doubtful[left].sum())
    by_time = sorted(verdicts.values(), key=lambda verdict: verdict.at)
    return Suggested(
        tuple(found),
        len(left),
        int(suspicion.wrong[left].sum()),
        review_yield([verdict.decision != "right" for verdict in by_time]),
        acceptance(_were_right(suspicion), left=doubtful),
    )


def _chosen(suspicion: Suspicion, left: NDArray[np.intp], question: Question) -> list[int]:
    """Return the rows to review, in their order."""
    if question.sample is not None:
        doubtful = left[suspicion.doubtful[left]].tolist()
        return sample_to_review(doubtful, size=question.sample, seed=question.seed)
    ordered: list[int] = ORDERS[question.order](suspicion, left).tolist()
    return ordered[: question.budget]


def _were_right(suspicion: Suspicion) -> list[bool]:
    """Return of each doubtful row that was reviewed whether the reviewer gave it the class guessed.

    A row's own verdict does not change what models that never saw it say.
    """
    rows = np.flatnonzero(suspicion.doubtful & suspicion.reviewed)
    right: list[bool] = (suspicion.labels[rows] == suspicion.guess[rows]).tolist()
    return right


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
