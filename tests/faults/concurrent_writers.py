"""Two processes that add to one workspace at the same moment.

The invariant: ids are distinct, except for the same data, which is one data set; nothing is lost,
and nothing is torn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from tempfile import TemporaryDirectory

from iris_core.data.label_noise import add_label_noise
from iris_core.storage.dataset_store import DataSetStore
from iris_core.storage.model_store import ModelStore
from tests.faults.failpoints import processes
from tests.faults.file_workspace import MODEL, populate, visible_state
from tests.faults.report_rows import Row
from tests.iris_core.samples import flowers

ROUNDS = 50
PROCESSES = 2

Add = Callable[[Path, int], str]
"""Adds something in a round, and returns its id; a function of a module."""


def add_data_set(home: Path, number: int) -> str:
    """Add the data set of a round."""
    return DataSetStore(home).add(add_label_noise(flowers(), rows=5, seed=number)[0]).id


def save_model(home: Path, _number: int) -> str:
    """Save a model, under the same name in every round."""
    models = ModelStore(home)
    return models.save(models.load(MODEL)).card.id


def add_concurrently(add: Add, home: Path, *, rounds: int) -> list[tuple[str, ...]]:
    """Add in all processes at the same moment, and return the ids of each round."""
    start = processes.Barrier(PROCESSES)
    receivers: list[Connection] = []
    for _ in range(PROCESSES):
        receiver, sender = processes.Pipe(duplex=False)
        processes.Process(target=_add, args=(add, home, rounds, start, sender)).start()
        sender.close()
        receivers.append(receiver)
    return list(zip(*(receiver.recv() for receiver in receivers), strict=True))


def _add(add: Add, home: Path, rounds: int, start: Barrier, sender: Connection) -> None:
    ids = []
    for number in range(rounds):
        start.wait()
        ids.append(add(home, number))
    sender.send(ids)


def check_concurrent(add: Add, home: Path, *, rounds: int) -> Row:
    """Add concurrently in a populated workspace, and return what went wrong."""
    began = time.perf_counter()
    ids = add_concurrently(add, home, rounds=rounds)
    is_data = add is add_data_set
    expected = rounds * (1 if is_data else PROCESSES)
    returned = {id_ for ids_of_round in ids for id_ in ids_of_round}
    state = visible_state(home)
    listed = set(state["data sets" if is_data else "models"])
    return Row(
        f"two processes: {add.__name__.replace('_', ' ')}",
        injected=rounds,
        lost=len(returned - listed),
        doubled=abs(len(returned) - expected),
        torn=len(state["broken"]),
        seconds=(time.perf_counter() - began) / rounds,
    )


def table() -> list[Row]:
    """Add concurrently, as often as is promised."""
    rows = []
    for add in (add_data_set, save_model):
        with TemporaryDirectory() as room:
            home = Path(room) / "home"
            populate(home)
            rows.append(check_concurrent(add, home, rounds=ROUNDS))
    return rows
