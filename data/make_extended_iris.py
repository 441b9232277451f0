"""Make the extended iris data set: 1,200 flowers of three species, 400 each.

Fisher's 150 flowers are enlarged by a smoothed bootstrap, scaled to the means and standard
deviations of `FIGURES`, and completed by measurements that a botanist could have added.

The CSV is the same, byte for byte, with every NumPy and on every machine: the random bits are
PCG64's own (a stream that NumPy guarantees, unlike that of its distributions), normal deviates
are sums of uniforms, and sums are exactly rounded.

    python data/make_extended_iris.py [CSV]
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from plotly.data import iris

CSV = Path(__file__).with_name("extended_iris.csv")
SEED = 1936
"""The year in which Fisher published the flowers."""

SPECIES = ("setosa", "versicolor", "virginica")
FLOWERS_PER_SPECIES = 400

COLUMNS = (
    "species",
    "elevation",
    "soil_type",
    "sepal_length",
    "sepal_width",
    "petal_length",
    "petal_width",
    "sepal_area",
    "petal_area",
    "sepal_aspect_ratio",
    "petal_aspect_ratio",
    "sepal_to_petal_length_ratio",
    "sepal_to_petal_width_ratio",
    "sepal_petal_length_diff",
    "sepal_petal_width_diff",
    "petal_curvature_mm",
    "petal_texture_trichomes_per_mm2",
    "leaf_area_cm2",
    "sepal_area_sqrt",
    "petal_area_sqrt",
    "area_ratios",
)

FIGURES = {
    "sepal_length": ((5.06, 0.38), (6.04, 0.55), (6.59, 0.70)),
    "sepal_width": ((3.40, 0.52), (2.79, 0.40), (2.96, 0.45)),
    "petal_length": ((1.52, 0.19), (4.32, 0.51), (5.59, 0.63)),
    "petal_width": ((0.30, 0.09), (1.31, 0.24), (1.96, 0.37)),
    "petal_curvature_mm": ((5.0, 0.5), (8.0, 1.0), (12.1, 1.9)),
    "petal_texture_trichomes_per_mm2": ((20.0, 2.9), (15.1, 2.0), (10.1, 2.0)),
    "leaf_area_cm2": ((50.2, 5.4), (60.2, 6.0), (70.0, 7.3)),
}
"""Mean and sample standard deviation of each measured column, in the order of `SPECIES`."""

MEASURED_BY_FISHER = ("sepal_length", "sepal_width", "petal_length", "petal_width")
ADDED_MEASURES = ("petal_curvature_mm", "petal_texture_trichomes_per_mm2", "leaf_area_cm2")

SMOOTHING = 0.5
"""Standard deviation of the bootstrap's noise, in standard deviations of the species."""

MEASURED_DECIMALS = 2
DERIVED_DECIMALS = 4
"""A product of two measures has four decimals: areas are exact."""

LEAST = 0.05
"""Smallest measure that a flower may have, in the column's unit."""

ELEVATIONS = (50.0, 300.0)
SOIL_TYPES = 3

Floats = NDArray[np.float64]


class Bits:
    """A generator of random numbers that are the same with every version of NumPy."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def uniform(self, count: int) -> Floats:
        """Return `count` numbers in [0, 1), each a multiple of 2**-53."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, limit: int, count: int) -> NDArray[np.int64]:
        """Return `count` whole numbers in 0…`limit` - 1."""
        return (self.uniform(count) * limit).astype(np.int64)

    def normal(self, count: int) -> Floats:
        """Return `count` nearly normal deviates: sums of twelve uniforms, so within ±6."""
        total = np.full(count, -6.0)
        for _ in range(12):
            total += self.uniform(count)
        return total


def make_extended_iris(seed: int = SEED) -> pd.DataFrame:
    """Return the extended iris table: 1,200 rows, the columns of `COLUMNS`, species first.

    Of every three rows each is of another species, in random order. `soil_type` is an integer,
    every other feature a float.

    Args:
        seed: the same seed gives the same table.
    """
    bits = Bits(seed)
    flowers = iris()
    tables = [
        _one_species(bits, flowers[flowers["species"] == name], rank)
        for rank, name in enumerate(SPECIES)
    ]
    order = [
        3 * row + species
        for row in range(FLOWERS_PER_SPECIES)
        for species in _shuffled(bits, len(SPECIES))
    ]
    alternating = pd.concat(tables).sort_index(kind="stable")
    return alternating.iloc[order].reset_index(drop=True)[list(COLUMNS)]


def _one_species(bits: Bits, flowers: pd.DataFrame, rank: int) -> pd.DataFrame:
    """Return the rows of the species with that position in `SPECIES`."""
    count = FLOWERS_PER_SPECIES
    first, second, third = (bits.below(len(flowers), count) for _ in range(3))
    columns: dict[str, Floats] = {}
    for name in MEASURED_BY_FISHER:
        fisher = flowers[name].to_numpy(dtype=np.float64)
        # The difference of two flowers has the flowers' own correlations, so the noise keeps them;
        # half its variance is that of the flowers.
        noise = (fisher[second] - fisher[third]) * (SMOOTHING * math.sqrt(0.5))
        columns[name] = fisher[first] + noise
    for name in ADDED_MEASURES:
        columns[name] = bits.normal(count)
    for name, figures in FIGURES.items():
        mean, deviation = figures[rank]
        measured = np.maximum(_scaled(columns[name], mean, deviation), LEAST)
        columns[name] = _rounded(measured, MEASURED_DECIMALS)
    low, high = ELEVATIONS
    table = pd.DataFrame(columns)
    table["species"] = SPECIES[rank]
    table["elevation"] = _rounded(low + (high - low) * bits.uniform(count), 1)
    table["soil_type"] = bits.below(SOIL_TYPES, count)
    return with_derived(table)


def with_derived(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the columns that are computed from lengths and widths."""
    sepal_length, sepal_width, petal_length, petal_width = (
        table[name].to_numpy(dtype=np.float64) for name in MEASURED_BY_FISHER
    )
    sepal_area = sepal_length * sepal_width
    petal_area = petal_length * petal_width
    derived = {
        "sepal_area": sepal_area,
        "petal_area": petal_area,
        "sepal_aspect_ratio": sepal_length / sepal_width,
        "petal_aspect_ratio": petal_length / petal_width,
        "sepal_to_petal_length_ratio": sepal_length / petal_length,
        "sepal_to_petal_width_ratio": sepal_width / petal_width,
        "sepal_petal_length_diff": sepal_length - petal_length,
        "sepal_petal_width_diff": sepal_width - petal_width,
        "sepal_area_sqrt": np.sqrt(sepal_area),
        "petal_area_sqrt": np.sqrt(petal_area),
        "area_ratios": sepal_area / petal_area,
    }
    return table.assign(**{name: _rounded(of, DERIVED_DECIMALS) for name, of in derived.items()})


def _scaled(column: Floats, mean: float, deviation: float) -> Floats:
    """Return a column scaled to a mean and a sample standard deviation."""
    # fsum is exactly rounded; the order in which NumPy adds differs between machines.
    count = len(column)
    centred = column - math.fsum(column) / count
    spread = math.sqrt(math.fsum(centred * centred) / (count - 1))
    return centred * (deviation / spread) + mean


def _rounded(column: Floats, decimals: int) -> Floats:
    """Return a column rounded as Python rounds, which is the same on every machine."""
    return np.array([round(value, decimals) for value in column.tolist()])


def _shuffled(bits: Bits, count: int) -> list[int]:
    """Return 0…`count` - 1 in random order."""
    return [int(index) for index in np.argsort(bits.uniform(count), kind="stable")]


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with Unix line ends, each number as the shortest text that gives it back."""
    path.write_bytes(table.to_csv(index=False, lineterminator="\n").encode())


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the CSV to the path in the arguments, by default to `CSV`."""
    paths = sys.argv[1:] if arguments is None else arguments
    write_csv(make_extended_iris(), Path(paths[0]) if paths else CSV)


if __name__ == "__main__":
    main()
