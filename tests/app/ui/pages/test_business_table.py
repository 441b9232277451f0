"""A table as a business has it goes through every page: identifiers, dates, texts and gaps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.services.data.datasets import import_table
from app.services.model.training import train_model
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.data.views import VIEWS
from app.ui.visit import visit_workspace
from aws import retrain_table, run_table
from iris_core.model.options import ModelSpec, TrainOptions
from tests.app.driving import go_to, is_calm, open_page, open_view, press, says, texts, until

pytestmark = pytest.mark.cloud


def customers(rows: int, *, seed: int = 0, labelled: bool = True) -> bytes:
    rng = np.random.default_rng(seed)
    calls = rng.poisson(2, rows)
    leaves = rng.random(rows) < 1 / (1 + np.exp(2.5 - calls))
    frame = pd.DataFrame(
        {
            "customerID": [f"C-{number:05d}" for number in rng.permutation(99_999)[:rows]],
            "signup": pd.Timestamp("2021-03-01") + pd.to_timedelta(rng.integers(0, 900, rows), "D"),
            "plan": rng.choice(["basic", "plus", "pro"], rows),
            "charges": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(50, 9, rows).round(2)),
            "calls": calls,
            "churn": np.where(leaves, "yes", "no"),
        }
    )
    kept = frame if labelled else frame.drop(columns="churn")
    return str(kept.to_csv(index=False)).encode()


@pytest.fixture
def workspace(home: Path) -> Workspace:
    made = visit_workspace()
    dataset = import_table(made, customers(400), name="customers.csv")
    model = train_model(made, dataset, ModelSpec(units=(8,)), options=TrainOptions(epochs=6))
    run_test(made, model, dataset)
    return made


def assert_evidence(app: AppTest) -> None:
    """Check that a record's nearest rows have its features, but no column that is left out."""
    for key in (state.NEAREST_OPEN, state.TYPICAL_OPEN, state.HISTORY_OPEN):
        app.session_state[key] = True
    app.run()
    assert is_calm(app), texts(app)
    shown = next(table.value for table in app.dataframe if "Feature" in table.value)
    features = ["signup", "plan", "charges", "calls"]
    assert list(shown["Feature"]) == ["Label", "Distance", *features]


def test_every_page_shows_it(workspace: Workspace) -> None:
    app = open_page("data")
    assert "400 rows · 4 features, of them 1 categorical and 1 date · 1 column left out" in texts(
        app
    )
    for view in VIEWS:
        open_view(app, state.VIEW, view)
        assert is_calm(app), (view, texts(app))
    go_to(app, "score")
    assert is_calm(app), texts(app)
    app.text_input(key="category_signup").set_value("2022-06-30").run()
    assert is_calm(app), texts(app)
    # AND what is no date is named
    app.text_input(key="category_signup").set_value("soon").run()
    assert "expected dates such as 2021" in texts(app)
    app.text_input(key="category_signup").set_value("").run()
    go_to(app, "test")
    assert is_calm(app), texts(app)
    assert "Columns that the model does not use: customerID." in texts(app)
    assert_evidence(go_to(app, "retrain"))
    assert "**How frequent its categories are**" in texts(app)
    go_to(app, "train")
    assert is_calm(app), texts(app)


def test_rows_without_labels_are_tested_and_reviewed(workspace: Workspace) -> None:
    columns = workspace.datasets.list().cards[0].columns_by_kind
    arrived = import_table(
        workspace, customers(60, seed=1, labelled=False), name="arrived.csv", like=columns
    )
    app = open_page("test", test_on=arrived.id)
    until(press(app, "Test"), says("The rows have no labels"))
    assert is_calm(app), texts(app)
    assert_evidence(go_to(app, "retrain"))
    right = next(button for button in app.button if button.label.startswith("Right: "))
    right.click().run()
    assert is_calm(app), texts(app)
    run = next(run_table.runs(workspace.cloud()))
    (reviewed,) = [
        candidate
        for candidate in retrain_table.candidates(workspace.cloud(), run)
        if candidate.verdict is not None
    ]
    assert reviewed.verdict is not None
    assert reviewed.verdict.label == reviewed.record.class_string


def orders(customers: int = 40) -> bytes:
    """Return a file of five orders of each customer."""
    rng = np.random.default_rng(3)
    who = rng.permutation(np.repeat(np.arange(customers), 5))
    frame = pd.DataFrame(
        {
            "customer_id": [f"C-{number:03d}" for number in who],
            "region": [f"r{number % 4}" for number in who],
            "amount": rng.normal(50, 9, len(who)).round(2),
            "returned": np.where(who % 2, "yes", "no"),
        }
    )
    return str(frame.to_csv(index=False)).encode()


def groups_of_orders() -> list[str | None]:
    """Return the group column of each data set of orders."""
    return [card.group for card in visit_workspace().datasets.list().cards if card.name == "orders"]


def choose_role(app: AppTest, row: int, role: str) -> None:
    """Choose the role of a column in the upload form, as a click in the table does."""
    (table,) = (entry for entry in app.dataframe if entry.proto.editing_mode)
    edits = {"edited_rows": {str(row): {"Role": role}}, "added_rows": [], "deleted_rows": []}
    states = app._tree.get_widget_states()
    states.widgets.add(id=table.proto.id, string_value=json.dumps(edits))
    app._run(states)


def test_rows_of_a_customer_stay_together_unless_a_person_says_otherwise(home: Path) -> None:
    app = open_page("data")
    app.file_uploader[0].set_value(("orders.csv", orders(), "text/csv")).run()
    roles = app.dataframe[0].value
    assert roles["Role"].tolist() == ["group", "category", "number"]
    assert roles["Why"].iloc[0] == (
        "40 values, each in 5 rows on average: rows of one customer_id stay on one side of the "
        "split."
    )
    press(app, "Add")
    assert is_calm(app), texts(app)
    assert "200 rows · 2 features, of them 1 categorical · groups of **customer\\_id**" in texts(
        app
    )
    for view in VIEWS:
        open_view(app, state.VIEW, view)
        assert is_calm(app), (view, texts(app))
    assert groups_of_orders() == ["customer_id"]


@pytest.mark.parametrize(("row", "role", "groups"), [(0, "left out", [None]), (2, "group", [])])
def test_group_is_changed_with_a_click(
    home: Path, row: int, role: str, groups: list[str | None]
) -> None:
    app = open_page("data")
    app.file_uploader[0].set_value(("orders.csv", orders(), "text/csv")).run()
    choose_role(app, row, role)
    press(app, "Add")
    refused = "choose one group column" in texts(app)
    assert (groups_of_orders(), refused) == (groups, not groups)
