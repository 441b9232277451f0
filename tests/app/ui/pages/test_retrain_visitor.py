"""A visitor who may only look sees all of the Retrain page, and changes nothing there."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.review.exchange import export_review
from app.ui import state
from app.ui.pages.retrain.selected_rows import DROP
from app.ui.visit import visit_workspace
from aws import retrain_table, run_table
from iris_core.records.run import Run
from tests.app.driving import open_page, press, says, texts, until

pytestmark = pytest.mark.cloud

OPEN = (
    state.NEAREST_OPEN,
    state.TYPICAL_OPEN,
    state.REASONS_OPEN,
    state.HISTORY_OPEN,
    state.SEVERAL_OPEN,
    state.EXCHANGE_OPEN,
    state.DATA_ROWS_OPEN,
)
"""Everything that is folded."""


@pytest.fixture
def app(home_with_runs: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page as a visitor sees it, with a search for label errors by its owner."""
    until(press(open_page("retrain"), "Find label errors"), says("are likely mislabelled"))
    monkeypatch.setenv("IRIS_PUBLIC", "read-only")
    app = open_page("retrain")
    for key in OPEN:
        app.session_state[key] = True
    return app.run()


def the_run() -> Run:
    return next(run_table.runs(visit_workspace().cloud()))


def refuses(app: AppTest) -> bool:
    """Whether the last click was refused, and nothing was changed."""
    refusals = [error for error in app.error if "looked at, not changed" in error.value]
    candidates = retrain_table.candidates(visit_workspace().cloud(), the_run())
    return len(refusals) == 1 and not [entry for entry in candidates if entry.verdict]


def test_visitor_sees_everything(app: AppTest) -> None:
    assert not app.exception
    assert not app.error, texts(app)
    assert "Compared with typical" in texts(app)
    assert [table for table in app.dataframe if "Feature" in table.value]
    assert [button for button in app.get("download_button") if "Studio" in button.proto.label]


def test_visitor_gives_no_verdict_on_one_or_many(app: AppTest) -> None:
    assert refuses(press(app, "Drop"))
    key = state.part(state.CANDIDATES, 1, 0)
    app.session_state[key] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    app.run()
    app.selectbox(key=state.SELECTED_VERDICT).set_value(DROP).run()
    assert refuses(app.button(key=state.GIVE_SELECTED).click().run())
    # AND a budget is not used by what was refused
    app.number_input(key=state.REVIEW_BUDGET).set_value(1).run()
    assert refuses(press(app, "Drop"))
    assert "budget is used up" not in texts(app)


def test_visitor_draws_a_sample_and_reviews_none_of_it(app: AppTest) -> None:
    app.number_input(key=state.SAMPLE_SIZE).set_value(10).run()
    press(app, "Draw 10 of them")
    assert "Sample: 0 of 10" in texts(app)
    assert refuses(press(app, "Drop"))


def test_visitor_imports_nothing(app: AppTest) -> None:
    content = export_review(visit_workspace(), the_run())[0].replace(b",undecided,", b",drop,")
    app.file_uploader(key=state.part(state.IMPORT_FILE, 0)).upload("r.csv", content, "").run()
    assert refuses(press(app, "Take over the verdicts"))
