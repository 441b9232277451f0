"""The domain: keys, records, runs, candidates and verdicts. Standard library only."""
