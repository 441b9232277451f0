"""The pipeline as a row of tiles, one for each stage."""

from __future__ import annotations

import streamlit as st

from app.services.cloud_state import CloudState
from app.services.jobs import Job
from app.services.overview import Overview
from app.services.runs.pipeline_counts import UNFINISHED, PipelineCounts, pipeline_counts
from app.ui.widgets.texts import compact, plain
from iris_core.records.run import Run

TILE_WIDTH = 102
"""Pixels: all seven tiles fit in one row next to the menu, three in one on a phone."""


def show(overview: Overview, cloud: CloudState | None, job: Job | None) -> None:
    """Draw the pipeline with its counts, those of a test under way as they come.

    Args:
        overview: what is known of the loop.
        cloud: what the cloud says of itself, None while it is asked.
        job: the job that is running, if there is one.
    """
    run = overview.newest_that_counts
    counts = pipeline_counts(run, job)
    with st.container(horizontal=True, gap="small"):
        _tile("Data sets", compact(overview.datasets), "stored")
        _tile("→ Models", compact(len(overview.models)), "trained")
        _tile("→ Tested", compact(counts.tested), _of(counts.rows, run))
        _tile("→ Stored", compact(counts.stored), _of(counts.rows, run))
        _tile("→ Lambda", *_lambda_state(cloud))
        _tile("→ Candidates", *_candidates(counts, run))
        _tile("→ Reviewed", compact(len(overview.verdicts)), _of(counts.copied, run))
    st.caption(
        "From Tested on: the records of the newest run that neither failed nor was cancelled."
    )


def _tile(label: str, value: str, below: str) -> None:
    """Draw one stage."""
    st.metric(label, value, below, delta_color="off", delta_arrow="off", width=TILE_WIDTH)


def _of(total: int, run: Run | None) -> str:
    """Return what a count is to come to."""
    return f"of {compact(total)}" if run else "no run yet"


def _candidates(counts: PipelineCounts, run: Run | None) -> tuple[str, str]:
    """Return how many candidates there are of how many; that is known when all is stored."""
    if run is not None and run.state in UNFINISHED and not counts.expected:
        return "…", "being copied"
    return compact(counts.copied), _of(counts.expected, run)


def _lambda_state(cloud: CloudState | None) -> tuple[str, str]:
    """Return the function's state and its threshold, in a word or two each."""
    if cloud is None:
        return "…", "asking"
    return ("on", f"below {plain(cloud.threshold)}") if cloud.is_filtering else ("?", "see Cloud")
