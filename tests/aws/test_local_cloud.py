"""The local cloud's life: started once, shared, saved, restarted, and never left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aws.clients import Cloud, connect_local
from aws.emulator import ADDRESS
from aws.errors import LocalCloudError
from aws.local_cloud import LocalCloud
from aws.reconciliation import reconcile, wait_for_candidates
from aws.run_table import runs, save
from aws.settings import Settings
from aws.stack import deploy
from tests.aws.samples import expected_of, write_run

pytestmark = pytest.mark.cloud
PROJECT = Path(__file__).parents[2]


def opened(hold: LocalCloud) -> Cloud:
    cloud = connect_local(Settings(), hold.endpoint())
    deploy(cloud)
    return cloud


def emulator_pid(state: Path) -> int:
    return int(json.loads((state / ADDRESS).read_text())["pid"])


def family(pid: int) -> set[int]:
    """Return the ids of a process and its children, from /proc."""
    pids = {pid}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) in pids:
            pids.add(int(entry.parent.name))
    return pids


def is_alive(pid: int) -> bool:
    """Whether any of its threads still runs: a process may be dead while its sockets are not."""
    try:
        states = [stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:
        return False
    return any(state.rpartition(")")[2].split()[0] not in "ZX" for state in states)


def wait_until_gone(pids: set[int], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(map(is_alive, pids)):
            return True
        time.sleep(0.05)
    return False


def test_clean_restart_keeps_the_data_and_new_records_are_filtered(state: Path) -> None:
    hold = LocalCloud(state)
    cloud = opened(hold)
    first = write_run(cloud, 120)
    save(cloud, first)
    assert wait_for_candidates(cloud, expected_of(first).by_partition, timeout=30)
    processes = family(emulator_pid(state))
    hold.close()
    assert wait_until_gone(processes)

    for _ in range(2):
        again = LocalCloud(state)
        cloud = opened(again)
        assert first in list(runs(cloud))
        assert reconcile(cloud, first.id, 120, "0.9").complete
        second = write_run(cloud, 120)
        assert wait_for_candidates(cloud, expected_of(second).by_partition, timeout=30)
        assert reconcile(cloud, second.id, 120, "0.9").complete
        again.close()


def test_two_holds_share_one_cloud_and_the_last_one_ends_it(state: Path) -> None:
    first, second = LocalCloud(state), LocalCloud(state)
    assert first.endpoint() == second.endpoint()
    processes = family(emulator_pid(state))
    first.close()
    assert all(map(is_alive, processes))
    assert second.endpoint()
    second.close()
    assert wait_until_gone(processes)


# A process that was begun in the background ignores Ctrl-C unless it says otherwise.
HOLD = """
import signal, sys, time
from pathlib import Path
from aws.local_cloud import LocalCloud
signal.signal(signal.SIGINT, signal.default_int_handler)
hold = LocalCloud(Path(sys.argv[1]))
print(hold.endpoint(), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_killed_holder_leaves_nothing_behind_and_loses_nothing(
    state: Path, sent: signal.Signals
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert holder.stdout is not None
    endpoint = holder.stdout.readline().strip()
    cloud = connect_local(Settings(), endpoint)
    deploy(cloud)
    run = write_run(cloud, 60)
    assert wait_for_candidates(cloud, expected_of(run).by_partition, timeout=30)
    processes = family(emulator_pid(state))
    assert len(processes) >= 2, "the emulator and the function's worker"

    holder.send_signal(sent)
    holder.wait(timeout=30)

    assert wait_until_gone(processes)
    again = LocalCloud(state)
    assert reconcile(opened(again), run.id, 60, "0.9").complete
    again.close()


def test_killed_emulator_is_started_again_by_the_next_use(state: Path) -> None:
    hold = LocalCloud(state)
    opened(hold)
    assert hold.starts == 1
    pid = emulator_pid(state)
    processes = family(pid)
    os.kill(pid, signal.SIGKILL)
    assert wait_until_gone(processes)

    cloud = opened(hold)

    assert hold.starts == 2
    run = write_run(cloud, 30)
    assert wait_for_candidates(cloud, expected_of(run).by_partition, timeout=30)
    hold.close()


def test_stale_address_of_another_program_is_not_trusted(state: Path) -> None:
    state.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        address = {"gateway": port, "lease": port, "token": "0" * 32, "pid": os.getpid()}
        (state / ADDRESS).write_text(json.dumps(address))

        def refuse() -> None:
            connection, _ = other.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        threading.Thread(target=refuse, daemon=True).start()
        hold = LocalCloud(state)
        assert hold.endpoint() != f"http://127.0.0.1:{port}"
        hold.close()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"lease": "x"}', '{"lease": 1}'])
def test_broken_address_file_is_no_obstacle(state: Path, text: str) -> None:
    state.mkdir()
    (state / ADDRESS).write_text(text)
    hold = LocalCloud(state)
    assert hold.endpoint().startswith("http://127.0.0.1:")
    hold.close()


def test_local_cloud_listens_on_loopback_only_and_knows_no_real_credentials(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-of-a-real-account")
    monkeypatch.setenv("SOME_TOKEN", "canary-of-a-real-account")
    hold = LocalCloud(state)
    write_run(opened(hold), 30)
    for pid in family(emulator_pid(state)):
        assert b"canary" not in Path(f"/proc/{pid}/environ").read_bytes()
        assert listening_addresses(pid) <= {"127.0.0.1"}
    hold.close()


def listening_addresses(pid: int) -> set[str]:
    """The IPv4 addresses a process listens on; IPv6 shows as its hexadecimal form."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    addresses = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address = fields[1].split(":")[0]
                is_v4 = len(address) == 8
                addresses.add(socket.inet_ntoa(bytes.fromhex(address)[::-1]) if is_v4 else address)
    return addresses


def test_local_cloud_that_cannot_start_says_where_its_log_is(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(LocalCloudError, match=r"did not start: it said nothing.*emulator\.log"):
        LocalCloud(state).endpoint()


def test_workspace_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("")
    with pytest.raises(LocalCloudError, match=r"cannot use .*IRIS_HOME"):
        LocalCloud(occupied / "cloud").endpoint()
