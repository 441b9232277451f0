"""What a report says of a run besides its own figures: where something is gone, why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from app.services.export.champion_runs import ComparedWithChampion, compared_with_champion
from app.services.runs.run_drift import RunDrift, run_drift
from app.services.workspace import Workspace
from aws import retrain_table
from aws.errors import CloudError
from iris_core.data.feature_text import read_features
from iris_core.errors import DataError, IrisError
from iris_core.exploration.feature_ranking import feature_scores
from iris_core.exploration.sampling import sample_rows
from iris_core.model.models import ModelCard
from iris_core.records.candidate import Candidate
from iris_core.records.reason import MISCLASSIFIED
from iris_core.records.run import Run
from iris_core.storage.cards import DataSetCard

READ_CANDIDATES = 5_000
"""Candidates of a run that are looked through for examples: a second or two."""
EXAMPLES = 12
"""Mistakes that a report shows."""
INFORMATIVE_COLUMNS = 3
"""Columns whose values it shows of each."""
_RANKED_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Example:
    """A mistake of the model.

    Attributes:
        row: of the data, from 0.
        actual: the true label.
        predicted: the predicted class.
        probability: of it, as stored.
        reason: why it is a candidate, as stored.
        values: of the columns that say most of the label, in their order.
    """

    row: int
    actual: str
    predicted: str
    probability: str
    reason: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The candidates of a run as far as they were looked through.

    Attributes:
        reasons: number of candidates by their stored reason.
        examples: the mistakes of which the model was most certain, `EXAMPLES` at most.
        columns: whose values they have.
        is_part: whether the run has more candidates than were looked through.
    """

    reasons: Mapping[str, int]
    examples: tuple[Example, ...]
    columns: tuple[str, ...]
    is_part: bool


@dataclass(frozen=True, slots=True, eq=False)
class ReportSources:
    """What is known of a run beyond its item of the run table; a text says why something is not.

    Attributes:
        card: of the model; None if it was deleted.
        data: of the data set; None if it was deleted.
        mistakes: of the run.
        champion: how it compares with the champion of its project.
        drift: of its inputs.
    """

    card: ModelCard | None = None
    data: DataSetCard | None = None
    mistakes: Mistakes | str = "The candidates were not read."
    champion: ComparedWithChampion | str = "The run was not compared with the champion."
    drift: RunDrift | str = "The inputs were not compared with the training data."


def report_sources(workspace: Workspace, run: Run) -> ReportSources:
    """Return what a workspace and its cloud know of a run."""
    card, data = None, None
    with suppress(IrisError):
        card = workspace.models.card(run.model)
    with suppress(IrisError):
        data = workspace.datasets.card(run.dataset)
    return ReportSources(
        card,
        data,
        _mistakes(workspace, run),
        compared_with_champion(workspace, run),
        _drift(workspace, run),
    )


def _drift(workspace: Workspace, run: Run) -> RunDrift | str:
    try:
        return run_drift(workspace, run)
    except IrisError as error:
        return str(error)


def _mistakes(workspace: Workspace, run: Run) -> Mistakes | str:
    """Return the candidates of a run, or why there are none to look at."""
    if not run.found:
        return "The retrain table has no candidates of this run."
    try:
        found = list(islice(retrain_table.candidates(workspace.cloud(), run), READ_CANDIDATES + 1))
    except CloudError as error:
        return f"The candidates could not be read: {error}"
    read = found[:READ_CANDIDATES]
    wrong = [entry for entry in read if entry.reason in MISCLASSIFIED]
    wrong.sort(key=lambda entry: (-_share(entry.record.prob_string), entry.record.row))
    columns = informative_columns(workspace, run)
    return Mistakes(
        Counter(entry.reason for entry in read),
        tuple(_example(entry, columns) for entry in wrong[:EXAMPLES]),
        columns,
        is_part=len(found) > READ_CANDIDATES,
    )


def informative_columns(workspace: Workspace, run: Run) -> tuple[str, ...]:
    """Return the columns of a run's data that say most of the label; none if the data are gone.

    Numbers come by the share of their variance that the classes explain, then the first categories.
    """
    try:
        dataset = workspace.datasets.load(run.dataset)
    except IrisError:
        return ()
    sample = dataset.with_rows(dataset.name, sample_rows(dataset, _RANKED_ROWS).frame)
    scores = feature_scores(sample.frame[[*sample.numeric]], sample.class_indices)
    ranked = sorted(scores, key=lambda name: -scores[name])
    return (*ranked, *sample.categorical)[:INFORMATIVE_COLUMNS]


def _example(candidate: Candidate, columns: tuple[str, ...]) -> Example:
    record = candidate.record
    fields: Mapping[str, object] = {}
    with suppress(DataError):
        fields = read_features(record.feature_string)
    return Example(
        record.row,
        record.actual_string,
        record.class_string,
        record.prob_string,
        candidate.reason,
        tuple(_value(fields.get(name)) for name in columns),
    )


def _value(value: object) -> str:
    """Write a value of a record for people."""
    if value is None:
        return "missing"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _share(text: str) -> float:
    """Return a stored probability; 0 for one that is no number."""
    try:
        return float(text)
    except ValueError:
        return 0.0
