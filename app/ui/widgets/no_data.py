"""What is said where a project has no data set."""

from __future__ import annotations

import streamlit as st

from app.ui import navigation


def no_data(*, link: bool = True) -> None:
    """Say that the project has no data set.

    Args:
        link: whether with a link to the page on which data are uploaded.
    """
    st.info(
        "Upload data with the columns of this project: it has models, and no data set any more."
    )
    if link:
        navigation.link("data", label="Upload data", icon=":material/upload:")
