"""Data sets of a workspace, and what the Data page computes."""
