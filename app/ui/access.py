"""Who may use the dashboard, and whether they may change anything: decided here, for every visit.

The operator's settings, in the environment or in Streamlit's secrets:

    IRIS_PUBLIC       open | read-only | closed: what permitted people may do
    [auth]            Streamlit's login; then only people on the list are permitted
    [access]          that list: emails = ["a@b.org"], domains = ["b.org"]

Without any of them, the dashboard is open to the person at this machine and closed to everybody
else. The rule, `access_for`, knows no Streamlit; `current_access` applies it to the visit that is
being drawn.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from aws.errors import SettingsError
from iris_core.records.verdict import UNNAMED

PUBLIC: Final = "IRIS_PUBLIC"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FORWARDING = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
"""Headers by which a proxy reveals that it forwards somebody else's visit."""


class Access(StrEnum):
    """What a visit may do; `OPEN` and `READ_ONLY` are permitted, all others are not."""

    OPEN = "open"
    READ_ONLY = "read-only"
    CLOSED = "closed"
    LOG_IN = "log in"
    NOT_LISTED = "not listed"
    UNDECIDED = "undecided"

    @property
    def is_permitted(self) -> bool:
        """Return whether any page is shown."""
        return self in (Access.OPEN, Access.READ_ONLY)


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's settings.

    Attributes:
        public: what permitted people may do, None if that is not set.
        login: whether people have to log in.
        emails: addresses of people on the list, in lower case.
        domains: of addresses on the list, in lower case.
    """

    public: Access | None = None
    login: bool = False
    emails: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    @classmethod
    def of(cls, environment: Mapping[str, str], secrets: Mapping[str, Any]) -> Rules:
        """Read the settings.

        Args:
            environment: variables of the process.
            secrets: sections of Streamlit's secrets.

        Raises:
            SettingsError: a setting has no meaning.
        """
        section = secrets.get("access", {})
        return cls(
            _public(environment.get(PUBLIC, "")),
            "auth" in secrets,
            _names(section, "emails"),
            frozenset(name.removeprefix("@") for name in _names(section, "domains")),
        )

    def lists(self, person: Mapping[str, Any]) -> bool:
        """Return whether a person with these claims is on the list, by a verified address."""
        email = str(person.get("email") or "").strip().lower()
        if not email or person.get("email_verified") is False:
            return False
        _, at, domain = email.rpartition("@")
        return bool(at) and (email in self.emails or domain in self.domains)


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a browser session comes from, and whose it is.

    Attributes:
        address: the other end of the connection, None for this machine's own.
        headers: of the request.
        person: the claims of the person who is logged in, None if nobody is.
    """

    address: str | None
    headers: Mapping[str, str]
    person: Mapping[str, Any] | None = None

    @property
    def local(self) -> bool:
        """Return whether it comes from this machine, to a name of this machine, by no proxy.

        The name counts because a foreign page can point a name of its own here (DNS rebinding).
        """
        names = {name.lower(): text for name, text in self.headers.items()}
        host = _host_name(names.get("host", "localhost"))
        return self.address is None and host in _LOOPBACK and not names.keys() & _FORWARDING


def access_for(rules: Rules, visit: Visit) -> Access:
    """Return what a visit may do. A closed dashboard is closed to everybody."""
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
    """Return what the visit may do for which this thread draws; outside of a visit all is open.

    Raises:
        SettingsError: the operator's settings cannot be read, or one has no meaning.
    """
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if get_script_run_ctx(suppress_warning=True) is None:
        return Access.OPEN
    return access_for(Rules.of(os.environ, _secrets()), _visit())


def person() -> Mapping[str, Any] | None:
    """Return the claims of the person who is logged in, None if nobody is."""
    import streamlit as st

    return dict(st.user) if st.user.get("is_logged_in") is True else None


def person_name() -> str:
    """Return what the person who is logged in is called, for a note of what they did."""
    claims = person()
    if claims is None:
        return UNNAMED
    return str(claims.get("email") or claims.get("name") or claims.get("sub") or "somebody unknown")


def _visit() -> Visit:
    """Return the visit that is being drawn."""
    import streamlit as st

    address = st.context.ip_address
    # In Streamlit's AppTest, which has no connection, it is a mock and no text.
    remote = address if isinstance(address, str) else None
    return Visit(remote, st.context.headers.to_dict(), person())


def _secrets() -> Mapping[str, Any]:
    """Return the sections of Streamlit's secrets that decide, empty if there are no secrets."""
    import streamlit as st
    from streamlit.errors import StreamlitSecretNotFoundError

    try:
        return {name: st.secrets[name] for name in ("auth", "access") if name in st.secrets}
    except StreamlitSecretNotFoundError as error:
        if error.error_id == "no-secrets-found":
            return {}
        raise SettingsError(
            "Streamlit's secrets cannot be read, so it is unknown who has access. Whoever runs the "
            "dashboard finds the reason in its console."
        ) from error


def _public(text: str) -> Access | None:
    """Return what permitted people may do, None if that is not set."""
    if text in ("", Access.OPEN, Access.READ_ONLY, Access.CLOSED):
        return Access(text) if text else None
    raise SettingsError(
        f"Correct {PUBLIC}: expected 'open', 'read-only' or 'closed', received {text!r}."
    )


def _names(section: object, name: str) -> frozenset[str]:
    """Return a list of the section `[access]`, in lower case."""
    entries = section.get(name, ()) if isinstance(section, Mapping) else None
    if not isinstance(entries, (list, tuple)) or not all(isinstance(e, str) for e in entries):
        raise SettingsError(
            f"Correct {name} in [access] of the secrets: expected a list of texts, received "
            "something else."
        )
    return frozenset(entry.strip().lower() for entry in entries)


def _host_name(host: str) -> str:
    """Return a Host header without its port: `127.0.0.1:8501`, `[::1]:8501`, `localhost`."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]
