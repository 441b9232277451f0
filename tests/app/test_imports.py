"""Services and commands are light: they load neither the screen nor the model."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import app.cli
import app.services

PROJECT = Path(__file__).parents[2]
MODULES = [
    module.name
    for package in (app.cli, app.services)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


def test_importing_services_and_commands_loads_nothing_heavy() -> None:
    assert len(MODULES) > 15
    code = (
        f"import sys, importlib\nfor name in {[*MODULES, 'cli']}: importlib.import_module(name)\n"
        "print([n for n in ('streamlit', 'plotly', 'tensorflow', 'keras', 'boto3', 'ministack')"
        " if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
