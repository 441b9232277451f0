"""What is deployed is what is in the repository, byte for byte."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from aws.packaging import TEMPLATE_LIMIT, function_source, function_zip, render_template

PROJECT = Path(__file__).parents[2]


def test_template_holds_the_function_as_it_is() -> None:
    rendered = render_template()
    indented = [line.removeprefix(" " * 10) for line in rendered.splitlines()]
    start = indented.index(function_source().splitlines()[0])
    inline = indented[start : start + len(function_source().splitlines())]
    assert "\n".join(inline) + "\n" == function_source()


def test_template_fits_what_cloudformation_takes() -> None:
    assert len(render_template().encode()) <= TEMPLATE_LIMIT


@pytest.mark.parametrize(
    ("without", "ignored"),
    [
        ((), ()),
        # What is then not used does no harm.
        (("ScoreTable", "RetrainTable", "StreamMapping"), ("--ignore-checks", "W2001", "W8001")),
        (("FunctionRole", "FunctionLog", "Function", "StreamMapping"), ("--ignore-checks", "W")),
    ],
    ids=["whole", "without tables", "without the function"],
)
def test_rendered_template_passes_cfn_lint(
    tmp_path: Path, without: tuple[str, ...], ignored: tuple[str, ...]
) -> None:
    rendered = tmp_path / "template.yaml"
    rendered.write_text(render_template(without), "utf-8")
    linter = Path(sys.executable).with_name("cfn-lint")
    linted = subprocess.run(
        [linter, rendered, *ignored], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_zip_is_the_same_bytes_in_every_process_and_zone(zone: str) -> None:
    code = "import hashlib, aws.packaging as p; print(hashlib.sha256(p.function_zip()).hexdigest())"
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TZ": zone},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.strip() == hashlib.sha256(function_zip()).hexdigest()


def test_zip_holds_the_function_under_the_name_of_the_handler() -> None:
    with zipfile.ZipFile(io.BytesIO(function_zip())) as archive:
        assert archive.namelist() == ["index.py"]
        assert archive.read("index.py").decode() == function_source()
