"""Why a model decides as it does: measured in the background, or at once for one record.

The importance of the columns takes seconds. It is kept as the result of its job, under the model
and the data that it is of, as a search for label errors is; neither ever changes under its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.services.job_starters import EXPLAIN, submit
from app.services.jobs import Job
from app.services.model.training import load_model
from app.services.project_data import evaluation_set, evaluation_split
from app.services.workspace import Workspace
from iris_core.cancellation import IsCancelled, never
from iris_core.errors import NotFoundError, SchemaError
from iris_core.explanation.contributions import MAX_BACKGROUND, Contributions, contributions
from iris_core.explanation.dependence import Dependence, dependence
from iris_core.explanation.encoded_model import EncodedModel, Matrix
from iris_core.explanation.importance import (
    Importance,
    OnProgress,
    ignore_progress,
    permutation_importance,
)
from iris_core.model.encoding import encode
from iris_core.model.models import ModelCard
from iris_core.model.prediction import one_row, probabilities

COLUMNS = "columns"
"""The step of progress of an explanation."""


@dataclass(frozen=True, slots=True)
class ModelExplanation:
    """How important each column is to a model.

    Attributes:
        model: its id.
        dataset: id of the data set whose rows were shuffled.
        dataset_name: its name.
        seen: how many of its rows the model was trained on.
        importance: of each column.
    """

    model: str
    dataset: str
    dataset_name: str
    seen: int
    importance: Importance


@dataclass(frozen=True, slots=True)
class RecordExplanation:
    """Why a model gives a class its probability for one record.

    Attributes:
        of_class: the class.
        probability: of the class, 0 to 1.
        fields: the record's values by column, None where one is missing.
        contributions: what each column adds to the log-odds of the class.
    """

    of_class: str
    probability: float
    fields: Mapping[str, object]
    contributions: Contributions


def explain_model(
    workspace: Workspace,
    model_id: str,
    dataset_id: str | None = None,
    *,
    on_progress: OnProgress = ignore_progress,
    cancelled: IsCancelled = never,
) -> ModelExplanation:
    """Measure the importance of each column to a model.

    Args:
        workspace: with the model and the data.
        model_id: of the model.
        dataset_id: of labelled rows; by default the evaluation set of the model's project.
        on_progress: called after each column.
        cancelled: asked several times a second.

    Raises:
        NotFoundError: the model or the data are gone.
        SchemaError: the data do not fit the model.
        DataError: there is no evaluation set, or there are too few labelled rows.
        Cancelled: `cancelled` said so.
    """
    model = load_model(workspace, model_id)
    schema = model.card.schema
    dataset = (
        evaluation_set(workspace, schema.columns.project)
        if dataset_id is None
        else workspace.datasets.load(dataset_id)
    )
    schema.check_label(dataset)
    importance = permutation_importance(
        EncodedModel.of(model),
        encode(schema, dataset.frame).matrix,
        schema.class_indices(dataset.frame[dataset.label]),
        on_progress=on_progress,
        cancelled=cancelled,
    )
    seen = 0
    if model.trained_on is not None:
        seen = int(np.isin(schema.fingerprints(dataset.frame), model.trained_on).sum())
    return ModelExplanation(model_id, dataset.id, dataset.name, seen, importance)


def start_explaining(workspace: Workspace, card: ModelCard, dataset_id: str) -> Job:
    """Measure the importance of each column in the background.

    The job's result is a `ModelExplanation`, its subject the model and the data.
    """

    def work(job: Job) -> ModelExplanation:
        job.report(COLUMNS, 0, len(card.schema.features))
        return explain_model(
            workspace,
            card.id,
            dataset_id,
            on_progress=lambda done, of: job.report(COLUMNS, done, of),
            cancelled=job.cancelled,
        )

    return submit(
        workspace,
        EXPLAIN,
        f"Which columns matter to {card.name} v{card.version}",
        work,
        subject=_subject(card.id, dataset_id),
        projects={card.schema.columns.project},
    )


def known_explanation(
    workspace: Workspace, model_id: str, dataset_id: str
) -> ModelExplanation | None:
    """Return what was measured of a model on some data; None if nothing was."""
    found = workspace.jobs.finished(EXPLAIN, _subject(model_id, dataset_id))
    return found[0].result if found else None


def explanation_job(workspace: Workspace, model_id: str, dataset_id: str) -> Job | None:
    """Return the job that measures a model on some data, or that was the last to try."""
    subject = _subject(model_id, dataset_id)
    latest = workspace.jobs.latest(EXPLAIN)
    jobs = [*workspace.jobs.running(), *([latest] if latest is not None else [])]
    return next((job for job in jobs if (job.kind, job.subject) == (EXPLAIN, subject)), None)


def evaluation_id(workspace: Workspace, card: ModelCard) -> str:
    """Return the id of the evaluation set of a model's project.

    Raises:
        DataError: it has none, or it was deleted.
    """
    return evaluation_set(workspace, card.schema.columns.project).id


def how_it_depends(
    workspace: Workspace, model_id: str, dataset_id: str, column: str, of_class: str
) -> Dependence:
    """Return how a model's probability of a class depends on a column, on rows of some data.

    Raises:
        NotFoundError: the model or the data are gone.
        SchemaError: the data do not fit the model.
        DataError: none of its rows has a value in the column.
    """
    frame = workspace.datasets.load(dataset_id).frame
    return dependence(workspace.models.load(model_id), frame, column, of_class)


def background(workspace: Workspace, model_id: str) -> Matrix:
    """Return (rows, width) at most 100 of a model's training rows, encoded, in a random order.

    Raises:
        NotFoundError: the model or its training data are gone.
        SchemaError: the data do not fit the model.
    """
    card = workspace.models.card(model_id)
    try:
        dataset = workspace.datasets.load(card.dataset_id)
    except NotFoundError as error:
        raise NotFoundError(
            f"Add the data set {card.dataset_name} again: a record is explained beside rows of the "
            "model's training data, and they are not in this workspace any more."
        ) from error
    training, _ = evaluation_split(workspace, dataset).divide(dataset)
    drawn = np.random.default_rng(0).permutation(training.rows)[:MAX_BACKGROUND]
    return encode(card.schema, training.frame.iloc[drawn]).matrix


def explain_record(
    workspace: Workspace,
    model_id: str,
    rows: Matrix,
    fields: Mapping[str, object],
    of_class: str,
) -> RecordExplanation:
    """Return what each column of a record adds to the log-odds of a class.

    Args:
        workspace: with the model.
        model_id: of the model.
        rows: as `background` returns them for the model.
        fields: a value for each of the model's columns, None if it is missing; others are ignored.
        of_class: one of the model's classes.

    Raises:
        NotFoundError: the model is gone.
        SchemaError: the record does not fit the model, or the class is none of the model's.
        DataError: there is no background row.
    """
    model = workspace.models.load(model_id)
    schema = model.card.schema
    if of_class not in schema.classes:
        raise SchemaError(
            f"Choose a class that the model knows: expected one of {', '.join(schema.classes)}, "
            f"received {of_class!r}."
        )
    encoded, place = encode(schema, one_row(schema, fields)), schema.classes.index(of_class)
    found = contributions(EncodedModel.of(model), encoded.matrix[0], rows, place)
    probability = float(probabilities(model, encoded)[0, place])
    values = {feature.name: fields.get(feature.name) for feature in schema.features}
    return RecordExplanation(of_class, probability, values, found)


def _subject(model_id: str, dataset_id: str) -> str:
    """Return what an explanation is about, as a job has it."""
    return f"{model_id} on {dataset_id}"
