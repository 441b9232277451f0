"""What people use today, written as they write it; each a script that prints its figures as JSON."""
