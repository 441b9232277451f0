"""What a process needs that is to be killed: imported once, by the server that forks them all."""

from __future__ import annotations

import app.recovery
import app.review
import app.work  # noqa: F401
from iris_core.model.backend import warm_up

warm_up()
