"""The demonstration: made step by step, noted on disk, and undone as a whole."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.services import demonstration
from app.services.data.datasets import change_labels, default_dataset
from app.services.demonstration import CHANGED_LABELS, STEPS, Finding, Made
from app.services.job_starters import SEARCH
from app.services.jobs import Job, JobState
from app.services.projects import projects
from app.services.review.candidates import CandidateFilter, find
from app.services.review.verdicts import give_verdict
from app.services.workspace import ReadOnlyWorkspace, Workspace
from aws import run_table, tables
from aws.errors import NotPermittedError
from aws.settings import Settings
from iris_core.errors import DataError
from iris_core.records.keys import partitions


@pytest.fixture
def fresh(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return Workspace(tmp_path / "home", Settings())


def ended(workspace: Workspace, job: Job) -> Job:
    pause = threading.Event()
    for _ in range(6000):
        if not workspace.jobs.running():
            return job
        pause.wait(0.02)
    raise AssertionError(f"{job} did not end")


@pytest.mark.cloud
def test_demonstration_shows_the_loop_and_one_undo_leaves_nothing(fresh: Workspace) -> None:
    # WHEN the loop is shown
    job = ended(fresh, demonstration.start(fresh))
    # THEN every step was explained, and there are candidates with suggestions
    assert job.state is JobState.FINISHED, job.error
    steps = [event.step for event in job.events if isinstance(event, Finding)]
    assert steps == list(STEPS)
    run, cloud = job.result, fresh.cloud()
    assert run.found >= CHANGED_LABELS * 0.8
    assert fresh.jobs.finished(SEARCH, run.id)
    made = demonstration.noted(fresh)
    assert made is not None
    assert not demonstration.is_offered(fresh)
    # WHEN somebody gives a verdict, and undoes it all
    candidate = find(cloud, run, CandidateFilter(), limit=1).candidates[0]
    give_verdict(fresh, candidate, "drop")
    undoing = demonstration.to_undo(fresh, made)
    assert (len(undoing.runs), undoing.verdicts, undoing.is_whole) == (1, 1, True)
    demonstration.undo(fresh)
    # THEN the workspace and the tables are empty again
    assert projects(fresh) == []
    assert list(fresh.journal.newest_runs()) == list(run_table.runs(cloud)) == []
    for table in (cloud.settings.score_table, cloud.settings.retrain_table):
        assert not any(
            any(tables.query(cloud, table, part)) for part in partitions(run.id, run.rows)
        )
    assert demonstration.is_offered(fresh)
    with pytest.raises(DataError, match="no demonstration to undo"):
        demonstration.undo(fresh)
    fresh.close()


def test_what_was_added_since_stays(fresh: Workspace) -> None:
    # GIVEN a demonstration that ended after it had changed labels, and data of somebody's own
    data = default_dataset(fresh)
    noisy, _ = change_labels(fresh, data, rows=3, seed=9)
    own, _ = change_labels(fresh, data, rows=4, seed=9)
    demonstration._note(fresh, Made(data.columns.project, (data.id, noisy.id), tested=noisy.id))
    # WHEN it is undone
    made = demonstration.noted(fresh)
    assert made is not None
    assert not demonstration.to_undo(fresh, made).is_whole
    demonstration.undo(fresh)
    # THEN only what it made is gone
    assert [card.id for card in fresh.datasets.list().cards] == [own.id]


def test_data_that_were_there_before_are_not_the_demonstrations(fresh: Workspace) -> None:
    data = default_dataset(fresh)
    job = demonstration.start(fresh)
    fresh.jobs.cancel(job)
    ended(fresh, job)
    made = demonstration.noted(fresh)
    assert made is not None
    assert data.id not in made.datasets
    fresh.close()


def test_demonstration_is_a_beginning_on_the_local_cloud_only(
    fresh: Workspace, trained_home: Path
) -> None:
    with_model = Workspace(trained_home, Settings())
    on_aws = Workspace(fresh.home, Settings(target="aws"))
    for workspace in (with_model, on_aws):
        with pytest.raises(DataError, match="a beginning"):
            demonstration.start(workspace)
    demonstration._note(fresh, Made("p"))
    with pytest.raises(DataError, match="Choose the local cloud"):
        demonstration.undo(on_aws)


def test_visitor_who_may_only_look_starts_none(fresh: Workspace) -> None:
    with pytest.raises(NotPermittedError):
        demonstration.start(ReadOnlyWorkspace(fresh))
    assert demonstration.noted(fresh) is None


@pytest.mark.parametrize("note", ["", "{", "[]", '{"project": 1}', '{"datasets": 5}'])
def test_note_that_cannot_be_read_counts_as_none(fresh: Workspace, note: str) -> None:
    fresh.home.mkdir()
    (fresh.home / "demonstration.json").write_text(note)
    assert demonstration.noted(fresh) is None
