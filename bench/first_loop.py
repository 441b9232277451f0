"""From an empty workspace to a verdict on a retrained model, in clicks and seconds, in a browser.

Two ways: the demonstration with the iris set, and a table of one's own, a made-up one of customers
in which three in ten who leave are recorded as staying. The limit is machine time: nobody reads.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.dashboard import chromium, dashboard, settle
from bench.measurement import Measurement

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

CLICKS, SECONDS = 12, 90.0
"""The goals."""
ROWS = 2_000
PATIENCE = 120_000
"""Milliseconds to wait for one step."""


class Visitor:
    """Somebody who clicks, and is counted.

    Args:
        page: of the browser.

    Attributes:
        page: of the browser.
        clicks: so far.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, target: Locator) -> None:
        """Click when the page stands still."""
        settle(self.page)
        target.first.click(timeout=PATIENCE)
        self.clicks += 1

    def press(self, name: str, *, exact: bool = True) -> None:
        """Press a button."""
        self.click(self.page.get_by_role("button", name=name, exact=exact))

    def see(self, text: str) -> None:
        """Wait until the page says something."""
        self.page.get_by_text(text).first.wait_for(timeout=PATIENCE)

    def review_and_retrain(self) -> str:
        """Accept the suggestions, retrain, and return what the page says of the challenger."""
        self.see("are likely mislabelled")
        self.click(self.page.locator("summary", has_text="Several at once"))
        self.see("Give all open candidates")
        self.press("Give ", exact=False)
        self.see("verdicts were given")
        self.press("Apply verdicts and retrain")
        said = self.page.get_by_text("The challenger ").first
        said.wait_for(timeout=PATIENCE)
        return said.inner_text()


def customers(rows: int = ROWS, *, wrong: float = 0.3, seed: int = 0) -> bytes:
    """Return a made-up table of customers as CSV, a share of those who leave recorded as staying.

    Args:
        rows: of the table.
        wrong: share of those who leave whose label says otherwise, 0 to 1.
        seed: of the table.
    """
    draw = np.random.default_rng(seed)
    months = draw.integers(1, 73, rows)
    charge = draw.normal(65, 20, rows).clip(15, 130).round(2)
    contract = draw.choice(["monthly", "yearly", "two years"], rows, p=[0.55, 0.25, 0.2])
    support = draw.choice(["yes", "no"], rows)
    odds = (
        2.2 * (contract == "monthly")
        - 0.07 * months
        + 0.05 * (charge - 65)
        + 1.2 * (support == "no")
        - 0.6
    )
    leaves = draw.random(rows) < 1 / (1 + np.exp(-2.5 * odds))
    hidden = leaves & (draw.random(rows) < wrong)
    return (
        pd.DataFrame(
            {
                "months": months,
                "monthly_charge": charge,
                "contract": contract,
                "support": support,
                "leaves": np.where(leaves & ~hidden, "yes", "no"),
            }
        )
        .to_csv(index=False)
        .encode()
    )


def with_iris(visitor: Visitor) -> str:
    """Begin with the demonstration."""
    visitor.press("Show me")
    visitor.see("This is the loop")
    visitor.press("Review candidates")
    return visitor.review_and_retrain()


def with_customers(visitor: Visitor) -> str:
    """Begin with a table of one's own."""
    visitor.press("Upload a table")
    visitor.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "customers.csv", "mimeType": "text/csv", "buffer": customers()}
    )
    visitor.clicks += 1  # the file, in the browser's own dialog
    visitor.see("Label column")
    visitor.press("Add")
    visitor.press("Train a first model")
    visitor.press("Test it on customers")
    visitor.see("Reconciled: all")
    visitor.press("Review its ", exact=False)
    return visitor.review_and_retrain()


def first_loop() -> Iterator[Measurement]:
    """Go both ways, each in an empty workspace of its own."""
    for name, way in (("the iris set", with_iris), ("a table of customers", with_customers)):
        with dashboard() as running, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            start = time.perf_counter()
            page.goto(running.address)
            visitor = Visitor(page)
            said = way(visitor)
            seconds = time.perf_counter() - start
        what = f"from an empty workspace to a verdict on the challenger, with {name}"
        yield Measurement(what, seconds, SECONDS, "s", said)
        yield Measurement(f"the same with {name}, clicks", visitor.clicks, CLICKS, "")
