"""Two models compared on the evaluation set of their project: champion and challenger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.services.model.training import load_model
from app.services.project_data import evaluation_set
from app.services.runs.paired_runs import MAX_CHANGES, Change, conclusion
from app.services.workspace import Workspace
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError
from iris_core.evaluation.baselines import BaselineTotals
from iris_core.evaluation.model_comparison import ModelComparison, compare_models
from iris_core.evaluation.predictions import Predictions
from iris_core.model.encoding import encode, without_positions
from iris_core.model.models import Model
from iris_core.model.prediction import predict
from iris_core.records.baseline import Baseline


@dataclass(frozen=True, slots=True)
class ComparedModels:
    """A champion and a challenger on the same evaluation rows.

    Attributes:
        champion: id of the model in use.
        challenger: id of the one that may replace it.
        dataset: the rows of the evaluation set that neither was trained on.
        seen: number of rows of the evaluation set that are left out: a model was trained on them.
        metrics: of both, and of their difference.
        changes: the rows that the challenger fixes and breaks, `MAX_CHANGES` at most.
        baselines: of the challenger, on these rows.
    """

    champion: str
    challenger: str
    dataset: DataSet
    seen: int
    metrics: ModelComparison
    changes: tuple[Change, ...]
    baselines: tuple[Baseline, ...]

    @property
    def text(self) -> str:
        """Whether the challenger is better, in words."""
        words = conclusion(self.metrics.paired, subject="The challenger")
        if not self.seen:
            return words
        return f"{words} {self.seen:,} rows are left out: one of the models was trained on them."


def compare_on_evaluation(
    workspace: Workspace, champion_id: str, challenger_id: str
) -> ComparedModels:
    """Compare two models on the evaluation set as it is corrected now.

    Raises:
        NotFoundError: there is no such model.
        DataError: they are of different projects, the project has no evaluation set, or no row of
            it is left that neither was trained on.
    """
    champion, challenger = (
        load_model(workspace, model_id) for model_id in (champion_id, challenger_id)
    )
    project = champion.card.schema.columns.project
    if challenger.card.schema.columns.project != project:
        raise DataError(
            f"Compare models of one project: expected the columns of {champion_id}, received "
            f"{challenger_id} with others."
        )
    evaluation = evaluation_set(workspace, project)
    seen = np.zeros(evaluation.rows, dtype=bool)
    for model in (champion, challenger):
        if model.trained_on is not None:
            seen |= np.isin(evaluation.fingerprints, model.trained_on)
    if seen.all():
        raise DataError(
            "Bring rows that neither model was trained on, or train both anew: expected some in "
            "the evaluation set, found none."
        )
    left = evaluation.with_rows(evaluation.name, evaluation.frame[~seen])
    names = pd.Index(
        dict.fromkeys((*champion.card.schema.classes, *challenger.card.schema.classes))
    )
    before, after = (_predictions(model, left, names) for model in (champion, challenger))
    actual = names.get_indexer(pd.Index(left.frame[left.label]))
    return ComparedModels(
        champion_id,
        challenger_id,
        left,
        int(seen.sum()),
        compare_models(actual, before, after, names=list(names)),
        _changes(left, names, before, after),
        _baselines(challenger, left, names.to_numpy()[after.predicted]),
    )


def _predictions(model: Model, dataset: DataSet, names: pd.Index) -> Predictions:
    """Return what a model predicts for rows, by the classes of both models."""
    own = predict(model, dataset.frame)
    shares = np.zeros((dataset.rows, len(names)), dtype=np.float32)
    shares[:, names.get_indexer(pd.Index(model.card.schema.classes))] = own
    return Predictions(
        predicted=shares.argmax(axis=1),
        confidence=shares.max(axis=1).astype(np.float64),
        probabilities=shares,
    )


def _baselines(model: Model, dataset: DataSet, predicted: NDArray[np.str_]) -> tuple[Baseline, ...]:
    """Return how a model does beside its baselines, by the classes that it predicts."""
    schema, logistic = model.card.schema, None
    if model.logistic is not None:
        logistic = model.logistic.predict(
            without_positions(schema.layout, encode(schema, dataset.frame).matrix)
        )
    totals = BaselineTotals(model.card, has_logistic=logistic is not None)
    totals.add(
        schema.class_indices(dataset.frame[dataset.label]),
        schema.class_indices(pd.Series(predicted, dtype="str")),
        logistic=logistic,
        seen=None,
    )
    return totals.baselines()


def _changes(
    dataset: DataSet, names: pd.Index, before: Predictions, after: Predictions
) -> tuple[Change, ...]:
    """Return the rows that one of the models alone predicts correctly."""
    labels = dataset.frame[dataset.label].to_numpy()
    first, second = names.to_numpy()[before.predicted], names.to_numpy()[after.predicted]
    rows = np.flatnonzero((first == labels) != (second == labels))[:MAX_CHANGES]
    return tuple(
        Change(row, str(labels[row]), str(first[row]), str(second[row])) for row in rows.tolist()
    )
