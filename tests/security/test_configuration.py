"""What the server is set to, and what a real one answers."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aws.clients import connect, connect_local
from aws.settings import Settings
from bench.dashboard import Dashboard

PROJECT = Path(__file__).parents[2]


SAFE = {
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "client.showErrorDetails": "none",
    "browser.gatherUsageStats": False,
    "server.maxUploadSize": 200,
}


def test_server_is_set_to_the_safe_side() -> None:
    # Each option as Streamlit has it in this project, said or default.
    code = (
        "import json; from streamlit import config; "
        f"print(json.dumps({{name: config.get_option(name) for name in {list(SAFE)}}}))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert json.loads(process.stdout) == SAFE


def test_options_that_protect_are_said_and_not_left_to_defaults() -> None:
    config = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert config["server"]["enableXsrfProtection"] is True
    assert config["server"]["enableCORS"] is True
    assert config["client"]["showErrorDetails"] == "none"


def test_make_listens_on_loopback() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    assert re.search(r"^ADDRESS \?= 127\.0\.0\.1$", makefile, re.MULTILINE)
    assert "--server.address $(ADDRESS)" in makefile


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path_factory.mktemp("home"))
    yield running
    running.stop()


def answer(
    dashboard: Dashboard, method: str, path: str, **headers: str
) -> http.client.HTTPResponse:
    """What the server says to a request that no page of ours would send."""
    connection = http.client.HTTPConnection(urlsplit(dashboard.address).netloc, timeout=30)
    connection.request(
        method, path, headers={name.replace("_", "-"): v for name, v in headers.items()}
    )
    return connection.getresponse()


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.mark.cloud
def test_foreign_page_gets_no_session(dashboard: Dashboard) -> None:
    own = answer(dashboard, "GET", "/_stcore/stream", Origin=dashboard.address, **UPGRADE)
    foreign = answer(dashboard, "GET", "/_stcore/stream", Origin="http://evil.example", **UPGRADE)
    assert (own.status, foreign.status) == (101, 403)


@pytest.mark.cloud
def test_foreign_page_may_read_nothing(dashboard: Dashboard) -> None:
    for path in ("/_stcore/health", "/_stcore/host-config", "/"):
        reply = answer(dashboard, "GET", path, Origin="http://evil.example")
        assert reply.headers.get("Access-Control-Allow-Origin") in (None, dashboard.address)


@pytest.mark.cloud
def test_upload_without_the_token_of_a_page_is_refused(dashboard: Dashboard) -> None:
    # Without its check of the token Streamlit answers 400 and 204: there is no such session.
    for method in ("PUT", "DELETE"):
        reply = answer(dashboard, method, "/_stcore/upload_file/nobody/1", Content_Length="0")
        assert reply.status == 403


@pytest.mark.cloud
def test_no_file_of_the_project_is_served(dashboard: Dashboard) -> None:
    paths = ("/app/static/../cli.py", "/cli.py", "/.streamlit/config.toml", "/%2e%2e/cli.py",
             "/static/..%2f..%2fcli.py", "/media/../../cli.py")  # fmt: skip
    for path in paths:
        body = answer(dashboard, "GET", path).read()
        assert b"argparse" not in body
        assert b"gatherUsageStats" not in body


def test_local_clients_know_neither_profile_nor_proxy_nor_another_endpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # GIVEN an environment that points elsewhere in every way that botocore knows
    file = tmp_path / "aws"
    file.write_text(
        "[default]\naws_access_key_id = canaryKey\naws_secret_access_key = canarySecret\n"
        "endpoint_url = http://evil.example\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "canaryKey")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://evil.example")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://evil.example")
    monkeypatch.setenv("HTTP_PROXY", "http://evil.example")
    # THEN the local clients go to the local cloud, with nobody's key
    cloud = connect_local(Settings(), "http://127.0.0.1:1")
    for client in (cloud.dynamodb, cloud.cloudformation, cloud.lambda_, cloud.logs, cloud.sqs):
        assert client.meta.endpoint_url == "http://127.0.0.1:1"
        assert getattr(client.meta.config, "proxies", None) == {}
    credentials = cloud.session.get_credentials()
    assert credentials is not None
    assert credentials.access_key == "test"
    # AND those for AWS go to AWS
    monkeypatch.delenv("AWS_PROFILE")
    aws = connect(Settings(target="aws"))
    for client in (aws.dynamodb, aws.cloudformation, aws.lambda_, aws.logs, aws.sqs):
        host = urlsplit(client.meta.endpoint_url)
        assert host.scheme == "https"
        assert str(host.hostname).endswith(".amazonaws.com")
