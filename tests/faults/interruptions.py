"""Work that is interrupted at a call of the disk or of the cloud, in this process.

Quicker than the processes of `failpoints`, so that many orders of steps can be tried: whoever is
killed gets an exception that nothing catches, at this call and at each one that it still makes.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from tests.faults.failpoints import watch
from tests.faults.memory import MemoryCloud, undisturbed


class KilledError(BaseException):
    """The process ends here: none of its calls reaches the disk or the cloud any more."""


def interrupted(
    do: Callable[[], object],
    cloud: MemoryCloud,
    at_point: Callable[[int], object],
    *,
    before_query: Callable[[], object],
) -> bool:
    """Work, and stop at the points before and after each call of the disk and of the cloud.

    Args:
        do: the work.
        cloud: that it works on.
        at_point: called with the number of the point, from 0 on; calls that it makes itself are
            no points. What it raises, the work sees.
        before_query: called before each query of the cloud, undisturbed.

    Returns:
        Whether the work was completed; False when it was killed.
    """
    numbers = itertools.count()
    inside = threading.local()

    def pass_point(_what: object) -> None:
        if getattr(inside, "is_inside", False):
            return
        inside.is_inside = True
        try:
            at_point(next(numbers))
        finally:
            inside.is_inside = False

    def interrupt(when: str, operation: str) -> None:
        pass_point(operation)
        if (when, operation) == ("before", "Query"):
            cloud.dynamodb.interrupt = undisturbed
            before_query()
            cloud.dynamodb.interrupt = interrupt

    cloud.dynamodb.interrupt = interrupt
    end = watch(pass_point)
    try:
        do()
    except KilledError:
        return False
    finally:
        end()
        cloud.dynamodb.interrupt = undisturbed
    return True
