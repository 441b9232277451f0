"""The Retrain page: review candidates one by one, and train the model further on the result."""

from __future__ import annotations

import streamlit as st

from app.services.job_starters import RETRAIN
from app.services.review.ledger import note_counted_verdicts
from app.services.review.queue import list_candidates
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.pages.retrain import (
    agreement_panel,
    budget,
    candidate_counts,
    candidate_list,
    candidate_panel,
    data_rows,
    exchange_panel,
    filter_form,
    known_counts,
    new_candidates,
    review_order,
    review_path,
    several,
)
from app.ui.pages.retrain.retrain_model import retrain_model
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import choose_run, listed_runs
from app.ui.widgets.open_cloud import open_cloud
from app.ui.widgets.project_runs import project_runs
from aws.candidate_counts import CandidateCounts
from iris_core.records.run import Run

LIVE_SECONDS = 1.0


def candidates(workspace: Workspace, run: Run) -> CandidateCounts | None:
    """List the candidates, review one, return their counts; the clock never draws this again."""
    counts: CandidateCounts | None = None
    with error_display.show_errors():
        cloud = workspace.cloud()
        was_busy = several.is_busy(workspace)
        counts = known_counts.current(workspace, cloud, run)
        with error_display.show_errors():
            note_counted_verdicts(workspace, cloud, run, counts.verdicts)
        if counts.reviewed and st.session_state.get(state.CAN_RETRAIN) is False:
            # First verdict: what is below this fragment is to know now, for errors show but once.
            st.session_state[state.CAN_RETRAIN] = True
            st.rerun()
        with st.container():
            candidate_counts.progress(counts, budget.current_budget(run))
            order = review_order.choose_order(workspace, run, counts)
            candidate_filter = filter_form.choose_filter(workspace, run, order)
            cursor = candidate_list.current_cursor(run, candidate_filter, order)
        listing = list_candidates(
            cloud,
            run,
            candidate_filter,
            after=cursor.after,
            listed_keys=candidate_list.listed_keys(),
            order=order.rows,
        )
        candidate_list.keep_listed(listing)
        live = new_candidates.active_test_job(workspace) is not None
        # On a phone they stand below each other: first the buttons.
        panel, wide = st.columns([3, 5], gap="medium")
        with panel:
            candidate = candidate_panel.review_panel(workspace, cloud, run, listing, order)
            if candidate is None:
                candidate_panel.nothing_to_review(listing, candidate_filter, order, live=live)
            # No clock without need: a page that draws itself can lose its connection under load.
            every = LIVE_SECONDS if live else None
            # In a place of its own height, for what stands below is not to move.
            with st.container(height=new_candidates.HEIGHT, border=False):
                st.fragment(new_candidates.new_candidates_notice, run_every=every)(
                    workspace, run, candidate_filter, cursor, order.rows, listing.new
                )
        with wide:
            if candidate is not None:
                candidate_panel.evidence(workspace, run, candidate, order)
        with st.container():
            if listing.candidates:
                shown = candidate.key if candidate is not None else None
                candidate_list.table(workspace, run, listing.candidates, cursor, shown=shown)
            candidate_list.pagination(run, candidate_filter, cursor, listing.after)
            exchange_panel.exchange(workspace, run, order)
            several.several(workspace, cloud, run, candidate_filter, order, was_busy=was_busy)
            agreement_panel.agreement_panel(cloud, run)
        review_path.look_ahead(cloud, run, listing, candidate, is_over=order.is_over)
        known_counts.refresh(workspace, cloud, run)
    return counts


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    new_candidates.note_ended_test(workspace)
    with error_display.show_errors():
        cloud = open_cloud(workspace)
        with st.container():
            runs = listed_runs(project_runs(workspace, cloud))
            run = choose_run(runs)
        if run is None:
            st.info("Candidates come from test runs, and there is none yet. Test a model first.")
            navigation.link("test", label="Test a model", icon=":material/fact_check:")
            data_rows.data_rows(workspace)
            st.fragment(new_candidates.wait_for_first_run, run_every=LIVE_SECONDS)(workspace)
            return
        counts = st.fragment(candidates)(workspace, run)
        reviewed = counts.reviewed if counts else 0
        st.session_state[state.CAN_RETRAIN] = reviewed > 0
        data_rows.data_rows(workspace)
        retrain_model(workspace, run, workspace.jobs.latest(RETRAIN), reviewed=reviewed)
        if counts is not None:
            candidate_counts.count_pictures(counts, runs)


page()
