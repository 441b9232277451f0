"""Streamlit leaves the jobs alone that run in the same process."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import streamlit_patches
from iris_core.model.backend import keras

PAGE = "import streamlit\nstreamlit.title('A page')"


def test_a_drawn_page_does_not_reset_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    resets: list[None] = []
    monkeypatch.setattr(keras().backend, "clear_session", lambda: resets.append(None))
    streamlit_patches.keep_keras_session()
    assert AppTest.from_string(PAGE, default_timeout=60).run().title[0].value == "A page"
    assert not resets
