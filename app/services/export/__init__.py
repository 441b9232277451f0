"""What leaves the dashboard as a file."""
