"""People's own files go through every page and every view of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import state
from app.ui.visit import visit_workspace
from tests.app.driving import go_to, is_calm, open_page, open_view, press, tested, texts, trained
from tests.files import coffee_csv, lab_csv

pytestmark = pytest.mark.cloud

OF_THE_CLOUD = (state.LOG_OPEN, state.QUEUE_OPEN, state.COST_OPEN)
"""What can be opened on the Cloud page."""


@pytest.mark.parametrize(
    ("name", "content", "label"),
    [
        ("lab.csv", lab_csv(), "species"),
        ("lab codes.csv", lab_csv(codes=True), "species"),
        ("coffee.csv", coffee_csv(400), "variety"),
    ],
    ids=["lab", "lab with codes as labels", "another subject"],
)
def test_file_goes_through_every_page(home: Path, name: str, content: bytes, label: str) -> None:
    app = open_page("data")
    app.file_uploader[0].set_value((name, content, "text/csv"))
    app.run().selectbox(key=state.UPLOAD_LABEL).set_value(label).run()
    press(app, "Add")
    assert_every_view_is_calm(app, state.VIEW)
    card = visit_workspace().datasets.card(str(app.selectbox(key=state.DATA_SET).value))
    assert (card.name, card.label) == (name.removesuffix(".csv"), label)

    trained(app)
    assert is_calm(app), texts(app)
    (model,) = visit_workspace().models.list().cards
    assert model.dataset_id == card.id
    go_to(app, "score")
    assert app.metric[0].label == label
    press(app, "Use this record")
    assert "Row 0 of" in texts(app)
    assert is_calm(app), texts(app)

    tested(app)
    assert_every_view_is_calm(app, state.RUN_VIEW)
    go_to(app, "retrain").session_state[state.COUNTS_OPEN] = True
    assert is_calm(app.run()), texts(app)
    assert len(app.dataframe[0].value)
    go_to(app, "cloud")
    for key in OF_THE_CLOUD:
        app.session_state[key] = True
    assert is_calm(app.run()), texts(app)
    assert is_calm(go_to(app, "loop")), texts(app)


def assert_every_view_is_calm(app: AppTest, key: str) -> None:
    views = [tab.label for tab in app.tabs]
    assert len(views) > 1
    for view in views:
        open_view(app, key, view)
        assert is_calm(app), f"{view}: {texts(app)}"
