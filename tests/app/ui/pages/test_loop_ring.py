"""The ring of the Loop page: each stage with its number, filled as far as it is."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from app.services.cloud_state import CloudState
from app.services.jobs import Job, JobState
from app.services.overview import Overview
from app.services.runs.pipeline_counts import PipelineCounts, pipeline_counts
from app.ui.pages.loop.ring import Stage, ring, stages
from aws.status import Part
from iris_core.records.run import RunState
from tests.aws.samples import sample_run

EMPTY = Overview(0, (), (), ())
FILTERING = CloudState((Part("function", "fn", "Active", well=True),), "0.9")


def by_name(*of: Stage) -> dict[str, tuple[str, str, float]]:
    return {stage.name: (stage.value, stage.below, stage.share) for stage in of}


def test_empty_loop_says_what_each_stage_counts() -> None:
    found = by_name(*stages(EMPTY, None, PipelineCounts()))
    assert found["Data"] == ("0", "data sets", 0.0)
    assert found["Test"] == ("0", "records", 0.0)
    assert found["Filter"] == ("…", "asking the cloud", 0.0)
    assert found["Champion"] == ("none", "in use", 0.0)


def test_cloud_that_does_not_answer_may_have_runs() -> None:
    found = by_name(*stages(EMPTY, CloudState(), PipelineCounts()))
    assert {found[name][0] for name in ("Test", "Store", "Candidates", "Review")} == {"?"}
    run = sample_run(100, state=RunState.RECONCILED, tested=100)
    known = by_name(*stages(replace(EMPTY, runs=(run,)), CloudState(), pipeline_counts(run, None)))
    assert known["Test"][0] == "100"


def test_stages_are_filled_as_far_as_the_newest_run_is() -> None:
    run = sample_run(100, state=RunState.RECONCILED, tested=100, stored=50, expected=30, found=15)
    loop = replace(EMPTY, datasets=1, runs=(run,))
    found = by_name(*stages(loop, FILTERING, pipeline_counts(run, None)))
    assert found["Store"] == ("50", "of 100", 0.5)
    assert found["Candidates"] == ("15", "of 30", 0.5)
    assert found["Review"] == ("0", "of 15", 0.0)
    assert found["Filter"] == ("on", "below 0.9", 1.0)


@pytest.mark.parametrize("kind", ["test", "demonstration"])
def test_records_of_a_test_under_way_count_as_they_come(kind: str) -> None:
    job = Job("job-1", kind, "Testing", JobState.RUNNING)
    job.report("predicted", 40, 80)
    counts = pipeline_counts(None, job)
    assert (counts.tested, counts.rows) == (40, 80)


class Reader(HTMLParser):
    """Notes the tags and the texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_ring_escapes_its_texts() -> None:
    hostile = "<script>alert('1')</script>"
    reader = Reader()
    reader.feed(ring((Stage(hostile, hostile, hostile, 0.5),)))
    assert reader.tags == {"ol", "li", "span", "style"}
    assert reader.texts.count(hostile) == 3
