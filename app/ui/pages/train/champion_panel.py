"""The champion of a project: compared with a challenger, replaced by it, and brought back."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.services.baselines import baseline_text, finding_of_card
from app.services.model.champion import champion, previous_champion, promote, roll_back
from app.services.model.comparing import ComparedModels
from app.services.projects import Project, find_project
from app.services.workspace import Workspace
from app.ui import state
from app.ui.access import person_name
from app.ui.widgets import error_display
from app.ui.widgets.accuracy import show_finding
from app.ui.widgets.challenger import compared_with_champion
from app.ui.widgets.choosers import distinct
from app.ui.widgets.lazy_expander import lazy_expander
from app.ui.widgets.paired_table import Names, classes_table, metrics_table
from app.ui.widgets.texts import model_name, plain, when
from iris_core.model.models import ModelCard

NAMES = Names("Champion", "Challenger")


def champion_panel(workspace: Workspace, newest: ModelCard) -> None:
    """Show the champion of a model's project, and what may replace it."""
    project = find_project(workspace, newest.schema.columns.project)
    current = champion(workspace, project)
    if current is None:
        return
    st.subheader("Champion")
    error_display.show_deferred_error(state.CHAMPION_FAULT)
    if notice := st.session_state.pop(state.CHAMPION_NOTICE, None):
        st.success(plain(notice))
    _current(workspace, project, current)
    if (found := finding_of_card(current)) is not None:
        show_finding(found, "Accuracy on the evaluation set")
    others = {card.id: card for card in project.models if card.id != current.id}
    if not others:
        st.caption("The first model is the champion. Train another to compare it with.")
        return
    with lazy_expander(
        "Compare it with a challenger", key=state.CHAMPION_OPEN, icon=":material/compare_arrows:"
    ) as is_open:
        if is_open:
            _challenge(workspace, project, current, others)


def _challenge(
    workspace: Workspace, project: Project, current: ModelCard, others: Mapping[str, ModelCard]
) -> None:
    """Compare the champion with one of the other models, and offer to promote that one."""
    names = distinct({id_: model_name(card) for id_, card in others.items()})
    if st.session_state.get(state.CHALLENGER) not in others:
        st.session_state[state.CHALLENGER] = next(iter(others))
    challenger = st.selectbox(
        "Challenger",
        list(names),
        format_func=names.__getitem__,
        key=state.CHALLENGER,
        persist_state="session",
    )
    with error_display.show_errors():
        evaluation = project.evaluation.id if project.evaluation else ""
        _comparison(compared_with_champion(workspace, current.id, challenger, evaluation))
    _promotion(workspace, others[challenger])


def _current(workspace: Workspace, project: Project, current: ModelCard) -> None:
    """Say which model is the champion, since when and why, and offer to roll back."""
    entries = workspace.promotions.readable(project.id)
    promoted = next((entry for entry in reversed(entries) if entry.model == current.id), None)
    since = ""
    if promoted is not None and promoted.who:
        since = f", since {when(promoted.at):%d %b %Y, %H:%M} by {plain(promoted.who)}"
        since += f": {plain(promoted.why)}" if promoted.why else ""
    previous = previous_champion(workspace, project)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(model_name(current))}**{since}", width="stretch")
        if previous is not None:
            st.button(
                f"Roll back to {plain(previous)}",
                icon=":material/undo:",
                on_click=_roll_back,
                args=(workspace, project),
            )


def _comparison(compared: ComparedModels) -> None:
    """Show whether the challenger is better, by how much, and in which rows."""
    st.info(plain(compared.text))
    metrics_table(compared.metrics, NAMES)
    st.caption(plain(f"On the same rows: {baseline_text(compared.baselines)}."))
    if compared.changes:
        rows = [
            {
                "Row": change.row,
                "Change": "fixed" if change.is_fixed else "broken",
                "True label": change.true_label,
                "Champion predicts": change.before,
                "Challenger predicts": change.after,
                **compared.dataset.frame.iloc[change.row, 1:].to_dict(),
            }
            for change in compared.changes
        ]
        changed = "row" if len(rows) == 1 else "rows"
        st.markdown(f"**The {len(rows):,} {changed} that changed**")
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            placeholder="",
            alt="Rows that the challenger fixes or breaks",
        )
    st.markdown("**Recall and precision of each class**")
    classes_table(compared.metrics, NAMES)


def _promotion(workspace: Workspace, challenger: ModelCard) -> None:
    """Offer to make the challenger the champion."""
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    left.text_input("Why", key=state.PROMOTE_WHY, max_chars=500, placeholder="Noted with the model")
    right.button(
        "Promote",
        type="primary",
        icon=":material/trophy:",
        on_click=_promote,
        args=(workspace, challenger),
        help="Tests, Score and the command line use it from now on. It can be rolled back.",
        width="stretch",
    )


def _promote(workspace: Workspace, card: ModelCard) -> None:
    """Make a model the champion, with the reason that was entered."""
    with error_display.defer_errors(state.CHAMPION_FAULT):
        promote(
            workspace, card.id, who=person_name(), why=st.session_state.get(state.PROMOTE_WHY, "")
        )
        st.session_state[state.PROMOTE_WHY] = ""
        st.session_state[state.CHAMPION_NOTICE] = f"{model_name(card)} is the champion now."


def _roll_back(workspace: Workspace, project: Project) -> None:
    """Bring back the champion before."""
    with error_display.defer_errors(state.CHAMPION_FAULT):
        now, _ = roll_back(workspace, project, who=person_name())
        st.session_state[state.CHAMPION_NOTICE] = f"{now} is the champion again."
