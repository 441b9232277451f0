"""The Train page: train a new model, or one further, and see all that were trained."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import state
from app.figures.training import accuracy_curve, compared_curves, loss_curve, network_sketch
from app.jobs import Job
from app.pipeline import HELD_OUT
from app.services import Services, shared
from app.widgets import pictures, problems
from app.widgets.choosers import NEWEST, choose_data_set, choose_parent, distinct, point_to
from app.widgets.job_panel import job_panel
from app.widgets.texts import model_name, percent, plain, when, whole
from app.work import EPOCHS, TRAIN, start_training
from iris_core.cards import DataSetCard
from iris_core.errors import OptionError
from iris_core.models import Epoch, ModelCard
from iris_core.options import ACTIVATIONS, OPTIMISERS, ModelSpec, TrainOptions
from iris_core.schema import Schema

SPEC, OPTIONS = ModelSpec(), TrainOptions()
COMPARED_AT_ONCE = 8
READ_AT_ONCE = 100_000
"""Rows of a data set that is read for the sketch; one that is larger takes seconds."""
BUNDLE_MEGABYTES = 150


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
    units = [whole(word) for word in text.replace(",", " ").split()]
    if None in units:
        raise OptionError(f"Units: expected whole numbers such as 32, 16, received {text[:60]!r}.")
    return tuple(width for width in units if width is not None)


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


def sketch(
    services: Services, data: DataSetCard, spec: ModelSpec, parent: ModelCard | None
) -> None:
    """Draw the layers of the network that is about to be trained."""
    if parent is not None:
        spec, inputs, classes = parent.spec, parent.schema.width, len(parent.schema.classes)
    else:
        inputs, classes = width(services, data.id, data.rows, data.columns), len(data.classes)
    pictures.show(network_sketch(inputs, spec, classes))
    st.caption("Above each layer its width, between the layers the parameters, biases included.")


@st.cache_data(max_entries=200, show_spinner=False)
def width(_services: Services, dataset_id: str, rows: int, columns: int) -> int:
    """How many inputs a network has for a data set; for one that takes long to read, about."""
    if rows > READ_AT_ONCE:
        return columns - 1
    return Schema.fit(_services.datasets.load(dataset_id)).width


def compare(cards: Sequence[ModelCard]) -> None:
    """Show the trainings of several models in one picture."""
    st.subheader("Compare trainings")
    by_id = {card.id: card for card in cards}
    names = distinct({card.id: model_name(card) for card in cards})
    if st.session_state.get(state.COMPARED) is not None:
        st.session_state[state.COMPARED] = [
            id_ for id_ in st.session_state[state.COMPARED] if id_ in by_id
        ]
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    chosen = left.multiselect(
        "Models", list(names), list(names)[:2], format_func=names.__getitem__,
        key=state.COMPARED, persist_state="session", max_selections=COMPARED_AT_ONCE,
        placeholder="Choose models", select_all=False,
    )  # fmt: skip
    figure = right.radio(
        "Figure", ("loss", "accuracy"), key=state.CURVE, horizontal=True, persist_state="session"
    )
    if not chosen:
        st.info("Choose one or more models to see how their trainings went.")
        return
    called = distinct({id_: f"{by_id[id_].name} v{by_id[id_].version}" for id_ in chosen})
    trainings = [(called[id_], by_id[id_].history) for id_ in chosen]
    pictures.show(compared_curves(trainings, figure), name="trainings")


def manage(services: Services, cards: Sequence[ModelCard]) -> None:
    """Rename, delete or take along a model, and load one that was taken along."""
    st.subheader("Look after models")
    problems.show_kept()
    undo(services)
    if cards:
        by_id = {card.id: card for card in cards}
        names = distinct({card.id: model_name(card) for card in cards})
        if st.session_state.get(state.MANAGED) not in by_id:
            st.session_state[state.MANAGED] = cards[0].id
        left, right = st.columns(2, vertical_alignment="bottom", gap="large")
        chosen = left.selectbox(
            "Model to look after", list(names), format_func=names.__getitem__,
            key=state.MANAGED, persist_state="session",
        )  # fmt: skip
        with right.container(horizontal=True):
            actions(services, by_id[chosen])
    load_bundle(services)


def actions(services: Services, card: ModelCard) -> None:
    """What can be done with a model."""
    with st.popover("Rename", icon=":material/edit:", key=state.RENAME_OPEN):
        key = state.part(state.NEW_NAME, card.id)
        st.text_input("New name", card.name, max_chars=100, key=key)
        st.button("Rename it", on_click=rename, args=(services, card, key))
        problems.show_kept(state.RENAME_FAULT)
    st.download_button(
        "Download", lambda: services.models.export(card.id), f"{card.id}.zip", "application/zip",
        icon=":material/download:", on_click="ignore",
        help="The model as one file, to be loaded here or elsewhere.",
    )  # fmt: skip
    st.button(
        "Delete", icon=":material/delete:", on_click=delete, args=(services, card),
        help="It can be brought back. Runs that were made with it stay.",
    )  # fmt: skip


def rename(services: Services, card: ModelCard, key: str) -> None:
    """Give a model the name that was written."""
    with problems.kept(state.RENAME_FAULT):
        renamed = services.models.rename(card.id, str(st.session_state[key]).strip())
        st.session_state[state.NOTICE] = f"It is called {renamed.name} now."


def delete(services: Services, card: ModelCard) -> None:
    """Delete a model, so that it can be brought back."""
    with problems.kept():
        services.models.delete(card.id)
        st.session_state[state.DELETED] = card.id


def restore(services: Services, model_id: str) -> None:
    """Bring the deleted model back."""
    with problems.kept():
        services.models.restore(model_id)
        st.session_state.pop(state.DELETED, None)
        st.session_state[state.NOTICE] = f"{model_id} is back."


def undo(services: Services) -> None:
    """Say what was just done, and offer to undo a deletion."""
    if notice := st.session_state.pop(state.NOTICE, None):
        st.success(plain(notice))
    if deleted := st.session_state.get(state.DELETED):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"Deleted {plain(deleted)}.")
            st.button("Undo", icon=":material/undo:", on_click=restore, args=(services, deleted))


def load_bundle(services: Services) -> None:
    """Take in a model that was downloaded, here or elsewhere."""
    number = st.session_state.setdefault(state.BUNDLES, 0)
    file = st.file_uploader(
        "Load a model that was downloaded", type="zip", key=state.part(state.BUNDLES, number),
        max_upload_size=BUNDLE_MEGABYTES,
        help="It gets an id of its own; nothing that is there is replaced.",
    )  # fmt: skip
    if file is not None and st.button("Load it", icon=":material/upload:"):
        with st.spinner("Loading the model…"):
            card = services.models.import_bundle(file.getvalue()).card
        st.session_state[state.BUNDLES] = number + 1
        st.session_state[state.NOTICE] = f"Loaded {card.name} v{card.version}."
        point_to(state.MODEL, card.id)
        st.rerun()


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
            sketch(services, data, spec, parent)
    job_panel(job, live=lambda job: curves(list(job.trail)), done=done, lines={EPOCHS: "Epochs"})
    cards: Sequence[ModelCard] = ()
    with problems.shown():
        cards = services.models.list().cards
        st.subheader("Models")
        if cards:
            table(cards)
            compare(cards)
        else:
            st.info("No model yet. The choices above are good ones: press Train.")
    with problems.shown():
        manage(services, cards)


page()
