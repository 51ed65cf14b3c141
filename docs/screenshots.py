"""Takes the pictures of pages that the documentation shows: python -m docs.screenshots [NAME...].

A picture is one line in SCREENSHOTS: its file's name below docs/_static/glassbox, and a function that makes the page.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page

import chainrule
from tests.browser.chromium import MISSING, WatchedPage, chromium, chromium_path

FOLDER = Path(__file__).parent / "_static" / "glassbox"

LARGEST = 150_000
"""Bytes of a picture; a page that is loaded over a telephone holds several."""


@dataclass(frozen=True)
class Screenshot:
    """A page to be photographed.

    Attributes
    ----------
    html : str
        All of it.
    prepare : callable
        What is done with the page before, such as opening a part.
    scheme : str
        ``"light"`` or ``"dark"``.
    width : int
        Of the window, in pixels.
    selector : str
        What is shown of it; all of the page by default.
    """

    html: str
    prepare: Callable[[Page], object] = lambda page: None
    scheme: str = "light"
    width: int = 860
    selector: str = "html"


def small_step() -> chainrule.glassbox.trace.Trace:
    """A network that a person can follow: two inputs, two hidden units, one output, three rows."""
    nn = chainrule.Network((2, 2, 1), ("tanh", "sigmoid"), dtype=float)
    nn.w[1], nn.b[1] = [[0.5, -1.0], [0.25, 2.0]], [0.1, -0.2]
    nn.w[2], nn.b[2] = [[1.5], [-0.75]], [0.05]
    return chainrule.trace(nn, np.array([[2.0, 1.0], [-1.0, 0.5], [0.5, -1.5]]), [1, 0, 1], learning_rate=0.5)


def open_first_whys(page: Page) -> None:
    """Open the first why, and the first inside it."""
    page.locator("main > div > details > summary").first.click()
    page.locator("main > div > details[open] > .inside > details > summary").first.click()
    page.mouse.move(0, 0)


def explanation(scheme: str = "light") -> Screenshot:
    """A gradient, opened down to the error of the output."""
    html = chainrule.explain(small_step(), "dw[1][1,0]").html(100, caption="A network 2-2-1 on three rows.")
    return Screenshot(html, open_first_whys, scheme)


NOTEBOOK_STYLE = """<style>
body { margin: 1.2rem; background: #fff }
pre { font: 14px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; margin: 0 0 .75rem; padding: .5rem .75rem;
  background: #f5f5f5; border: 1px solid #e0e0e0 }
</style>"""


def notebook() -> Screenshot:
    """The same view as the output of a notebook's cell."""
    view = chainrule.explain(small_step(), "new w[2][1,0]")._repr_html_()
    typed = "chainrule.explain(step, <span style='color: #ba2121'>\"new w[2][1,0]\"</span>)"
    page = (
        f"<!DOCTYPE html><html>{NOTEBOOK_STYLE}<body data-jp-theme-light='true'><pre>{typed}</pre>{view}</body></html>"
    )
    return Screenshot(page, lambda page: page.locator("summary").first.click())


SCREENSHOTS: dict[str, Callable[[], Screenshot]] = {
    "explanation": explanation,
    "explanation-dark": lambda: explanation("dark"),
    "explanation-notebook": notebook,
}
"""The pictures by name."""


def picture(browser: Browser, wanted: Screenshot) -> bytes:
    """A page as PNG.

    Raises
    ------
    RuntimeError
        If the page asked for something, or an error was said on it.
    """
    context = browser.new_context(
        viewport={"width": wanted.width, "height": 400}, color_scheme=wanted.scheme, device_scale_factor=1.5
    )
    watched = WatchedPage(context.new_page())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(wanted.html, encoding="utf-8")
        page = watched.open(file)
        wanted.prepare(page)
        shot = page.locator(wanted.selector).first.screenshot()
    context.close()
    if watched.requests or watched.errors:
        raise RuntimeError(f"The page asked for {watched.requests}, and said {watched.errors}.")
    return compressed(Image.open(io.BytesIO(shot)).convert("RGB"))


def compressed(image: Image.Image) -> bytes:
    """A picture as PNG with its 256 commonest colours: a third of the bytes, and no colour that was not there."""
    counted = image.getcolors(image.width * image.height)
    commonest = [colour for _, colour in sorted(counted, reverse=True)[:256]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([level for colour in commonest for level in colour])
    content = io.BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(content, "PNG", optimize=True)
    return content.getvalue()


def main(names: list[str]) -> None:
    """Take these pictures, or all."""
    unknown = sorted(set(names) - set(SCREENSHOTS))
    if unknown:
        sys.exit(f"There is no picture {unknown[0]!r}; choose from {', '.join(SCREENSHOTS)}.")
    if chromium_path() is None:
        sys.exit(f"The pictures cannot be taken: {MISSING}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for name in names or SCREENSHOTS:
            content = picture(browser, SCREENSHOTS[name]())
            if len(content) > LARGEST:
                sys.exit(f"{name} has {len(content):,} bytes, and a picture has at most {LARGEST:,}: show less of it.")
            file = FOLDER / f"{name}.png"
            file.write_bytes(content)
            print(f"{file}  {len(content):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
