"""The memory of the whole app where hosted Streamlit may be small: a long CSV on 1 GB."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from aws.emulator import ADDRESS
from bench.dashboard import TIME_LIMIT, chromium, dashboard, press, settle
from bench.measurement import Measurement
from bench.process_memory import family, private_megabytes
from bench.samples import long_dataset
from bench.visiting import Visit, select_box
from iris_core.data.csv_writing import to_csv

ROWS = 100_000
GIGABYTE = 1024


def small_host() -> Iterator[Measurement]:
    """Upload 100,000 rows of 21 columns, train on them, and test all of them on the local cloud."""
    shown = f"{ROWS:,} rows"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.csv"
        file.write_bytes(to_csv(long_dataset(ROWS)))
        with dashboard() as running, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(TIME_LIMIT * 1000)
            page.goto(running.address)
            settle(page)
            visit = Visit(page)
            visit.upload(file, shown)
            loaded = _private(running.pid)
            visit.open("Train", select_box(shown))
            visit.run("trained", lambda: press(page, "Train"), "Evaluation accuracy")
            trained = _private(running.pid)
            visit.open("Test", select_box("long"))
            visit.run("tested", lambda: press(page, "Test"), "Reconciled: all")
            address = json.loads((running.home / "cloud" / ADDRESS).read_text("utf-8"))
            cloud, tested = _private(address["pid"]), _private(running.pid)
    work = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in visit.done.items())
    yield Measurement(
        f"private memory of dashboard and local cloud with {shown}",
        tested,
        GIGABYTE,
        "MB",
        f"{loaded:.0f} MB when loaded, {trained:.0f} when trained; the local cloud's records "
        f"{cloud:.0f} MB of it; {work}; {len(visit.errors)} errors",
    )


def _private(pid: int) -> float:
    """Return the memory of a process and its descendants, in MB."""
    return sum(map(private_megabytes, family(pid)))
