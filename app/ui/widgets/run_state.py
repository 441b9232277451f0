"""The states of a run in words."""

from __future__ import annotations

from typing import Final

from iris_core.records.run import RunState

_INTERRUPTED = "it is under way elsewhere, or was interrupted"

NOT_RECONCILED: Final = {
    RunState.RUNNING: _INTERRUPTED,
    RunState.WRITTEN: _INTERRUPTED,
    RunState.INCOMPLETE: "some records are not accounted for",
    RunState.FAILED: "it failed",
    RunState.CANCELLED: "it was cancelled",
}
"""Why a run is not reconciled, by its state."""
