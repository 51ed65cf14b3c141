"""Chromium, started through Playwright: the one that the system has, so that nothing is downloaded."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")

REQUIRED = "CHAINRULE_REQUIRE_BROWSER"

MISSING = "there is no Chromium here: apt-get install chromium, or name one in CHAINRULE_BROWSER"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium_path() -> str | None:
    """Where Chromium is; None if it is not here."""
    named = os.environ.get("CHAINRULE_BROWSER")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium, for as long as the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class WatchedPage:
    """A page, and everything that went wrong on it or was asked for by it.

    Attributes
    ----------
    page : Page
        Playwright's.
    requests : list of str
        The addresses that were asked for, but for the page's own.
    errors : list of str
        What was said on the console, and what a script did not catch.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, file: Path) -> Page:
        """Show a file."""
        address = file.absolute().as_uri()
        self.page.goto(address)
        self.requests = [each for each in self.requests if each != address]
        return self.page
