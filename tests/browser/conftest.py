"""One Chromium for all tests of pages; where there is none they are skipped, or fail if it is required."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import MISSING, REQUIRED, WatchedPage, chromium, chromium_path


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser; it ends with this folder, since other tests may want an event loop of their own."""
    if chromium_path() is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with chromium() as found:
        yield found


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Shows HTML from a file; at the end of the test, nothing may have been asked for, and nothing gone wrong.

    ``open_page(html, scheme="dark", width=400)`` gives Playwright's page.
    """
    opened: list[WatchedPage] = []

    def show(html: str, *, scheme: str = "light", width: int = 900, height: int = 800) -> Page:
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
        watched = WatchedPage(context.new_page())
        opened.append(watched)
        file = tmp_path / f"page-{len(opened)}.html"
        file.write_text(html, encoding="utf-8")
        return watched.open(file)

    yield show
    for watched in opened:
        watched.page.context.close()
        assert watched.requests == []
        assert watched.errors == []
