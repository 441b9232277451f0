"""The event log: a line of JSON an event on standard error, with its run, and without a secret.

    {"at": "2026-11-22T09:30:00.123Z", "level": "info", "event": "run reconciled", "run": "2026…"}

Whoever raises or logs need not think of secrets: each line is redacted as a whole, right before it
is written.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, TextIO

from aws.redaction import redacted

OURS: Final = ("app", "aws", "iris_core", "lambda_src")
"""The packages whose events are logged; of all others only warnings and errors."""
_run: ContextVar[str] = ContextVar("run", default="")
_log = logging.getLogger(__name__)


def bind_run(run: str) -> None:
    """Put a run's id on all that this thread logs from now on; an empty one ends that."""
    _run.set(run)


def log_event(event: str, **fields: object) -> None:
    """Log an event with its fields."""
    _log.info(event, extra={"fields": fields})


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, redacted."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if run := _run.get():
            line["run"] = run
        line |= getattr(record, "fields", {})
        if not record.name.startswith(__name__):
            line["logger"] = record.name
        if record.exc_info and record.exc_info[1]:
            line["error"] = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
            line["trace"] = self.formatException(record.exc_info)
        return redacted(json.dumps(line, default=str))


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the time."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override] # the stubs know of no such handler
        return sys.stderr


def start() -> None:
    """Begin to write the log; calling it again changes nothing."""
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, JsonLines) for handler in root.handlers):
        handler = _StandardError()
        handler.setFormatter(JsonLines())
        root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
