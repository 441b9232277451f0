"""Test runs: made, completed, read, compared."""
