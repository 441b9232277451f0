"""Ours and theirs, scripts in processes of their own, take turns: the machine's moods hit both.

A script prints one JSON object of numbers; the names are its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).resolve().parent.parent
PEERS_PYTHON = PROJECT / ".venv-bench" / "bin" / "python"
"""The interpreter that has scikit-learn and awswrangler; `make bench` makes it."""

ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",  # pragma: allowlist secret
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""The environment of a script that asks boto3 for credentials: nobody's."""

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Side:
    """A script of this package, what it is started with, and which Python runs it."""

    module: str
    arguments: tuple[object, ...] = ()
    python: Path = Path(sys.executable)
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> Figures:
        """Run it to its end; returns what it printed last."""
        done = subprocess.run(
            [self.python, "-m", self.module, *map(str, self.arguments)],
            cwd=PROJECT,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        figures: Figures = json.loads(done.stdout.splitlines()[-1])
        return figures


@dataclass(frozen=True, slots=True)
class Rounds:
    """What every side said in each round."""

    figures: Mapping[str, Sequence[Figures]]

    def values(self, side: str, figure: str = "seconds") -> list[float]:
        """One figure of a side, a round each."""
        return [said[figure] for said in self.figures[side]]

    def median(self, side: str, figure: str = "seconds") -> float:
        """The median of that."""
        return median(self.values(side, figure))

    def ratios(self, above: str, below: str, figure: str = "seconds") -> list[float]:
        """One side's figure in terms of another's, within each round."""
        pairs = zip(self.values(above, figure), self.values(below, figure), strict=True)
        return [top / bottom for top, bottom in pairs]


def take_turns(sides: Mapping[str, Side], rounds: int) -> Rounds:
    """Let every side run once a round, one after the other."""
    said: dict[str, list[Figures]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            said[name].append(side.run())
    return Rounds(said)
