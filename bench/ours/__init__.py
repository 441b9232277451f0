"""Our side of the comparisons: scripts that print their figures as JSON."""
