"""What goes wrong on a page: a sentence for the person, a traceback for the console only."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.ui import navigation, state
from app.ui.widgets.texts import sentence
from aws.errors import (
    AccessError,
    CloudError,
    CredentialsError,
    LocalCloudError,
    NotDeployedError,
    UnreachableError,
)
from iris_core.errors import IrisError

UNEXPECTED = (
    "Something unexpected happened, and what you asked for may not be done. What is stored is "
    "safe. Try again; if it stays so, the console of the dashboard tells the cause."
)

_OF_THE_CLOUD = (
    AccessError,
    CredentialsError,
    LocalCloudError,
    NotDeployedError,
    UnreachableError,
)
_log = logging.getLogger(__name__)


@contextmanager
def show_errors(*, link: bool = True) -> Iterator[None]:
    """Show what goes wrong in this block where it happens, and go on after it.

    `link`: whether the way to the Cloud page is shown, where what is wrong can be seen and mended.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - `tell` logs what it does not know
        st.error(message_for(error))
        if link and isinstance(error, _OF_THE_CLOUD):
            link_to_cloud_page()


@contextmanager
def defer_errors(place: str = state.FAULT) -> Iterator[None]:
    """The same for a callback, which runs before anything is drawn: `show_kept` shows it.

    `place`: which `show_kept`, where a page has several.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - `tell` logs what it does not know
        st.session_state[place] = message_for(error)


def show_deferred_error(place: str = state.FAULT) -> None:
    """Show what went wrong in a callback, once."""
    fault = st.session_state.pop(place, None)
    if fault:
        st.error(fault)


def message_for(error: Exception) -> str:
    """The sentence for an error, as Markdown; one that nobody meant to raise is logged."""
    if isinstance(error, (IrisError, CloudError)):
        return sentence(str(error))
    _log.error("unexpected", exc_info=error)
    if isinstance(error, OSError) and error.strerror:
        return sentence(
            f"The workspace cannot be used: {error.strerror}. Make room or choose another one "
            "(IRIS_HOME), then try again."
        )
    return UNEXPECTED


def link_to_cloud_page() -> None:
    """The way to where a cloud is deployed, chosen and looked at."""
    navigation.link("cloud", label="Open the Cloud page", icon=":material/cloud:")
