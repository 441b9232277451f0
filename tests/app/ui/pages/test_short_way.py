"""From data to a verdict on a retrained model, by the one button that leads on from each page."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.job_starters import SEARCH
from app.services.review.candidates import CandidateFilter, find
from app.services.review.verdicts import give_verdict
from app.services.review_jobs import SEARCHED_AT_ONCE, search_once
from app.services.workspace import Workspace
from app.ui import state
from app.ui.visit import visit_workspace
from aws import run_table
from aws.settings import Settings
from iris_core.records.run import RunState
from tests.app.driving import go_to, is_calm, open_page, press, says, texts, until
from tests.aws.samples import sample_run


def press_start(app: AppTest, beginning: str) -> AppTest:
    """Press the button whose label begins so."""
    (button,) = [button for button in app.button if button.label.startswith(beginning)]
    return button.click().run()


@pytest.mark.cloud
def test_each_page_leads_on_until_the_new_model_is_beside_the_champion(home: Path) -> None:
    # GIVEN data without a model: the page offers the first one, and it is trained
    app = press(open_page("data"), "Train a first model")
    assert app.title[0].value == "Train"
    until(go_to(app, "train"), says("Trained **extended"))
    assert "Train a first model" not in {button.label for button in open_page("data").button}
    # WHEN it is tested on the same data, and its candidates are reviewed
    press_start(app, "Test it on extended")
    assert app.title[0].value == "Test"
    until(go_to(app, "test"), says("Reconciled: all 1,200"))
    press_start(app, "Review its ")
    workspace = visit_workspace()
    run = next(run_table.runs(workspace.cloud()))
    # THEN label errors are searched for, once
    search = workspace.jobs.latest(SEARCH)
    assert search is not None
    assert search.subject == run.id
    search_once(workspace, run)
    assert workspace.jobs.latest(SEARCH) is search
    until(app, lambda _app: search.is_over)
    # WHEN the verdicts are applied and the model is retrained
    (candidate,) = find(workspace.cloud(), run, CandidateFilter(), limit=1).candidates
    give_verdict(workspace, candidate, "drop")
    app = press(open_page("retrain"), "Apply verdicts and retrain")
    # THEN the page says whether the new model is better
    until(app, says("The challenger "))
    assert is_calm(app), texts(app)
    assert len(workspace.models.list().cards) == 2


def test_long_run_and_one_without_labels_are_not_searched_unasked(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, Settings())
    search_once(workspace, sample_run(SEARCHED_AT_ONCE + 1, state=RunState.RECONCILED))
    assert workspace.jobs.latest(SEARCH) is None


@pytest.mark.cloud
def test_demonstration_is_shown_step_by_step_and_undone(home: Path) -> None:
    app = press(open_page("loop"), "Show me")
    assert "**Train.**" in texts(app)
    until(app, says("This is the loop"))
    assert "labels are wrong now" in texts(app)
    app.session_state[state.UNDO_DEMONSTRATION_OPEN] = True
    app = press(app.run(), "Undo it all")
    assert "The demonstration was undone." in texts(app)
    assert "How do you want to begin?" in texts(app)
    assert state.UNDO_DEMONSTRATION not in {button.key for button in app.button}
