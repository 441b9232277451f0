"""Who runs a command, for a note of what they did."""

from __future__ import annotations

import getpass


def account_name() -> str:
    """Return the name of the account that runs the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
