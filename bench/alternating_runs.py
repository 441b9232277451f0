"""Our scripts and those of peers run alternately, so that the load of the machine affects both.

Each script runs in a new process and prints one JSON object of numbers, named as it likes.
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
"""Environment of a script that uses boto3: credentials that belong to nobody."""

Figures = dict[str, float]
"""The numbers that a script printed, by name."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: a script of this package.

    Attributes:
        module: the module that is run.
        arguments: its command line arguments.
        python: the interpreter.
        environment: variables that are added to those of this process.
    """

    module: str
    arguments: tuple[object, ...] = ()
    python: Path = Path(sys.executable)
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> Figures:
        """Run the script to its end, and return what it printed last."""
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
    """The figures of every side in each round."""

    figures: Mapping[str, Sequence[Figures]]

    def values(self, side: str, figure: str = "seconds") -> list[float]:
        """Return one figure of a side, by round."""
        return [figures[figure] for figures in self.figures[side]]

    def median(self, side: str, figure: str = "seconds") -> float:
        """Return the median of one figure of a side."""
        return median(self.values(side, figure))

    def ratios(self, above: str, below: str, figure: str = "seconds") -> list[float]:
        """Return one side's figure divided by another's, by round."""
        pairs = zip(self.values(above, figure), self.values(below, figure), strict=True)
        return [top / bottom for top, bottom in pairs]


def run_alternately(sides: Mapping[str, Side], rounds: int) -> Rounds:
    """Run every side once a round, one after the other."""
    figures: dict[str, list[Figures]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            figures[name].append(side.run())
    return Rounds(figures)
