"""Labelled tables: read from CSV, checked, split, changed, written."""
