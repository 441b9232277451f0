"""The Cloud page: which cloud, what exists there, deploy and destroy, the function and its log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pandas as pd
import streamlit as st

from app import evidence, state
from app.jobs import Job
from app.services import Services, shared
from app.widgets import problems
from app.widgets.choosers import granted, point_to
from app.widgets.clouds import open_cloud
from app.widgets.job_panel import job_panel
from app.widgets.texts import plain, run_name, threshold_text, when
from app.work import ON_THE_CLOUD, STACK, start_deploy, start_destroy
from aws import failures, function, prices, run_table
from aws.clients import Cloud
from aws.function_log import LogSummary, summarise
from aws.keys import partitions
from aws.lab_steps import lab_steps
from aws.packaging import function_zip, render_template
from aws.run_table import Run
from aws.settings import Target
from aws.stack import StackEvent
from aws.status import status
from aws.tables import Item, query_page

TARGETS: dict[Target, str] = {"local": "Local cloud", "aws": "AWS"}
LOG_LINES = 200
REFUSED = 100
"""Refused records that are shown."""
SAMPLED = 100
"""Stored records by which the bill is estimated."""
SPANS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "14 days": timedelta(days=14)}
"""The log is kept for two weeks."""
MEANINGS = {
    "received": "handed to the function by the stream, or again by a replay",
    "passed": "right and sure: not copied",
    "wrong": "another class than the actual one",
    "unsure": "less probable than the threshold",
    "wrong and unsure": "both",
    "withdrawn": "a candidate until a newer record came under its key",
    "unjudgeable": "refused: a field is missing, or the probability is no number from 0 to 1",
    "copied": "written to the retrain table",
    "known": "there already, as new or newer",
}
"""What the function counts."""


def target(services: Services, *, busy: bool) -> None:
    """Choose the cloud; AWS only after it was said what that means."""
    settings = services.settings
    granted(state.TARGET)
    if state.TARGET not in st.session_state:
        st.session_state[state.TARGET] = settings.target
    wanted: Target = st.radio(
        "Work on", list(TARGETS), format_func=TARGETS.__getitem__, horizontal=True,
        key=state.TARGET, persist_state="session",
        captions=["An emulator on this machine, with the real function", f"{settings.region}"],
    )  # fmt: skip
    if wanted == settings.target:
        return
    if wanted == "aws":
        st.warning(
            f"From then on this dashboard works on your AWS account in {settings.region}: test "
            f"runs write their records to DynamoDB there, and Deploy makes the stack "
            f"{settings.stack}. AWS bills what you use. Nothing is made until you press Deploy."
        )
    act, stay = st.columns(2)
    if act.button(f"Yes, work on {TARGETS[wanted]}", type="primary", disabled=busy):
        services.choose_target(wanted)
        st.rerun()
    if stay.button(f"Stay on {TARGETS[settings.target]}"):
        point_to(state.TARGET, settings.target)
        st.rerun()


def parts(cloud: Cloud) -> bool:
    """List what the pipeline needs; returns whether the function is well."""
    found = status(cloud)
    frame = pd.DataFrame(
        [
            {
                "": "✓" if part.well else "✗",
                "Part": part.kind,
                "Name": part.name,
                "State": part.state,
                "What to do": part.remedy,
            }
            for part in found
        ]
    )
    missing = [part for part in found if not part.well]
    if missing:
        st.warning(f"{len(missing)} of {len(found)} parts need something.")
    else:
        st.success("Every part is there and well.")
    st.dataframe(
        frame, hide_index=True, column_config={"": st.column_config.TextColumn(width=40)},
        alt="Parts of the pipeline and their states",
    )  # fmt: skip
    return any(part.kind == "function" and part.well for part in found)


def stack(services: Services, *, busy: bool) -> None:
    """Deploy, and destroy once it is sure that this is meant."""
    settings = services.settings
    left, right = st.columns(2, gap="large")
    with left.container(border=True):
        st.markdown(f"Make the stack **{plain(settings.stack)}**, or bring it up to date.")
        if st.button("Deploy", type="primary", icon=":material/rocket_launch:", disabled=busy):
            start_deploy(services)
            st.rerun()
    with right.container(border=True):
        granted(state.DESTROY)
        tables = f"{settings.score_table}, {settings.retrain_table} and {settings.runs_table}"
        sure = st.checkbox(
            f"Delete the tables {plain(tables)} with all their records and verdicts, and the "
            f"function {plain(settings.function)}",
            key=state.DESTROY,
        )
        if st.button("Destroy", icon=":material/delete_forever:", disabled=busy or not sure):
            start_destroy(services)
            point_to(state.DESTROY, value=False)
            st.rerun()


def threshold(cloud: Cloud) -> None:
    """Show and set the function's threshold."""
    now = function.threshold(cloud)
    with st.form(state.THRESHOLD_FORM), problems.shown():
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        share = left.number_input(
            f"The function applies {plain(now)}. New threshold:", 0.0, 1.0, None, 0.05, "%.6g",
            key=state.THRESHOLD, placeholder=now,
            help="Records with a lower probability become candidates, as do all that are wrong.",
        )  # fmt: skip
        if right.form_submit_button("Set", width="stretch") and share is not None:
            function.set_threshold(cloud, threshold_text(share))
            st.session_state[state.NOTICE] = f"The threshold is {threshold_text(share)} now."
            st.rerun()
    if notice := st.session_state.pop(state.NOTICE, None):
        st.success(notice)


def events(job: Job) -> None:
    """Show what CloudFormation told."""
    told: list[StackEvent] = list(job.trail)
    if told:
        st.code("\n".join(map(str, told)), language=None, height=240)


def done(job: Job) -> None:
    """Say what a deploy or destroy did."""
    st.success(f"{plain(job.title)}: " + ("done." if job.result else "nothing had to be done."))
    events(job)


def log(cloud: Cloud) -> None:
    """Show what the function logged: a line of JSON a batch."""
    with st.expander(
        "The function's log", key=state.LOG_OPEN, on_change="rerun", icon=":material/subject:"
    ) as opened:
        if not opened.open:
            return
        left, right = st.columns([3, 2])
        containing = left.text_input(
            "Containing", key=state.LOG_FILTER, persist_state="session", type="search",
            help="Only lines with this text, as it is written.",
        )  # fmt: skip
        span = right.selectbox("Of the last", list(SPANS), key=state.LOG_SINCE,
                               persist_state="session")  # fmt: skip
        since = datetime.now(UTC) - SPANS[span]
        lines = function.log_lines(cloud, since=since, containing=containing, limit=LOG_LINES)
        if not lines:
            st.info("No such line." if containing else f"The function did not run: last {span}.")
            return
        log_summary(summarise(lines))
        frame = pd.DataFrame([{"At": when(line.at), "Line": line.text} for line in lines[::-1]])
        at = st.column_config.DatetimeColumn(format="D MMM, HH:mm:ss.SSS", width=150)
        st.dataframe(frame, hide_index=True, column_config={"At": at}, alt="Lines of the log")
        if len(lines) == LOG_LINES:
            st.caption(f"The newest {LOG_LINES} lines are shown, and added up.")


def log_summary(summary: LogSummary) -> None:
    """Add up what the shown lines say."""
    if not summary.batches:
        return
    others = f", and {summary.others:,} other lines" if summary.others else ""
    st.markdown(f"**Records in {summary.batches:,} batches**{others}")
    counts = [
        {"What": name, "Records": count, "Meaning": MEANINGS.get(name, "")}
        for name, count in summary.counts.items()
        if count or name in ("received", "unjudgeable")
    ]
    st.dataframe(pd.DataFrame(counts), hide_index=True, alt="Records of these lines by outcome")
    if summary.refused:
        st.warning(f"{len(summary.refused):,} records could not be judged and were not copied.")
        rows = [
            {"At": when(refusal.at), "Record": refusal.key, "Why": refusal.why}
            for refusal in summary.refused[:REFUSED]
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Records that were refused")


def queue(cloud: Cloud) -> None:
    """Show what the stream gave up on; it stays there until somebody deletes it."""
    with st.expander(
        "Failure queue", key=state.QUEUE_OPEN, on_change="rerun", icon=":material/report:"
    ) as opened:
        if not opened.open:
            return
        found = failures.look(cloud)
        problems.show_kept()
        if found is None:
            st.info("There is no failure queue. Deploy the stack.")
            return
        if not found.waiting:
            st.success("No batch failed for good.")
            return
        st.warning(
            f"About {found.waiting:,} batches failed for good. Their records are still in the "
            "score table: mend the cause, then complete the run on the Test page."
        )
        if not found.failures:
            st.info("Somebody looks at them just now. Look again in a moment.")
            return
        rows = [
            {
                "At": when(failure.at),
                "Why": failure.why or "not said",
                "Records": failure.records,
                "Message": failure.body,
            }
            for failure in found.failures
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Batches in the failure queue")
        receipts = [failure.receipt for failure in found.failures]
        st.button(
            f"Delete these {len(receipts)} messages", on_click=delete_failures,
            args=(cloud, receipts), icon=":material/delete:",
            help="Only the messages go; the records stay where they are.",
        )  # fmt: skip


def delete_failures(cloud: Cloud, receipts: list[str]) -> None:
    """Delete the messages that were shown."""
    with problems.kept():
        failures.delete(cloud, receipts)


def bill(cloud: Cloud) -> None:
    """Estimate what records cost on AWS, from what those of the newest run are."""
    with st.expander(
        "What it costs on AWS", key=state.BILL_OPEN, on_change="rerun", icon=":material/payments:"
    ) as opened:
        if not opened.open:
            return
        run = next(run_table.runs(cloud), None)
        items = first_items(cloud, run) if run else ()
        measured = round(100 * run.found / run.rows, 1) if run and items and run.rows else 10.0
        share = st.number_input(
            "Candidates, % of the records", 0.0, 100.0, measured, 1.0, "%.1f",
            key=state.BILL_SHARE, persist_state="session",
            help="As in the newest run, or 10 % without one.",
        )  # fmt: skip
        usage = prices.usage_of(items, candidates=share / 100)
        lines = prices.charges(usage)
        left, right = st.columns(2)
        left.metric("1,000 records", dollars(1e3 * prices.total(lines)))
        right.metric("1,000,000 records", dollars(1e6 * prices.total(lines)))
        rows = [
            {
                "What": line.what,
                "A million records": f"{number(1e6 * line.units)} {line.unit}",
                "Dollars a million": 1e6 * line.dollars,
            }
            for line in lines
        ]
        columns = {"Dollars a million": st.column_config.NumberColumn(format="$%.4f")}
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, column_config=columns,
            alt="Estimated charges for a million records",
        )  # fmt: skip
        of_what = f"the first {len(items)} of the newest run" if items else "the extended iris data"
        month = dollars(1e6 * prices.stored_month(usage))
        sources = ", ".join(f"[{source.split('/')[3]}]({source})" for source in prices.SOURCES)
        st.caption(
            f"An estimate, not a bill: list prices of {prices.REGION} in {prices.AS_OF}, "
            f"without free tier and taxes. Items of {usage.item_bytes:,.0f} bytes, as in "
            f"{of_what}. Keeping a million of them costs {month} a month. The local cloud costs "
            "nothing."
        )
        # Beside the caption: links in its pale grey are hard to read.
        st.markdown(f"The prices in force: {sources}.")


def number(amount: float) -> str:
    """How many units: whole ones, or a small part."""
    return f"{amount:,.0f}" if amount >= 1 else f"{amount:.4f}"


def dollars(amount: float) -> str:
    """An amount of money; a dollar sign would begin a formula in Markdown."""
    return f"US\\${amount:,.2f}" if amount >= 1 else f"US\\${amount:,.4f}"


def first_items(cloud: Cloud, run: Run) -> tuple[Item, ...]:
    """Some stored items of a run."""
    table, partition = cloud.settings.score_table, next(partitions(run.id, run.rows), "")
    return query_page(cloud, table, partition, limit=SAMPLED).items


def lab(cloud: Cloud) -> None:
    """Tick off the course's steps, and hand out the evidence."""
    with st.expander(
        "Lab steps", key=state.LAB_OPEN, on_change="rerun", icon=":material/checklist:"
    ) as opened:
        if not opened.open:
            return
        steps = lab_steps(cloud)
        done = sum(step.done for step in steps)
        say = st.success if done == len(steps) else st.info
        say(f"{done} of {len(steps)} steps are done.")
        for step in steps:
            mark = ":material/check_circle:" if step.done else ":material/radio_button_unchecked:"
            remedy = f" **{plain(step.remedy)}**" if step.remedy else ""
            st.markdown(f"{mark} {plain(step.what)}: {plain(step.found)}.{remedy}")
        run = next(run_table.runs(cloud), None) if done else None
        if run is None:
            st.caption("After a test run its records can be downloaded here, to hand them in.")
            return
        st.markdown(f"**To hand in**: {plain(run_name(run))}")
        with st.container(horizontal=True):
            for name, items in (
                (cloud.settings.score_table, evidence.score_items),
                (cloud.settings.retrain_table, evidence.retrain_items),
            ):
                st.download_button(
                    f"{name} as CSV", partial(items, cloud, run), f"{name}.csv", "text/csv",
                    icon=":material/download:", on_click="ignore",
                    help=f"The items of this run, at most {evidence.MOST:,}.",
                )  # fmt: skip


def downloads() -> None:
    """Hand out what is deployed, for those who use the console."""
    with st.container(horizontal=True):
        st.download_button(
            "Template", render_template, "template.yaml", icon=":material/download:",
            on_click="ignore", help="The stack, with the function inline.",
        )  # fmt: skip
        st.download_button(
            "Function as zip", function_zip, "function.zip", "application/zip",
            icon=":material/download:", on_click="ignore", help="For the Lambda console.",
        )  # fmt: skip


def more(services: Services) -> None:
    """What is asked for now and then; each part asks the cloud only when it is opened."""
    for part in (queue, bill, lab):
        with problems.shown(link=False):
            part(open_cloud(services))


def page() -> None:
    """Draw the page."""
    services = shared()
    st.title("Cloud")
    job = services.jobs.latest(*ON_THE_CLOUD)
    busy = job is not None and not job.is_over
    changing = busy and job is not None and job.kind == STACK
    there = reached = False
    with problems.shown(link=False):
        target(services, busy=busy)
    if not changing:
        with problems.shown(link=False):
            st.subheader("Parts")
            there = parts(open_cloud(services))
            reached = True
    with problems.shown(link=False):
        stack(services, busy=busy)
    if busy and not changing:
        job_panel(job)
    else:
        job_panel(services.jobs.latest(STACK), live=events, done=done, can_cancel=False)
    if there:
        st.subheader("Function")
        with problems.shown(link=False):
            threshold(open_cloud(services))
        with problems.shown(link=False):
            log(open_cloud(services))
    if reached:
        more(services)
    st.subheader("Downloads")
    downloads()


page()
