"""Composition: the only package that knows both halves, the model and the cloud."""
