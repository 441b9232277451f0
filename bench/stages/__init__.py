"""Stages of the loop, each a script that prints its figures as JSON; see `bench.alternating_runs`.

They take the number of records and, where there are two, whose code runs.
"""
