"""Asks which advisories there are of the packages in the lock files (`make advisories`).

Writes docs/advisories.json: when and whom was asked, and for each package in each version whether
there was an answer, and the ids of its advisories. pip-audit asks; it is fetched for this alone.
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
    """Every package of the lock files as `name==version`; one may be there in two versions."""
    text = (PROJECT / "requirements-dev.lock").read_text("utf-8")
    return sorted({f"{name}=={version}" for name, version in _PIN.findall(text)})


def layers(pins: Iterable[str]) -> list[list[str]]:
    """Lists without a package twice, for pip-audit takes no other."""
    made: list[list[str]] = []
    for pin in pins:
        name = pin.partition("==")[0]
        free = (layer for layer in made if all(pin_.partition("==")[0] != name for pin_ in layer))
        layer = next(free, None)
        if layer is None:
            made.append(layer := [])
        layer.append(pin)
    return made


def answers_of(report: Mapping[str, Any], pins: Iterable[str]) -> Answers:
    """What a report of pip-audit says of `pins`; of what it says nothing, nobody was asked."""
    told = {f"{entry['name']}=={entry.get('version')}": entry for entry in report["dependencies"]}
    return {
        pin: {
            "checked": pin in told,
            "advisories": sorted(found["id"] for found in told.get(pin, {}).get("vulns", [])),
        }
        for pin in pins
    }


def ask(pins: list[str]) -> Answers:
    """Ask about packages, each in one version."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.txt"
        asked.write_text("\n".join(pins) + "\n", "utf-8")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "uv",
                "tool",
                "run",
                AUDIT,
                "--requirement",
                str(asked),
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
    """Ask about one package first: where nobody answers, the others are not asked about."""
    pins = locked()
    first = ask(pins[:1])
    answered = first[pins[0]]["checked"]
    found: dict[str, Mapping[str, Any]] = {}
    for layer in layers(pins):
        found |= ask(layer) if answered else answers_of({"dependencies": []}, layer)
    snapshot = {
        "asked_at": datetime.now(UTC).date().isoformat(),
        "asked": f"PyPI's advisory service, by {AUDIT}",
        "answered": sum(answer["checked"] for answer in found.values()),
        "packages": dict(sorted(found.items())),
    }
    SNAPSHOT.write_text(json.dumps(snapshot, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{snapshot['answered']} of {len(found)} packages answered for.\n")


if __name__ == "__main__":
    main()
