"""The data set that is shipped is the one that its script makes, and what its README says."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from plotly.data import iris

from data.make_extended_iris import (
    COLUMNS,
    CSV,
    FIGURES,
    FLOWERS_PER_SPECIES,
    MEASURED_BY_FISHER,
    SPECIES,
    main,
    make_extended_iris,
)

WRITE_UNIT_BYTES = 1024
SPARE_BYTES = 40


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(CSV)


def test_script_makes_the_shipped_csv_byte_for_byte(tmp_path: Path) -> None:
    main([str(tmp_path / "again.csv")])

    assert (tmp_path / "again.csv").read_bytes() == CSV.read_bytes()


def test_csv_reads_back_as_the_table_that_was_made(table: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(table, make_extended_iris())


def test_another_seed_makes_other_flowers() -> None:
    assert not make_extended_iris(seed=1).equals(make_extended_iris(seed=2))


def test_columns_are_complete_and_in_order_with_the_label_first(table: pd.DataFrame) -> None:
    assert tuple(table.columns) == COLUMNS
    assert len(COLUMNS) == 21
    assert COLUMNS[0] == "species"


def test_each_species_has_its_flowers_and_every_head_shows_all(table: pd.DataFrame) -> None:
    counts = table["species"].value_counts()

    assert counts.to_dict() == dict.fromkeys(SPECIES, FLOWERS_PER_SPECIES)
    assert set(table["species"].head(3)) == set(SPECIES)


def test_values_are_complete_and_physical(table: pd.DataFrame) -> None:
    assert not table.isna().to_numpy().any()
    assert (table[list(FIGURES)] > 0).to_numpy().all()
    assert table["elevation"].between(50, 300).all()
    assert set(table["soil_type"]) == {0, 1, 2}
    assert not table.duplicated().any()


@pytest.mark.parametrize("column", FIGURES)
@pytest.mark.parametrize("species", SPECIES)
def test_mean_and_deviation_are_the_given_figures(
    table: pd.DataFrame, column: str, species: str
) -> None:
    mean, deviation = FIGURES[column][SPECIES.index(species)]
    measured = table.loc[table["species"] == species, column]

    assert measured.mean() == pytest.approx(mean, abs=0.002)
    assert measured.std() == pytest.approx(deviation, rel=0.01)


@pytest.mark.parametrize("species", SPECIES)
def test_measures_are_correlated_as_fishers_are(table: pd.DataFrame, species: str) -> None:
    names = list(MEASURED_BY_FISHER)
    flowers = iris()
    fisher = flowers.loc[flowers["species"] == species, names].corr()
    ours = table.loc[table["species"] == species, names].corr()

    assert ((ours - fisher).abs() < 0.15).to_numpy().all()


@pytest.mark.parametrize(
    ("column", "computed"),
    [
        ("sepal_area", lambda row: row.sepal_length * row.sepal_width),
        ("petal_area", lambda row: row.petal_length * row.petal_width),
        ("sepal_aspect_ratio", lambda row: row.sepal_length / row.sepal_width),
        ("petal_aspect_ratio", lambda row: row.petal_length / row.petal_width),
        ("sepal_to_petal_length_ratio", lambda row: row.sepal_length / row.petal_length),
        ("sepal_to_petal_width_ratio", lambda row: row.sepal_width / row.petal_width),
        ("sepal_petal_length_diff", lambda row: row.sepal_length - row.petal_length),
        ("sepal_petal_width_diff", lambda row: row.sepal_width - row.petal_width),
        ("sepal_area_sqrt", lambda row: math.sqrt(row.sepal_length * row.sepal_width)),
        ("petal_area_sqrt", lambda row: math.sqrt(row.petal_length * row.petal_width)),
        (
            "area_ratios",
            lambda row: row.sepal_length * row.sepal_width / (row.petal_length * row.petal_width),
        ),
    ],
)
def test_derived_column_follows_from_the_measures(
    table: pd.DataFrame, column: str, computed: object
) -> None:
    assert callable(computed)
    expected = [computed(row) for row in table.itertuples()]

    assert table[column].to_numpy() == pytest.approx(expected, abs=0.51e-4)


def test_every_flower_fits_one_write_unit_with_room_to_spare(table: pd.DataFrame) -> None:
    for record in table.to_dict("records"):
        item = {
            "partition_key": "2026-01-31T23:59:59.999999+00:00#0000000000000000000",
            "sort_key": "0123456789",
            "Features": str(record),
            "Class": "versicolor",
            "Actual": "versicolor",
            "Probability": "0.9876543211",
        }
        size = sum(len(name) + len(value.encode()) for name, value in item.items())

        assert size <= WRITE_UNIT_BYTES - SPARE_BYTES
