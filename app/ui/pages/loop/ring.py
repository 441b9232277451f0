"""The loop as a ring of its stages, each filled as far as it is, with its number."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st

from app.services.cloud_state import CloudState
from app.services.jobs import Job
from app.services.overview import Overview
from app.services.runs.pipeline_counts import UNFINISHED, PipelineCounts, pipeline_counts
from app.ui.widgets.texts import compact
from iris_core.records.run import Run

_STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the loop.

    Attributes:
        name: on the screen.
        value: its number, or a word.
        below: what the number is of.
        share: how far the ring is filled, 0 to 1.
    """

    name: str
    value: str
    below: str
    share: float


def show(overview: Overview, cloud: CloudState | None, job: Job | None) -> None:
    """Draw the ring with its counts, those of a test under way as they come.

    Args:
        overview: what is known of the loop.
        cloud: what the cloud says of itself, None while it is asked.
        job: the job that is running, if there is one.
    """
    run = overview.newest_that_counts
    st.html(ring(stages(overview, cloud, pipeline_counts(run, job))))
    if run is not None:
        st.caption(
            "From Test on: the records of the newest run that neither failed nor was cancelled."
        )


def stages(
    overview: Overview, cloud: CloudState | None, counts: PipelineCounts
) -> tuple[Stage, ...]:
    """Return the eight stages, in the order of the loop.

    Args:
        overview: what is known of the loop.
        cloud: what the cloud says of itself, None while it is asked.
        counts: of the newest run that counts, or of the test under way.
    """
    run, verdicts = overview.newest_that_counts, len(overview.verdicts)
    value, below = _function(cloud)
    candidates, of_candidates = _candidates(counts, run)
    in_use = overview.champion_card
    if run is None and cloud is not None and not cloud.resources:
        # The cloud was asked and said nothing: it may have runs.
        tested = stored = candidates = reviewed = "?"
    else:
        tested, stored = compact(counts.tested), compact(counts.stored)
        reviewed = compact(verdicts)
    return (
        Stage(
            "Data",
            compact(overview.datasets),
            "data sets" if overview.datasets != 1 else "data set",
            float(overview.datasets > 0),
        ),
        Stage(
            "Train",
            compact(len(overview.models)),
            "models" if len(overview.models) != 1 else "model",
            float(bool(overview.models)),
        ),
        Stage(
            "Test",
            tested,
            _of(counts.rows, run, "records"),
            _share(counts.tested, counts.rows),
        ),
        Stage(
            "Store",
            stored,
            _of(counts.rows, run, "in DynamoDB"),
            _share(counts.stored, counts.rows),
        ),
        Stage("Filter", value, below, float(cloud is not None and cloud.is_filtering)),
        Stage("Candidates", candidates, of_candidates, _share(counts.copied, counts.expected)),
        Stage(
            "Review",
            reviewed,
            _of(counts.copied, run, "verdicts"),
            _share(verdicts, counts.copied),
        ),
        Stage(
            "Champion",
            f"v{in_use.version}" if in_use else "none",
            "in use",
            float(in_use is not None),
        ),
    )


def ring(of: tuple[Stage, ...]) -> str:
    """Return the stages as HTML: a list for screen readers, a ring for the eye."""
    return f"<ol class='loop-ring'>{''.join(map(_item, of))}</ol><style>{_STYLE}</style>"


def _item(stage: Stage) -> str:
    """Return one stage as HTML."""
    return (
        f"<li><span class='disc' style='--share:{stage.share:.0%}'>{escape(stage.value)}</span>"
        f"<span class='name'>{escape(stage.name)}</span>"
        f"<span class='below'>{escape(stage.below)}</span></li>"
    )


def _share(done: int, total: int) -> float:
    """Return how much of something is done, 0 to 1."""
    return min(1.0, done / total) if total else 0.0


def _of(total: int, run: Run | None, without: str) -> str:
    """Return what a count is to come to; before the first run what is counted."""
    return f"of {compact(total)}" if run else without


def _candidates(counts: PipelineCounts, run: Run | None) -> tuple[str, str]:
    """Return how many candidates there are of how many; that is known when all is stored."""
    if run is not None and run.state in UNFINISHED and not counts.expected:
        return "…", "being copied"
    return compact(counts.copied), _of(counts.expected, run, "to review")


def _function(cloud: CloudState | None) -> tuple[str, str]:
    """Return the function's state and its threshold, in a word or two each."""
    if cloud is None:
        return "…", "asking the cloud"
    return ("on", f"below {cloud.threshold}") if cloud.is_filtering else ("?", "see Cloud")
