"""Ours, each a script that prints its figures as JSON; see `bench.turns`."""
