"""Every page with each of its views, and what must hold there whatever was put in."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import state
from app.ui.pages.data.views import VIEWS
from app.ui.widgets.error_display import UNEXPECTED
from tests.app.driving import open_page, texts

RUN_VIEWS = (
    "Mistakes and records", "Classes", "Curves", "Cut-off", "Calibration", "Threshold lab",
    "Inputs", "Compare", "Files",
)  # fmt: skip
PLACES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("loop", {}), ("score", {state.REASONS_OPEN: True}),
    ("train", dict.fromkeys((state.IMPORTANCE_OPEN, state.DEPENDENCE_OPEN), True)),
    *(("data", {state.VIEW: view}) for view in VIEWS),
    *(("test", {state.RUN_VIEW: view, state.REASONS_OPEN: True, state.IMPORTANCE_OPEN: True})
      for view in RUN_VIEWS),
    ("retrain", dict.fromkeys((state.COUNTS_OPEN, state.AGREEMENT_OPEN, state.NEAREST_OPEN,
                               state.TYPICAL_OPEN, state.REASONS_OPEN, state.HISTORY_OPEN), True)),
    ("lab", {}),
    ("cloud", dict.fromkeys((state.LOG_OPEN, state.QUEUE_OPEN, state.COST_OPEN),
                            True)),
)  # fmt: skip
"""Every page, with everything on it unfolded, and each of its views."""

MARKUP = "**x** [a](javascript:alert(1)) :red[y] $z$ :material/home: <b>b</b> &lt; https://e.x"


def at(page: str, choices: dict[str, Any], **address: str) -> AppTest:
    app = open_page(page, **address)
    for key, value in choices.items():
        is_view = key in (state.VIEW, state.RUN_VIEW)
        app.session_state[state.pending(key) if is_view else key] = value
    return app.run() if choices else app


def sound(app: AppTest, console: pytest.LogCaptureFixture) -> bool:
    """Check that there is no exception, nothing unexpected, no traceback in the console."""
    assert not app.exception, app.exception[0].stack_trace
    assert UNEXPECTED not in texts(app)
    traced = [entry for entry in console.records if entry.exc_info]
    assert not traced, traced
    return True
