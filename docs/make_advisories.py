"""Ask for the security advisories of the packages in the lock files (`make advisories`).

Writes docs/advisories.json: the date, the service, and for each package in each version whether the
service answered, and the ids of its advisories. pip-audit asks; it is fetched for this alone.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
SNAPSHOT = PROJECT / "docs" / "advisories.json"
AUDIT = "pip-audit==2.10.1"
_PIN = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)", re.MULTILINE)

Answers = Mapping[str, Mapping[str, Any]]
"""By `name==version`: whether it was `checked`, and its `advisories`."""


def locked() -> list[str]:
    """Return every package of the lock files as `name==version`; one may have two versions."""
    text = (PROJECT / "requirements-dev.lock").read_text("utf-8")
    return sorted({f"{name}=={version}" for name, version in _PIN.findall(text)})


def layers(pins: Iterable[str]) -> list[list[str]]:
    """Split pins into lists without a package twice, for pip-audit accepts no other."""
    lists: list[list[str]] = []
    for pin in pins:
        name = pin.partition("==")[0]
        free = (layer for layer in lists if all(pin_.partition("==")[0] != name for pin_ in layer))
        layer = next(free, None)
        if layer is None:
            lists.append(layer := [])
        layer.append(pin)
    return lists


def answers_of(report: Mapping[str, Any], pins: Iterable[str]) -> Answers:
    """Return the answers for `pins` in a report of pip-audit; one without an entry is unchecked."""
    entries = {
        f"{entry['name']}=={entry.get('version')}": entry for entry in report["dependencies"]
    }
    return {
        pin: {
            "checked": pin in entries,
            "advisories": sorted(entry["id"] for entry in entries.get(pin, {}).get("vulns", [])),
        }
        for pin in pins
    }


def ask(pins: list[str]) -> Answers:
    """Ask for the advisories of packages, each in one version."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("\n".join(pins) + "\n", "utf-8")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "uv",
                "tool",
                "run",
                AUDIT,
                "--requirement",
                str(requirements),
                "--no-deps",
                "--disable-pip",
                "--progress-spinner",
                "off",
                "--format",
                "json",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    # 1 is also the status when there are advisories.
    if done.returncode not in (0, 1) or not done.stdout.startswith("{"):
        sys.stderr.write(done.stderr)
        return answers_of({"dependencies": []}, pins)
    return answers_of(json.loads(done.stdout), pins)


def main() -> None:
    """Ask about one package first, and about the others only when the service answers."""
    pins = locked()
    first = ask(pins[:1])
    answered = first[pins[0]]["checked"]
    answers: dict[str, Mapping[str, Any]] = {}
    for layer in layers(pins):
        answers |= ask(layer) if answered else answers_of({"dependencies": []}, layer)
    snapshot = {
        "asked_at": datetime.now(UTC).date().isoformat(),
        "asked": f"PyPI's advisory service, by {AUDIT}",
        "answered": sum(answer["checked"] for answer in answers.values()),
        "packages": dict(sorted(answers.items())),
    }
    SNAPSHOT.write_text(json.dumps(snapshot, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{snapshot['answered']} of {len(answers)} packages answered for.\n")


if __name__ == "__main__":
    main()
