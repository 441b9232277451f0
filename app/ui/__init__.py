"""What is drawn: pages, shared widgets, figures, session state and access."""
