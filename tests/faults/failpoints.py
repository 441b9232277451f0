"""Processes that die at a named point: at the n-th call of a function, or in the middle of a write.

The product has no code for it. What is done is a generator (an `Action`): the points count from its
first `yield` on, and what it yields after that was acknowledged. It runs in a process forked from
one that has imported everything, so a kill costs some tens of milliseconds. That process wraps the
functions through which every change of the disk and every call of the cloud goes, and sends itself
SIGKILL at the chosen call. A torn write is the kernel's work: with a limit on the size of files, it
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
    *("io:open", "os:mkdir", "os:fsync", "os:rename", "os:replace", "os:link", "os:unlink"),
    "os:rmdir",
    "botocore.httpsession:URLLib3Session.send",
)
"""Every function that reaches the disk or the cloud, as `module:function`."""

Action = Callable[[Path], Iterator[str]]
"""What is done in a workspace; a function of a module, for another process imports it."""

_KILLS = (-signal.SIGKILL, -signal.SIGXFSZ)
_TIME_LIMIT = 120.0

processes = multiprocessing.get_context("forkserver")
"""Starts processes that have imported everything already."""
processes.set_forkserver_preload(
    ["tests.faults.warm", "tests.faults.actions", "tests.faults.run_kills"]
)


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

        def die(call: Call) -> None:
            if call == self:
                os.kill(os.getpid(), signal.SIGKILL)

        watch(die)


@dataclass(frozen=True, slots=True)
class TornWrite:
    """The point in the middle of a write at which a file has just got `size` bytes."""

    size: int

    def __str__(self) -> str:
        return f"in a write, at byte {self.size} of a file"

    def arm(self) -> None:
        """Let this process die there."""
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, resource.RLIM_INFINITY))


Failpoint = Call | TornWrite


def calls(action: Action, home: Path) -> tuple[list[str], list[Failpoint]]:
    """Do an action to its end.

    Returns:
        what it acknowledged, and the points that it passed, in order.
    """
    acknowledged: list[str] = []
    points: list[Failpoint] = []
    _, messages = _run(action, home, None)
    for message in messages:
        if isinstance(message, Call):
            points.append(message)
        else:
            acknowledged.append(message)
    return acknowledged, points


def killed(action: Action, home: Path, point: Failpoint) -> list[str] | None:
    """Do an action in a process that dies at a point.

    Returns:
        what it acknowledged before; None when it did not reach the point.
    """
    status, acknowledged = _run(action, home, point)
    return acknowledged if status in _KILLS else None


def _run(action: Action, home: Path, point: Failpoint | None) -> tuple[int, list[Any]]:
    """Run an action in a new process, and return its exit status and its messages."""
    receiver, sender = processes.Pipe(duplex=False)
    process = processes.Process(target=_perform, args=(action, home, point, sender))
    process.start()
    sender.close()
    messages = []
    with suppress(EOFError):
        while receiver.poll(_TIME_LIMIT):
            messages.append(receiver.recv())
        process.kill()
        raise TimeoutError(f"{action.__name__} hung, {point or 'without a fault'}")
    process.join()
    status = int(process.exitcode or 0)
    if status not in (0, *_KILLS):
        raise RuntimeError(f"{action.__name__} ended with {status}, {point or 'without a fault'}")
    return status, messages


def _perform(action: Action, home: Path, point: Failpoint | None, sender: Connection) -> None:
    """Do an action and send what it acknowledges; without a point, also each call that it makes."""
    steps = action(home)
    next(steps)
    if point is None:
        watch(sender.send)
    else:
        point.arm()
    for acknowledged in steps:
        sender.send(acknowledged)
    # Nothing is left to do, and an orderly exit would go through the wrapped functions.
    os._exit(0)


def watch(on_call: Callable[[Call], object]) -> Callable[[], None]:
    """Report every call of `FUNCTIONS`, before and after it; threads wait for one another.

    Returns:
        a function that ends it.
    """
    numbers: Counter[str] = Counter()
    unwatched: list[tuple[Any, str, Any]] = []
    # What is done when a call is reported may make such calls itself.
    lock = threading.RLock()

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            with lock:
                numbers[name] += 1
                number = numbers[name]
                on_call(Call(name, number, "before"))
            result = function(*arguments, **options)
            with lock:
                on_call(Call(name, number, "after"))
            return result

        return call

    for name in FUNCTIONS:
        module, _, path = name.partition(":")
        *parents, last = path.split(".")
        owner: Any = importlib.import_module(module)
        for parent in parents:
            owner = getattr(owner, parent)
        unwatched.append((owner, last, getattr(owner, last)))
        setattr(owner, last, watched(name, getattr(owner, last)))

    def end() -> None:
        for owner, last, function in unwatched:
            setattr(owner, last, function)

    return end
