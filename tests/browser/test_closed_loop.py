"""The loop closes in a real Chromium: labels are changed on purpose, reviewed, learnt from."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page

from bench.dashboard import choose, errors, go_to, press, settle
from iris_core.storage.cards import Change
from iris_core.storage.dataset_store import DataSetStore
from tests.browser.driving import from_plot, see
from tests.browser.servers import Dashboard

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

_log = logging.getLogger(__name__)

REVIEWED = 25
"""Candidates, as many as labels were changed."""
MOST_PRESSES = 30
HEARD = 10_000
"""Milliseconds after which a key was not heard."""
# The runs on the timeline, each with its number: all other marks have no name of a run.
_POINTS = """
() => {
  const traces = document.querySelector('.js-plotly-plot')?.data ?? [];
  const points = traces.filter((trace) => trace.error_y).flatMap(
    (trace) => [...trace.x].map((number, index) => [number, trace.y[index]]));
  return points.length ? points : null;
}
"""


@pytest.fixture
def dashboard(home: Path) -> Iterator[Dashboard]:
    running = Dashboard(home)
    yield running
    running.stop()


def test_reviewed_labels_reach_the_data_the_measure_and_the_champion(
    page: Page, dashboard: Dashboard, home: Path
) -> None:
    page.goto(dashboard.address)
    # GIVEN a champion, and data with 25 labels changed on purpose
    go_to(page, "Train")
    press(page, "Train")
    see(page, "Evaluation accuracy")
    champion = contents(home / "models")
    go_to(page, "Data")
    press(page, "Change labels")
    page.get_by_role("button", name="Change labels").last.click()
    see(page, "25 labels were changed")
    # WHEN it is tested, its likely label errors are reviewed, and the verdicts applied
    go_to(page, "Test")
    press(page, "Test")
    see(page, "Reconciled: all 1,200 records")
    see(page, "The model was trained on 960 of the 1,200 rows")
    go_to(page, "Retrain")
    relabelled = review_by_keyboard(page, rows_with_changed_labels(home))
    assert relabelled >= 20
    press(page, "Apply verdicts")
    see(page, f"{relabelled} rows relabelled, 0 dropped, 0 added; 1,200 rows.")
    press(page, "Retrain")
    see(page, "rows evaluate and are left out")
    see(page, "Evaluation accuracy")
    # THEN the new model can be compared with the champion, and promoted
    go_to(page, "Train")
    page.get_by_text("Compare it with a challenger").click()
    see(page, "The challenger fixes")
    page.get_by_label("Why", exact=True).fill("learnt from the review")
    press(page, "Promote")
    see(page, "is the champion now")
    see(page, "learnt from the review")
    # AND the second test is of the corrected labels, with the reviewed candidates reviewed
    go_to(page, "Test")
    choose(page, "Data set", "noisy (corrected)")
    press(page, "Test")
    see(page, "on extended_iris-noisy (corrected)")
    see(page, "Reconciled: all 1,200 records")
    # AND the timeline shows the gain, in words and in its points
    go_to(page, "Loop")
    see(page, "From run 1 to run 2: ")
    step = page.get_by_text("From run 1 to run 2: ").first.inner_text()
    shown = re.search(r"([\d.]+) % of 1,200 .* → ([\d.]+) % of 1,200 .*, \+[\d.]+ points", step)
    assert shown, step
    earlier, later = map(float, shown.groups())
    assert later > earlier, step
    drawn = [point for _, point in sorted(from_plot(page, _POINTS))]
    assert drawn == pytest.approx([earlier / 100, later / 100], abs=6e-4)
    # AND a roll back restores the old champion byte for byte
    go_to(page, "Train")
    page.get_by_role("button", name="Roll back to").click()
    see(page, "is the champion again")
    after = contents(home / "models")
    assert {path: content for path, content in after.items() if path in champion} == champion
    assert errors(page) == []


def rows_with_changed_labels(home: Path) -> set[int]:
    """Return the rows of the noisy data that have other labels than the data they come from."""
    store = DataSetStore(home)
    (noisy,) = [card for card in store.list().cards if card.change == Change.LABEL_NOISE]
    before, after = (store.load(id_ or "") for id_ in (noisy.parent, noisy.id))
    changed = before.frame[before.label] != after.frame[after.label]
    return set(changed.to_numpy().nonzero()[0].tolist())


def review_by_keyboard(page: Page, changed: Collection[int]) -> int:
    """Find the labels that were changed and review them, each record with one key.

    Returns:
        the number of relabelled ones.
    """
    press(page, "Find label errors")
    see(page, "are likely mislabelled")
    began, presses, relabelled = time.monotonic(), 0, 0
    for _ in range(REVIEWED):
        settle(page)
        shown = page.get_by_text(re.compile(r"^Row \d+$")).first.inner_text()
        is_changed = int(shown.removeprefix("Row ")) in changed
        relabelled += is_changed
        record = page.get_by_text(shown, exact=True)
        while record.count():
            # A key that comes while the next record is being drawn is for neither of them.
            page.keyboard.press("a" if is_changed else "k")
            presses += 1
            assert presses <= MOST_PRESSES
            with suppress(Error):
                record.first.wait_for(state="hidden", timeout=HEARD)
    see(page, f"{REVIEWED} of ")
    seconds = time.monotonic() - began
    _log.info("%d records reviewed with %d keys in %.1f s", REVIEWED, presses, seconds)
    return relabelled


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their paths in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
