"""The access gate as people see it, and a read-only dashboard of which each button is pressed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from app.services import workspace as services_module
from app.services.data.datasets import default_dataset
from app.services.job_starters import TRAIN
from app.services.model.training import train_model
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from app.ui import access as access_module
from app.ui import visit as visit_module
from app.ui.access import Access, Visit
from app.ui.navigation import script
from app.ui.visit import visit_workspace
from app.ui.widgets.error_display import UNEXPECTED
from aws import function, retrain_table, run_table, stack
from aws.errors import NotPermittedError
from aws.settings import Settings
from iris_core.model.options import ModelSpec, TrainOptions

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("loop", "data", "train", "score", "test", "retrain", "cloud")
CHANGING = {
    "Change labels", "Delete", "Deploy", "Destroy", "Drop", "Find label errors",
    "Load the default data", "Rename it", "Apply verdicts", "Apply verdicts and retrain", "Set",
    "Split", "Test", "Train",
}  # fmt: skip
"""The buttons that change something, as far as a workspace with one run shows them."""
AUTH = {"auth": {"cookie_secret": "x" * 32}, "access": {"emails": ["ada@example.org"]}}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty workspace of the test's own."""
    monkeypatch.setenv("IRIS_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    workspace = services_module._shared.pop((tmp_path / "home").resolve(), None)
    if workspace is not None:
        workspace.close()


def app(secrets: dict[str, Any] | None = None, person: dict[str, Any] | None = None) -> AppTest:
    test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    test.secrets.update(secrets or {})
    test.user.update(person or {})
    return test.run()


def page_text(test: AppTest) -> str:
    said = (*test.title, *test.markdown, *test.caption, *test.text)
    alerts = (*test.error, *test.warning, *test.info, *test.success)
    return "\n".join(element.value for element in (*said, *alerts))


def buttons(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def test_closed_dashboard_shows_nothing_else(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRIS_PUBLIC", "closed")
    test = app()
    assert page_text(test) == "Iris Loop\nThis dashboard is closed. Whoever runs it can open it."
    assert buttons(test) == []
    assert not home.exists()


def test_visit_from_elsewhere_learns_what_the_operator_has_to_set(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_module, "_visit", lambda: Visit("192.0.2.7", {}))
    test = app()
    assert "IRIS_PUBLIC" in page_text(test)
    assert buttons(test) == []
    assert not home.exists()


def test_with_a_login_strangers_see_the_way_in_and_nothing_else(home: Path) -> None:
    test = app(AUTH)
    assert page_text(test) == "Iris Loop\nLog in to use this dashboard."
    assert buttons(test) == ["Log in"]
    assert not home.exists()


def test_person_who_is_not_listed_sees_the_account_and_can_log_out(home: Path) -> None:
    test = app(AUTH, {"is_logged_in": True, "email": "eve@example.org"})
    assert "You have no access" in page_text(test)
    assert "Logged in as eve@example.org" in page_text(test)
    assert buttons(test) == ["Log out"]
    assert not home.exists()


@pytest.mark.cloud
def test_person_on_the_list_is_inside_and_can_leave(home: Path) -> None:
    test = app(AUTH, {"is_logged_in": True, "email": "ada@example.org"})
    assert test.title[0].value == "Loop"
    assert "Logged in as ada@example.org" in page_text(test)
    assert "Log out" in buttons(test)


def test_rule_that_cannot_be_meant_lets_nobody_in(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_PUBLIC", "everybody")
    test = app()
    assert "received 'everybody'" in test.error[0].value
    assert buttons(test) == []
    assert not home.exists()


def test_secrets_that_cannot_be_read_let_nobody_in(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n")
    files_before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(broken)])
    try:
        test = app()
    finally:
        config.set_option("secrets.files", files_before)
    assert "it is unknown who has access" in test.error[0].value
    assert buttons(test) == []
    assert not home.exists()


def test_visit_that_is_not_let_in_gets_no_services(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for outside in set(Access) - {Access.OPEN, Access.READ_ONLY}:
        monkeypatch.setattr(visit_module, "current_access", lambda outside=outside: outside)
        with pytest.raises(NotPermittedError, match="has no access"):
            visit_workspace()
    assert not home.exists()


@pytest.fixture
def kept(home: Path) -> Workspace:
    """The services of a workspace with a model, a run, and a candidate that was reviewed."""
    workspace = services_module._shared[home.resolve()] = Workspace(home, Settings())
    dataset = default_dataset(workspace)
    model = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=2))
    run = run_test(workspace, model, dataset, threshold="1").run
    candidate = next(retrain_table.candidates(workspace.cloud(), run))
    give_verdict(workspace, candidate, "right")
    return workspace


def state_of(workspace: Workspace) -> dict[str, object]:
    """All that a visitor could change: the files of the workspace, and what the cloud holds."""
    cloud = workspace.cloud()
    files = {
        str(path.relative_to(workspace.home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in workspace.home.rglob("*")
        if path.is_file() and "cloud" not in path.relative_to(workspace.home).parts
    }
    runs = list(run_table.runs(cloud))
    return {
        **files,
        "runs": runs,
        "candidates": [list(retrain_table.candidates(cloud, run)) for run in runs],
        "threshold": function.threshold(cloud),
        "stack": stack.stack_state(cloud),
        "target": workspace.settings.target,
        "jobs": workspace.jobs.latest("train", "retrain", "test", "replay", "stack", "search"),
    }


@pytest.mark.cloud
def test_whatever_a_visitor_presses_in_a_read_only_dashboard_changes_nothing(
    kept: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_PUBLIC", "read-only")
    before = state_of(kept)
    refused: set[str] = set()
    for name in PAGES:
        test = visited(name)
        assert "read-only" in page_text(test)
        assert test.title[0].value == name.capitalize()
        assert not test.error, page_text(test)
        for place in [place for place, button in enumerate(test.button) if not button.disabled]:
            # Each on a page of its own, for what was pressed before may have led elsewhere.
            test = visited(name)
            for field in test.number_input:
                if field.key == "threshold":  # in a form, whose values go with its button
                    field.set_value(0.5)
            after = test.button[place].click().run()
            assert not after.exception
            assert UNEXPECTED not in page_text(after)
            if "looked at, not changed" in page_text(after):
                refused.add(test.button[place].label)
    assert state_of(kept) == before
    assert refused >= CHANGING, CHANGING - refused


def test_visitor_watches_a_training_but_cannot_cancel_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = services_module._shared[home.resolve()] = Workspace(home, Settings())
    default_dataset(workspace)
    gate = threading.Event()
    job = workspace.jobs.submit(TRAIN, "Training for long", lambda _: gate.wait(60))
    monkeypatch.setenv("IRIS_PUBLIC", "read-only")
    test = visited("train")
    assert "Training for long" in page_text(test)
    (cancel,) = [button for button in test.button if button.label == "Cancel"]
    test = cancel.click().run()
    gate.set()
    assert "looked at, not changed" in page_text(test)
    assert not test.exception
    assert not job.cancelled()


def visited(page: str) -> AppTest:
    """A page as a visitor opens it, with everything ticked."""
    test = app().switch_page(script(page)).run()
    for box in test.checkbox:
        box.check()
    return test.run()
