"""After a crash, or when another program has the port: no foreign process is ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from aws import run_table
from aws.clients import connect_local
from aws.emulator import ADDRESS
from aws.errors import UnreachableError
from aws.local_cloud import LocalCloud
from aws.settings import Settings
from aws.stack import deploy
from tests.aws.samples import sample_run

pytestmark = pytest.mark.cloud


class AlwaysOk(BaseHTTPRequestHandler):
    """Another program that answers 200 to everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def other_program() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), AlwaysOk)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that is not involved."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_stale_files_that_name_another_process_end_nobody(
    state: Path, bystander: subprocess.Popen[bytes], other_program: int
) -> None:
    state.mkdir()
    stale = {
        "gateway": other_program,
        "lease": other_program,
        "token": "0" * 32,
        "pid": bystander.pid,
    }
    (state / ADDRESS).write_text(json.dumps(stale))
    (state / "running.lock").write_text(str(bystander.pid))
    (state / "start.lock").write_text(str(bystander.pid))
    hold = LocalCloud(state)
    cloud = connect_local(Settings(), hold.endpoint())
    assert not str(cloud.endpoint).endswith(f":{other_program}")
    deploy(cloud)
    run = sample_run(1)
    run_table.save(cloud, run)
    assert run_table.load(cloud, run.id) == run
    hold.close()
    assert bystander.poll() is None
    os.kill(bystander.pid, 0)


# In place of Python: the first start finds that its port was taken since it chose it.
PORT_TAKEN_AT_FIRST = """#!/bin/sh
if mkdir '{flag}' 2>/dev/null; then
    exec '{python}' -c '
import sys
from pathlib import Path
from aws import emulator
emulator.free_port = lambda: {port}
emulator.serve(Path(sys.argv[1]))' "$3"
fi
exec '{python}' "$@"
"""


def test_port_that_is_taken_between_choice_and_use_costs_one_more_start(
    state: Path, tmp_path: Path, other_program: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, flag = tmp_path / "python", tmp_path / "started"
    text = PORT_TAKEN_AT_FIRST.format(flag=flag, python=sys.executable, port=other_program)
    script.write_text(text)
    script.chmod(0o755)
    hold = LocalCloud(state)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(script))
        endpoint = hold.endpoint()
    assert flag.exists()
    assert not endpoint.endswith(f":{other_program}")
    deploy(connect_local(Settings(), endpoint))
    hold.close()


def test_other_program_on_the_port_that_answers_200_is_recognised(other_program: int) -> None:
    cloud = connect_local(Settings(), f"http://127.0.0.1:{other_program}")
    with pytest.raises(UnreachableError, match="something else answers"):
        run_table.save(cloud, sample_run(1))
