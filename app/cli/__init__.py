"""The command line: its commands, their arguments and what they print. Knows no screen."""
