"""Removal of secrets from texts to show, store or log: by their value, and by their form.

The id of an account is no secret, but names its owner: it is removed like one.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Final

HIDDEN: Final = "[redacted]"
_NAMES: Final = re.compile(r"SECRET|TOKEN|PASSWORD|ACCESS_KEY_ID|ACCOUNT_ID|API_KEY", re.IGNORECASE)
_SHORTEST: Final = 8
_FORMS: Final = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # ids of AWS keys
    r"|(?<=Invalid header value b)(['\"]).*?\1"  # Python's HTTP client, of a header it cannot send
    r"|(?<=Signature=)[^&\s,\"'\\]+"
    r"|(?<=X-Amz-Security-Token=)[^&\s\"'\\]+"
    r"|(?<=Bearer )[A-Za-z0-9._~+/=-]+"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # JSON Web Tokens
    r"|(?<=:)\d{12}(?=:)"  # ids of accounts, in ARNs
    r"|(?<=://)\d{12}(?=\.)"  # in the hosts of accounts
    r"|(?:(?<=\.com/)|(?<=\.cn/)|(?<=\.eu/))\d{12}(?=/)"  # in the URLs of queues
    r"|(?<=://)[^/\s:@\"'\\]+:[^/\s@\"'\\]+(?=@)"  # user and password in a URL
)


def redacted(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Return a text without secrets.

    Args:
        text: to display, store or log.
        environment: whose secrets are removed, besides what has the form of one; that of this
            process by default.
    """
    for secret in _secrets(os.environ if environment is None else environment):
        text = text.replace(secret, HIDDEN)
    return _FORMS.sub(HIDDEN, text)


def _secrets(environment: Mapping[str, str]) -> list[str]:
    """Return the secrets of an environment, the longest first.

    Word by word, for a line end that was copied along is written in different ways, and a word is
    not; each as it is, and as JSON writes it.
    """
    secrets = {
        written
        for name, value in environment.items()
        if _NAMES.search(name)
        for word in value.split()
        if len(word) >= _SHORTEST
        for written in (word, json.dumps(word)[1:-1])
    }
    return sorted(secrets, key=len, reverse=True)
