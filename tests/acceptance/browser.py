"""A headless Chromium from the system's packages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from acceptance.databases import missing
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser for the length of the block."""
    path = os.environ.get("HELIOGRAPH_CHROMIUM") or shutil.which("chromium")
    if path is None:
        missing(
            "No Chromium", "Install it (apt-get install chromium), or name it: HELIOGRAPH_CHROMIUM=/path/to/chromium"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
