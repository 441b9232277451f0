"""What the workspace remembers can be read, whatever happened to a part of it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from app.services.journal import Journal
from app.services.workspace import Workspace, chosen_target
from aws.settings import Settings
from iris_core.errors import StoreError
from tests.faults.file_workspace import NEW_RUN, OLD_RUN, run_of, verdict_on

BROKEN_NOTES = {
    "empty": b"",
    "torn": b'{"id": "2026',
    "no JSON": b"\xff\xfe\0",
    "no object": b"[1]",
    "a field short": b'{"id": "20261122T093000.123456Z-0123456789abcdef"}',
    "deeply nested": b"[" * 100_000,
}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path, "local")
    made.save(run_of(OLD_RUN))
    made.save(run_of(NEW_RUN))
    return made


@pytest.mark.parametrize("content", BROKEN_NOTES.values(), ids=BROKEN_NOTES)
def test_broken_note_is_named_and_the_others_are_listed(
    journal: Journal, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / f"journal/local/{OLD_RUN}.json").write_bytes(content)
    assert journal.runs() == [run_of(NEW_RUN)]
    (message,) = journal.broken()
    assert f"{OLD_RUN}.json" in message
    assert message.startswith("Remove ")
    with pytest.raises(StoreError, match="broken"):
        journal.run(OLD_RUN)


def test_note_of_another_run_is_broken(journal: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "journal/local"
    (folder / f"{OLD_RUN}.json").write_bytes((folder / f"{NEW_RUN}.json").read_bytes())
    assert journal.runs() == [run_of(NEW_RUN)]
    assert "it is that of" in journal.broken()[0]


def test_verdict_after_a_torn_one_counts(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / f"journal/local/{OLD_RUN}.verdicts.jsonl"
    journal.add_verdicts(OLD_RUN, [verdict_on(1)])
    path.write_bytes(path.read_bytes() + b'{"partition_key": "\xc3')
    journal.add_verdicts(OLD_RUN, [verdict_on(2)])
    assert journal.verdicts(OLD_RUN) == [verdict_on(1), verdict_on(2)]


@pytest.mark.parametrize("content", [b"", b"aw", b"\xff", b"aws\0"])
def test_choice_of_a_cloud_that_cannot_be_read_is_none(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "target.txt").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert chosen_target(tmp_path) == "local"
    assert "choose one on the Cloud page" in caplog.text
    Workspace(tmp_path, Settings()).choose_target("aws")
    assert chosen_target(tmp_path) == "aws"
