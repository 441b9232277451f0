"""A populated workspace: one for all to copy, or a copy for a test to damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.file_workspace import populate


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the workspace that the others are copies of; nothing may change it."""
    home = tmp_path_factory.mktemp("faults") / "old"
    populate(home)
    return home


@pytest.fixture
def home(old: Path, tmp_path: Path) -> Path:
    """Give a copy for one test, in a folder with an unusual name."""
    return Path(shutil.copytree(old, tmp_path / "Größe 花 & 'co'" / "home"))
