"""Measurements of what is promised; `make bench` prints them. Never part of the tests."""
