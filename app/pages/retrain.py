"""The Retrain page: judge candidates one by one, and train the model further on what was judged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import pandas as pd
import streamlit as st

from app import review, state
from app.jobs import Job
from app.services import Services, shared
from app.widgets import problems
from app.widgets.choosers import NEWEST, choose_run, point_to
from app.widgets.clouds import open_cloud
from app.widgets.job_panel import job_panel
from app.widgets.texts import percent, plain
from app.work import EPOCHS, REPLAY, RETRAIN, TEST, start_retraining
from aws import retrain_table, run_table
from aws.clients import Cloud
from aws.keys import Key
from aws.retrain_table import Candidate, Decision
from aws.run_table import Run

PAGE = 50
LIVE_SECONDS = 1.0
ALL = "all"
SHOWN_RUNS = 200


def read_page(cloud: Cloud, run: Run) -> retrain_table.CandidatePage:
    """The page of candidates that this session has come to."""
    place = st.session_state.get(state.PLACE)
    if place is None or place[0] != run.id:
        place = st.session_state[state.PLACE] = (run.id, (None,))
    return retrain_table.page(cloud, run, after=place[1][-1], limit=PAGE)


def turn(run_id: str, keys: tuple[Key | None, ...]) -> None:
    """Go to the page behind the last of these keys."""
    st.session_state[state.PLACE] = (run_id, keys)


def told_verdict(candidate: Candidate) -> str:
    """The verdict on a candidate in a word or two, empty when there is none."""
    given = candidate.verdict
    if given is None:
        return ""
    return f"→ {given.label}" if given.decision == "relabel" else given.decision


def table(found: Sequence[Candidate]) -> Candidate | None:
    """List candidates; the one that is selected, else the first that nobody judged."""
    frame = pd.DataFrame(
        [
            {
                "Row": candidate.key.row,
                "Predicted": candidate.record.class_string,
                "Actual": candidate.record.actual_string,
                "Probability": candidate.record.prob_string,
                "Reason": candidate.reason,
                "Verdict": told_verdict(candidate),
            }
            for candidate in found
        ]
    )
    event = st.dataframe(
        frame, hide_index=True, on_select="rerun", selection_mode="single-row",
        key=state.CANDIDATES, height=420, alt="Candidates; select a row to see its record",
    )  # fmt: skip
    rows = [row for row in event.selection.rows if row < len(found)]
    if rows:
        return found[rows[0]]
    return next((candidate for candidate in found if candidate.verdict is None), None)


def decide(
    services: Services, candidate: Candidate, decision: Decision, label: str | None = None
) -> None:
    """Store the verdict on a candidate as it was shown: somebody else's stays."""
    with problems.kept():
        review.decide(services, candidate, decision, label=label if decision == "relabel" else None)


def record(services: Services, run: Run, candidate: Candidate) -> None:
    """Show one record in full, and ask for a verdict."""
    told = candidate.record
    st.markdown(
        f"**Row {candidate.key.row}**: predicted **{plain(told.class_string)}** with probability "
        f"{plain(told.prob_string)}, actual **{plain(told.actual_string)}**. It is "
        f"{plain(candidate.reason)} at the threshold {plain(candidate.threshold)}."
    )
    problems.show_kept()
    if given := candidate.verdict:
        judged = f"{given.decision} {given.label}".strip()
        st.info(f"Judged: {plain(judged)}. Another verdict replaces it.")
    others = [name for name in review.classes(services, run) if name != told.actual_string]
    guess = others.index(told.class_string) if told.class_string in others else 0
    with st.container(horizontal=True):
        for name, decision in (
            (f"{plain(told.actual_string)} is right", "right"),
            ("Drop", "drop"),
        ):
            st.button(name, on_click=decide, args=(services, candidate, decision))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    label = left.selectbox("Another class", others, guess, key=state.new_label(str(candidate.key)))
    right.button(
        "Relabel", on_click=decide, args=(services, candidate, "relabel", label), width="stretch"
    )
    fields = review.features(candidate)
    st.dataframe(
        pd.DataFrame({"Field": list(fields), "Value": [str(value) for value in fields.values()]}),
        hide_index=True, alt="All fields of the record",
    )  # fmt: skip


def candidates(services: Services, run: Run, job: Job | None) -> None:
    """Show the candidates of a run, as they come while a test is under way."""
    if job is not None and job.is_over:
        # The whole page once more: drawn then, this part is not drawn again by the clock.
        st.rerun()
    with problems.shown():
        cloud = services.cloud()
        follows = job is not None and st.session_state[state.RUN] == NEWEST
        if follows and next(run_table.runs(cloud)).id != run.id:
            st.rerun()
        page = read_page(cloud, run)
        left, right = st.columns([5, 3], gap="medium")
        with left:
            reasons = sorted({candidate.reason for candidate in page.candidates})
            chosen = st.selectbox(
                "Reason", [ALL, *reasons], key=state.REASON, persist_state="session"
            )
            found = [entry for entry in page.candidates if chosen in (ALL, entry.reason)]
            selected = table(found) if found else None
            turner(run, page)
        with right:
            if selected is not None:
                record(services, run, selected)
            elif found:
                st.success("All candidates of this page are judged.")
            elif job:
                st.info("No candidates yet. They appear here as the function copies them.")
            else:
                st.info("No candidates here.")


def turner(run: Run, page: retrain_table.CandidatePage) -> None:
    """Go from page to page."""
    keys = st.session_state[state.PLACE][1]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Back", on_click=turn, args=(run.id, keys[:-1]), disabled=len(keys) == 1)
        st.button(
            "Next", on_click=turn, args=(run.id, (*keys, page.after)), disabled=page.after is None
        )
        st.caption(f"Page {len(keys)}, {PAGE} candidates a page, in test order")


def done(job: Job) -> None:
    """Say what came of the retraining, and what to do next."""
    card = job.result
    st.success(
        f"Trained **{plain(card.name)} v{card.version}**: "
        f"{percent(card.metrics['test_accuracy'])} of the rows held out are right."
    )
    st.page_link(
        "app/pages/test.py", label="Test it on the same data", icon=":material/fact_check:"
    )


def retrain(services: Services, run: Run, training: Job | None) -> None:
    """Offer to train the run's model further on its data and the reviewed records."""
    st.subheader("Learn from them")
    busy = training is not None and not training.is_over
    if st.button(
        "Retrain with the reviewed records", type="primary", disabled=busy,
        icon=":material/model_training:",
        help=f"Trains {run.model} further on its own data and the records judged right or "
        "relabelled. The model itself stays as it is.",
    ):  # fmt: skip
        with problems.shown():
            start_retraining(services, run)
            point_to(state.MODEL, NEWEST)
            point_to(state.TEST_ON, run.dataset)
            st.rerun()
    job_panel(training, done=done, lines={EPOCHS: "Epochs"})


def page() -> None:
    """Draw the page."""
    services = shared()
    st.title("Retrain")
    with problems.shown():
        cloud = open_cloud(services)
        run = choose_run(list(islice(run_table.runs(cloud), SHOWN_RUNS)))
        if run is None:
            st.info("Candidates come from test runs, and there is none yet. Test a model first.")
            st.page_link("app/pages/test.py", label="Test a model", icon=":material/fact_check:")
            return
        job = services.jobs.latest(TEST, REPLAY)
        under_way = job if job is not None and not job.is_over else None
        every = LIVE_SECONDS if under_way else None
        st.fragment(candidates, run_every=every)(services, run, under_way)
        retrain(services, run, services.jobs.latest(RETRAIN))


page()
