"""The table in memory does what moto's does, so that results with it hold elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aws import tables
from aws.clients import Cloud
from aws.retrain_table import save_verdict
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, key_of, new_run_id
from lambda_src.index import WITHDRAWN, Image, update_of
from tests.aws.samples import sample_record
from tests.faults.memory import ITEM_LIMIT, MemoryCloud

ROWS = st.integers(0, 3)
SEQUENCES = st.integers(0, 3).map(lambda number: str(number).zfill(40))
REASONS = st.sampled_from(["wrong", "unsure", WITHDRAWN])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), ROWS, st.sampled_from(["0.1", "0.2"])),
        st.tuples(st.just("copy"), ROWS, SEQUENCES, REASONS),
        st.tuples(st.just("copy all"), st.sets(ROWS, min_size=1), SEQUENCES, REASONS),
        st.tuples(st.just("decide"), ROWS, st.sampled_from(["right", "drop"])),
    ),
    max_size=12,
)


def image(run: str, row: int, sequence: str, reason: str) -> Image:
    fields = {"Features": "{}", "Class": "a", "Actual": "b", "Probability": "0.5"}
    key = key_of(run, row)
    return Image((key.partition_key, key.sort_key), fields, reason, "0.9", sequence)


def put(cloud: Cloud, run: str, row: int, probability: str) -> None:
    item = {**sample_record(row).to_item(key_of(run, row)), "Probability": probability}
    table = cloud.settings.score_table
    cloud.dynamodb.batch_write_item(
        RequestItems={table: [{"PutRequest": {"Item": tables.typed(item)}}]}
    )


def copy(cloud: Cloud, run: str, row: int, sequence: str, reason: str) -> None:
    table = cloud.settings.retrain_table
    cloud.dynamodb.update_item(**update_of(image(run, row, sequence, reason), table))


def copy_all(cloud: Cloud, run: str, rows: set[int], sequence: str, reason: str) -> None:
    table = cloud.settings.retrain_table
    updates = [update_of(image(run, row, sequence, reason), table) for row in sorted(rows)]
    cloud.dynamodb.transact_write_items(
        TransactItems=[{"Update": update} for update in updates]  # type: ignore[typeddict-item]
    )


def decide_on(cloud: Cloud, run: str, row: int, decision: Any) -> None:
    key = key_of(run, row)
    answer = cloud.dynamodb.get_item(
        TableName=cloud.settings.retrain_table, Key=tables.typed(key._asdict())
    )
    if "Item" in answer:
        save_verdict(cloud, Candidate.from_item(tables.plain(answer["Item"])), decision)


CALLS: Mapping[str, Callable[..., None]] = {
    "put": put,
    "copy": copy,
    "copy all": copy_all,
    "decide": decide_on,
}


def outcome(cloud: Cloud, run: str, step: tuple[Any, ...]) -> str:
    try:
        CALLS[step[0]](cloud, run, *step[1:])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def seen(cloud: Cloud, run: str, table: str) -> list[object]:
    """The results of queries, without times and random ids."""
    partition = key_of(run, 0).partition_key
    items = list(tables.query(cloud, table, partition))
    first = tables.query_page(cloud, table, partition, limit=2)
    rest = tables.query_page(cloud, table, partition, after=first.after) if first.after else None
    newest = tables.query_page(cloud, table, partition, newest_first=True, attributes=["sort_key"])
    chosen = tables.query_page(cloud, table, partition, where={"Reason": "wrong"})
    counted = tables.count(cloud, table, partition, unless=("Reason", WITHDRAWN))
    by_key = tables.get_many(cloud, table, [key_of(run, row) for row in (3, 0, 1, 0, 9)])
    for item in (*items, *by_key):
        for name in ("ReviewedAt", "VerdictId"):
            item.pop(name, None)
    lengths = [len(first.items), rest and len(rest.items), len(chosen.items)]
    return [items, by_key, lengths, newest, counted]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_table_in_memory_answers_as_motos(moto_cloud: Cloud, steps: list[Any]) -> None:
    memory: Any = MemoryCloud()
    run = new_run_id()
    for step in steps:
        assert outcome(memory, run, step) == outcome(moto_cloud, run, step), step
    for table in ("IrisExtended", "IrisExtendedRetrain"):
        assert seen(memory, run, table) == seen(moto_cloud, run, table)


@pytest.mark.parametrize(("bytes_more", "is_stored"), [(0, True), (1, False)])
def test_item_over_400_kb_is_refused_as_by_dynamodb(bytes_more: int, is_stored: bool) -> None:
    cloud: Any = MemoryCloud()
    key = Key("p", "s")
    size = sum(map(len, ("partition_key", "p", "sort_key", "s", "Features")))
    item = tables.typed({**key._asdict(), "Features": "x" * (ITEM_LIMIT - size + bytes_more)})
    if is_stored:
        cloud.dynamodb.put_item(TableName="T", Item=item)
    else:
        with pytest.raises(ClientError, match="ValidationException"):
            cloud.dynamodb.put_item(TableName="T", Item=item)


def test_stream_gets_an_image_of_what_changed_and_of_nothing_else() -> None:
    cloud: Any = MemoryCloud()
    run = new_run_id()
    for probability in ("0.1", "0.1", "0.2"):
        put(cloud, run, 0, probability)
    images = [(r["eventName"], r["dynamodb"]["NewImage"]["Probability"]["S"]) for r in cloud.stream]
    assert images == [("INSERT", "0.1"), ("MODIFY", "0.2")]
