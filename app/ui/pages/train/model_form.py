"""The form for a network and its training options."""

from __future__ import annotations

import streamlit as st

from app.services.model.form_values import parse_units
from app.ui import state
from app.ui.widgets.texts import plain
from iris_core.model.options import ACTIVATIONS, OPTIMISERS, ModelSpec, TrainOptions

SPEC, OPTIONS = ModelSpec(), TrainOptions()


def ask_for_network() -> ModelSpec:
    """Ask for the network.

    Raises:
        OptionError: it cannot be built.
    """
    units = st.text_input(
        "Units of each hidden layer",
        ", ".join(map(str, SPEC.units)),
        key=state.UNITS,
        persist_state="session",
        help="One number a layer, first to last; empty for none, a logistic regression.",
    )
    left, right = st.columns(2)
    activation = left.selectbox(
        "Activation",
        ACTIVATIONS,
        key=state.ACTIVATION,
        persist_state="session",
        help="The function that each hidden unit applies to its weighted sum.",
    )
    dropout = right.number_input(
        "Dropout",
        0.0,
        0.9,
        SPEC.dropout,
        0.05,
        key=state.DROPOUT,
        persist_state="session",
        help="Share of each hidden layer's outputs left out in training, against overfitting.",
    )
    optimiser = left.selectbox(
        "Optimiser",
        OPTIMISERS,
        key=state.OPTIMISER,
        persist_state="session",
        help="How the weights follow the loss downhill.",
    )
    rate = right.number_input(
        "Learning rate",
        1e-6,
        1.0,
        SPEC.learning_rate,
        0.001,
        "%.6g",
        key=state.LEARNING_RATE,
        persist_state="session",
        help="Too high and the loss jumps; too low and it crawls.",
    )
    return ModelSpec(parse_units(units), activation, dropout, optimiser, rate)


def ask_for_options(imbalance: str) -> TrainOptions:
    """Ask how to train.

    Args:
        imbalance: what to do about the classes of the data, empty if nothing.

    Raises:
        OptionError: it cannot be trained so.
    """
    left, right = st.columns(2)
    epochs = left.number_input(
        "Epochs",
        1,
        10_000,
        OPTIONS.epochs,
        key=state.EPOCHS,
        persist_state="session",
        help="Passes over all training rows.",
    )
    batch_size = right.number_input(
        "Batch size",
        1,
        65_536,
        OPTIONS.batch_size,
        key=state.BATCH_SIZE,
        persist_state="session",
        help="Rows in each gradient step.",
    )
    share = left.number_input(
        "Validation share",
        0.0,
        0.5,
        OPTIONS.validation_share,
        0.05,
        key=state.VALIDATION_SHARE,
        persist_state="session",
        help="Share of the training rows that measure each epoch and are not fitted; 0 for none.",
    )
    patience = right.number_input(
        "Patience",
        0,
        10_000,
        0,
        key=state.PATIENCE,
        persist_state="session",
        help="Stop after this many epochs without a lower validation loss, and keep the best "
        "weights; 0 trains to the last epoch.",
    )
    seed = left.number_input(
        "Seed",
        0,
        2**32 - 1,
        OPTIONS.seed,
        key=state.TRAIN_SEED,
        persist_state="session",
        help="The same seed, data and choices give the same model.",
    )
    class_weights = right.toggle(
        "Class weights",
        OPTIONS.class_weights,
        key=state.CLASS_WEIGHTS,
        persist_state="session",
        help="Each class counts as much as any other in the loss: rows / (classes x rows of the "
        "class). More of a rare class is found, for more false alarms; the accuracy may fall.",
    )
    if imbalance and not class_weights:
        st.info(plain(imbalance), icon=":material/balance:")
    return TrainOptions(epochs, batch_size, share, patience or None, seed, class_weights)
