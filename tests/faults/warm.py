"""Imports of the processes that are to be killed, done once by the server that forks them."""

from __future__ import annotations

from iris_core.model.backend import warm_up

warm_up()
