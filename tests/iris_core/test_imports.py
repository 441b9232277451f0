"""Importing iris_core is light: what is heavy or of another half is not loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "iris_core").rglob("[!_]*.py")
)


def loaded_by(*modules: str) -> set[str]:
    """Return the packages that a fresh Python has loaded after importing the modules."""
    code = f"import sys, json, {', '.join(modules)}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_no_module_loads_tensorflow_streamlit_or_the_cloud() -> None:
    heavy = {"tensorflow", "keras", "streamlit", "boto3", "botocore", "h5py"}
    others = {"aws", "app", "lambda_src"}
    assert len(MODULES) > 10
    assert not loaded_by(*MODULES) & (heavy | others)


@pytest.mark.parametrize("module", ["iris_core", "iris_core.records", "iris_core.errors"])
def test_what_the_cloud_half_needs_is_standard_library_only(module: str) -> None:
    installed = loaded_by(module) - set(sys.stdlib_module_names) - {"__main__", "iris_core"}
    assert not {name for name in installed if not name.startswith("_")}
