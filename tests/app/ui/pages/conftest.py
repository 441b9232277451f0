"""The dashboard at its data, for the tests that drive several pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.driving import open_page


@pytest.fixture
def app(home: Path) -> AppTest:
    """Open the dashboard on an empty workspace, at its data."""
    return open_page("data")


@pytest.fixture
def app_with_model(home_with_model: Path) -> AppTest:
    """Open the dashboard on a workspace that has a model, at its data."""
    return open_page("data")
