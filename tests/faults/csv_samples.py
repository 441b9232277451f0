"""CSV texts for the tests of bad and unusual files."""

from __future__ import annotations

from iris_core.data.csv_file import MAX_FEATURES

GOOD = "kind,a\nx,1\ny,2\n"


def wide(*cells: str, features: int = MAX_FEATURES, name: str = "c") -> str:
    """Return a CSV in which a row has the same cell in every feature."""
    header = ["kind", *(f"{name}{number}" for number in range(features))]
    rows = [[f"k{row}", *[cell] * features] for row, cell in enumerate(cells)]
    return "".join(",".join(row) + "\n" for row in [header, *rows])
