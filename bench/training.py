"""Training on the default data, each time in a new process; imports do not count."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.services.data.datasets import DEFAULT_DATA
from bench.alternating_runs import PEERS_PYTHON, Rounds, Side, run_alternately
from bench.measurement import Measurement
from bench.samples import wide_dataset
from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import SHARE
from iris_core.data.splitting import split
from iris_core.model.recipes import DEFAULT, PLAIN

ROUNDS = 5
LIMIT = "half of a first training is tracing and compiling, see performance.md"
_WIDE = " on 1,000 x 20"


def training() -> Iterator[Measurement]:
    """Compare the first training of a process with three peers, later ones with the quickest.

    "ours" is the plain network, which the peers train too; the default one is compared with it.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        iris = _parts(home / "iris", read_csv(DEFAULT_DATA), SHARE)
        wide = _parts(home / "wide", wide_dataset(2_000, 20), 0.5)
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "2"}
        rounds = run_alternately(
            {
                "ours": Side("bench.ours.train", (*iris, PLAIN, 0.97)),
                "default": Side("bench.ours.train", (*iris, DEFAULT, 0.97)),
                "ours" + _WIDE: Side("bench.ours.train", (*wide, PLAIN, 0.8)),
                "default" + _WIDE: Side("bench.ours.train", (*wide, DEFAULT, 0.8)),
                "handout": Side("bench.peers.handout_training", iris, environment=quiet),
                "keras": Side("bench.peers.keras_fit", iris, environment=quiet),
                "sklearn": Side("bench.peers.sklearn_mlp", iris, PEERS_PYTHON),
            },
            ROUNDS,
        )
    yield from _quicker(rounds, "ours", "train, first in a process", (20.0, 4.0), LIMIT)
    yield from _quicker(rounds, "default", "train the default network, first", (10.0, 1.0), "")
    for when, figure, goal in (("first", "seconds", 3), ("again", "later", 1)):
        pairs = zip(rounds.values("ours", figure), rounds.values("sklearn"), strict=True)
        yield Measurement.of(
            f"train, {when} in a process, of scikit-learn's time",
            [ours / theirs for ours, theirs in pairs],
            goal,
            "times",
            remark=f"{_seconds(rounds, 'ours', figure)}; {_seconds(rounds, 'sklearn')}",
        )
    for where, goal_of_default in ((_WIDE, 3.0), ("", None)):
        for when, figure in (("first", "seconds"), ("again", "later")):
            yield Measurement.of(
                f"train the default network, {when}{where}, of the plain one's time",
                rounds.ratios("default" + where, "ours" + where, figure),
                goal_of_default,
                "times",
                remark=f"{_seconds(rounds, 'default' + where, figure)}; "
                f"{_seconds(rounds, 'ours' + where, figure)}",
            )


def _parts(home: Path, dataset: DataSet, tested: float) -> tuple[Path, Path]:
    """Write the rows to fit and those to test, a share, and return where."""
    home.mkdir()
    paths = home / "train.csv", home / "held_out.csv"
    for path, part in zip(paths, split(dataset, test_share=tested, seed=0), strict=True):
        path.write_bytes(to_csv(part))
    return paths


def _quicker(
    rounds: Rounds, side: str, what: str, goals: tuple[float, float], limit: str
) -> Iterator[Measurement]:
    """Compare the first training of a side with that of two peers."""
    peers = ("handout", "the handout's way"), ("keras", "Keras fit of a plain network, 30 epochs")
    for (peer, name), goal in zip(peers, goals, strict=True):
        yield Measurement.of(
            f"{what}, quicker than {name}",
            rounds.ratios(peer, side),
            goal,
            "times",
            at_least=True,
            remark=f"{_seconds(rounds, side)}; {_seconds(rounds, peer)}",
            limit=limit,
        )


def _seconds(rounds: Rounds, side: str, figure: str = "seconds") -> str:
    """Say how long a side takes and what accuracy it reaches."""
    accuracy = rounds.median(side, "accuracy")
    return f"{rounds.median(side, figure):.2f} s to {accuracy:.1%}"
