"""Predicting many rows, from a table to probabilities; three ways alternate in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from bench.measurement import Measurement
from bench.peers.prediction import by_keras, by_numpy
from bench.samples import long_dataset
from iris_core.data.datasets import DataSet
from iris_core.model.encoding import bin_centres, encode, unfold
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.prediction import predict
from iris_core.model.recipes import DEFAULT, RECIPES
from iris_core.model.training import train

ROWS = 240_000
ROUNDS = 5
CALLS = {"ours": 5, "keras": 1, "numpy": 5}
"""Calls a round, whose median counts: a quick call alone would measure noise."""
EQUAL = 1e-6
"""Largest difference of two probabilities that counts as none."""


def prediction() -> Iterator[Measurement]:
    """Compare our `predict` with `model.predict` and NumPy: same network, same probabilities."""
    dataset = long_dataset(ROWS)
    few = dataset.with_rows("few", dataset.frame.iloc[:1200])
    model = train(few, ModelSpec(), options=TrainOptions(epochs=5))
    features = dataset.frame[list(dataset.features)]
    mean = np.array([feature.mean for feature in model.card.schema.numeric])
    std = np.array([feature.std for feature in model.card.schema.numeric])
    weights = model.network.get_weights()
    ways: dict[str, Callable[[], NDArray[np.float32]]] = {
        "ours": lambda: predict(model, dataset.frame),
        "keras": lambda: by_keras(model.network, features, mean, std),
        "numpy": lambda: by_numpy(weights, features, mean, std),
    }
    results = {name: way() for name, way in ways.items()}  # the first call compiles, too
    for name, result in results.items():
        if not np.allclose(result, results["ours"], rtol=0, atol=EQUAL):
            raise ValueError(f"{name} predicts something else")
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            seconds[name].append(median(_seconds(way) for _ in range(CALLS[name])))
    medians = {name: median(times) for name, times in seconds.items()}
    yield Measurement.of(
        f"predict {ROWS:,} rows, quicker than model.predict",
        [theirs / ours for theirs, ours in zip(seconds["keras"], seconds["ours"], strict=True)],
        100,
        "times",
        at_least=True,
        remark=f"{medians['ours']:.3f} s and {medians['keras']:.2f} s",
    )
    yield Measurement.of(
        f"predict {ROWS:,} rows, of NumPy's time",
        [ours / theirs for ours, theirs in zip(seconds["ours"], seconds["numpy"], strict=True)],
        1.5,
        "times",
        remark=f"{medians['ours']:.3f} s and {medians['numpy']:.3f} s",
    )
    yield _default_network(dataset, few)


def _default_network(dataset: DataSet, few: DataSet) -> Measurement:
    """Compare `predict` by the default network with `model.predict` of its Keras network."""
    recipe = RECIPES[DEFAULT]
    model = train(few, recipe.spec, options=replace(recipe.options, epochs=5))
    layout, centre = model.card.schema.layout, bin_centres(model.card.schema)

    def keras() -> NDArray[np.float32]:
        encoded = encode(model.card.schema, dataset.frame).matrix
        parts = [encoded[start : start + ROWS // 10] for start in range(0, ROWS, ROWS // 10)]
        said = [model.network.predict(unfold(layout, part, centre), verbose=0) for part in parts]
        result: NDArray[np.float32] = np.concatenate(said)
        return result

    if not np.allclose(predict(model, dataset.frame), keras(), rtol=0, atol=EQUAL):
        raise ValueError("Keras predicts something else with the default network")
    pairs = [
        (_seconds(keras), median(_seconds(lambda: predict(model, dataset.frame)) for _ in range(5)))
        for _ in range(ROUNDS)
    ]
    return Measurement.of(
        f"predict {ROWS:,} rows by the default network, quicker than model.predict",
        [theirs / ours for theirs, ours in pairs],
        30,
        "times",
        at_least=True,
        remark=f"{median(ours for _, ours in pairs):.2f} s and "
        f"{median(theirs for theirs, _ in pairs):.1f} s",
    )


def _seconds(way: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = time.perf_counter()
    way()
    return time.perf_counter() - began
