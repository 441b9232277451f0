"""What it takes to have a model and a run once more: what they are, and the commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from iris_core.model.models import ModelCard
from iris_core.model.recipes import RECIPES
from iris_core.records.run import Run

FILE_NOTE = "FILE is the table that the fingerprint is of: `data list` names it."


def train_command(card: ModelCard) -> str:
    """Return the command that trains such a model anew, or a remark where there is none."""
    if card.parent:
        return f"# trained further from {card.parent}: python cli.py retrain --further"
    network = _network_of(card)
    if network is None:
        return "# no network with a name: enter the model's options on the Train page"
    options = card.options
    weights = " --class-weights" if options.class_weights else ""
    return (
        f"python cli.py train --data FILE --network {network} --epochs {options.epochs} "
        f"--seed {options.seed}{weights}"
    )


def test_command(run: Run) -> str:
    """Return the command that tests the same model at the same threshold."""
    model, threshold = shlex.quote(run.model), shlex.quote(run.threshold)
    return f"python cli.py test --model {model} --data FILE --threshold {threshold}"


def _network_of(card: ModelCard) -> str | None:
    """Return the name of a model's network; None if it has none."""
    for name, recipe in RECIPES.items():
        is_batch = card.options.batch_size == recipe.options.batch_size
        is_stop = card.options.patience == recipe.options.patience
        is_share = card.options.validation_share == recipe.options.validation_share
        if card.spec == recipe.spec_for(card.rows) and is_batch and is_stop and is_share:
            return name
    return None


def model_facts(card: ModelCard) -> Iterator[tuple[str, object]]:
    """Return what a model is, how it was trained, and what made it."""
    spec, options = card.spec, card.options
    yield ("Id", card.id)
    yield ("Trained further from", card.parent or "none")
    yield ("Created", card.created)
    yield ("Trained on", f"{card.dataset_name} ({card.dataset_id}), {card.rows:,} rows")
    yield ("Hidden layers", spec.units_text)
    yield ("Linear path", "yes" if spec.has_linear_path else "no")
    yield ("Activation", spec.activation)
    yield ("Dropout", spec.dropout)
    yield ("Optimiser", f"{spec.optimiser}, learning rate {spec.learning_rate:g}")
    yield ("Epochs", f"{len(card.history):,} of {options.epochs:,}")
    yield ("Batch size", f"{options.batch_rows(card.rows):,}")
    yield ("Validation share", f"{options.validation_share:.0%}")
    yield ("Class weights", "balanced" if options.class_weights else "none")
    yield ("Seed", options.seed)
    yield ("Classes", f"{len(card.schema.classes):,}")
    yield ("Columns", f"{len(card.schema.features):,}")
    for name, version in card.libraries.items():
        yield (f"Version of {name}", version)
