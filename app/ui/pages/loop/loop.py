"""The Loop page: where the pipeline stands, how the models did, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.services import overview
from app.services.job_starters import EPOCHS, REPLAY, STACK, TEST
from app.services.jobs import Job
from app.services.overview import Overview, next_step
from app.services.workspace import Workspace
from app.ui import navigation
from app.ui.figures.loop import RunPoint, accuracy_over_runs
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display, pictures
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.open_cloud import open_cloud
from app.ui.widgets.run_state import NOT_RECONCILED
from app.ui.widgets.texts import compact, percent, plain, run_name, sentence
from aws import function, run_table
from aws.status import Part, status
from iris_core.records.interval import wilson_interval
from iris_core.records.run import Run, RunState

LIVE_SECONDS = 1.0
TILE_WIDTH = 102
"""Pixels: all seven tiles are one row beside the menu, three are one on a phone."""
LINES = {EPOCHS: "Epochs", "predicted": "Predicted", "stored": "Stored", "filtered": "Filtered"}
ON_THE_WAY = (RunState.RUNNING, RunState.WRITTEN)
CLOUDS = {"local": "The local cloud", "aws": "AWS"}


@dataclass(frozen=True, slots=True)
class CloudState:
    """What the cloud says of itself: its parts, and the threshold that its function applies."""

    parts: tuple[Part, ...]
    threshold: str

    @property
    def works(self) -> bool:
        """Whether records that are stored now are filtered."""
        needed = [part for part in self.parts if part.kind in ("function", "stream mapping")]
        return bool(needed) and all(part.well for part in needed)


@dataclass(frozen=True, slots=True)
class Places:
    """Where on the page what is drawn: first from the workspace, then with what the cloud says."""

    step: DeltaGenerator
    tiles: DeltaGenerator
    accuracy: DeltaGenerator
    newest: DeltaGenerator
    cloud: DeltaGenerator


def tile(label: str, value: str, below: str) -> None:
    """One stage of the pipeline."""
    st.metric(label, value, below, delta_color="off", delta_arrow="off", width=TILE_WIDTH)


def stages(known: Overview, cloud: CloudState | None, job: Job | None) -> None:
    """The pipeline with its counts, those of a test under way as they come."""
    run = known.newest
    tested, stored, found = (run.tested, run.stored, run.found) if run else (0, 0, 0)
    rows, wanted = (run.rows, run.expected) if run else (0, 0)
    if job is not None and job.kind == TEST and not job.is_over:
        done = {line: progress.done for line, progress in job.progress.items()}
        tested, stored = done.get("predicted", tested), done.get("stored", stored)
        if "filtered" in job.progress:
            found, wanted = job.progress["filtered"].done, job.progress["filtered"].total
    with st.container(horizontal=True, gap="small"):
        tile("Data sets", compact(known.datasets), "stored")
        tile("→ Models", compact(len(known.models)), "trained")
        tile("→ Tested", compact(tested), of(rows, run))
        tile("→ Stored", compact(stored), of(rows, run))
        tile("→ Lambda", *lambda_told(cloud))
        tile("→ Candidates", *candidates_told(found, wanted, run))
        tile("→ Reviewed", compact(len(known.verdicts)), of(found, run))
    st.caption("From Tested on: the records of the newest run.")


def candidates_told(found: int, wanted: int, run: Run | None) -> tuple[str, str]:
    """How many candidates there are; how many there are to be is known when all is stored."""
    if run is not None and run.state in ON_THE_WAY and not wanted:
        return "…", "being copied"
    return compact(found), of(wanted, run)


def of(total: int, run: Run | None) -> str:
    """What a count is to come to."""
    return f"of {compact(total)}" if run else "no run yet"


def lambda_told(cloud: CloudState | None) -> tuple[str, str]:
    """The function's state and threshold in a word each."""
    if cloud is None:
        return "…", "asking"
    return ("on", f"below {plain(cloud.threshold)}") if cloud.works else ("?", "see Cloud")


def step(known: Overview, key: str) -> None:
    """The one next step."""
    wanted = next_step(known)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Next:** {plain(wanted.why)}", width="stretch")
        if st.button(wanted.label, type="primary", icon=":material/arrow_forward:", key=key):
            navigation.open_page(wanted.page)


def accuracy(runs: Sequence[Run], file: str) -> None:
    """The accuracy from run to run, its numbers in a file of that name."""
    st.subheader("Accuracy over the runs")
    points = [
        RunPoint(
            run_name(run),
            run.dataset_name,
            run.accuracy,
            wilson_interval(round(run.accuracy * run.tested), run.tested),
            run.tested,
        )
        for run in reversed(runs)
        if run.accuracy is not None and run.tested
    ]
    if not points:
        st.info("Each test run adds its accuracy here. There is none yet.")
        return
    pictures.show(accuracy_over_runs(points), name=file)
    st.caption("Bars: where the true accuracy is with 95 % confidence (Wilson), by data set.")


def newest_run(run: Run | None, job: Job | None) -> None:
    """Whether all records and candidates of the newest run are accounted for."""
    st.subheader("Newest run")
    if run is None:
        st.info("Nothing was tested yet.")
        return
    st.markdown(plain(run_name(run)))
    if job is not None and job.kind in (TEST, REPLAY) and run.state in ON_THE_WAY:
        st.info("It is under way.")
    elif run.state == RunState.RECONCILED:
        st.success(
            f"Reconciled: all {run.stored:,} records are stored, and all {run.found:,} candidates "
            f"are found. Accuracy {percent(run.accuracy)}."
        )
    else:
        st.warning(
            f"Not reconciled: {NOT_RECONCILED.get(run.state, run.state)}. {sentence(run.note)}"
        )


def cloud_state(workspace: Workspace, found: CloudState) -> None:
    """The cloud in a sentence."""
    name = CLOUDS[workspace.settings.target]
    wanting = [part for part in found.parts if not part.well]
    if not wanting:
        st.success(f"{name} works: all {len(found.parts)} parts are there and well.")
        return
    named = ", ".join(f"{part.kind} {part.name}" for part in wanting[:4])
    st.warning(
        f"{name}: {len(wanting)} of {len(found.parts)} parts need something: {plain(named)}."
    )
    error_display.link_to_cloud_page()


def draw(places: Places, known: Overview, job: Job | None, *, source: str) -> None:
    """Fill all places but that of the tiles, with what `source` knows."""
    if job is None:
        with places.step.container():
            step(known, f"next_{source}")
    with places.accuracy.container():
        accuracy(known.runs, f"accuracy-{source}")
    with places.newest.container():
        newest_run(known.newest, job)


def ask_cloud(workspace: Workspace) -> tuple[CloudState, list[Run]]:
    """What the cloud says of itself, and its newest runs; a local one is started when need be."""
    cloud = open_cloud(workspace)
    parts = status(cloud)
    there = {part.name for part in parts if part.well}
    settings = workspace.settings
    applied = function.threshold(cloud) if settings.function in there else ""
    has_runs = settings.runs_table in there
    runs = list(islice(run_table.runs(cloud), overview.SHOWN_RUNS)) if has_runs else []
    return CloudState(parts, applied), runs


def places_of_the_page() -> Places:
    """The places, from top to bottom; on a phone the halves are below one another."""
    step_place, tiles_place = st.empty(), st.empty()
    left, right = st.columns([3, 2], gap="large")
    return Places(step_place, tiles_place, left.empty(), right.empty(), right.container())


def page() -> None:
    """Draw the page: what the workspace knows at once, then what the cloud says."""
    workspace = visit_workspace()
    st.title("Loop")
    job = next(iter(workspace.jobs.running()), None)
    with st.container():
        job_panel(job, lines=LINES)
    places = places_of_the_page()
    known = overview.from_workspace(workspace)
    with places.tiles.container():
        st.fragment(stages)(known, None, job)
    draw(places, known, job, source="workspace")
    found = CloudState((), "")
    with places.cloud, error_display.show_errors():
        st.subheader("Cloud")
        if job is not None and job.kind == STACK:
            st.info("The stack is being changed.")
        else:
            found, runs = ask_cloud(workspace)
            cloud_state(workspace, found)
            if (all_known := overview.with_cloud_runs(workspace, known, runs)) != known:
                known = all_known
                draw(places, known, job, source="cloud")
    every = LIVE_SECONDS if job is not None else None
    with places.tiles.container():
        st.fragment(stages, run_every=every)(known, found, job)


page()
