"""Planted credentials go through a whole loop with its failures, and are found nowhere after it.

They are planted wherever people keep them: in the environment, in a file of AWS profiles, and in
Streamlit's secrets. Each holds the same word, and that word is searched for.
"""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from streamlit import config
from streamlit.runtime.caching.cache_data_api import _data_caches
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from app.services import event_log
from app.services import workspace as services_module
from app.services.data.datasets import default_dataset
from app.services.export import item_export
from app.services.export.csv_export import candidates_csv
from app.services.model.training import train_model
from app.services.review.verdicts import give_verdict
from app.services.runs import pipeline
from app.services.runs.downloads import run_report
from app.services.runs.pipeline import run_test
from app.services.runs.recovery import replay
from app.services.workspace import Workspace
from app.ui import state
from app.ui.navigation import script
from aws import function, retrain_table, run_table
from aws.clients import Cloud
from aws.errors import CredentialsError
from aws.settings import Settings
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.run import Run

pytestmark = [
    pytest.mark.cloud,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into other processes by /proc"),
]

PROJECT = Path(__file__).parents[2]
PAGES = ("loop", "data", "train", "score", "test", "retrain", "cloud", "lab")
WORD = "cAnArY7"
KEY, SECRET, TOKEN, PASSWORD = (f"{WORD}{part}0123456789" for part in ("Key", "Sec", "Tok", "Pas"))


def impatient(_cloud: Cloud, **_options: object) -> Config:
    """Clients that try once: what cannot be reached here never can."""
    return Config(retries={"mode": "standard", "total_max_attempts": 1})


class Places:
    """All places that were looked into, and those in which the word was found."""

    def __init__(self) -> None:
        self.looked = 0
        self.found: list[str] = []

    def look(self, place: str, content: str | bytes) -> None:
        self.looked += 1
        data = content.encode() if isinstance(content, str) else content
        if WORD.encode() in data:
            self.found.append(place)
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                for name in packed.namelist():
                    self.look(f"{place}!{name}", packed.read(name))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The event log as the dashboard writes it, and all that others log, however small."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(event_log.JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace next to planted credentials; nothing that is sent to AWS leaves this machine."""
    profiles = tmp_path / "profiles"
    profiles.write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(f'AWS_SESSION_TOKEN = "{TOKEN}"\n[other]\npassword = "{PASSWORD}"\n')
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profiles))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("IRIS_HOME", str(tmp_path / "home"))
    files = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(secrets)])
    assert secrets_singleton.load_if_toml_exists()
    yield tmp_path / "home"
    workspace = services_module._shared.pop((tmp_path / "home").resolve(), None)
    if workspace is not None:
        workspace.close()
    secrets_singleton._reset()
    config.set_option("secrets.files", files)


def looped(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A whole loop: train, test, fail, recover, review."""
    dataset = default_dataset(workspace)
    model = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=2))
    with monkeypatch.context() as patched:

        def fail(*_args: object, **_options: object) -> None:
            raise RuntimeError(f"somebody's error with {SECRET} in it")

        patched.setattr(pipeline, "wait_for_candidates", fail)
        with pytest.raises(RuntimeError):
            run_test(workspace, model, dataset)
    (failed,) = run_table.runs(workspace.cloud())
    assert "[redacted]" in failed.note
    function.invoke(workspace.cloud(), [{"sort_key": "0"}], "0.9")
    run, result = replay(workspace, failed.id)
    assert result.complete
    give_verdict(workspace, next(retrain_table.candidates(workspace.cloud(), run)), "right")
    return run


def pages(places: Places, name: str, which: Sequence[str] = PAGES) -> None:
    """Pages as they are drawn, with all that their sessions keep."""
    for page in which:
        test = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=120).run()
        test.switch_page(script(page)).run()
        for key in (state.LOG_OPEN, state.QUEUE_OPEN, state.COST_OPEN):
            test.session_state[key] = True
        test.session_state[state.pending(state.RUN_VIEW)] = "Files"
        test.run()
        drawn = "\n".join(str(element.proto) for element in test.main if hasattr(element, "proto"))
        assert page.capitalize() in drawn + str([title.value for title in test.title])
        places.look(f"{name}: page {page}", drawn + repr(test._tree))
        places.look(f"{name}: session of {page}", repr(vars(test.session_state._state)))


def processes(home: Path) -> Iterator[tuple[str, bytes]]:
    """The processes on the workspace but this one, with their environment and arguments."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                content = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if str(home).encode() in content:
                yield folder.name, content


def test_planted_credentials_are_nowhere_to_be_found(
    planted: Path,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    places = Places()
    monkeypatch.setattr(Cloud, "_config", impatient)
    # GIVEN a whole loop on the local cloud, with failures
    workspace = services_module._shared[planted.resolve()] = Workspace(planted, Settings())
    run = looped(workspace, monkeypatch)
    cloud = workspace.cloud()
    pages(places, "local")
    # AND the same dashboard on AWS: unreachable, then with a token that was copied badly
    workspace.choose_target("aws")
    pages(places, "unreachable", ["cloud"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", f"{TOKEN}\n")
    badly_copied = boto3.Session(region_name="us-east-1")
    workspace._clouds["aws"] = Cloud(workspace.settings, badly_copied, cloud.endpoint)
    pages(places, "unsendable", ["test", "cloud"])
    with pytest.raises(CredentialsError, match="cannot be sent") as refused:
        function.threshold(workspace.cloud())
    places.look("an error", str(refused.value))
    workspace.choose_target("local")
    # WHEN all is looked into that people see, or get
    for table in (
        cloud.settings.score_table, cloud.settings.retrain_table, cloud.settings.runs_table
    ):  # fmt: skip
        for page in cloud.dynamodb.get_paginator("scan").paginate(TableName=table):
            places.look(f"table {table}", repr(page["Items"]))
    for line in function.log_lines(cloud):
        places.look("the function's log", line.text)
    name = cloud.settings.function
    places.look("the function", repr(cloud.lambda_.get_function(FunctionName=name)))
    places.look("the report", run_report(workspace, run, made_at=datetime.now(UTC)).decode())
    places.look("the candidates", candidates_csv(retrain_table.candidates(cloud, run)))
    places.look("the exported items", item_export.score_items(cloud, run))
    places.look("the model", workspace.models.export(run.model))
    for caches in _data_caches._function_caches.values():
        for cache in caches.values():
            places.look("a cache", repr(vars(cache.storage)))
    # AND in every process but this one
    environments = dict(processes(planted))
    assert environments, "the emulator is not there"
    for number, environment in environments.items():
        places.look(f"process {number}", environment)
    # AND in the log, and all that was printed
    assert f'"run": "{run.id}"' in log.getvalue()
    places.look("the log", log.getvalue())
    printed = capfd.readouterr()
    places.look("standard output", printed.out)
    places.look("standard error", printed.err)
    # AND in the workspace, once the emulator has saved its state
    workspace.close()
    for path in planted.rglob("*"):
        if path.is_file():
            places.look(str(path.relative_to(planted)), path.read_bytes())
    # THEN the word is nowhere
    assert places.found == []
    assert places.looked > 60


def test_search_finds_what_is_there() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", f"deep in {SECRET} it is")
    places = Places()
    places.look("plain", f"with {TOKEN}")
    places.look("clean", "nothing")
    places.look("packed", packed.getvalue())
    assert places.found == ["plain", "packed!inside.txt"]


def test_commands_print_and_keep_no_credential(planted: Path) -> None:
    for token, arguments in (
        (TOKEN, ["cloud", "status", "--json", "--log"]),
        (TOKEN, ["cloud", "status", "--target", "aws", "--log"]),
        (f"{TOKEN}\n", ["cloud", "deploy", "--target", "aws", "--json", "--log"]),
        (TOKEN, ["train", "--data", "/nowhere.csv", "--log"]),
    ):
        done = subprocess.run(
            [sys.executable, "cli.py", *arguments],
            cwd=PROJECT,
            env={**os.environ, "AWS_SESSION_TOKEN": token},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.stdout + done.stderr
        assert WORD not in done.stdout + done.stderr
    places = Places()
    for path in planted.rglob("*"):
        if path.is_file():
            places.look(str(path.relative_to(planted)), path.read_bytes())
    assert places.looked > 5
    assert places.found == []
