"""The jobs under way in the sidebar, and the views as tabs."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.services.jobs import Job
from app.ui import state
from app.ui.visit import visit_workspace
from tests.app.driving import go_to, open_page, open_view, texts, until


def test_job_is_shown_on_every_page_until_it_is_over(home: Path) -> None:
    # GIVEN a job that waits for us
    workspace, go_on = visit_workspace(), threading.Event()

    def work(job: Job) -> None:
        job.report("predicted", 3, 4)
        job.report("stored", 1, 4)
        go_on.wait(60)

    job = workspace.jobs.submit("train", "Training <b>on</b> flowers", work)
    # THEN each page shows it, as far as its last step is
    for page in ("data", "train"):
        app = open_page(page)
        (bar,) = [entry.proto for entry in app.get("progress") if "flowers" in entry.proto.text][:1]
        assert bar.value == 25
        assert "\\<b\\>on" in bar.text
    # WHEN it is over, its end is said
    go_on.set()
    until(app, lambda _app: job.is_over)


@pytest.mark.usefixtures("home")
def test_page_that_is_opened_again_shows_the_view_it_had() -> None:
    app = open_view(open_page("data"), state.VIEW, "Classes")
    assert "Majority-class baseline" in texts(app)
    go_to(go_to(app, "score"), "data")
    assert "Majority-class baseline" in texts(app)
    # A link opens what it names.
    assert app.session_state[state.VIEW] == "Classes"
    assert "Majority-class baseline" in texts(open_page("data", view="Classes"))
