"""What people use today, written as they write it: scripts that print their figures as JSON."""
