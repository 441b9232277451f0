"""Makes pictures of the dashboard after true runs: light, dark, and both on a phone.

Run it as `python -m docs.make_pictures [DIRECTORY]`: every view of every page, to be looked at. The
pictures of the README are among them; without a directory only these are made, in docs/pictures.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bench.dashboard import chromium, dashboard
from bench.views import drawn, fill, views

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES = Path(__file__).resolve().parent / "pictures"
SHOWN = ("loop-light", "test-light")
"""What the README shows."""
FORMS: dict[str, tuple[Literal["light", "dark"], int]] = {
    "light": ("light", 1280),
    "dark": ("dark", 1280),
    "light-phone": ("light", 390),
    "dark-phone": ("dark", 390),
}
"""For each form the colours, and the width in pixels."""
HEIGHT = 900


def main(target: Path | None) -> None:
    """Take a picture of each view in each form, or of those that the README shows."""
    folder = target or PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with dashboard() as running, chromium() as browser:
        fill(browser.new_page(), running.address)
        for form in FORMS if target else ("light",):
            scheme, width = FORMS[form]
            page = browser.new_page(
                viewport={"width": width, "height": HEIGHT}, color_scheme=scheme
            )
            for view in views(page, running.address):
                if target or f"{view}-{form}" in SHOWN:
                    take(page, width, folder / f"{view}-{form}.png")
            page.close()


def take(page: Page, width: int, file: Path) -> None:
    """Take a picture of all of a page: it scrolls inside itself, so the window grows to it."""
    for _ in range(2):  # what comes into sight is drawn now, and may be higher than its place was
        height = page.evaluate("document.querySelector('[data-testid=stMain] > div').scrollHeight")
        page.set_viewport_size({"width": width, "height": max(HEIGHT, int(height))})
        drawn(page)
    page.screenshot(path=file)
    page.set_viewport_size({"width": width, "height": HEIGHT})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
