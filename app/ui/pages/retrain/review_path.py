"""The way of a reviewer through the records: which one is next, which was before, which waits."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from app.services.model.form_values import whole_number
from app.services.review import leasing
from app.services.review.queue import CandidateListing, candidate_of_row
from app.ui import state
from app.ui.pages.retrain.reviewer import names, reviewer_name
from app.ui.widgets.texts import plain
from aws.clients import Cloud
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run
from iris_core.records.verdict import is_named

Step = Callable[[Run, Candidate], None]
"""Leads from a record of a run to another one."""


def select(key: Key) -> None:
    """Name a record in the URL: it is the one under review."""
    st.query_params[state.RECORD] = str(key.row)


def deselect() -> None:
    """Go on with the first listed candidate that has no verdict."""
    st.query_params.pop(state.RECORD, None)


def skipped(run: Run) -> tuple[int, ...]:
    """Return the rows that were skipped."""
    return _rows(state.SKIPPED, run)


def leave(run: Run, candidate: Candidate) -> None:
    """Remember a record as the way back."""
    st.session_state[state.VISITED] = (run.id, (*_rows(state.VISITED, run), candidate.key.row))


def skip(run: Run, candidate: Candidate) -> None:
    """Go on with the next open record; this one, if it is open, waits until all others are done."""
    leave(run, candidate)
    # Of what is reviewed once more all have a verdict, and wait all the same.
    is_second = st.session_state.get(state.VERDICT_FILTER) in ("second look", "disagreement")
    if candidate.verdict is None or is_second:
        st.session_state[state.SKIPPED] = (run.id, (*skipped(run), candidate.key.row))
    deselect()


def go_back(run: Run, candidate: Candidate) -> None:
    """Go to the record before; the first one stays."""
    before = [row for row in _rows(state.VISITED, run) if row != candidate.key.row]
    if before:
        st.session_state[state.VISITED] = (run.id, tuple(before[:-1]))
        st.query_params[state.RECORD] = str(before[-1])


def next_record(
    cloud: Cloud, run: Run, listing: CandidateListing, *, is_over: bool
) -> Candidate | None:
    """Return the candidate that the URL names, else the first listed one that needs a verdict.

    One that is on another reviewer's screen is passed over; None if no other is left, or if the
    review is over because its budget is used up.
    """
    who, now = reviewer_name(), time.time()
    linked = st.query_params.get(state.RECORD)
    if linked is not None:
        row = whole_number(linked)
        if row is None or not (named := candidate_of_row(cloud, run, row, listing.candidates)):
            st.warning(f"This run has no candidate in row {plain(linked[:20])}.")
        elif not is_named(who):
            return named
        elif taken := leasing.take_first(cloud, [named], who, now=now):
            return taken
        else:
            st.warning(f"Row {row} is with {_name(named, who, now)} now; here is another record.")
    left = () if is_over else listing.to_review(skipped(run))
    return leasing.take_first(cloud, left, who, now=now)


def look_ahead(
    cloud: Cloud, run: Run, listing: CandidateListing, shown: Candidate | None, *, is_over: bool
) -> None:
    """Lease the record that comes next, and give up those that are not needed any more.

    Call it when the record on the screen is drawn, so that nobody waits for it.
    """
    who, now = reviewer_name(), time.time()
    left = () if is_over else listing.to_review(skipped(run))
    ahead = leasing.take_ahead(cloud, left, shown, who, now=now)
    kept = leasing.rows_leased((shown, ahead), who)
    before = set(_rows(state.HELD, run)).difference(kept)
    leasing.give_up(cloud, run, before, listing.candidates, who)
    st.session_state[state.HELD] = (run.id, kept)


def say_who_has_others(listing: CandidateListing) -> None:
    """Say how many of the listed records are on other reviewers' screens."""
    if text := _with_others(listing):
        st.caption(f"{text} now.")


def wait_for_others(listing: CandidateListing) -> None:
    """Say that the records left are on other reviewers' screens, and offer to look again."""
    text = _with_others(listing) or "The records left were taken by another reviewer just"
    st.info(f"Look again in a while. {text} now; what they do not review comes back to you.")
    st.button("Look again", icon=":material/refresh:")


def _with_others(listing: CandidateListing) -> str:
    """Return how many records are with whom, as a sentence without its end; empty for none."""
    others = leasing.with_others(listing.candidates, reviewer_name(), time.time())
    count = sum(others.values())
    records = "1 record is" if count == 1 else f"{count} records are"
    return f"{records} with {names(sorted(others))}" if count else ""


def _name(candidate: Candidate, who: str, now: float) -> str:
    """Return who has a candidate that could not be leased."""
    lease = candidate.lease
    known = lease is not None and lease.keeps_out(who, now)
    return plain(lease.by) if lease is not None and known else "another reviewer"


def _rows(key: str, run: Run) -> tuple[int, ...]:
    """Return the rows of a run that are remembered under a key."""
    of, rows = st.session_state.get(key, ("", ()))
    return rows if of == run.id else ()
