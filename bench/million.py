"""A million rows through every page in a real Chromium: errors, and the slowest view.

They are uploaded, explored, trained on and scored; a twentieth of them is tested, for the local
cloud takes some thousand records a second.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.dashboard import TIME_LIMIT, choose, chromium, dashboard, press, settle
from bench.data_views import ROWS as MILLION
from bench.measurement import Measurement
from bench.samples import long_dataset
from bench.visiting import Visit, select_box
from iris_core.data.csv_writing import to_csv

ROWS = "1,000,000 rows"
TESTED = "50,001 rows"
"""The smallest split, each class in proportion."""
TRAINING = {"Epochs": 3, "Batch size": 1024}
DATA_VIEWS = {
    "Rows": "are shown",
    "Columns": "21 columns",
    "Histogram": "Bins",
    "Scatter": "A sample of",
    "Correlation": "Pearson",
    "Classes": "Majority-class baseline",
    "Compare": "population stability",
}
"""The views of a data set, and a text that each shows."""
RUN_VIEWS = {
    "Classes": "Loss",
    "Calibration": "Calibration error",
    "Threshold lab": "Below the threshold",
    "Compare": "no other run",
    "Files": "Download the report",
    "Mistakes and records": "Confusion matrix",
}
"""The views of a run, and a text that each shows."""


def million() -> Iterator[Measurement]:
    """Take a CSV of 1,000,000 rows and 21 columns through every page, as a newcomer would."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "million.csv"
        file.write_bytes(to_csv(long_dataset(MILLION)))
        with dashboard() as running, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(TIME_LIMIT * 1000)
            page.goto(running.address)
            settle(page)
            visit = Visit(page)
            visit.upload(file, ROWS)
            visit.open_views(DATA_VIEWS)
            _train(visit)
            _score(visit)
            _test(visit)
    yield Measurement(
        "a million rows through every page: errors",
        len(visit.errors),
        0,
        "",
        "; ".join(visit.errors),
    )
    slowest = max(visit.drawn, key=visit.drawn.__getitem__)
    work = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in visit.done.items())
    yield Measurement(
        f"slowest of {len(visit.drawn)} pages and views of them",
        visit.drawn[slowest],
        5,
        "s",
        f"{slowest}; {work}",
    )


def _train(visit: Visit) -> None:
    page = visit.page
    visit.open("Train", select_box(ROWS))
    for label, value in TRAINING.items():
        page.get_by_label(label, exact=True).fill(str(value))
        page.get_by_label(label, exact=True).press("Enter")
        settle(page)
    visit.run("trained", lambda: press(page, "Train"), "Evaluation accuracy")


def _score(visit: Visit) -> None:
    page = visit.page
    visit.open("Score", "text=The averages of the training data")
    press(page, "Start from a record")
    choose(page, "Data set", "million")
    page.get_by_label("Row", exact=True).fill("999999")
    visit.run("scored", lambda: press(page, "Use this record"), "Row 999,999 of million")


def _test(visit: Visit) -> None:
    page = visit.page
    visit.open("Test", select_box(ROWS))
    visit.open("Data", f"text={ROWS} ·")
    press(page, "Split")
    form = page.get_by_test_id("stPopoverBody")
    for _ in range(3):
        form.get_by_role("slider").press("ArrowLeft")
    page.wait_for_timeout(500)  # the slider hands its value on when it has come to rest
    settle(page)
    visit.run("split", lambda: press(form, "Split"), f"million-test ({TESTED})")
    visit.open("Test", select_box(TESTED))
    visit.run("tested", lambda: press(page, "Test"), "Reconciled: all")
    visit.open_views(RUN_VIEWS)
    visit.open("Retrain", "text=candidates are reviewed")
    visit.open("Cloud", "text=All 7 resources healthy.")
    visit.open("Loop", "text=million")
    visit.open("Train", "text=million v1")
    visit.open("Score", "text=Row 999,999 of million")
