"""The items of a run as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from app.services.export.item_picture import ROWS, draw, items_picture
from aws.clients import Cloud
from aws.tables import typed
from iris_core.records.keys import key_of
from tests.aws.samples import sample_run

TEXT = "{http://www.w3.org/2000/svg}text"


def texts(picture: bytes) -> list[str]:
    return [entry.text or "" for entry in ET.fromstring(picture).iter(TEXT)]


@given(value=st.text())
def test_picture_is_valid_whatever_the_items_hold(value: str) -> None:
    assert len(texts(draw("the table", [{"Class": value}]))) == 1 + 6 + 6


def test_picture_has_the_columns_and_the_first_items(moto_cloud: Cloud) -> None:
    run, table = sample_run(ROWS + 5), moto_cloud.settings.score_table
    for row in range(run.rows):
        item = {**key_of(run.id, row)._asdict(), "Class": f"<b>{row}", "Features": "x" * 99}
        moto_cloud.dynamodb.put_item(TableName=table, Item=typed(item))
    found = texts(items_picture(moto_cloud, table, run))
    assert found[0] == f"{table}: the first {ROWS} items of run {run.id}"
    assert found[1:4] == ["partition_key", "sort_key", "Features"]
    assert [text for text in found if text.startswith("<b>")] == [f"<b>{n}" for n in range(ROWS)]
    assert all(len(text) <= 60 for text in found[1:])
    assert "x" * 59 + "…" in found
