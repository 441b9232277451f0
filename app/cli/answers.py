"""What a command answers, and how it is printed."""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any, TextIO

from app.services.export.csv_export import as_cell
from iris_core.errors import StoreError
from iris_core.storage.atomic_files import write_file

Answer = Mapping[str, Any] | list[Mapping[str, Any]]
"""What a command prints: one object, or the rows of a table."""


_ABSENT = {
    "accuracy": "not measured",
    **dict.fromkeys(("account", "exported", "left_over", "profile", "report", "role"), "none"),
}
"""What is said instead of None, by the name of the value."""


class ExitStatus(IntEnum):
    """How a command ended."""

    OK = 0
    """All is accounted for."""
    DIFFERS = 1
    """A run does not reconcile or is worse than before, or the cloud is not healthy."""
    CANNOT = 2
    """What was asked for cannot be done; the reason is on standard error."""


def progress_line() -> Callable[[str, int, int], None]:
    """Return what counts a step's progress on standard error; silent where that is no terminal."""
    if not sys.stderr.isatty():
        return lambda _step, _done, _total: None

    def show(step: str, done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        print(f"\r{step}: {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)

    return show


def say(line: str) -> None:
    """Print a line on standard error; work goes on though it cannot be printed."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)


def ask(question: str) -> str | None:
    """Return what a person answers on the terminal; None where nobody is there to be asked."""
    if not sys.stdin.isatty():
        return None
    print(question, end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def save_file(out: Path, content: bytes) -> None:
    """Write a file; if that fails, what was there stays as it was."""
    if out.exists() and not out.is_file():
        # A pipe or a device: there is nothing to keep, and it must not be replaced.
        out.write_bytes(content)
    else:
        write_file(out.resolve(), content)


def print_answer(answer: Answer, options: argparse.Namespace) -> None:
    """Print an answer as JSON, CSV or text on standard output.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        _print(answer, options)
        sys.stdout.flush()
    except OSError as error:
        _discard(sys.stdout)
        raise StoreError(
            "Make room, and ask for the outcome again; the command is done. Expected to write its "
            f"answer to standard output, received '{error.strerror}'."
        ) from error


def _discard(stream: TextIO) -> None:
    """Let what a stream could not write go nowhere.

    Python would try again on leaving, and end with a status of its own.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _print(answer: Answer, options: argparse.Namespace) -> None:
    """Print an answer; nothing else is ever printed on standard output."""
    if options.json:
        wrapped = {options.rows_name: answer} if isinstance(answer, list) else answer
        print(json.dumps(wrapped))
    elif isinstance(answer, list):
        print_rows(answer, as_csv=getattr(options, "format", "text") == "csv")
    else:
        for name, value in answer.items():
            print(f"{name}: {_ABSENT.get(name, 'not known') if value is None else _short(value)}")


def print_rows(rows: list[Mapping[str, Any]], *, as_csv: bool) -> None:
    """Print the rows of a table, as CSV or as text."""
    if as_csv:
        names = list(rows[0]) if rows else []
        # With its own line end alone the csv module quotes both characters of line ends.
        writer = csv.DictWriter(sys.stdout, names)
        writer.writeheader()
        writer.writerows({name: as_cell(value) for name, value in row.items()} for row in rows)
        return
    for row in rows:
        # Of what is so or not, the name is printed if it is so.
        texts = [name if value is True else _short(value) for name, value in row.items()
                 if value not in ("", None) and value is not False]  # fmt: skip
        print("  ".join(texts))


def _short(value: object) -> str:
    """Return one line for a terminal; long lists are counted instead."""
    if isinstance(value, list) and len(value) > 30:
        return f"{len(value)} of them; --json lists all"
    if isinstance(value, list):
        return ", ".join(_short(entry) for entry in value) or "none"
    if isinstance(value, dict):
        return "  ".join(str(entry) for entry in value.values() if entry not in ("", True, False))
    return str(value)
