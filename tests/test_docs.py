"""What the documents name is there: files, and the tests that prove what is promised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
FAULTS = ROOT / "tests" / "faults"

_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
_PROOF = re.compile(r"`((?:tests/|test_)[\w/]*\.py|…)(?:::(\w+))?`")


_PATH = re.compile(r"`((?:app|aws|iris_core|lambda_src|bench|tests|data|docs)/[\w/.-]*)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_folders_that_are_named_exist(page: Path) -> None:
    paths = _PATH.findall(page.read_text("utf-8"))
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = _LINK.findall(page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["aws.md", "promises.md", "threat-model.md"])
def test_named_proofs_are_tests(name: str) -> None:
    missing = []
    file = FAULTS
    for path, test in _PROOF.findall((ROOT / "docs" / name).read_text("utf-8")):
        if path != "…":
            file = ROOT / path if "/" in path else FAULTS / path
        if not file.exists() or (test and f"def {test}(" not in file.read_text("utf-8")):
            missing.append(f"{file.name}::{test}")
    assert missing == []
