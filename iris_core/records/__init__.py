"""The domain: keys, records, runs, candidates and verdicts. Standard library only.

The one package of `iris_core` that the cloud half shares.
"""
