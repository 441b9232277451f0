"""What speaks for one class or another in a record: its nearest rows, and its classes' values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.services.project_data import evaluation_split
from app.services.review.label_search import Search
from app.services.workspace import Workspace
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError, NotFoundError
from iris_core.exploration.class_statistics import (
    CategoryShare,
    CategoryStatistics,
    ColumnStatistics,
    ZScore,
    category_shares,
    category_statistics,
    class_statistics,
    z_scores,
)
from iris_core.label_errors.nearest_rows import (
    MOST,
    NearRow,
    ReferenceRows,
    Subject,
    subject_of,
)
from iris_core.records.run import Run


@dataclass(frozen=True, slots=True)
class ClassProfile:
    """The rows of one class in the training data, by column.

    Attributes:
        numbers: the statistics of each column of numbers.
        categories: how often each category occurs, of each column of categories.
    """

    numbers: tuple[ColumnStatistics, ...]
    categories: tuple[CategoryStatistics, ...]


@dataclass(frozen=True, slots=True)
class ClassEvidence:
    """A record's values, compared with the rows of one class.

    Attributes:
        numbers: the z-score of each number.
        categories: how frequent each of its categories is.
    """

    numbers: tuple[ZScore, ...]
    categories: tuple[CategoryShare, ...]


def training_rows(workspace: Workspace, model_id: str) -> ReferenceRows:
    """Return the rows that a model was trained on, to look for the nearest ones.

    Raises:
        NotFoundError: the model or its data are gone.
        SchemaError: the data do not fit the model.
    """
    card = workspace.models.card(model_id)
    dataset = workspace.datasets.load(card.dataset_id)
    training, _ = evaluation_split(workspace, dataset).divide(dataset)
    return ReferenceRows.of(training, card.schema)


def class_profile(workspace: Workspace, dataset_id: str, of_class: str) -> ClassProfile:
    """Return the rows of a class of a data set, by column.

    Raises:
        NotFoundError: there is no such data set.
        DataError: it has no such class.
    """
    dataset = workspace.datasets.load(dataset_id)
    return ClassProfile(class_statistics(dataset, of_class), category_statistics(dataset, of_class))


def compared_with(profile: ClassProfile, fields: Mapping[str, object]) -> ClassEvidence:
    """Return how unusual a record's values are for a class.

    Args:
        profile: of the class.
        fields: the record's values by column.
    """
    return ClassEvidence(
        z_scores(fields, profile.numbers),
        category_shares(fields, profile.categories),
    )


def near_in_search(search: Search, row: int) -> tuple[NearRow, ...] | None:
    """Return the nearest rows that a search for label errors has found; None if it looked for none.

    Args:
        search: of the run.
        row: of the record, from 0.
    """
    found = search.suspicion
    if found.nearest is None:
        return None
    names = (*found.classes, "")
    near = [place for place in found.nearest[row, :MOST].tolist() if place >= 0]
    # As reviewed; a class that was never learnt is the last, empty name.
    labels = {place: names[found.labels[place]] or search.labels[place] for place in near}
    rows = ReferenceRows(search.ds, search.ds.numeric, found.matrix, labels)
    subject = Subject(search.ds.frame.iloc[[row]], found.matrix[row], search.ds.fingerprints[row])
    return rows.beside(subject, near)


def near_in_training(
    workspace: Workspace, run: Run, rows: ReferenceRows, row: int
) -> tuple[NearRow, ...]:
    """Return the rows that a run's model was trained on and that are most like one of the run's.

    Args:
        workspace: with the model and the data.
        run: that the record is of.
        rows: as `training_rows` returns them.
        row: of the record, from 0.

    Raises:
        NotFoundError: the model or the tested data are gone.
        DataError: the tested data have no such row.
        SchemaError: they do not fit the model.
    """
    tested = _tested(workspace, run, row)
    subject = subject_of(tested, row, workspace.models.card(run.model).schema)
    return rows.beside(subject, rows.nearest(subject))


def _tested(workspace: Workspace, run: Run, row: int) -> DataSet:
    """Return the data of a run."""
    try:
        tested = workspace.datasets.load(run.dataset)
    except NotFoundError as error:
        raise NotFoundError(
            "Add the tested data again to see a record's nearest rows: they are not in this "
            "workspace any more."
        ) from error
    if row >= tested.rows:
        raise DataError(
            f"Test the model again: expected the {run.rows:,} rows of run {run.id} in "
            f"{tested.name}, received {tested.rows:,}."
        )
    return tested
