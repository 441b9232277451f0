"""Data sets and models on disk, each whole or not there."""
