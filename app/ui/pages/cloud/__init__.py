"""The Cloud page."""
