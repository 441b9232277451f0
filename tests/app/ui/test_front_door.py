"""The entry point draws a page's title before anything heavy is imported."""

from __future__ import annotations

import ast
import subprocess
import sys

from tests.app.driving import ROOT

HEAVY = ("pandas", "numpy", "boto3", "tensorflow", "keras")


def test_nothing_heavy_is_imported_before_the_title() -> None:
    tree = ast.parse((ROOT / "streamlit_app.py").read_text("utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert imports
    code = "\n".join(map(ast.unparse, imports))
    code += f"\nimport sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
