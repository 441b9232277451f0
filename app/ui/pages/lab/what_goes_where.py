"""What a student writes into which file: the code's head, the credentials, the function."""

from __future__ import annotations

import streamlit as st

from app.ui import navigation
from aws.settings import Settings

_CREDENTIALS = """\
[default]
aws_access_key_id = ASIA…
aws_secret_access_key = …
aws_session_token = …"""
_CONFIG = """\
[default]
region = us-east-1"""


def show(settings: Settings) -> None:
    """Show the head of the code, the credentials, and what the function needs.

    Args:
        settings: with the names of the tables and the function.
    """
    region = settings.region or "us-east-1"
    st.markdown("**At the head of your code**, to log a tested record:")
    st.code(
        "import boto3\n"
        "from aws.score_table import post_score\n\n"
        f'log_table = boto3.resource("dynamodb", region_name="{region}")'
        f'.Table("{settings.score_table}")\n'
        "post_score(log_table, feature_string, class_string, actual_string, prob_string)",
        language=None,  # whose colours are too pale
    )
    show_credentials()
    st.markdown("**The function**: runtime Python 3.13, handler `index.lambda_handler`, and")
    st.code(
        f"RETRAIN_TABLE = {settings.retrain_table}\nPROBABILITY_THRESHOLD = {settings.threshold}",
        language=None,
    )
    navigation.link("cloud", "Its zip file is on the Cloud page", icon=":material/folder_zip:")


def show_credentials() -> None:
    """Say how credentials are got, where they go, and in which order they are looked for."""
    st.markdown(
        "**Credentials of a course account**: start the lab in your course, open *AWS details*, "
        "then *AWS CLI: Show*, and copy its lines into `~/.aws/credentials`. They end with the "
        "session, after some hours; then copy the new ones."
    )
    st.code(_CREDENTIALS, language=None)
    st.markdown("**The region** goes into `~/.aws/config`:")
    st.code(_CONFIG, language=None)
    st.markdown(
        "They are looked for in this order, and the first that is found counts: "
        "`AWS_ACCESS_KEY_ID` and its companions in the environment; the profile that "
        "`AWS_PROFILE` or `IRIS_PROFILE` names; `~/.aws/credentials`; `~/.aws/config`, where "
        "`aws configure sso` writes too; the role of the machine. No key is shown or kept here."
    )
