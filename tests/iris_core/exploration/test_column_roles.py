"""What is looked at of a table with roles: dates are no numbers, identifiers no features."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.services.data.views import rank_features
from iris_core.data.datasets import DataSet
from iris_core.data.table_reading import read_table
from iris_core.exploration.class_statistics import class_statistics
from iris_core.exploration.correlation import correlations
from iris_core.exploration.drift import compare
from iris_core.exploration.profiling import profile
from iris_core.exploration.sampling import sample_rows


@pytest.fixture(scope="module")
def customers() -> DataSet:
    lines = [
        f"C-{n * 7919},2024-0{n % 9 + 1}-1{n % 7},{'NSEW'[n % 4]},{n % 13 + n / 7:.2f},{n % 5},"
        + ("yes" if n % 3 else "no")
        for n in range(120)
    ]
    content = "\n".join(("customer,signup,region,spent,calls,churn", *lines))
    return read_table(content.encode(), name="customers.csv")[0]


def test_profile_says_the_role_of_each_column(customers: DataSet) -> None:
    assert {column.name: column.kind for column in profile(customers)} == {
        "churn": "label",
        "customer": "left out",
        "signup": "date",
        "region": "category",
        "spent": "number",
        "calls": "number",
    }


def test_only_numbers_have_statistics_and_correlations(customers: DataSet) -> None:
    assert correlations(customers).columns == ("spent", "calls")
    assert [entry.column for entry in class_statistics(customers, "yes")] == ["spent", "calls"]
    assert set(rank_features(customers, sample_rows(customers, 100))) == set(customers.features)


def test_what_is_left_out_does_not_drift(customers: DataSet) -> None:
    others = customers.frame.assign(customer=[f"D-{n}" for n in range(120)])
    drift = compare(customers, replace(customers, frame=others.astype({"customer": "str"})))
    assert "customer" not in {column.name for column in drift.columns}
