"""The form for a network and its training options."""

from __future__ import annotations

import streamlit as st

from app.services.model.form_values import parse_units
from app.ui import state
from app.ui.widgets.texts import model_name, plain
from iris_core.model.models import ModelCard
from iris_core.model.options import (
    ACTIVATIONS,
    MAX_BINS,
    MAX_MEMBERS,
    OPTIMISERS,
    ModelSpec,
    TrainOptions,
)
from iris_core.model.recipes import DEFAULT, RECIPES

_NAMES = {name: name.capitalize() for name in RECIPES}


def choose_network(parent: ModelCard | None, rows: int) -> None:
    """Ask which network to begin with; the forms below are then filled in as it has it.

    Of a model to start from the network stays, and the forms have its options.

    Args:
        parent: the model to start from, if any.
        rows: of the data set.
    """
    if parent is not None:
        st.caption(f"The network of {plain(model_name(parent))} stays: {parent.spec.units_text}.")
        _fill(parent.id, parent.spec, parent.options)
        return
    st.session_state.setdefault(state.NETWORK, DEFAULT)
    chosen = st.radio(
        "Network",
        list(_NAMES),
        format_func=_NAMES.__getitem__,
        key=state.NETWORK,
        horizontal=True,
        persist_state="session",
    )
    name = str(chosen)
    recipe = RECIPES[name]
    st.caption(recipe.purpose)
    spec = recipe.spec_for(rows)
    _fill(f"{name} of {spec.units_text}", spec, recipe.options)


def _fill(source: str, spec: ModelSpec, options: TrainOptions) -> None:
    """Set the fields of the forms, unless they were set for this network or model last."""
    if st.session_state.get(state.FILLED) == source:
        return
    st.session_state[state.FILLED] = source
    st.session_state.update(
        {
            state.UNITS: ", ".join(map(str, spec.units)),
            state.ACTIVATION: spec.activation,
            state.DROPOUT: spec.dropout,
            state.OPTIMISER: spec.optimiser,
            state.LEARNING_RATE: spec.learning_rate,
            state.MEMBERS: spec.members,
            state.NUMBER_BINS: spec.bins,
            state.LINEAR_PATH: spec.linear_path,
            state.EPOCHS: options.epochs,
            state.BATCH_SIZE: options.batch_size or 0,
            state.VALIDATION_SHARE: float(options.validation_share),
            state.PATIENCE: options.patience or 0,
            state.TRAIN_SEED: options.seed,
            state.CLASS_WEIGHTS: options.class_weights,
        }
    )


def ask_for_network() -> ModelSpec:
    """Ask for the network.

    Raises:
        OptionError: it cannot be built.
    """
    units = st.text_input(
        "Units of each hidden layer",
        key=state.UNITS,
        persist_state="session",
        help="One number a layer, first to last; empty for none, a logistic regression.",
    )
    left, right = st.columns(2)
    members = left.number_input(
        "Members",
        1,
        MAX_MEMBERS,
        key=state.MEMBERS,
        persist_state="session",
        help="1 for a single network; more are trained together, each leaving out other rows, and "
        "averaged.",
    )
    bins = right.number_input(
        "Bins of each number",
        0,
        MAX_BINS,
        key=state.NUMBER_BINS,
        persist_state="session",
        help="Each column of numbers is encoded in up to so many bins as well; 0 for none. "
        "Only with several members.",
    )
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
        step=0.05,
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
        step=0.001,
        format="%.6g",
        key=state.LEARNING_RATE,
        persist_state="session",
        help="Too high and the loss jumps; too low and it crawls.",
    )
    path = st.checkbox(
        "Linear path",
        key=state.LINEAR_PATH,
        persist_state="session",
        help="Each member also adds what a straight line makes of its inputs, beside its hidden "
        "layers. Only with several members.",
    )
    return ModelSpec(parse_units(units), activation, dropout, optimiser, rate, members, bins, path)


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
        key=state.EPOCHS,
        persist_state="session",
        help="Passes over all training rows, at most.",
    )
    batch_size = right.number_input(
        "Batch size",
        0,
        65_536,
        key=state.BATCH_SIZE,
        persist_state="session",
        help="Rows in each gradient step; 0 for 32 to 256, by the number of rows.",
    )
    share = left.number_input(
        "Validation share",
        0.0,
        0.5,
        step=0.05,
        key=state.VALIDATION_SHARE,
        persist_state="session",
        help="Share of the training rows that measure each epoch and are not fitted; 0 for none. "
        "Several members need none: each is measured on the rows that it leaves out.",
    )
    patience = right.number_input(
        "Patience",
        0,
        10_000,
        key=state.PATIENCE,
        persist_state="session",
        help="Stop after this many epochs without a lower validation loss, and keep the best "
        "weights; 0 trains to the last epoch.",
    )
    seed = left.number_input(
        "Seed",
        0,
        2**32 - 1,
        key=state.TRAIN_SEED,
        persist_state="session",
        help="The same seed, data and choices give the same model.",
    )
    class_weights = right.toggle(
        "Class weights",
        key=state.CLASS_WEIGHTS,
        persist_state="session",
        help="Each class counts as much as any other in the loss: rows / (classes x rows of the "
        "class). More of a rare class is found, for more false alarms; the accuracy may fall.",
    )
    if imbalance and not class_weights:
        st.info(plain(imbalance), icon=":material/balance:")
    return TrainOptions(epochs, batch_size or None, share, patience or None, seed, class_weights)
