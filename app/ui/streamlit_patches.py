"""Changes to Streamlit where it disturbs the jobs that run in the same process."""

from __future__ import annotations

from streamlit.runtime.scriptrunner import script_runner


def keep_keras_session() -> None:
    """Keep Streamlit from resetting Keras: for every thread, so also for a training under way.

    Streamlit 1.67 calls `keras.backend.clear_session` after each run of a page or fragment, for
    scripts that build a model each time. Ours live in jobs and stores; and while TensorFlow is
    loaded, the call takes half a second in which no other thread gets on.
    """
    script_runner._clean_problem_modules = _do_nothing  # noqa: SLF001


def _do_nothing() -> None:
    """Replace Streamlit's reset."""
