"""Verdicts saved in the retrain table, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from aws.errors import CloudError
from iris_core.errors import IrisError

_AT_ONCE = 8
_BATCH = 64

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def batches(entries: Sequence[_In]) -> Iterator[Sequence[_In]]:
    """Yield entries in batches: between two of them work is noted, and may be cancelled."""
    return (entries[start : start + _BATCH] for start in range(0, len(entries), _BATCH))


def at_once(
    work: Callable[[_In], _Out], entries: Sequence[_In]
) -> tuple[list[_Out], CloudError | IrisError | None]:
    """Do the same with each entry of a batch, several at once; the order stays.

    Returns:
        What came of those that succeeded, and the first error of the others, None without any.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        futures = [pool.submit(work, entry) for entry in entries]
    done: list[_Out] = []
    first: CloudError | IrisError | None = None
    for future in futures:
        try:
            done.append(future.result())
        except (CloudError, IrisError) as error:
            first = first or error
    return done, first
