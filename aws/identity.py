"""With whose credentials, and where, a cloud is worked on."""

from __future__ import annotations

import os
from dataclasses import dataclass

from aws.clients import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account and how it is reached; what is not known, or not there, is empty.

    Attributes:
        account: its number; for the screen and the terminal only, never for a log or a file.
        region: where the pipeline is.
        profile: of the AWS configuration files, if the credentials come from one.
        role: the role whose credentials they are; of a user `user` and the name.
    """

    account: str = ""
    region: str = ""
    profile: str = ""
    role: str = ""

    def __str__(self) -> str:
        """Return the parts as one line; an unknown account is named as such."""
        parts = {
            "account": self.account or "not known",
            "region": self.region,
            "profile": self.profile,
            "role": self.role,
        }
        return ", ".join(f"{name} {text}" for name, text in parts.items() if text)


def identity(cloud: Cloud) -> Identity:
    """Return whose credentials a cloud is worked on with.

    AWS is asked once a connection; the local cloud, which has no accounts, never.

    Raises:
        CredentialsError: there are none, or AWS does not accept them.
    """
    region = cloud.settings.region
    if cloud.settings.target == "local":
        return Identity(region=region)
    account, role = _read_arn(cloud.caller)
    return Identity(account=account, region=region, profile=_profile(cloud), role=role)


def _profile(cloud: Cloud) -> str:
    """Return whose credentials count: keys of the environment go before a profile that it names."""
    if not cloud.settings.profile and os.environ.get("AWS_ACCESS_KEY_ID"):
        return ""
    name = cloud.session.profile_name
    return name if name in cloud.session.available_profiles else ""


def _read_arn(arn: str) -> tuple[str, str]:
    """Return the account and the role of `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`."""
    if not arn:
        return "", ""
    account, resource = arn.split(":", 5)[4:]
    kind, _, name = resource.partition("/")
    if kind == "assumed-role":
        return account, name.partition("/")[0]
    return account, f"{kind} {name.rpartition('/')[2]}".strip()
