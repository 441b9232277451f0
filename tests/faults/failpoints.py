"""Processes that die at a named point: at the n-th call of a function, or in the middle of a write.

The product knows nothing of it. What is done is a generator (a `Deed`): the points count from its
first `yield` on, and what it yields after that was acknowledged. It runs in a process forked from
one that has imported everything, so a kill costs some tens of milliseconds. That process wraps the
functions through which every change of the disk and every call of the cloud goes, and sends itself
SIGKILL at the wanted call. A torn write is the kernel's work: with a limit on the size of files, it
kills the process when the write that crosses the limit has been done up to that byte.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import resource
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

FUNCTIONS = (
    *("io:open", "os:mkdir", "os:fsync", "os:rename", "os:replace", "os:unlink", "os:rmdir"),
    "botocore.httpsession:URLLib3Session.send",
)
"""Every way to the disk and to the cloud, as `module:function`."""

Deed = Callable[[Path], Iterator[str]]
"""What is done in a workspace; a function of a module, for another process has to find it."""

_KILLS = (-signal.SIGKILL, -signal.SIGXFSZ)
_PATIENCE = 120.0

processes = multiprocessing.get_context("forkserver")
"""Starts processes that have imported everything already."""
processes.set_forkserver_preload(["tests.faults.warm"])


@dataclass(frozen=True, slots=True)
class Call:
    """The point before or after the `number`th call of a function, counted from 1."""

    function: str
    number: int
    when: Literal["before", "after"]

    def __str__(self) -> str:
        return f"{self.when} call {self.number} of {self.function}"

    def arm(self) -> None:
        """Let this process die there."""

        def die(passed: Call) -> None:
            if passed == self:
                os.kill(os.getpid(), signal.SIGKILL)

        _watch(die)


@dataclass(frozen=True, slots=True)
class TornWrite:
    """The point where a file has just got its byte number `size`, in the middle of a write."""

    size: int

    def __str__(self) -> str:
        return f"in a write, at byte {self.size} of a file"

    def arm(self) -> None:
        """Let this process die there."""
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, resource.RLIM_INFINITY))


Failpoint = Call | TornWrite


def calls(deed: Deed, home: Path) -> tuple[list[str], list[Failpoint]]:
    """Do a deed to its end; returns what it acknowledged and the points it passed, in order."""
    said: list[str] = []
    passed: list[Failpoint] = []
    _, told = _run(deed, home, None)
    for line in told:
        if isinstance(line, Call):
            passed.append(line)
        else:
            said.append(line)
    return said, passed


def killed(deed: Deed, home: Path, point: Failpoint) -> list[str] | None:
    """Do a deed in a process that dies at a point; returns what it acknowledged before.

    None when it did not come to that point.
    """
    status, said = _run(deed, home, point)
    return said if status in _KILLS else None


def _run(deed: Deed, home: Path, point: Failpoint | None) -> tuple[int, list[Any]]:
    """Run a deed in a process of its own; returns its exit status and what it told."""
    ear, mouth = processes.Pipe(duplex=False)
    process = processes.Process(target=_live, args=(deed, home, point, mouth))
    process.start()
    mouth.close()
    told = []
    with suppress(EOFError):
        while ear.poll(_PATIENCE):
            told.append(ear.recv())
        process.kill()
        raise TimeoutError(f"{deed.__name__} hung, {point or 'unharmed'}")
    process.join()
    status = int(process.exitcode or 0)
    if status not in (0, *_KILLS):
        raise RuntimeError(f"{deed.__name__} ended with {status}, {point or 'unharmed'}")
    return status, told


def _live(deed: Deed, home: Path, point: Failpoint | None, mouth: Connection) -> None:
    """Do a deed, telling what is acknowledged; without a point, also each call that is passed."""
    steps = deed(home)
    next(steps)
    if point is None:
        _watch(mouth.send)
    else:
        point.arm()
    for acknowledged in steps:
        mouth.send(acknowledged)
    # The process had but this to do, and its ways to the disk are not what they were.
    os._exit(0)


def _watch(passed: Callable[[Call], object]) -> None:
    """Have every call of `FUNCTIONS` told, before and after; threads wait for one another."""
    numbers: Counter[str] = Counter()
    turn = threading.Lock()

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            with turn:
                numbers[name] += 1
                number = numbers[name]
                passed(Call(name, number, "before"))
            result = function(*arguments, **options)
            with turn:
                passed(Call(name, number, "after"))
            return result

        return call

    for name in FUNCTIONS:
        module, _, path = name.partition(":")
        *parents, last = path.split(".")
        owner: Any = importlib.import_module(module)
        for parent in parents:
            owner = getattr(owner, parent)
        setattr(owner, last, watched(name, getattr(owner, last)))
