"""CSV files as people upload them: the lab's, and one of another subject."""

from __future__ import annotations

import numpy as np
import pandas as pd

from app.services.data.datasets import DEFAULT_DATA

VARIETIES = ("Bourbon", "Caturra", "Gesha", "Typica Mejorado")
REGIONS = ("Antigua", "Minas Gerais", "Nariño", "Yirgacheffe")
PROCESSES = ("washed", "natural", "semi-washed, sun-dried")


def lab_csv(*, codes: bool = False) -> bytes:
    """Return the extended iris set in another order; with `codes` its label is encoded."""
    frame = pd.read_csv(DEFAULT_DATA).sample(frac=1, random_state=0)
    assert sorted(frame["soil_type"].unique()) == [0, 1, 2]
    if codes:
        frame["species"] = frame["species"].astype("category").cat.codes
    return frame.to_csv(index=False).encode()


def coffee_csv(rows: int, *, seed: int = 0) -> bytes:
    """Return another subject: overlapping classes, text, missing values, semicolons.

    The label, `variety`, is neither the first column nor the last.
    """
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 4, rows)
    frame = pd.DataFrame(
        {
            "altitude (m)": 900 + 250 * kind + rng.normal(0, 110, rows).round(),
            "region": np.array(REGIONS)[(kind + (rng.random(rows) < 0.4)) % 4],
            "acidity": (5 + kind * rng.normal(0.8, 0.1, rows)).round(2),
            "variety": np.array(VARIETIES)[kind],
            "process": rng.choice(PROCESSES, rows),
            "harvest": 2018 + rng.integers(0, 6, rows),
            "score": (82 - kind + rng.normal(0, 1.5, rows)).round(1),
        }
    )
    with_gaps = frame.columns.difference(["variety", "harvest"], sort=False)
    missing = rng.random((rows, len(with_gaps))) < 0.05
    frame[with_gaps] = frame[with_gaps].mask(missing)
    return frame.to_csv(index=False, sep=";").encode()
