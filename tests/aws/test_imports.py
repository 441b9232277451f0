"""The cloud half is light: it loads neither the screen nor the model, and boto3 at first use."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import aws
import lambda_src

PROJECT = Path(__file__).parents[2]


def modules() -> list[str]:
    return [
        module.name
        for package in (aws, lambda_src)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]


def test_importing_all_of_it_loads_nothing_heavy() -> None:
    assert len(modules()) > 10
    code = (
        f"import sys, importlib\nfor name in {modules()}: importlib.import_module(name)\n"
        "print([n for n in ('streamlit', 'tensorflow', 'keras', 'pandas', 'ministack', 'boto3')"
        " if n in sys.modules])"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == "[]"
