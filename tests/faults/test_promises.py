"""Every test that docs/promises.md names is there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
NAMED = re.compile(r"`(?:(tests/[\w/]+\.py|test_\w+\.py)|…)(?:::(test_\w+))?`")


def test_every_test_that_a_promise_names_is_there() -> None:
    path = ""
    named = NAMED.findall((PROJECT / "docs" / "promises.md").read_text("utf-8"))
    assert len(named) >= 30
    for file, test in named:
        path = file or path
        source = (PROJECT if "/" in path else HERE) / path
        assert f"def {test}(" in source.read_text("utf-8") if test else source.exists(), path
