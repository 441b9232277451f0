"""The Retrain page: judge candidates one by one, and train the model further on what was judged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import islice

import streamlit as st

from app.services import review
from app.services.candidates import (
    DOWNLOADED,
    CandidateFilter,
    Found,
    Judged,
    as_csv,
    find,
    refresh,
)
from app.services.job_starters import EPOCHS, REPLAY, RETRAIN, TEST, start_retraining
from app.services.jobs import Job
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.figures.candidates import REASONS, RunCandidates, by_reason_and_class, over_runs
from app.ui.pages.retrain import candidate_panel
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display, pictures
from app.ui.widgets.choosers import NEWEST, choose_run, select_next
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.open_cloud import open_cloud
from app.ui.widgets.texts import percent, plain, run_name
from aws import run_table
from aws.candidate_counts import CandidateCounts, count_candidates
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run

PAGE = 50
LIVE_SECONDS = 1.0
ALL = "all"
"""What a filter says in which nothing is chosen; a class may be called so too."""
JUDGED: tuple[Judged, ...] = ("open", "judged")
SHOWN_RUNS = 200
DRAWN_RUNS = 30
"""Of which the candidates are drawn over time."""
UPDATE = ":material/update:"

Place = tuple[str, CandidateFilter, tuple[Key | None, ...]]
"""A run, what is listed of it, and the keys behind which the pages so far began."""


def place_of(run: Run, wanted: CandidateFilter) -> Place:
    """The place in the list that this session has come to; another run or filter begins anew."""
    place: Place | None = st.session_state.get(state.CANDIDATE_CURSOR)
    if place is None or place[:2] != (run.id, wanted):
        if place is not None and place[0] != run.id:
            candidate_panel.unpick()
        place = (run.id, wanted, (None,))
        go_to(place)
    return place


def go_to(place: Place) -> None:
    """List another page: all that is there by now."""
    st.session_state[state.CANDIDATE_CURSOR] = place
    st.session_state.pop(state.LISTED_KEYS, None)


def held_keys(fresh: Found) -> tuple[Key, ...]:
    """The records that are listed: those that were there when the list was opened."""
    held: tuple[Key, ...] | None = st.session_state.get(state.LISTED_KEYS)
    if not held:
        held = tuple(candidate.key for candidate in fresh.candidates)
        st.session_state[state.LISTED_KEYS] = held
    return held


def filters(workspace: Workspace, run: Run) -> CandidateFilter:
    """Ask which candidates to list."""
    names = review.classes(workspace, run)
    with st.expander("Filter", key=state.FILTER_OPEN, icon=":material/filter_list:"):
        left, middle, right = st.columns(3)
        reason = left.selectbox(
            "Reason",
            REASONS,
            index=None,
            key=state.REASON,
            persist_state="session",
            placeholder=ALL,
        )
        actual = middle.selectbox(
            "Actual class",
            names,
            index=None,
            key=state.ACTUAL,
            persist_state="session",
            placeholder=ALL,
        )
        predicted = right.selectbox(
            "Predicted class",
            names,
            index=None,
            key=state.PREDICTED,
            persist_state="session",
            placeholder=ALL,
        )
        left, right = st.columns([2, 1])
        low, high = left.slider(
            "Probability of the predicted class",
            0.0,
            1.0,
            (0.0, 1.0),
            0.01,
            key=state.PROBABILITY_RANGE,
            persist_state="session",
        )
        judged = right.selectbox(
            "Verdict",
            JUDGED,
            index=None,
            key=state.VERDICT_FILTER,
            persist_state="session",
            placeholder=ALL,
        )
    return CandidateFilter(
        reason=reason or "",
        actual=actual or "",
        predicted=predicted or "",
        judged=judged or "",
        low=low,
        high=high,
    )


def candidates(workspace: Workspace, run: Run) -> CandidateCounts | None:
    """List the candidates of a run, and judge one; the clock never draws this part again.

    Returns them counted.
    """
    counted: CandidateCounts | None = None
    with error_display.show_errors():
        cloud = workspace.cloud()
        counted = count_candidates(cloud, run)
        with st.container():
            progress(counted)
            place = place_of(run, filters(workspace, run))
        fresh = find(cloud, run, place[1], after=place[2][-1], limit=PAGE)
        shown = refresh(cloud, held_keys(fresh), fresh)
        live = news(workspace) is not None
        # No clock without need: a page that draws itself can lose its connection under load.
        every = LIVE_SECONDS if live else None
        st.fragment(arrivals, run_every=every)(workspace, run, place, unlisted(fresh))
        left, right = st.columns([5, 3], gap="medium")
        with left:
            if shown:
                candidate_panel.table(shown)
            turner(run, place, fresh)
        with right:
            error_display.show_deferred_error()
            selected = candidate_panel.chosen(cloud, run, shown)
            if selected is not None:
                candidate_panel.verdict_form(workspace, run, selected)
            else:
                nothing_to_judge(shown, place[1], live=live)
        if selected is not None:
            candidate_panel.record(workspace, run, selected)
    return counted


def nothing_to_judge(shown: Sequence[Candidate], wanted: CandidateFilter, *, live: bool) -> None:
    """Say why there is no record to judge."""
    if shown:
        st.success("All candidates of this page are judged.")
    elif live:
        st.info("No candidates yet. They can be shown as soon as the function copies them.")
    elif wanted != CandidateFilter():
        st.info("No candidate is like that. Widen the filter.")
    else:
        st.info("No candidates here.")


def unlisted(fresh: Found) -> int:
    """How many candidates of a page came since it was opened."""
    held = st.session_state.get(state.LISTED_KEYS) or ()
    return sum(candidate.key not in held for candidate in fresh.candidates)


def arrivals(workspace: Workspace, run: Run, place: Place, new: int) -> None:
    """Tell of candidates that came since the list was opened, and of a newer run.

    They are shown at a wish: nothing jumps under the reader. `new`: how many there were when the
    list was drawn; they are counted anew as long as a test goes on, and once when it has ended.
    """
    job = news(workspace)
    with error_display.show_errors():
        if job is not None:
            cloud = workspace.cloud()
            newest = next(run_table.runs(cloud), run)
            if newest.id != run.id and st.session_state.get(state.RUN) == NEWEST:
                show_at_a_wish("There is a newer run: show it")
                return
            if job.is_over:
                st.rerun()
            new = unlisted(find(cloud, run, place[1], after=place[2][-1], limit=PAGE))
            st.caption("A test is under way: new candidates are announced here.")
        if new:
            show_at_a_wish(f"{new} new: show", place)


def show_at_a_wish(words: str, place: Place | None = None) -> None:
    """Offer to draw the page anew; drawn at once where nothing is listed, so nothing can jump."""
    if not st.session_state.get(state.LISTED_KEYS) or st.button(words, icon=UPDATE):
        if place is not None:
            go_to(place)
        st.rerun()


def first_run(workspace: Workspace) -> None:
    """Draw the page anew when there is a first run."""
    with error_display.show_errors():
        if news(workspace) and any(run_table.runs(workspace.cloud())):
            st.rerun()


def news(workspace: Workspace) -> Job | None:
    """The newest test or replay, unless it was over when the page was drawn."""
    job = workspace.jobs.latest(TEST, REPLAY)
    return job if job is not None and job.id != st.session_state[state.ENDED_TEST] else None


def turner(run: Run, place: Place, fresh: Found) -> None:
    """Go from page to page, and take the list along."""
    run_id, wanted, keys = place
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Back", on_click=go_to, args=((run_id, wanted, keys[:-1]),), disabled=len(keys) == 1
        )
        st.button(
            "Next",
            on_click=go_to,
            args=((run_id, wanted, (*keys, fresh.after)),),
            disabled=fresh.after is None,
        )
        st.download_button(
            "CSV",
            partial(as_csv, visit_workspace().cloud(), run, wanted),
            "candidates.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            help=f"The candidates of this run that the filter lets through, at most "
            f"{DOWNLOADED:,}, with their verdicts.",
        )
        st.caption(f"Page {len(keys)}, {PAGE} candidates a page, in test order")


def progress(counted: CandidateCounts) -> None:
    """How far the review is."""
    if counted.total:
        first = "" if counted.complete else "the first "
        st.progress(
            counted.judged / counted.total,
            text=f"{counted.judged:,} of {first}{counted.total:,} candidates are decided",
        )


def counts(counted: CandidateCounts, runs: Sequence[Run]) -> None:
    """What the candidates are: by reason, class and run; drawn when somebody wants to see it."""
    with st.expander(
        "Counts by reason, class and run",
        key=state.COUNTS_OPEN,
        on_change="rerun",
        icon=":material/bar_chart:",
    ) as opened:
        if not opened.open:
            return
        left, right = st.columns(2, gap="large")
        if counted.total:
            with left:
                st.markdown("**By reason and class**")
                pictures.show(by_reason_and_class(counted.counts), name="candidates-by-class")
        over_time = [
            RunCandidates(run_name(entry), min(wrong, entry.found), max(0, entry.found - wrong))
            for entry in reversed(runs[:DRAWN_RUNS])
            if (wrong := entry.metrics.errors) is not None and entry.found
        ]
        if over_time:
            with right:
                st.markdown("**From run to run**")
                pictures.show(over_runs(over_time), name="candidates-by-run")


def done(job: Job) -> None:
    """Say what came of the retraining, and what to do next."""
    card = job.result
    st.success(
        f"Trained **{plain(card.name)} v{card.version}**: "
        f"{percent(card.metrics['test_accuracy'])} of the rows held out are right."
    )
    navigation.link("test", label="Test it on the same data", icon=":material/fact_check:")


def retrain(workspace: Workspace, run: Run, training: Job | None) -> None:
    """Offer to train the run's model further on its data and the reviewed records."""
    st.subheader("Learn from them")
    busy = training is not None and not training.is_over
    with st.container(), error_display.show_errors():
        if st.button(
            "Retrain with the reviewed records",
            type="primary",
            disabled=busy,
            icon=":material/model_training:",
            help=f"Trains {plain(run.model)} further on its own data and the records judged right "
            "or relabelled. The model itself stays as it is.",
        ):
            start_retraining(workspace, run)
            select_next(state.MODEL, NEWEST)
            select_next(state.TEST_ON, run.dataset)
            st.rerun()
    job_panel(training, done=done, lines={EPOCHS: "Epochs"})


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    st.title("Retrain")
    test = workspace.jobs.latest(TEST, REPLAY)
    st.session_state[state.ENDED_TEST] = test.id if test is not None and test.is_over else ""
    with error_display.show_errors():
        cloud = open_cloud(workspace)
        runs = list(islice(run_table.runs(cloud), SHOWN_RUNS))
        with st.container():
            run = choose_run(runs)
        if run is None:
            st.info("Candidates come from test runs, and there is none yet. Test a model first.")
            navigation.link("test", label="Test a model", icon=":material/fact_check:")
            st.fragment(first_run, run_every=LIVE_SECONDS)(workspace)
            return
        counted = st.fragment(candidates)(workspace, run)
        retrain(workspace, run, workspace.jobs.latest(RETRAIN))
        if counted is not None:
            counts(counted, runs)


page()
