"""Whether the quality loop closes: what review and retraining give back, and what is reported."""
