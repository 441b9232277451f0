"""The field's words: what docs/glossary.md retired stays out of code, pages and docs."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

RETIRED = {
    "judge": r"judg\w*",
    "tally": r"tall(?:y|ied)",
    "tell": r"tell(?:s|ing)?|told",
    "sureness": r"sureness|share right",
    "reliability": r"reliability(?:_\w+)?",
    "usual": r"usual|usually|usualness",
    "separation": r"separations?",
    "shift": r"shifts?(?!-jis)|shifted",
    "hack": r"hack(?:s|ed|ing)?",
    "wish": r"wish|granted|point_to",
    "page parts": r"turner|arrivals|show_at_a_wish",
    "modules": r"upkeep|deeds|put_aside|hand_over|belongs_to",
    "visit error": r"VisitError",
    "buttons": r"Take it|Learn from them|Look after|Look for what is missing now",
    "taken for": r"taken for",
    "commonest": r"commonest",
}
"""Each retired word, as a pattern of whole words."""

INTERFACES = re.compile(
    r"""
      unjudge\w*                  # the Lambda's log, the CLI's JSON, a run's stored metrics
    | "reliability"               # key of a run's stored metrics
    | `reliability`
    | right_shift                 # NumPy's function
    | ["'`/ ]hack["'`:, ]         # the CLI's command
    """,
    re.VERBOSE,
)
"""What stays as it is, for others read it."""

EXCLUDED = {"docs/glossary.md", "CHANGELOG.md", "docs/advisories.json", "tests/test_vocabulary.py"}
"""Those that name retired words on purpose."""

TEXTS = (".py", ".md", ".toml", ".yaml", "Makefile")


@cache
def files() -> dict[str, list[str]]:
    """Return the lines of each file, without what stays as it is."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return {
        name: [INTERFACES.sub("", line) for line in (ROOT / name).read_text("utf-8").splitlines()]
        for name in listed
        # A file may be deleted and not staged yet.
        if name.endswith(TEXTS) and name not in EXCLUDED and (ROOT / name).exists()
    }


def test_there_are_files_to_look_at() -> None:
    assert len(files()) > 300


@pytest.mark.parametrize("word", RETIRED)
def test_retired_word_is_not_used(word: str) -> None:
    pattern = re.compile(rf"(?<![A-Za-z])(?:{RETIRED[word]})(?![A-Za-z])")
    uses = [
        f"{name}:{number}: {line.strip()}"
        for name, lines in files().items()
        for number, line in enumerate(lines, start=1)
        if pattern.search(line)
    ]
    assert not uses, "\n".join(uses[:50])
