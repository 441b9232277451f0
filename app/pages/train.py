"""The Train page: train a new model, or one further, and see all that were trained."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import state
from app.figures.training import accuracy_curve, loss_curve
from app.jobs import Job
from app.pipeline import HELD_OUT
from app.services import shared
from app.widgets import pictures, problems
from app.widgets.choosers import NEWEST, choose_data_set, choose_parent, point_to
from app.widgets.job_panel import job_panel
from app.widgets.texts import percent, plain, when
from app.work import EPOCHS, TRAIN, start_training
from iris_core.errors import OptionError
from iris_core.models import Epoch, ModelCard
from iris_core.options import ACTIVATIONS, OPTIMISERS, ModelSpec, TrainOptions

SPEC, OPTIONS = ModelSpec(), TrainOptions()


def network() -> ModelSpec:
    """Ask for the network; raises `OptionError` when it cannot be built."""
    units = st.text_input(
        "Units of each hidden layer", ", ".join(map(str, SPEC.units)), key=state.UNITS,
        persist_state="session",
        help="One number a layer, first to last; empty for none, a logistic regression.",
    )  # fmt: skip
    left, right = st.columns(2)
    activation = left.selectbox(
        "Activation", ACTIVATIONS, key=state.ACTIVATION, persist_state="session",
        help="What each hidden unit makes of its sum.",
    )  # fmt: skip
    dropout = right.number_input(
        "Dropout", 0.0, 0.9, SPEC.dropout, 0.05, key=state.DROPOUT, persist_state="session",
        help="Share of each hidden layer's outputs left out in training, against overfitting.",
    )  # fmt: skip
    optimiser = left.selectbox(
        "Optimiser", OPTIMISERS, key=state.OPTIMISER, persist_state="session",
        help="How the weights follow the loss downhill.",
    )  # fmt: skip
    rate = right.number_input(
        "Learning rate", 1e-6, 1.0, SPEC.learning_rate, 0.001, "%.6g", key=state.LEARNING_RATE,
        persist_state="session", help="Too high and the loss jumps; too low and it crawls.",
    )  # fmt: skip
    return ModelSpec(parse_units(units), activation, dropout, optimiser, rate)


def options() -> TrainOptions:
    """Ask how to train; raises `OptionError` when that cannot be done."""
    left, right = st.columns(2)
    epochs = left.number_input(
        "Epochs", 1, 10_000, OPTIONS.epochs, key=state.EPOCHS, persist_state="session",
        help="How often all rows are gone through.",
    )  # fmt: skip
    batch_size = right.number_input(
        "Batch size", 1, 65_536, OPTIONS.batch_size, key=state.BATCH_SIZE,
        persist_state="session", help="Rows a step.",
    )  # fmt: skip
    share = left.number_input(
        "Validation share", 0.0, 0.5, OPTIONS.validation_share, 0.05, key=state.VALIDATION_SHARE,
        persist_state="session", help="Rows held back to watch the training by; 0 for none.",
    )  # fmt: skip
    patience = right.number_input(
        "Patience", 0, 10_000, 0, key=state.PATIENCE, persist_state="session",
        help="Stop after this many epochs without a lower validation loss, and keep the best "
        "weights; 0 trains to the last epoch.",
    )  # fmt: skip
    seed = left.number_input(
        "Seed", 0, 2**32 - 1, OPTIONS.seed, key=state.TRAIN_SEED, persist_state="session",
        help="The same seed, data and choices give the same model.",
    )  # fmt: skip
    return TrainOptions(epochs, batch_size, share, patience or None, seed)


def parse_units(text: str) -> tuple[int, ...]:
    """The widths that a person wrote; raises `OptionError` when they are no whole numbers."""
    words = text.replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise OptionError(f"Units: expected whole numbers such as 32, 16, received {text[:60]!r}.")
    return tuple(map(int, words))


def curves(history: Sequence[Epoch]) -> None:
    """Show how a training goes or went."""
    if not history:
        st.caption("TensorFlow is being loaded or the network compiled; that takes some seconds.")
        return
    left, right = st.columns(2)
    with left:
        pictures.show(loss_curve(history))
    with right:
        pictures.show(accuracy_curve(history))


def done(job: Job) -> None:
    """Say what came of a training, and what to do next."""
    card: ModelCard = job.result
    st.success(
        f"Trained **{plain(card.name)} v{card.version}** in {job.seconds:.1f} s: "
        f"{percent(card.metrics['test_accuracy'])} of the rows held out are right."
    )
    st.page_link("app/pages/test.py", label="Test it", icon=":material/fact_check:")
    curves(card.history)


def table(cards: Sequence[ModelCard]) -> None:
    """List the models, newest first."""
    rows = [
        {
            "Model": f"{card.name} v{card.version}",
            "Accuracy": card.metrics.get("test_accuracy"),
            "Trained": when(card.created),
            "Data": card.dataset_name,
            "Rows": card.rows,
            "Epochs": len(card.history),
            "Units": ", ".join(map(str, card.spec.units)) or "none",
            "Parent": card.parent or "",
            "Id": card.id,
        }
        for card in cards
    ]
    columns = {
        "Accuracy": st.column_config.NumberColumn(
            format="percent", help="Of the rows held out of training"
        ),
        "Trained": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns, alt="All models")


def page() -> None:
    """Draw the page."""
    services = shared()
    st.title("Train")
    job = services.jobs.latest(TRAIN)
    with problems.shown():
        left, right = st.columns(2, gap="large")
        with left:
            data = choose_data_set(
                services, state.TRAIN_ON, "Data set",
                help_text=f"{HELD_OUT:.0%} of its rows are held out, to measure the model by.",
            )  # fmt: skip
            parent = choose_parent(services, "Start from")
            with st.expander("Network", expanded=parent is None):
                spec = network()
        with right, problems.shown():
            chosen = options()
            busy = job is not None and not job.is_over
            if st.button("Train", type="primary", disabled=busy, icon=":material/play_arrow:"):
                start_training(
                    services, data.id, spec, chosen, parent=parent.id if parent else None
                )
                point_to(state.MODEL, NEWEST)
                st.rerun()
    job_panel(job, live=lambda job: curves(list(job.trail)), done=done, lines={EPOCHS: "Epochs"})
    with problems.shown():
        cards = services.models.list().cards
        st.subheader("Models")
        if cards:
            table(cards)
        else:
            st.info("No model yet. The choices above are good ones: press Train.")


page()
