"""The IAM policies for the workspace's names on AWS, whichever cloud it works on."""

from __future__ import annotations

from dataclasses import replace

from app.services.workspace import Workspace
from aws.access_policies import policies
from aws.clients import connect


def aws_policies(workspace: Workspace) -> dict[str, bytes]:
    """Return each policy as a JSON document, under its file's name; AWS is not asked.

    Raises:
        CredentialsError: the profile that is named does not exist.
        SettingsError: the region is none of AWS.
    """
    return policies(connect(replace(workspace.settings, target="aws")).settings)
