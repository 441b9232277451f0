"""Rows whose label is likely wrong: found out of fold, with evidence, in the order to review."""
