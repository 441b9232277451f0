"""What people use today, as their guides write it: scripts that print their figures as JSON."""
