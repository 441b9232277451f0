"""Training on the default data, each time in a new process; imports do not count."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.services.data.datasets import DEFAULT_DATA
from bench.alternating_runs import PEERS_PYTHON, Rounds, Side, run_alternately
from bench.measurement import Measurement
from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.data.evaluation_split import SHARE
from iris_core.data.splitting import split
from iris_core.model.recipes import DEFAULT, PLAIN

ROUNDS = 5
LIMIT = "half of a first training is tracing and compiling, see performance.md"


def training() -> Iterator[Measurement]:
    """Compare the first training of a process with three peers, a later one with the quickest.

    "ours" is the plain network, which the peers train too; the default one is compared with it.
    """
    with tempfile.TemporaryDirectory() as folder:
        parts = Path(folder) / "train.csv", Path(folder) / "held_out.csv"
        for path, part in zip(
            parts, split(read_csv(DEFAULT_DATA), test_share=SHARE, seed=0), strict=True
        ):
            path.write_bytes(to_csv(part))
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "2"}
        rounds = run_alternately(
            {
                "ours": Side("bench.ours.train", (*parts, PLAIN)),
                "default": Side("bench.ours.train", (*parts, DEFAULT)),
                "handout": Side("bench.peers.handout_training", parts, environment=quiet),
                "keras": Side("bench.peers.keras_fit", parts, environment=quiet),
                "sklearn": Side("bench.peers.sklearn_mlp", parts, PEERS_PYTHON),
            },
            ROUNDS,
        )
    ours = f"{rounds.median('ours'):.2f} s to {rounds.median('ours', 'accuracy'):.1%}"
    for side, name, goal in (
        ("handout", "the handout's way", 20.0),
        ("keras", "Keras fit, 30 epochs of batches of 32", 4.0),
    ):
        yield Measurement.of(
            f"train, first in a process, quicker than {name}",
            rounds.ratios(side, "ours"),
            goal,
            "times",
            at_least=True,
            remark=f"{ours}; {rounds.median(side):.2f} s to {rounds.median(side, 'accuracy'):.1%}",
            limit=LIMIT,
        )
    theirs = f"{rounds.median('sklearn'):.2f} s to {rounds.median('sklearn', 'accuracy'):.1%}"
    yield Measurement.of(
        "train, first in a process, of scikit-learn's time",
        rounds.ratios("ours", "sklearn"),
        3,
        "times",
        remark=f"{ours}; {theirs}",
    )
    later = zip(rounds.values("ours", "later"), rounds.values("sklearn"), strict=True)
    yield Measurement.of(
        "train again in the process, of scikit-learn's time",
        [mine / sklearn for mine, sklearn in later],
        1,
        "times",
        remark=f"{rounds.median('ours', 'later'):.2f} s; {theirs}",
    )
    yield from _default_network(rounds)


def _default_network(rounds: Rounds) -> Iterator[Measurement]:
    """Compare the default network with a single one, ours and that of the peers."""
    ensemble = f"{rounds.median('default'):.2f} s to {rounds.median('default', 'accuracy'):.1%}"
    for side, name, goal in (
        ("handout", "the handout's way", 10.0),
        ("keras", "Keras fit of one plain network", 1.0),
    ):
        yield Measurement.of(
            f"train the default network, first, quicker than {name}",
            rounds.ratios(side, "default"),
            goal,
            "times",
            at_least=True,
            remark=f"{ensemble}; {rounds.median(side):.2f} s",
        )
    for when, figure in (("first", "seconds"), ("again", "later")):
        yield Measurement.of(
            f"train the default network, {when}, of the plain one's time",
            rounds.ratios("default", "ours", figure),
            3,
            "times",
            remark=f"{rounds.median('default', figure):.2f} and "
            f"{rounds.median('ours', figure):.2f} s",
        )
