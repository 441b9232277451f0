"""A bundle whose card holds a value that no card of ours has is refused, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.bundles import refused, with_card
from tests.iris_core.archives import members

# What changes a good card, and words of the message.
CARDS = [
    pytest.param(lambda card: card.pop("name"), "expected the fields", id="no name"),
    pytest.param(lambda card: card.update(extra=1), "expected the fields", id="further field"),
    pytest.param(lambda card: card.update(name="a\nb"), "name: expected", id="unreadable name"),
    pytest.param(
        lambda card: card.update(name="<b>" * 99),
        "name: expected",
        id="name is markup of any length",
    ),
    pytest.param(
        lambda card: card.update(parent="x" * 1_001), "parent: expected a text", id="long parent"
    ),
    pytest.param(lambda card: card.update(created="today"), "today", id="created in words"),
    pytest.param(
        lambda card: card.update(created="2026-01-01"), "no time zone", id="created without zone"
    ),
    pytest.param(lambda card: card.update(rows=-1), "rows: expected", id="negative rows"),
    pytest.param(lambda card: card.update(rows="many"), "rows: expected", id="rows as words"),
    pytest.param(
        lambda card: card["metrics"].update(accuracy="<b>1</b>"),
        "metric 'accur",
        id="metric is text",
    ),
    pytest.param(
        lambda card: card["metrics"].update(accuracy=True),
        "metric 'accuracy'",
        id="metric is a bool",
    ),
    pytest.param(lambda card: card["metrics"].update(x=[1]), "metric 'x'", id="metric is a list"),
    pytest.param(
        lambda card: card["metrics"].update(loss=float("nan")), "NaN", id="metric is no number"
    ),
    pytest.param(
        lambda card: card["metrics"].update(loss=float("inf")), "Infinity", id="metric is infinite"
    ),
    pytest.param(
        lambda card: card["history"][0].update(loss="1"), "loss of epoch 1", id="history of text"
    ),
    pytest.param(
        lambda card: card["history"][0].update(accuracy=2),
        "accuracy of epoch 1",
        id="history above 1",
    ),
    pytest.param(
        lambda card: card["history"][0].update(val_loss=None),
        "validation loss",
        id="half a validation",
    ),
    pytest.param(
        lambda card: card["history"].reverse(), "number of an epoch", id="epochs out of order"
    ),
    pytest.param(
        lambda card: card["options"].update(epochs=3),
        "planned epochs",
        id="more epochs than planned",
    ),
    pytest.param(
        lambda card: card["history"].append({"n": 1}), "fault", id="epoch with other fields"
    ),
    pytest.param(lambda card: card["history"].append(1), "fault", id="epoch is a number"),
    pytest.param(
        lambda card: card["libraries"].update(numpy=[]), "version of numpy", id="library is a list"
    ),
    pytest.param(
        lambda card: card["spec"].update(units="32"), "units of layer 1", id="units of another kind"
    ),
    pytest.param(
        lambda card: card["spec"].update(units=[4096] * 10),
        "the weights of its card",
        id="huge network",
    ),
    pytest.param(
        lambda card: card["spec"].update(units=[4]),
        "weights, 43 were expected",
        id="other network",
    ),
    pytest.param(
        lambda card: card["spec"].update(optimiser="os.system"), "optimiser", id="other optimiser"
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["a"]), "number of classes", id="one class"
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["a", "b", "a"]), "comes twice", id="class twice"
    ),
    pytest.param(
        lambda card: card["schema"].update(features=[]), "number of inputs", id="no features"
    ),
    pytest.param(
        lambda card: card["schema"].update(label="length"), "comes twice", id="feature as label"
    ),
    pytest.param(
        lambda card: card["schema"]["features"][3].update(categories=["a", "a", "b"]),
        "categories of 'colour'",
        id="category twice",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(std=1e999),
        "Infinity",
        id="infinite scale",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(minimum=9.0, maximum=1.0),
        "ends before it starts",
        id="range reversed",
    ),
    pytest.param(lambda card: card.clear(), "expected the fields", id="no fields"),
    pytest.param(lambda card: card.update(name=5), "name: expected", id="name is a number"),
    pytest.param(lambda card: card.update(schema=[]), "schema: expected", id="schema is a list"),
    pytest.param(lambda card: card.update(metrics=None), "metrics: expected", id="no metrics"),
    pytest.param(
        lambda card: card.update(rows=10**4_000), "rows: expected", id="4,000 digits of rows"
    ),
    pytest.param(
        lambda card: card["metrics"].update(x=10**400), "too large", id="metric of 400 digits"
    ),
    pytest.param(
        lambda card: card.update(metrics={f"m{number}": 1.0 for number in range(100_000)}),
        "number of metrics",
        id="100,000 metrics",
    ),
    pytest.param(
        lambda card: card.update(libraries={f"l{number}": "1" for number in range(1_001)}),
        "number of libraries",
        id="1,001 libraries",
    ),
    pytest.param(
        lambda card: card["libraries"].update({"\ud800": "1"}),
        "surrogates",
        id="half a pair in a library",
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["a", "\udc00", "b"]),
        "surrogates",
        id="half a pair as a class",
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["x" * 1_000_000, "y", "z"]),
        "names of 1 to 10,000",
        id="class of a megabyte",
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=["", "y", "z"]),
        "names of 1 to",
        id="empty class",
    ),
    pytest.param(
        lambda card: card["schema"].update(classes=[f"c{number}" for number in range(257)]),
        "number of classes",
        id="257 classes",
    ),
    pytest.param(
        lambda card: card["schema"]["features"].append({"name": "more"}),
        "mean",
        id="feature without a kind",
    ),
    pytest.param(
        lambda card: card["schema"]["features"].append("length"), "features", id="feature is text"
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(mean=10**400),
        "too large",
        id="mean of 400 digits",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(mean="x"),
        "could not convert",
        id="mean is text",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][0].update(std=-1.0),
        "statistics",
        id="negative deviation",
    ),
    pytest.param(
        lambda card: card["schema"]["features"].pop(0),
        "at most 80 were expected",
        id="missing feature",
    ),
    pytest.param(
        lambda card: card["schema"]["features"][3].update(categories=["a"] * 2_000),
        "number of categories",
        id="2,000 categories",
    ),
]


@pytest.mark.parametrize(("change", "message"), CARDS)
def test_card_with_an_invalid_value_is_refused(
    tmp_path: Path, bundle: bytes, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    content = members(bundle)
    card = json.loads(content["card.json"])
    change(card)
    assert message in refused(with_card(content, json.dumps(card).encode()), tmp_path)
