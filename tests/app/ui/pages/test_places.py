"""What is drawn by itself keeps its place, for Streamlit drops a click on what has moved."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.testing.v1 import AppTest

from app.services.job_starters import TEST, TRAIN
from app.ui import state
from app.ui.visit import visit_workspace
from tests.app.driving import open_page, texts

pytestmark = pytest.mark.cloud


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the fragments as they are drawn: Streamlit makes them of function and place."""
    ids: list[str] = []
    register = MemoryFragmentStorage.register

    def note(storage: MemoryFragmentStorage, key: str, *args: Any, **options: Any) -> None:
        ids.append(key)
        register(storage, key, *args, **options)

    monkeypatch.setattr(MemoryFragmentStorage, "register", note)
    return ids


def places(drawn: list[str], app: AppTest) -> set[str]:
    drawn.clear()
    app.run()
    assert not app.exception
    return set(drawn)


@pytest.mark.parametrize(
    ("page", "gone"), [("data", "dataset"), ("test", "run"), ("retrain", "run")]
)
def test_warning_about_a_choice_moves_nothing(
    same_home: Path, drawn: list[str], page: str, gone: str
) -> None:
    calm = places(drawn, open_page(page))
    drawn.clear()
    assert "is not in this list" in texts(open_page(page, **{gone: "gone"}))
    assert set(drawn) == calm
    assert calm


def test_notice_of_what_was_done_moves_nothing(same_home: Path, drawn: list[str]) -> None:
    app = open_page("data")
    calm = places(drawn, app)
    app.session_state[state.NOTICE] = "Added something."
    assert places(drawn, app) == calm
    assert "Added something." in texts(app)


def test_broken_note_moves_nothing(home_with_runs: Path, drawn: list[str]) -> None:
    app = open_page("test")
    calm = places(drawn, app)
    (
        home_with_runs / "journal" / "local" / "20261122T093000.123456Z-0123456789abcdef.json"
    ).write_text("{")
    assert places(drawn, app) == calm
    assert "received a broken one" in texts(app)


@pytest.mark.parametrize(("page", "kind"), [("loop", TRAIN), ("test", TEST)])
def test_job_under_way_moves_nothing(
    home_with_runs: Path, drawn: list[str], page: str, kind: str
) -> None:
    app = open_page(page)
    calm = places(drawn, app)
    gate = threading.Event()
    visit_workspace().jobs.submit(kind, "Work for long", lambda _: gate.wait(60))
    try:
        assert places(drawn, app) > calm
    finally:
        gate.set()
