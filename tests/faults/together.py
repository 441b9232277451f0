"""Two processes that add to one workspace at the same moment.

The invariant: ids are distinct, but for the same data, which is one data set; none is lost, and
none is torn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from tempfile import TemporaryDirectory

from iris_core.data.label_noise import add_label_noise
from iris_core.storage.store import DataSetStore, ModelStore
from tests.faults.failpoints import processes
from tests.faults.file_workspace import MODEL, furnish, seen
from tests.faults.rows import Row
from tests.iris_core.samples import flowers

ROUNDS = 50
PROCESSES = 2

Adding = Callable[[Path, int], str]
"""Adds something in a round, and returns its id; a function of a module."""


def add_data_set(home: Path, number: int) -> str:
    """Add the data set of a round."""
    return DataSetStore(home).add(add_label_noise(flowers(), rows=5, seed=number)[0]).id


def save_model(home: Path, _number: int) -> str:
    """Save a model under the same name as ever."""
    models = ModelStore(home)
    return models.save(models.load(MODEL)).card.id


def together(adding: Adding, home: Path, *, rounds: int) -> list[tuple[str, ...]]:
    """Add at once, so many rounds; returns the ids of each round."""
    start = processes.Barrier(PROCESSES)
    ears: list[Connection] = []
    for _ in range(PROCESSES):
        ear, mouth = processes.Pipe(duplex=False)
        processes.Process(target=_add, args=(adding, home, rounds, start, mouth)).start()
        mouth.close()
        ears.append(ear)
    return list(zip(*(ear.recv() for ear in ears), strict=True))


def _add(adding: Adding, home: Path, rounds: int, start: Barrier, mouth: Connection) -> None:
    ids = []
    for number in range(rounds):
        start.wait()
        ids.append(adding(home, number))
    mouth.send(ids)


def faults(adding: Adding, home: Path, *, rounds: int) -> Row:
    """Add at once in a furnished workspace; returns what went wrong."""
    began = time.perf_counter()
    ids = together(adding, home, rounds=rounds)
    once = adding is add_data_set
    wanted = rounds * (1 if once else PROCESSES)
    given = {name for names in ids for name in names}
    shown = seen(home)
    there = set(shown["data sets" if once else "models"])
    return Row(
        f"two processes: {adding.__name__.replace('_', ' ')}",
        injected=rounds,
        lost=len(given - there),
        doubled=abs(len(given) - wanted),
        torn=len(shown["broken"]),
        seconds=(time.perf_counter() - began) / rounds,
    )


def table() -> list[Row]:
    """Add at once, as often as is promised."""
    rows = []
    for adding in (add_data_set, save_model):
        with TemporaryDirectory() as room:
            home = Path(room) / "home"
            furnish(home)
            rows.append(faults(adding, home, rounds=ROUNDS))
    return rows
