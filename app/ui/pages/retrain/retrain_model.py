"""The end of a review: correct the data by the verdicts, and train a new version of the model."""

from __future__ import annotations

import streamlit as st

from app.services.job_starters import EPOCHS, start_retraining
from app.services.jobs import Job
from app.services.model.champion import champion
from app.services.model.training import MAX_WEIGHT
from app.services.projects import find_project
from app.services.review.applying import apply_to_run
from app.services.review.retraining import RetrainPlan, plan_retraining, what_to_do_first
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.pages.retrain.texts import applied_text
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.accuracy import show_evaluation
from app.ui.widgets.challenger import compared_with_champion
from app.ui.widgets.choosers import NEWEST, select_next
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.texts import plain
from iris_core.model.models import ModelCard
from iris_core.records.run import Run

ANEW, FURTHER = "Train anew", "Train further"


def retrain_model(workspace: Workspace, run: Run, training: Job | None, *, reviewed: int) -> None:
    """Offer to apply the verdicts, and then to train a new version of the run's model.

    Args:
        workspace: that keeps both.
        run: whose candidates were reviewed.
        training: the newest retraining.
        reviewed: number of reviewed records of the run.
    """
    st.subheader("Retrain the model")
    busy = training is not None and not training.is_over
    with st.container(), error_display.show_errors():
        _apply(workspace, run, busy=busy, reviewed=reviewed)
        first = what_to_do_first(workspace, run.model)
        if not first:
            _retrain(workspace, run, busy=busy)
        elif reviewed:
            st.caption(plain(first))
    if training is not None and training.is_over and training.subject != run.id:
        return
    job_panel(training, done=_result, lines={EPOCHS: "Epochs"})


def _apply(workspace: Workspace, run: Run, *, busy: bool, reviewed: int) -> None:
    """Offer to correct the data by the verdicts."""
    with st.container(horizontal=True):
        both = st.button(
            "Apply verdicts and retrain",
            type="primary",
            disabled=busy or not reviewed,
            icon=":material/model_training:",
            help="Corrects the data as Apply verdicts does, then trains the model anew on it.",
        )
        alone = st.button(
            "Apply verdicts",
            disabled=busy or not reviewed,
            icon=":material/rule:",
            help="Makes the corrected version of the data: rows are relabelled or dropped, "
            "reviewed rows that the data lack are added. The evaluation set is corrected too.",
        )
    if both or alone:
        with st.spinner("Correcting the data…"):
            applied = apply_to_run(workspace, run)
        st.session_state[state.NOTICE] = applied_text(applied)
        select_next(state.TEST_ON, applied.dataset.id)
        if both and not what_to_do_first(workspace, run.model):
            start_retraining(workspace, run, plan_retraining(workspace, run.model))
            select_next(state.MODEL, NEWEST)
        st.rerun()
    if not reviewed:
        st.caption("Review some candidates first: keep or change their labels, or drop them.")
    if notice := st.session_state.pop(state.NOTICE, None):
        st.success(plain(notice))


def _retrain(workspace: Workspace, run: Run, *, busy: bool) -> None:
    """Offer to train a new version of the model, and say on what."""
    way = st.radio(
        "How",
        (ANEW, FURTHER),
        horizontal=True,
        key=state.RETRAIN_WAY,
        persist_state="session",
        help="Anew forgets what was learnt from wrong labels; further goes on from the weights.",
    )
    weight = st.number_input(
        "Weight of reviewed rows",
        1,
        MAX_WEIGHT,
        key=state.REVIEWED_WEIGHT,
        persist_state="session",
        help="How often a reviewed row is trained on in an epoch. 1 treats all rows alike.",
    )
    plan = plan_retraining(workspace, run.model, further=way == FURTHER)
    st.caption(plan_text(workspace, plan))
    if st.button("Retrain", type="primary", disabled=busy, icon=":material/model_training:"):
        start_retraining(workspace, run, plan, reviewed_weight=weight)
        select_next(state.MODEL, NEWEST)
        st.rerun()


def plan_text(workspace: Workspace, plan: RetrainPlan) -> str:
    """Return what a retraining would do, in numbers."""
    name = plain(workspace.datasets.card(plan.dataset).name)
    new = "" if plan.new_rows is None else f", {plan.new_rows:,} of them new to the model"
    return (
        f"Trains on {plan.rows:,} rows of **{name}**{new}; {plan.evaluation_rows:,} rows evaluate "
        "and are left out."
    )


def _result(job: Job) -> None:
    """Say what came of the retraining, and what to do next."""
    card = job.result
    st.info(f"Trained **{plain(card.name)} v{card.version}**.")
    show_evaluation(card)
    _beside_champion(card)
    with st.container(horizontal=True):
        navigation.link("train", label="Compare with the champion", icon=":material/trophy:")
        navigation.link(
            "test",
            label="Test it on the corrected data",
            icon=":material/fact_check:",
            query_params={state.MODEL: card.id, state.TEST_ON: card.dataset_id},
        )


def _beside_champion(card: ModelCard) -> None:
    """Say whether a new model is better than the champion, on rows that neither has seen."""
    workspace = visit_workspace()
    project = find_project(workspace, card.schema.columns.project)
    current = champion(workspace, project)
    if current is None or current.id == card.id or project.evaluation is None:
        return
    with error_display.show_errors():
        compared = compared_with_champion(workspace, current.id, card.id, project.evaluation.id)
        st.info(plain(compared.text), icon=":material/trophy:")
