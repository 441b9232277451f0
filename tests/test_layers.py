"""The laws between the packages: each contract fails when its law is broken."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.ui.navigation import PAGES

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "aws", "iris_core", "lambda_src")

VIOLATIONS = {
    "iris_core knows neither the cloud nor the screen": ("iris_core/data/splitting.py", "boto3"),
    "within iris_core each package stands on those below": (
        "iris_core/data/splitting.py",
        "iris_core.storage.model_store",
    ),
    "lambda_src is the standard library and boto3": ("lambda_src/index.py", "numpy"),
    "records are the standard library": ("iris_core/records/run.py", "pandas"),
    "aws knows neither the screen nor the model": ("aws/tables.py", "streamlit"),
    "aws takes of iris_core the records only": ("aws/tables.py", "iris_core.checks"),
    "app reaches lambda_src through aws only": (
        "app/services/journal.py",
        "lambda_src.index",
    ),
    "what is drawn stands on what is done, never the other way round": (
        "app/services/journal.py",
        "app.ui.state",
    ),
    "services and commands know no screen": ("app/cli/answers.py", "streamlit"),
    "within ui pages stand on widgets, widgets on figures and session state": (
        "app/ui/state.py",
        "app.ui.widgets.texts",
    ),
    "no page knows another one": ("app/ui/pages/loop/loop.py", "app.ui.pages.data.data"),
    "jobs are the standard library": ("app/services/jobs.py", "filelock"),
    "figures do not draw on the screen": ("app/ui/figures/picture.py", "streamlit"),
    "nothing imports the front doors": ("app/services/journal.py", "cli"),
}
"""For each contract a file, and an import in it that breaks the law."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy in which every law is broken."""
    copy = tmp_path_factory.mktemp("broken")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("cli.py", "streamlit_app.py", "pyproject.toml"):
        shutil.copy(ROOT / name, copy / name)
    for file, module in VIOLATIONS.values():
        with (copy / file).open("a", encoding="utf-8") as source:
            source.write(f"\nimport {module}\n")
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_every_contract_has_a_violation() -> None:
    configuration = (ROOT / "pyproject.toml").read_text("utf-8")
    names = re.findall(r'\[\[tool\.importlinter\.contracts\]\]\nname = "(.+)"', configuration)
    assert set(names) == set(VIOLATIONS)


def test_independence_of_the_pages_is_that_of_all_pages() -> None:
    listed = set(
        re.findall(r'"app\.ui\.pages\.(\w+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    )
    assert listed == set(PAGES)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_contract_fails_when_its_law_is_broken(report: str, contract: str) -> None:
    assert f"{contract} BROKEN" in report


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_violation_is_named(report: str, contract: str) -> None:
    file, module = VIOLATIONS[contract]
    importer = file.removesuffix(".py").replace("/", ".")
    assert re.search(rf"{re.escape(importer)} -> {re.escape(module)}\b", report), report
