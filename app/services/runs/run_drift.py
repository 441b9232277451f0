"""How the inputs of a run differ from what its model was trained on, column by column."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.project_data import evaluation_split
from app.services.workspace import Workspace
from iris_core.data.datasets import DataSet
from iris_core.errors import IrisError, NotFoundError
from iris_core.exploration.drift import ColumnDrift, DriftComparison, DriftLevel, by_drift, compare
from iris_core.exploration.sampling import sample_rows
from iris_core.exploration.unfamiliar_rows import UnfamiliarColumn, unfamiliar_columns
from iris_core.model.models import ModelCard
from iris_core.records.run import Run

LISTED_ROWS = 1_000
"""Rows of a column that are listed with their values."""
SAMPLED_ROWS = 200_000
"""Rows of each of both data sets that are compared at most: a sample of more."""
DATA_GONE = (
    "Add the data again to see how the inputs differ from the training data: {which} is not in "
    "this workspace any more."
)


@dataclass(frozen=True, slots=True, eq=False)
class RunDrift:
    """The inputs of a run beside the training data of its model.

    Attributes:
        training: name of the data that the model was trained on.
        training_rows: number of their rows.
        tested: name of the data of the run.
        tested_rows: number of their rows.
        comparison: of the features that both have.
        unfamiliar: the rows that no training row was like, by column, most rows first. The numbers'
            range is the one that the model has learnt.
    """

    training: str
    training_rows: int
    tested: str
    tested_rows: int
    comparison: DriftComparison
    unfamiliar: tuple[UnfamiliarColumn, ...]

    @property
    def columns(self) -> list[ColumnDrift]:
        """The features, those that drifted most first."""
        return by_drift(self.comparison)

    @property
    def is_sampled(self) -> bool:
        """Whether samples of the rows were compared."""
        return max(self.training_rows, self.tested_rows) > SAMPLED_ROWS

    @property
    def summary(self) -> str:
        """How many columns drifted, in words, and what they are compared with."""
        compared = (
            f"{self.tested_rows:,} tested rows of {self.tested} against {self.training_rows:,} of "
            f"{self.training}"
        )
        if self.is_sampled:
            compared += f", of each a sample of {SAMPLED_ROWS:,} rows at most"
        return f"{self._counts()} ({compared})."

    def _counts(self) -> str:
        """Return how many columns have which level of drift."""
        levels = [column.level for column in self.comparison.columns]
        words: dict[DriftLevel, str] = {
            "drifted": "drifted",
            "moderate": "drifted moderately",
            "stable": "are stable",
            "too few rows to say": "have too few rows to say",
        }
        counts = [
            f"{levels.count(level)} {text}" for level, text in words.items() if level in levels
        ]
        return f"Of {len(levels)} inputs, {', '.join(counts)}" if counts else "No inputs to compare"


def run_drift(workspace: Workspace, run: Run) -> RunDrift:
    """Return how a run's inputs differ from its model's training data.

    Args:
        workspace: with the model and both data sets.
        run: on data whose rows it still has.

    Raises:
        NotFoundError: the model or one of the data sets is gone; the message says what to do.
        DataError: the data have no rows.
    """
    try:
        card = workspace.models.card(run.model)
        training = workspace.datasets.load(card.dataset_id)
    except NotFoundError as error:
        raise NotFoundError(
            DATA_GONE.format(which="the model or what it was trained on")
        ) from error
    try:
        tested = workspace.datasets.load(run.dataset)
    except NotFoundError as error:
        raise NotFoundError(DATA_GONE.format(which="what was tested")) from error
    first, second = _sample(training), _sample(tested)
    return RunDrift(
        training.name,
        training.rows,
        tested.name,
        tested.rows,
        _of_features(compare(first, second), training.label),
        tuple(_unfamiliar(workspace, card, training, tested)),
    )


@dataclass(frozen=True, slots=True)
class UnfamiliarRow:
    """A tested row with a value that no training row was like.

    Attributes:
        row: of the data, from 0.
        value: in the column.
        label: its true label; empty if nobody knows it.
    """

    row: int
    value: str | float
    label: str


def unfamiliar_rows(
    workspace: Workspace, run: Run, column: UnfamiliarColumn
) -> list[UnfamiliarRow]:
    """Return the rows of a column that no training row was like, the first `LISTED_ROWS`.

    Raises:
        NotFoundError: the tested data are gone.
    """
    dataset = workspace.datasets.load(run.dataset)
    rows = column.rows[:LISTED_ROWS]
    values = dataset.frame[column.name].iloc[rows].tolist()
    labels = dataset.frame[dataset.label].iloc[rows].tolist()
    return [
        UnfamiliarRow(row, value, label)
        for row, value, label in zip(rows.tolist(), values, labels, strict=True)
    ]


def _sample(dataset: DataSet) -> DataSet:
    """Return the rows of a data set that are compared."""
    if dataset.rows <= SAMPLED_ROWS:
        return dataset
    return dataset.with_rows(dataset.name, sample_rows(dataset, SAMPLED_ROWS).frame)


def _of_features(comparison: DriftComparison, label: str) -> DriftComparison:
    """Return a comparison without the label."""
    return DriftComparison(
        tuple(entry for entry in comparison.columns if entry.name != label),
        *(
            tuple(name for name in names if name != label)
            for names in (comparison.only_first, comparison.only_second, comparison.other_kind)
        ),
    )


def _unfamiliar(
    workspace: Workspace, card: ModelCard, training: DataSet, tested: DataSet
) -> list[UnfamiliarColumn]:
    """Return the rows that no training row was like."""
    try:
        fitted, _ = evaluation_split(workspace, training).divide(training)
    except IrisError:
        fitted = training
    names = [feature.name for feature in card.schema.categorical if feature.name in fitted.frame]
    return unfamiliar_columns(
        tested.frame,
        ranges={entry.name: (entry.minimum, entry.maximum) for entry in card.schema.numeric},
        categories={name: fitted.frame[name].dropna().unique().tolist() for name in names},
    )
