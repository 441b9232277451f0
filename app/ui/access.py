"""Who may use the dashboard, and how far: decided for every visit, here alone.

What the operator says, in the environment or in Streamlit's secrets:

    IRIS_PUBLIC       open | read-only | closed: what people may do who are let in
    [auth]            Streamlit's login; then only people on the list are let in
    [access]          that list: emails = ["a@b.org"], domains = ["b.org"]

Where neither is said, the dashboard is open to the person at this machine and shut to everybody
else. The rule, `decide`, knows no Streamlit; `access` asks it about the visit that is being drawn.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from aws.errors import SettingsError

PUBLIC: Final = "IRIS_PUBLIC"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FORWARDING = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
"""Headers by which a proxy tells that somebody else is behind it."""


class Access(StrEnum):
    """What a visit is let to do; `OPEN` and `READ_ONLY` are inside, the others at the door."""

    OPEN = "open"
    READ_ONLY = "read-only"
    CLOSED = "closed"
    LOG_IN = "log in"
    NOT_LISTED = "not listed"
    UNDECIDED = "undecided"

    @property
    def inside(self) -> bool:
        """Whether any page is shown."""
        return self in (Access.OPEN, Access.READ_ONLY)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator says; `public` None where nothing was said."""

    public: Access | None = None
    login: bool = False
    emails: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    @classmethod
    def of(cls, environment: Mapping[str, str], secrets: Mapping[str, Any]) -> Rules:
        """Read them; raises `SettingsError` when one cannot be meant."""
        listed = secrets.get("access", {})
        return cls(
            _public(environment.get(PUBLIC, "")),
            "auth" in secrets,
            _names(listed, "emails"),
            frozenset(name.removeprefix("@") for name in _names(listed, "domains")),
        )

    def lists(self, person: Mapping[str, Any]) -> bool:
        """Whether somebody who is logged in is on the list, by an address that is verified."""
        email = str(person.get("email") or "").strip().lower()
        if not email or person.get("email_verified") is False:
            return False
        _, at, domain = email.rpartition("@")
        return bool(at) and (email in self.emails or domain in self.domains)


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a browser session comes from, and who it says to be.

    `address` is the other end of the connection, None for this machine's own; `person` holds the
    claims of somebody who is logged in, None otherwise.
    """

    address: str | None
    headers: Mapping[str, str]
    person: Mapping[str, Any] | None = None

    @property
    def local(self) -> bool:
        """Whether a person at this machine asks for this machine: by its own name, and no proxy.

        The name is looked at because a page of somebody else can point a name of its own here.
        """
        names = {name.lower(): text for name, text in self.headers.items()}
        host = _host_name(names.get("host", "localhost"))
        return self.address is None and host in _LOOPBACK and not names.keys() & _FORWARDING


def access_for(rules: Rules, visit: Visit) -> Access:
    """What a visit is let to do. Whoever closes the dashboard closes it to everybody."""
    if rules.public is Access.CLOSED:
        return Access.CLOSED
    if rules.login:
        if visit.person is None:
            return Access.LOG_IN
        if not rules.lists(visit.person):
            return Access.NOT_LISTED
    elif rules.public is None and not visit.local:
        return Access.UNDECIDED
    return rules.public or Access.OPEN


def current_access() -> Access:
    """What the visit may do for which this thread draws; work outside of any visit is open.

    Raises `SettingsError` when what the operator says cannot be read or meant.
    """
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if get_script_run_ctx(suppress_warning=True) is None:
        return Access.OPEN
    return access_for(Rules.of(os.environ, _secrets()), _visit())


def person() -> Mapping[str, Any] | None:
    """The claims of the person who is logged in, None when nobody is."""
    import streamlit as st

    return dict(st.user) if st.user.get("is_logged_in") is True else None


def _visit() -> Visit:
    import streamlit as st

    address = st.context.ip_address
    # In Streamlit's AppTest, which has no connection, it is a stand-in and no text.
    known = address if isinstance(address, str) else None
    return Visit(known, st.context.headers.to_dict(), person())


def _secrets() -> Mapping[str, Any]:
    """The sections of Streamlit's secrets that decide, empty where there are none.

    Raises `SettingsError` when there are secrets that cannot be read: nobody knows what they say.
    """
    import streamlit as st
    from streamlit.errors import StreamlitSecretNotFoundError

    try:
        return {name: st.secrets[name] for name in ("auth", "access") if name in st.secrets}
    except StreamlitSecretNotFoundError as error:
        if error.error_id == "no-secrets-found":
            return {}
        raise SettingsError(
            "Streamlit's secrets cannot be read, so nobody knows who may come in. Whoever runs "
            "the dashboard finds the reason in its console."
        ) from error


def _public(text: str) -> Access | None:
    if text in ("", Access.OPEN, Access.READ_ONLY, Access.CLOSED):
        return Access(text) if text else None
    raise SettingsError(f"Expected 'open', 'read-only' or 'closed' in {PUBLIC}, received {text!r}.")


def _names(listed: object, name: str) -> frozenset[str]:
    entries = listed.get(name, ()) if isinstance(listed, Mapping) else None
    if not isinstance(entries, (list, tuple)) or not all(isinstance(e, str) for e in entries):
        raise SettingsError(f"Expected a list of texts as {name} in [access] of the secrets.")
    return frozenset(entry.strip().lower() for entry in entries)


def _host_name(host: str) -> str:
    """A Host header without its port: `127.0.0.1:8501`, `[::1]:8501`, `localhost`."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]
