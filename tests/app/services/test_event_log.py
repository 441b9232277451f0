"""The event log: JSON, a line an event, its run on it, and no secret in it."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.services import event_log

SECRET = "canary/Secret+0123456789"  # pragma: allowlist secret


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged in a test."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(event_log.JsonLines())
    root, ours = logging.getLogger(), logging.getLogger("app")
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    event_log.bind_run("")
    yield written
    event_log.bind_run("")
    root.removeHandler(handler)
    ours.setLevel(before)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_event_is_one_line_of_json_with_its_fields_and_its_run(log: io.StringIO) -> None:
    event_log.log_event("before")
    event_log.bind_run("run-1")
    event_log.log_event("run written", tested=3, note="two\nlines", odd=object())
    logging.getLogger("somebody.else").warning("slow: %s s", 3)
    before, ours, theirs = lines(log)
    assert "run" not in before
    assert (ours["event"], ours["run"], ours["tested"]) == ("run written", "run-1", 3)
    assert (ours["note"], ours["level"]) == ("two\nlines", "info")
    assert ours["at"].endswith("+00:00")
    assert (theirs["event"], theirs["run"]) == ("slow: 3 s", "run-1")
    assert (theirs["level"], theirs["logger"]) == ("warning", "somebody.else")


def test_run_of_one_thread_is_not_that_of_another(log: io.StringIO) -> None:
    event_log.bind_run("run-1")
    other = threading.Thread(target=event_log.log_event, args=("elsewhere",))
    other.start()
    other.join()
    assert "run" not in lines(log)[0]


def test_no_secret_is_written_not_even_in_a_traceback(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "canaryToken'with\"quotes\n")
    error = OSError(f"it was {SECRET}")
    error.__cause__ = ValueError(f"Invalid header value b'{SECRET}\\n'")
    logging.getLogger("app.services.job_starters").error("failed with %s", SECRET, exc_info=error)
    event_log.log_event("fields too", key=SECRET, token="canaryToken'with\"quotes\n")
    written = log.getvalue()
    assert "canary" not in written
    failed, _ = lines(log)
    assert failed["event"] == "failed with [redacted]"
    assert failed["error"] == "OSError: it was [redacted]"
    assert "ValueError" in failed["trace"]


def test_starting_twice_writes_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    event_log.start()
    event_log.start()
    event_log.log_event("once")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "once"
