"""Secrets are removed from texts, by value and by form, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws import run_table
from aws.clients import Cloud
from aws.errors import CredentialsError
from aws.redaction import HIDDEN, redacted
from aws.settings import Settings

SECRET = "canary/Secret+0123456789"  # pragma: allowlist secret
KEY_ID = "IOSFODNN7EXAMPLE"
ENVIRONMENT = {"AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1", "SHORT_TOKEN": "abc",
               "AWS_ACCOUNT_ID": "210987654321"}  # fmt: skip
ACCOUNT = "123456789012"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"wrong key {SECRET}.", f"wrong key {HIDDEN}."),
        (json.dumps({"why": SECRET}), json.dumps({"why": HIDDEN})),
        (f"Credential=AKIA{KEY_ID}/2026", f"Credential={HIDDEN}/2026"),
        (f"id ASIA{KEY_ID}", f"id {HIDDEN}"),
        ("Invalid header value b'tok\\n'", f"Invalid header value b{HIDDEN}"),
        ("https://x/?X-Amz-Security-Token=abc%2F&y=1", f"https://x/?X-Amz-Security-Token={HIDDEN}&y=1"),
        ("SignedHeaders=host, Signature=0a1b", f"SignedHeaders=host, Signature={HIDDEN}"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {HIDDEN}"),
        ("proxy http://ada:" + "pass@proxy:80", f"proxy http://{HIDDEN}@proxy:80"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", HIDDEN),
        (f"arn:aws:iam::{ACCOUNT}:role/LabRole", f"arn:aws:iam::{HIDDEN}:role/LabRole"),
        (f"arn:aws-cn:dynamodb:cn-north-1:{ACCOUNT}:table/X",
         f"arn:aws-cn:dynamodb:cn-north-1:{HIDDEN}:table/X"),
        (f"https://{ACCOUNT}.ddb.us-east-1.amazonaws.com/", f"https://{HIDDEN}.ddb.us-east-1.amazonaws.com/"),
        (f"https://sqs.eusc-de-east-1.amazonaws.eu/{ACCOUNT}/Q", f"https://sqs.eusc-de-east-1.amazonaws.eu/{HIDDEN}/Q"),
        ("the account 210987654321", f"the account {HIDDEN}"),
    ],
)  # fmt: skip
def test_secret_is_hidden_where_it_stands(text: str, expected: str) -> None:
    assert redacted(text, ENVIRONMENT) == expected


@pytest.mark.parametrize(
    "text",
    [
        "20261122T093000.123456Z-0123456789abcdef#000000/000000001 is stored in us-east-1",
        "http://127.0.0.1:8501/train?model=iris-v1",
        "{'species': 'setosa', 'token': 'abc'}",
        "/home/ada/.iris-loop/datasets/123456789012/data.csv is of the data set 123456789012",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text, ENVIRONMENT) == text


@given(
    secret=st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=8),
    before=st.text(max_size=20),
    after=st.text(max_size=20),
)
def test_no_secret_of_the_environment_is_ever_left(secret: str, before: str, after: str) -> None:
    text = redacted(before + secret + after, {"X_SECRET": secret})
    assert secret not in text.replace(HIDDEN, "\0")


@pytest.fixture
def refusing() -> Iterator[str]:
    """A server that answers as AWS does when it cannot read the signature: by repeating it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            content = {
                "__type": "com.amazon.coral.service#IncompleteSignature",
                "message": f"Authorization header: {self.headers['Authorization']}",
            }
            body = json.dumps(content).encode()
            self.send_response(400)
            self.send_header("x-amzn-RequestId", "5f2c")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_SESSION_TOKEN", "canaryTokenFromTheLab\n"),
        ("AWS_SESSION_TOKEN", "canaryTokenFromTheLab\nsecondLine"),
        ("AWS_ACCESS_KEY_ID", "canaryKeyFromTheLab\n"),
        ("AWS_SESSION_TOKEN", "canaryTokenFromTheLab"),
    ],
)
def test_credentials_that_were_copied_badly_are_not_repeated(
    refusing: str, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    # GIVEN what a person copied from the lab's page, with its line end
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "canaryKeyFromTheLab")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv(name, value)
    cloud = Cloud(Settings(target="aws"), boto3.Session(region_name="us-east-1"), refusing)
    # WHEN it is used, THEN it is said what is wrong, and not what it is
    tries: list[object] = []
    cloud.dynamodb.meta.events.register(
        "before-send", lambda request, **_send: tries.append(request)
    )
    with pytest.raises(CredentialsError, match="credentials") as caught:
        list(run_table.runs(cloud))
    assert "canary" not in str(caught.value)
    # AND nobody waits for further tries, which would end in the same
    assert len(tries) == 1
