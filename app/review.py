"""Review: a person's verdicts on candidates, and the data set that comes of them."""

from __future__ import annotations

from app.event_log import tell
from app.journal import NotedVerdict
from app.services import Services
from aws import retrain_table
from aws.retrain_table import Candidate, Decision
from aws.run_table import Run
from iris_core.data.datasets import DataSet
from iris_core.data.extending import extend
from iris_core.data.feature_text import Plain, read_features
from iris_core.errors import DataError, StoreError


def decide(
    services: Services, candidate: Candidate, decision: Decision, *, label: str | None = None
) -> Candidate:
    """Store a reviewer's verdict in the retrain table and note it in the workspace.

    The verdict that it replaces is noted first, for this workspace may not know it: when a crash of
    the local cloud brings that one back, a replay must not take it for the later one.

    Raises `StoreError` when it is stored but could not be noted: the verdict counts, but a crash of
    the local cloud would take it.
    """
    decided = retrain_table.decide(services.cloud(), candidate, decision, label=label)
    tell("verdict", run=decided.key.run, row=decided.key.row, decision=decision)
    try:
        for known in (candidate, decided):
            if known.verdict is not None:
                services.journal.add_verdict(NotedVerdict.of(known))
    except StoreError as error:
        raise StoreError(
            f"The verdict on {decided.key} is stored, but the workspace could not note it, and a "
            f"crash of the local cloud would take it: {error}"
        ) from error
    return decided


def reviewed_dataset(services: Services, run: Run) -> DataSet:
    """What the run's model is to be retrained on: its own data, and the run's reviewed records.

    A record judged `right` or `relabel` is added with the reviewer's label, one judged `drop` or
    not judged is not. Raises `DataError` when there is nothing to add, `SchemaError` when a record
    holds text where the data have numbers.
    """
    base = services.datasets.load(services.models.load(run.model).card.dataset_id)
    rows = [
        {**features(candidate), base.label: candidate.verdict.label}
        for candidate in retrain_table.candidates(services.cloud(), run)
        if candidate.verdict and candidate.verdict.decision != "drop"
    ]
    if not rows:
        raise DataError(
            f"Run {run.id}: expected reviewed candidates to learn from, found none. Decide on some "
            "on the Retrain page first."
        )
    lacking = [name for name in base.frame.columns if not any(name in row for row in rows)]
    if lacking:
        raise DataError(
            f"Run {run.id}: its records lack the columns {', '.join(lacking)} of {base.name}. Test "
            "the model on data with all its columns."
        )
    dataset = extend(base, f"{base.name} + {len(rows)} reviewed", rows)
    services.datasets.add(dataset)
    return dataset


def classes(services: Services, run: Run) -> tuple[str, ...]:
    """The classes that a run's model tells apart; raises `NotFoundError` if nobody knows them."""
    known = run.metrics.get("classes")
    if known:
        return tuple(str(entry["name"]) for entry in known)
    return services.models.card(run.model).schema.classes


def features(candidate: Candidate) -> dict[str, Plain]:
    """The record's fields, read back from its text; raises `DataError` when that cannot be done."""
    return fields_of(candidate.record.feature_string, f"Record {candidate.key}")


def fields_of(text: str, whose: str) -> dict[str, Plain]:
    """The fields in a record's `Features`; raises `DataError`, which names `whose` they are."""
    try:
        return read_features(text)
    except DataError as error:
        raise DataError(f"{whose}: {error} Drop it.") from error
