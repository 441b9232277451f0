"""The dated snapshot of advisories is about what is installed, and none of them is open."""

from __future__ import annotations

import json
from datetime import date

from docs.make_advisories import SNAPSHOT, answers_of, layers, locked

ACCEPTED: dict[str, str] = {}
"""Advisories that do not concern us, by id, with the reason."""


def test_snapshot_is_about_exactly_what_is_locked() -> None:
    snapshot = json.loads(SNAPSHOT.read_text("utf-8"))
    assert sorted(snapshot["packages"]) == locked(), "run `make advisories`"
    assert snapshot["answered"] == sum(a["checked"] for a in snapshot["packages"].values())
    assert date.fromisoformat(snapshot["asked_at"]) >= date(2026, 11, 22)


def test_no_advisory_is_open() -> None:
    packages = json.loads(SNAPSHOT.read_text("utf-8"))["packages"]
    known = {id_: pin for pin, answer in packages.items() for id_ in answer["advisories"]}
    assert {id_: pin for id_, pin in known.items() if id_ not in ACCEPTED} == {}
    assert ACCEPTED.keys() <= known.keys(), "no longer needed"


def test_each_version_of_a_package_is_asked_about() -> None:
    assert layers(["a==1", "b==1", "b==2", "c==1"]) == [["a==1", "b==1", "c==1"], ["b==2"]]


def test_what_was_not_answered_is_not_taken_for_well() -> None:
    report = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-2"}, {"id": "PYSEC-1"}]},
            {"name": "b", "skip_reason": "not found"},
        ]
    }
    assert answers_of(report, ["a==1", "b==1", "c==1"]) == {
        "a==1": {"checked": True, "advisories": ["PYSEC-1", "PYSEC-2"]},
        "b==1": {"checked": False, "advisories": []},
        "c==1": {"checked": False, "advisories": []},
    }
