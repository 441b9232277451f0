"""Hypothesis for all tests of iris_core."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no fault of an example.
settings.register_profile("iris_core", deadline=None)
settings.load_profile("iris_core")
