"""Stages of the loop, each a script that prints its figures as JSON; see `bench.turns`.

They are told how many records, and whose code runs where there are two.
"""
