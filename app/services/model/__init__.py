"""Training, and the forms of a network and of a sample."""
