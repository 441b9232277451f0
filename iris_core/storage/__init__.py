"""Data sets and models on disk, each complete or absent."""
