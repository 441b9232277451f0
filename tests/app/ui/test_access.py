"""Who is let in, and how far: the rule, and what is handed to people who may only look."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.services.workspace import ReadOnlyWorkspace, Workspace
from app.ui.access import Access, Rules, Visit, access_for
from aws import failures, function, retrain_table, run_table, stack
from aws.clients import Cloud
from aws.errors import CloudError, NotPermittedError, SettingsError
from aws.read_only import read_only
from aws.settings import Settings
from tests.aws.samples import sample_run, write_run

PROJECT = Path(__file__).parents[3]
HERE = {"Host": "127.0.0.1:8501"}
LISTED = {"auth": {}, "access": {"emails": ["Ada@Example.org"], "domains": ["@lab.example"]}}


def asked(
    public: str = "",
    *,
    secrets: Mapping[str, Any] | None = None,
    address: str | None = None,
    headers: Mapping[str, str] = HERE,
    person: Mapping[str, Any] | None = None,
) -> Access:
    """What a visit is let to do."""
    rules = Rules.of({"IRIS_PUBLIC": public}, secrets or {})
    return access_for(rules, Visit(address, headers, person))


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost", "LOCALHOST:8600", "[::1]:8501"])
def test_person_at_this_machine_needs_nothing(host: str) -> None:
    assert asked(headers={"host": host}) is Access.OPEN


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.0.2.7", HERE),
        ("2001:db8::7", HERE),
        (None, {"Host": "iris.example.org"}),
        (None, {"Host": "127.0.0.1.example.org:8501"}),
        (None, {"Host": "localhost@example.org"}),
        (None, {**HERE, "X-Forwarded-For": "192.0.2.7"}),
        (None, {**HERE, "Forwarded": "for=192.0.2.7"}),
        (None, {**HERE, "Via": "1.1 proxy"}),
    ],
)
def test_everybody_else_stays_outside_until_somebody_decides(
    address: str | None, headers: Mapping[str, str]
) -> None:
    assert asked(address=address, headers=headers) is Access.UNDECIDED
    for chosen in ("open", "read-only", "closed"):
        assert asked(chosen, address=address, headers=headers) == chosen


def test_with_a_login_nobody_is_inside_without_it_not_even_at_this_machine() -> None:
    for public in ("", "open", "read-only"):
        assert asked(public, secrets=LISTED) is Access.LOG_IN


@pytest.mark.parametrize(
    ("person", "let_in"),
    [
        ({"email": "ada@example.org"}, True),
        ({"email": " ADA@example.org ", "email_verified": True}, True),
        ({"email": "bob@lab.example"}, True),
        ({"email": "ada@example.org", "email_verified": False}, False),
        ({"email": "eve@example.org"}, False),
        ({"email": "bob@evil.lab.example"}, False),
        ({"email": "bob@evillab.example"}, False),
        ({"email": "lab.example"}, False),
        ({"email": ""}, False),
        ({"email": None}, False),
        ({"name": "Ada"}, False),
    ],
)
def test_list_decides_about_who_is_logged_in(person: Mapping[str, Any], let_in: bool) -> None:
    expected = Access.OPEN if let_in else Access.NOT_LISTED
    assert asked(secrets=LISTED, person=person, address="192.0.2.7") is expected
    if let_in:
        assert asked("read-only", secrets=LISTED, person=person) is Access.READ_ONLY
    assert asked("closed", secrets=LISTED, person=person) is Access.CLOSED


def test_login_without_a_list_lets_nobody_in() -> None:
    assert asked(secrets={"auth": {}}, person={"email": "ada@example.org"}) is Access.NOT_LISTED


@pytest.mark.parametrize(
    ("public", "secrets"),
    [
        ("public", {}),
        ("OPEN", {}),
        ("log in", {}),
        ("", {"access": "ada@example.org"}),
        ("", {"access": {"emails": "ada@example.org"}}),
        ("", {"access": {"domains": [1]}}),
    ],
)
def test_rule_that_cannot_be_meant_is_named(public: str, secrets: Mapping[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"IRIS_PUBLIC|\[access\]"):
        asked(public, secrets=secrets)


def test_command_line_does_without_streamlit() -> None:
    code = "import cli, sys; print('streamlit' in sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "False"


CHANGES: dict[str, Callable[[Cloud], object]] = {
    "write a record": lambda cloud: write_run(cloud, 1),
    "save a run": lambda cloud: run_table.save(cloud, sample_run(1)),
    "set the threshold": lambda cloud: function.set_threshold(cloud, "0.5"),
    "replay": lambda cloud: function.invoke(cloud, [], "0.9"),
    "deploy": stack.deploy,
    "destroy": stack.destroy,
    "delete failures": lambda cloud: failures.delete(cloud, ["receipt"]),
}


def test_cloud_that_is_looked_at_refuses_to_change(moto_cloud: Cloud) -> None:
    seen = read_only(moto_cloud)
    for change in CHANGES.values():
        with pytest.raises(CloudError, match="looked at, not changed"):
            change(seen)
    assert function.threshold(seen) == "0.9"
    assert stack.stack_state(seen) == "UPDATE_COMPLETE"
    assert list(run_table.runs(seen)) == []
    assert list(retrain_table.candidates(seen, sample_run(1))) == []


READ = {
    "datasets": {"card", "list", "load"},
    "models": {"card", "export", "list", "load"},
    "jobs": {"finished", "latest", "running"},
    "projects": {"broken", "card", "split"},
    "promotions": {"broken", "entries", "readable"},
    "row_log": {"reviews"},
    "journal": {
        *(
            "broken",
            "newest_runs",
            "newest_verdict",
            "reviewed_runs",
            "run",
            "runs",
            "scores",
            "verdict_notes",
            "verdicts",
        ),
    },
}


def test_read_only_workspace_allows_what_reads_and_refuses_all_else(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, Settings())
    seen = ReadOnlyWorkspace(workspace)
    for part, reading in READ.items():
        store = getattr(workspace, part)
        public = {name for name in dir(store) if not name.startswith("_")}
        assert reading <= public
        for name in public:
            if name in reading:
                assert callable(getattr(getattr(seen, part), name))
            else:
                with pytest.raises(NotPermittedError):
                    getattr(getattr(seen, part), name)
    with pytest.raises(NotPermittedError):
        seen.choose_target("aws")
    with pytest.raises(NotPermittedError):
        seen.close()
    assert workspace.settings.target == "local"
    public = {name for name in dir(Workspace) if not name.startswith("_")}
    assert public - set(vars(ReadOnlyWorkspace)) == {"read_only_cloud"}
