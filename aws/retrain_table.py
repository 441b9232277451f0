"""The retrain table: candidates page by page, and the verdict of a reviewer on one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from aws.clients import Cloud
from aws.errors import SettingsError, translated
from aws.tables import get_many, plain, query_page, typed
from iris_core.records.attributes import (
    CARRIED_FROM,
    LABEL,
    NOTE,
    REVIEWED_AT,
    REVIEWER,
    VERDICT,
    VERDICT_ID,
    VERSION,
    Item,
)
from iris_core.records.candidate import Candidate, CandidatePage, is_listed
from iris_core.records.keys import Key, partitions
from iris_core.records.lease import NO_LEASE
from iris_core.records.opinions import Opinions
from iris_core.records.run import Run
from iris_core.records.verdict import MAX_NOTE, MAX_WHO, UNDECIDED, Decision, Verdict, is_named


def page(cloud: Cloud, run: Run, *, after: Key | None = None, limit: int = 100) -> CandidatePage:
    """Return one page of a run's candidates in test order, with Query alone.

    Args:
        cloud: whose retrain table is read.
        run: whose candidates they are.
        after: the last key of the page before; None for the first page.
        limit: number of candidates at most.
    """
    entries: list[Candidate] = []
    for partition in partitions(run.id, run.rows):
        if after and partition < after.partition_key:
            continue
        sort_key = after.sort_key if after and partition == after.partition_key else None
        while True:
            part = query_page(
                cloud,
                cloud.settings.retrain_table,
                partition,
                after=sort_key,
                limit=limit - len(entries),
            )
            entries += map(Candidate.from_item, filter(is_listed, part.items))
            if len(entries) == limit:
                return CandidatePage(tuple(entries), entries[-1].key)
            sort_key = part.after
            if sort_key is None:
                break
    return CandidatePage(tuple(entries), None)


def candidates(cloud: Cloud, run: Run) -> Iterator[Candidate]:
    """Yield all candidates of a run in test order, a page in memory at a time."""
    after: Key | None = None
    while True:
        part = page(cloud, run, after=after, limit=1000)
        yield from part.candidates
        after = part.after
        if after is None:
            return


def load(cloud: Cloud, key: Key) -> Candidate | None:
    """Return one candidate, None when the retrain table does not hold it."""
    with translated(f"loading {key}"):
        item = _read(cloud, key)
    return Candidate.from_item(item) if item else None


def load_many(cloud: Cloud, keys: Sequence[Key]) -> list[Candidate | None]:
    """Return some candidates in the order of their keys, None for each that is not there."""
    items = get_many(cloud, cloud.settings.retrain_table, keys)
    return [Candidate.from_item(item) if item else None for item in items]


def save_verdict(
    cloud: Cloud,
    candidate: Candidate,
    decision: Decision | Literal["undecided"],
    *,
    label: str | None = None,
    note: str = "",
    carried_from: str = "",
    at: str | None = None,
    who: str = "",
    verdict_id: str = "",
    settles: bool = False,
    opinions: Opinions | None = None,
) -> Candidate:
    """Store a reviewer's verdict on a candidate, and their opinion; a lease on it ends.

    Args:
        cloud: whose retrain table holds the candidate.
        candidate: as it was read.
        decision: `right` keeps the record's label for retraining, `relabel` replaces it by
            `label`, `drop` leaves the record out; `undecided` takes an earlier verdict back.
        label: the class that the record should have; for `relabel` only.
        note: the reviewer's, for people; of a longer one the first `MAX_NOTE` characters.
        carried_from: id of the run whose review it comes from; empty for a new verdict.
        at: the time of the verdict, ISO 8601, UTC, if it was given before; by default now. Empty
            where an undo leaves a candidate as nobody had reviewed it.
        who: the reviewer; of a longer name the first `MAX_WHO` characters.
        verdict_id: of the bulk, the undo or the restored verdict; by default a new one.
        settles: whether it ends the disagreement of reviewers.
        opinions: those that an undo or a replay restores; by default they follow from the verdict.

    Returns:
        The candidate as it is now.

    Raises:
        ConflictError: somebody has reviewed it since it was read.
        SettingsError: the decision is unknown, the label does not fit it, or nobody's name stands
            for what it settles.
    """
    labels = {
        "right": candidate.record.actual_string,
        "relabel": label or "",
        "drop": "",
        UNDECIDED: "",
    }
    if decision not in labels:
        raise SettingsError(
            f"Expected 'right', 'relabel', 'drop' or 'undecided', received {decision!r}."
        )
    if decision == "relabel" and labels["relabel"] in ("", candidate.record.actual_string):
        raise SettingsError(
            f"Expected another class than {candidate.record.actual_string!r} for 'relabel', "
            f"received {label!r}. Choose one, or 'right' if the label is right."
        )
    if settles and not is_named(who):
        raise SettingsError("Enter your name first: a disagreement is settled by a person.")
    given_at = datetime.now(UTC).isoformat(timespec="milliseconds") if at is None else at
    version = candidate.version + 1
    values = {
        VERDICT: decision,
        LABEL: labels[decision],
        REVIEWED_AT: given_at,
        NOTE: note[:MAX_NOTE],
        CARRIED_FROM: carried_from,
        REVIEWER: who[:MAX_WHO],
        VERDICT_ID: verdict_id or secrets.token_hex(8),
        VERSION: str(version),
    }
    verdict = Verdict.from_item(values)
    if opinions is None:
        opinions = candidate.opinions.after(
            verdict, values[REVIEWER], before=candidate.verdict, settles=settles
        )
    values |= {**opinions.to_item(), **NO_LEASE}
    unchanged = f"attribute_not_exists({VERSION})" if version == 1 else f"{VERSION} = :before"
    with translated(f"reviewing {candidate.key}"):
        try:
            cloud.dynamodb.update_item(
                TableName=cloud.settings.retrain_table,
                Key=typed(candidate.key._asdict()),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
                ConditionExpression=f"attribute_exists(partition_key) AND {unchanged}",
                ExpressionAttributeNames={f"#{name}": name for name in values},
                ExpressionAttributeValues={
                    **typed({f":{name}": text for name, text in values.items()}),
                    **({":before": {"S": str(candidate.version)}} if version > 1 else {}),
                },
            )
        except cloud.dynamodb.exceptions.ConditionalCheckFailedException:
            # A retry after a lost answer finds the verdict that its first try has stored.
            stored = _read(cloud, candidate.key)
            if any(stored.get(name) != values[name] for name in (VERDICT_ID, VERSION)):
                raise
    return replace(
        candidate,
        verdict=verdict,
        version=version,
        taken_back_at="" if verdict else given_at,
        taken_back_by="" if verdict else values[REVIEWER],
        verdict_id=values[VERDICT_ID],
        opinions=opinions,
        lease=None,
    )


def _read(cloud: Cloud, key: Key) -> Item:
    """Return one item as it is stored, empty when there is none."""
    answer = cloud.dynamodb.get_item(
        TableName=cloud.settings.retrain_table, Key=typed(key._asdict()), ConsistentRead=True
    )
    return plain(answer.get("Item", {}))
