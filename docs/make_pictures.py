"""Take screenshots of the dashboard after real runs: light, dark, and both on a phone.

    python -m docs.make_pictures [DIRECTORY]

With a directory, every view of every page; without one, only the pictures of the README, in
docs/pictures.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bench.dashboard import chromium, dashboard
from bench.filled_workspace import fill_workspace
from bench.views import views, wait_until_drawn

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES = Path(__file__).resolve().parent / "pictures"
IN_README = (
    "loop-light",
    "test-light",
    "retrain-suggestions-light",
    "train-champion-light",
)
FORMS: dict[str, tuple[Literal["light", "dark"], int]] = {
    "light": ("light", 1280),
    "dark": ("dark", 1280),
    "light-phone": ("light", 390),
    "dark-phone": ("dark", 390),
}
"""Colour scheme and width in pixels of each form."""
HEIGHT = 900
"""Pixels, at least."""


def main(target: Path | None) -> None:
    """Take a picture of each view in each form, or of those in the README."""
    folder = target or PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with dashboard() as running, chromium() as browser:
        fill_workspace(running.home)
        for form in FORMS if target else ("light",):
            scheme, width = FORMS[form]
            page = browser.new_page(
                viewport={"width": width, "height": HEIGHT}, color_scheme=scheme
            )
            for view in views(page, running.address):
                if target:
                    take(page, width, folder / f"{view}-{form}.png")
                elif f"{view}-{form}" in IN_README:
                    page.screenshot(path=folder / f"{view}-{form}.png")
            page.close()


def take(page: Page, width: int, file: Path) -> None:
    """Take a picture of a whole page: it scrolls inside itself, so the window grows to it."""
    for _ in range(2):  # what comes into view is drawn now, and may be higher than its placeholder
        height = page.evaluate("document.querySelector('[data-testid=stMain] > div').scrollHeight")
        page.set_viewport_size({"width": width, "height": max(HEIGHT, int(height))})
        wait_until_drawn(page)
    page.screenshot(path=file)
    page.set_viewport_size({"width": width, "height": HEIGHT})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
