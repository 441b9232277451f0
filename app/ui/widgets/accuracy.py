"""An accuracy on the screen: in green only where it beats its baselines."""

from __future__ import annotations

import streamlit as st

from app.services.baselines import Finding, finding_of_card
from app.ui.widgets.texts import plain
from iris_core.model.models import ModelCard

NOT_MEASURED = (
    "Evaluation accuracy: not measured, for there are too few different rows to set some aside."
)


def show_finding(finding: Finding, name: str) -> None:
    """Show an accuracy beside its baselines, and what to do about it.

    Args:
        finding: the accuracy.
        name: what it is called, at the start of a sentence.
    """
    show = {True: st.success, False: st.warning, None: st.info}[finding.beats]
    show(plain(f"{name}: {finding.accuracy}. {finding.advice}"))


def show_evaluation(card: ModelCard) -> None:
    """Show how accurate a new model is on the evaluation set, or why that is not known."""
    finding = finding_of_card(card)
    if finding is None:
        st.info(NOT_MEASURED)
        return
    show_finding(finding, "Evaluation accuracy")
