"""What pages and commands do. Knows no screen."""
