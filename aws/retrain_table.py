"""The retrain table: candidates page by page, and what a reviewer decides about one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from aws.clients import Cloud
from aws.errors import SettingsError, translated
from aws.tables import plain, query_page, typed
from iris_core.records.attributes import Item
from iris_core.records.candidate import Candidate, CandidatePage
from iris_core.records.keys import Key, partitions
from iris_core.records.run import Run
from iris_core.records.verdict import Decision, Verdict
from lambda_src.index import WITHDRAWN


def page(cloud: Cloud, run: Run, *, after: Key | None = None, limit: int = 100) -> CandidatePage:
    """At most `limit` candidates of a run behind `after`, in test order, with Query alone."""
    found: list[Candidate] = []
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
                limit=limit - len(found),
            )
            found += map(Candidate.from_item, filter(_is_shown, part.items))
            if len(found) == limit:
                return CandidatePage(tuple(found), found[-1].key)
            sort_key = part.after
            if sort_key is None:
                break
    return CandidatePage(tuple(found), None)


def candidates(cloud: Cloud, run: Run) -> Iterator[Candidate]:
    """All candidates of a run in test order, a page in memory at a time."""
    after: Key | None = None
    while True:
        part = page(cloud, run, after=after, limit=1000)
        yield from part.candidates
        after = part.after
        if after is None:
            return


def load(cloud: Cloud, key: Key) -> Candidate | None:
    """One candidate; None when the retrain table does not hold it."""
    with translated(f"loading {key}"):
        item = _read(cloud, key)
    return Candidate.from_item(item) if item else None


def save_verdict(
    cloud: Cloud, candidate: Candidate, decision: Decision, *, label: str | None = None
) -> Candidate:
    """Store a reviewer's verdict on the candidate as it was read; returns it as it is now.

    `right`: the actual class is right, the model is to learn it. `relabel`: `label` is the class
    it should have. `drop`: leave the record out of retraining. Raises `ConflictError` when
    somebody decided since the candidate was read, `SettingsError` when the label does not fit.
    """
    labels = {"right": candidate.record.actual_string, "relabel": label or "", "drop": ""}
    if decision not in labels:
        raise SettingsError(f"Expected 'right', 'relabel' or 'drop', received {decision!r}.")
    if decision == "relabel" and labels["relabel"] in ("", candidate.record.actual_string):
        raise SettingsError(
            f"Expected another class than {candidate.record.actual_string!r} for 'relabel', "
            f"received {label!r}. Choose one, or 'right' if the label is right."
        )
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    verdict = Verdict(decision, labels[decision], now)
    version = candidate.version + 1
    values = {
        "VerdictId": secrets.token_hex(8),
        "Verdict": decision,
        "Label": verdict.label,
        "ReviewedAt": verdict.at,
        "Version": str(version),
    }
    unchanged = "attribute_not_exists(Version)" if version == 1 else "Version = :before"
    with translated(f"deciding on {candidate.key}"):
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
            # A request that is sent again because its answer was lost meets its own verdict.
            if _read(cloud, candidate.key).get("VerdictId") != values["VerdictId"]:
                raise
    return replace(candidate, verdict=verdict, version=version)


def _read(cloud: Cloud, key: Key) -> Item:
    """One item as it is stored, empty when there is none."""
    answer = cloud.dynamodb.get_item(
        TableName=cloud.settings.retrain_table, Key=typed(key._asdict()), ConsistentRead=True
    )
    return plain(answer.get("Item", {}))


def _is_shown(item: Item) -> bool:
    """A withdrawn record is no candidate any more, but what a person decided stays to be seen."""
    return item.get("Reason") != WITHDRAWN or "Verdict" in item
