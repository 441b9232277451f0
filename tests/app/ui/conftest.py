"""What the tests of the pages share."""

from __future__ import annotations

import pytest


@pytest.fixture
def console(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Return what the console of the dashboard shows."""
    return caplog
