"""Candidates, verdicts, and what is retrained with them."""
