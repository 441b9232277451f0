"""Driving the dashboard's pages as a person would, without a browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from streamlit.testing.v1 import AppTest

from app.ui import state
from app.ui.navigation import script

ROOT = Path(__file__).resolve().parents[2]
WAIT = 120.0
"""Seconds until what was started must be done, on a busy machine too."""


def open_page(name: str, **address: str) -> AppTest:
    """A new session that begins on a page, by a link with these parameters."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=WAIT)
    app.switch_page(script(name))
    for key, value in address.items():
        app.query_params[key] = value
    return app.run()


def go_to(app: AppTest, name: str) -> AppTest:
    """Go on to another page."""
    return app.switch_page(script(name)).run()


def open_view(app: AppTest, key: str, view: str) -> AppTest:
    """Open one of the page's views, as a click on its tab does."""
    app.session_state[state.pending(key)] = view
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of that name; there must be one, and it must not be disabled."""
    (button,) = [button for button in app.button if button.label == label]
    assert not button.disabled, f"{label} is disabled"
    return button.click().run()


def until(app: AppTest, condition: Callable[[AppTest], object]) -> AppTest:
    """Draw the page again and again, as its clock does in a browser, until something is so."""
    deadline = time.monotonic() + WAIT
    while not condition(app):
        assert time.monotonic() < deadline, texts(app)
        time.sleep(0.1)
        app.run()
    return app


def says(text: str) -> Callable[[AppTest], object]:
    """The condition that the page says something."""
    return lambda app: text in texts(app)


def texts(app: AppTest) -> str:
    """All that the page says."""
    heads = (*app.title, *app.subheader, *app.markdown, *app.caption)
    said = (*heads, *app.error, *app.warning, *app.info, *app.success)
    return "\n".join(element.value for element in said)


def listed(app: AppTest) -> pd.DataFrame:
    """The list of candidates on the Retrain page."""
    return next(table.value for table in app.dataframe if "Verdict" in table.value)


def record_shown(app: AppTest) -> pd.DataFrame:
    """The fields of the record under review."""
    return next(table.value for table in app.dataframe if "Field" in table.value)


def is_calm(app: AppTest) -> bool:
    """Whether the page shows no error of any kind."""
    return not app.exception and not app.error


def choose_network(app: AppTest, name: str) -> AppTest:
    """Choose a network by its name on the Train page."""
    return app.radio(key="network").set_value(name).run()


def trained(app: AppTest) -> AppTest:
    # The network that trains fastest.
    choose_network(go_to(app, "train"), "plain")
    return until(press(app, "Train"), says("Evaluation accuracy"))


def tested(app: AppTest) -> AppTest:
    go_to(app, "test")
    return until(press(app, "Test"), says("Reconciled: all"))
