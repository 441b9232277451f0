"""The rows of the training data on the Retrain page: found, reviewed, undone, corrected."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.services.job_starters import SEARCH_ROWS
from app.services.review.ledger import row_verdicts
from app.ui import state
from app.ui.pages.retrain.selected_rows import ACCEPT, DROP, KEEP
from app.ui.visit import visit_workspace
from iris_core.storage.cards import Change, DataSetCard
from tests.app.driving import is_calm, open_page, press, says, texts, until

pytestmark = pytest.mark.cloud


@pytest.fixture
def app(home_with_runs: Path) -> AppTest:
    """The Retrain page with the rows of data of which some labels are wrong."""
    app = open_page("retrain")
    app.session_state[state.DATA_ROWS_OPEN] = True
    app.session_state[state.REVIEWED_DATA] = noisy().id
    return app.run()


def noisy() -> DataSetCard:
    cards = visit_workspace().datasets.list().cards
    return next(card for card in cards if card.change == Change.LABEL_NOISE)


def rows(app: AppTest) -> pd.DataFrame:
    return next(table.value for table in app.dataframe if "Suggested" in table.value)


def select(app: AppTest, *places: int, after: int = 0) -> AppTest:
    """Select rows of the list, after so many times that verdicts were given."""
    key = state.part(state.ROWS, noisy().id, after)
    app.session_state[key] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    return app.run()


def choose(app: AppTest, option: str) -> AppTest:
    return app.selectbox(key=state.ROWS_VERDICT).set_value(option).run()


def decisions() -> list[tuple[str, str]]:
    found = row_verdicts(visit_workspace(), noisy().project)
    return sorted((verdict.decision, verdict.label) for verdict in found.values())


def test_rows_are_found_reviewed_undone_and_corrected(app: AppTest) -> None:
    until(press(app, "Find label errors in the data"), says("are likely mislabelled;"))
    first = rows(app)
    assert len(first) == 50
    assert (first["Label"] != first["Suggested"])[:20].all()
    assert first["Reason"][0].endswith("rows are " + first["Suggested"][0] + ".")
    # WHEN some are accepted, kept and dropped
    choose(select(app, 0, 1), ACCEPT)
    press(app, "Give 2 verdicts")
    assert decisions() == sorted(("relabel", label) for label in first["Suggested"][:2])
    # THEN the next ones have moved up
    assert list(rows(app)["Row"][:3]) == list(first["Row"][2:5])
    press(choose(select(app, 0, after=1), KEEP), "Give 1 verdict")
    press(choose(select(app, 0, after=2), DROP), "Give 1 verdict")
    assert "4 have a verdict" in texts(app)
    # AND the last one is undone
    press(app, "Undo the last 1 verdict")
    assert "3 have a verdict" in texts(app)
    # AND the data are corrected, to be downloaded and trained on
    press(app, "Correct the data")
    assert "2 rows relabelled, 0 dropped, 0 added; 1,200 rows." in texts(app)
    assert "Download it" in [button.proto.label for button in app.get("download_button")]
    workspace = visit_workspace()
    newest = workspace.datasets.list().cards[0]
    assert newest.change in (Change.CORRECTED, Change.EVALUATION)
    assert app.selectbox(key=state.REVIEWED_DATA).value != noisy().id
    # AND the model can be retrained on them
    assert "Retrain" in [button.label for button in app.button]
    assert is_calm(app), texts(app)


def test_rows_are_looked_at_without_a_run(home_with_model: Path) -> None:
    app = open_page("retrain")
    app.session_state[state.DATA_ROWS_OPEN] = True
    app.run()
    until(press(app, "Find label errors in the data"), says("are likely mislabelled;"))
    assert is_calm(app), texts(app)


def test_visitor_sees_the_rows_and_changes_none(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(press(app, "Find label errors in the data"), says("are likely mislabelled;"))
    # GIVEN a dashboard that can only be looked at
    monkeypatch.setenv("IRIS_PUBLIC", "read-only")
    app.run()
    press(choose(select(app, 0, 1), DROP), "Give 2 verdicts")
    assert "looked at, not changed" in "\n".join(error.value for error in app.error)
    assert not decisions()
    press(app, "Find label errors in the data")
    assert "looked at, not changed" in "\n".join(error.value for error in app.error)
    assert len(visit_workspace().jobs.finished(SEARCH_ROWS, noisy().id)) == 1
