"""Rows that are selected in the list of candidates get one verdict, and one undo takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.review.verdicts import give_verdict
from app.ui import state
from app.ui.pages.retrain.selected_rows import CLASS, DROP
from app.ui.visit import visit_workspace
from aws import retrain_table, run_table
from iris_core.records.candidate import Candidate
from tests.app.driving import is_calm, listed, open_page, press, says, texts, until

pytestmark = pytest.mark.cloud


@pytest.fixture
def app(home_with_runs: Path) -> AppTest:
    """The Retrain page on the newest run, of data of which some labels are wrong."""
    return open_page("retrain")


def candidates() -> list[Candidate]:
    cloud = visit_workspace().cloud()
    return list(retrain_table.candidates(cloud, next(run_table.runs(cloud))))


def select(app: AppTest, *rows: int) -> AppTest:
    key = state.part(state.CANDIDATES, 1, 0)
    app.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def test_selected_records_get_one_verdict(app: AppTest) -> None:
    second = candidates()[1]
    give_verdict(visit_workspace(), second, "right")
    select(app, 0, 1, 2)
    assert is_calm(app), texts(app)
    assert "1 of them has a verdict, which this one replaces" in texts(app)
    app.selectbox(key=state.SELECTED_VERDICT).set_value(DROP).run()
    until(press(app, "Give 3 verdicts"), says("verdicts were given"))
    assert [c.verdict.decision for c in candidates() if c.verdict] == ["drop"] * 3
    # THEN nothing is selected any more, and one undo takes them back
    assert state.GIVE_SELECTED not in [button.key for button in app.button]
    until(press(app, "Undo all of them"), says("verdicts were undone"))
    assert [c.key for c in candidates() if c.verdict] == [second.key]


def test_class_of_several_keeps_the_label_of_those_that_have_it(app: AppTest) -> None:
    select(app, 0, 1, 2, 3)
    name = candidates()[0].record.actual_string
    app.selectbox(key=state.SELECTED_VERDICT).set_value(CLASS + name).run()
    until(press(app, "Give 4 verdicts"), says("verdicts were given"))
    for candidate in candidates()[:4]:
        assert candidate.verdict is not None
        is_same = candidate.record.actual_string == name
        assert candidate.verdict.decision == ("right" if is_same else "relabel")
        assert candidate.verdict.label == name


def test_one_selected_record_is_shown_and_asks_for_no_verdict_on_several(app: AppTest) -> None:
    select(app, 4)
    assert "records are selected" not in texts(app)
    assert state.GIVE_SELECTED not in [button.key for button in app.button]
    assert len(listed(app)) > 4
