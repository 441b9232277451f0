"""Errors on a page: a sentence on the screen, a traceback in the console only."""

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
    "safe. Try again; if it stays so, the console of the dashboard has the cause."
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
    """Show an error of this block where it happens, and go on after the block.

    Args:
        link: whether errors of the cloud come with a link to the Cloud page.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - `message_for` logs what is unexpected
        st.error(message_for(error))
        if link and isinstance(error, _OF_THE_CLOUD):
            link_to_cloud_page()


@contextmanager
def defer_errors(key: str = state.FAULT) -> Iterator[None]:
    """Save an error of a callback, which runs before anything is drawn.

    Args:
        key: the session key under which `show_deferred_error` finds it.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - `message_for` logs what is unexpected
        st.session_state[key] = message_for(error)


def show_deferred_error(key: str = state.FAULT) -> None:
    """Show the error of a callback, once; `key` is that of `defer_errors`."""
    message = st.session_state.pop(key, None)
    if message:
        st.error(message)


def message_for(error: Exception) -> str:
    """Return the sentence for an error, as Markdown; an unexpected error is logged."""
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
    """Draw a link to the page on which a cloud is chosen and deployed."""
    navigation.link("cloud", label="Open the Cloud page", icon=":material/cloud:")
