"""The time from a verdict to the next record in a real Chromium, with many candidates to review."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.services.model.training import train_model
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from app.ui.pages.retrain.review_order import NEW_VERDICTS
from aws.settings import Settings
from bench.dashboard import TIME_LIMIT, Dashboard, chromium, settle
from bench.measurement import Measurement
from bench.samples import long_dataset
from iris_core.model.options import ModelSpec, TrainOptions

CANDIDATES = 8_000
REVIEWED = 25
BESIDE = "the search takes both cores for as long as it is made"
FINDS = 600
"""Seconds that the search for label errors may take."""

# Timed in the browser: what a person sees, without the time between driver and browser. A key that
# comes before the page has a listener for the new button would be heard by nobody.
_KEEP = """
() => new Promise((resolve, reject) => {
  const row = () => [...document.querySelectorAll('[data-testid=stMain] strong')]
    .map((one) => one.textContent).find((text) => /^Row [0-9]+$/.test(text));
  const before = row(), began = performance.now();
  document.dispatchEvent(new KeyboardEvent('keydown',
    {key: 'k', code: 'KeyK', keyCode: 75, bubbles: true}));
  const look = () => {
    const now = row();
    if (now && now !== before) resolve(performance.now() - began);
    else if (performance.now() - began > 20000) reject(new Error('no next record'));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})
"""


def next_record() -> Iterator[Measurement]:
    """Review records with one key each, in test order and in the order of a search."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        _fill(home)
        running = Dashboard(home)
        try:
            yield from _reviewed(running.address)
        finally:
            running.stop()


def _fill(home: Path) -> None:
    """Store a run all of whose records are candidates."""
    workspace = Workspace(home, Settings())
    dataset = long_dataset(CANDIDATES)
    workspace.datasets.add(dataset)
    model = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=3))
    run_test(workspace, model, dataset, threshold="1")
    workspace.close()


def _reviewed(address: str) -> Iterator[Measurement]:
    """Measure the time from a key to the next record."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(TIME_LIMIT * 1000)
        page.goto(f"{address}/retrain")
        for order in ("in test order", "by likely label errors"):
            if order != "in test order":
                page.get_by_role("button", name="Find label errors").click()
                page.get_by_text("likely mislabelled").first.wait_for(timeout=FINDS * 1000)
            times = []
            for _ in range(REVIEWED):
                settle(page)
                page.wait_for_timeout(500)
                times.append(page.evaluate(_KEEP))
            # With the tenth verdict the search is made anew, beside the other fifteen.
            parts = {"": times}
            if order != "in test order":
                parts = {
                    ", before the search is made anew": times[:NEW_VERDICTS],
                    ", while it is made anew": times[NEW_VERDICTS:],
                }
            for when, part in parts.items():
                yield Measurement.of(
                    f"next of {CANDIDATES:,} candidates after a key, {order}{when}, median",
                    part,
                    150,
                    "ms",
                    remark=f"mean {statistics.fmean(part):.0f}",
                    limit=BESIDE if "while" in when else "",
                )
