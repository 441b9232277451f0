"""Makes the pictures of the README: every page, light, dark and on a phone, after a true run.

Run it as `python -m docs.make_pictures [DIRECTORY]`; the default is docs/pictures.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from bench.dashboard import PAGES, chromium, dashboard, settle, train_and_test

PICTURES = Path(__file__).resolve().parent / "pictures"
WIDTHS = {"": 1280, "-phone": 390}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main(target: Path) -> None:
    """Train, test, and take a picture of each page in each form."""
    target.mkdir(parents=True, exist_ok=True)
    with dashboard() as running, chromium() as browser:
        train_and_test(browser.new_page(), running.address)
        for scheme in SCHEMES:
            for suffix, width in WIDTHS.items():
                page = browser.new_page(
                    viewport={"width": width, "height": 900}, color_scheme=scheme
                )
                for name, path in PAGES.items():
                    page.goto(f"{running.address}/{path}")
                    settle(page)
                    page.wait_for_timeout(1500)  # plotly draws after Streamlit has finished
                    # Streamlit scrolls inside the page: a window as high as its content shows all.
                    height = page.evaluate(
                        "document.querySelector('[data-testid=stMain] > div')?.scrollHeight || 900"
                    )
                    page.set_viewport_size({"width": width, "height": max(900, int(height))})
                    page.wait_for_timeout(500)
                    page.screenshot(path=target / f"{name}-{scheme}{suffix}.png")
                    page.set_viewport_size({"width": width, "height": 900})
                page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
