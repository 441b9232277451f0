"""What a process needs that is to be killed: imported once, by the server that forks them all."""

from __future__ import annotations

from iris_core.model.backend import warm_up

warm_up()
