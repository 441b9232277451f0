"""A furnished workspace: one for all to copy, or a copy for a test to harm."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.file_workspace import furnish


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that the harmed ones are copies of; nothing may change it."""
    made = tmp_path_factory.mktemp("faults") / "old"
    furnish(made)
    return made


@pytest.fixture
def home(old: Path, tmp_path: Path) -> Path:
    """A workspace of the test's own, in a place with an odd name."""
    return Path(shutil.copytree(old, tmp_path / "Größe 花 & 'co'" / "home"))
