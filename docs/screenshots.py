"""Takes the pictures of pages that the documentation shows: python -m docs.screenshots [NAME...].

A picture is one line in SCREENSHOTS: its file's name below docs/_static/glassbox, and a function that makes the page.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.terminal_theme import MONOKAI
from sklearn.datasets import load_digits

import chainrule
from chainrule.glassbox.step import Walk
from chainrule.glassbox.step.screen import screen
from chainrule.glassbox.step.terminal import coloured
from chainrule.glassbox.step.xor_step import xor_step
from chainrule.glassbox.trace import Quantity
from chainrule.glassbox.worksheets import grade, worksheet
from chainrule.glassbox.worksheets.marks_files import marks_page
from chainrule.glassbox.worksheets.solutions_page import solutions_page
from chainrule.glassbox.worksheets.student_page import student_page
from tests.browser.chromium import MISSING, WatchedPage, chromium, chromium_path
from tests.glassbox.worksheets.filled_in import all_rows, write_answers
from tests.glassbox.worksheets.mistakes_on_paper import bias_forgotten, derivative_forgotten

FOLDER = Path(__file__).parent / "_static" / "glassbox"

LARGEST = 150_000
"""Bytes of a picture; a page that is loaded over a telephone holds several."""

COLOURS = 256
"""So many has a PNG of one byte a pixel."""

COMMONEST = 160
"""So many of them are chosen as the commonest: enough for the greys at the edges of letters."""


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


TERMINAL = """<!DOCTYPE html><html><head><meta charset="utf-8"><style>
body {{ margin: 0; padding: 1rem; color: {foreground}; background: {background}; width: max-content }}
pre {{ font: 15px/1.35 ui-monospace, "DejaVu Sans Mono", monospace; margin: 0 }}
</style></head><body><pre>{code}</pre></body></html>"""


def step() -> Screenshot:
    """A screen of the walk, in the colours of a terminal."""
    console = Console(record=True, width=81, file=io.StringIO(), force_terminal=True, highlight=False)
    for line in screen(Walk.begun(xor_step()).find("delta[2][2,0]")):
        console.print(coloured(line))
    html = console.export_html(theme=MONOKAI, code_format=TERMINAL, inline_styles=True)
    return Screenshot(html, selector="body")


def session(*typed_and_printed: tuple[str, object]) -> Screenshot:
    """Lines typed at Python's prompt, and what they print."""
    lines = [f"<b>&gt;&gt;&gt; {escape(typed)}</b>\n{escape(str(printed))}" for typed, printed in typed_and_printed]
    html = TERMINAL.format(foreground="#d9d9d9", background="#0c0c0c", code="\n".join(lines))
    return Screenshot(html, selector="body", width=1000)


def hand_check() -> Screenshot:
    """A right answer, and a wrong one with its mistake."""
    traced, name = small_step(), "delta[2][0,1]"
    asked = (f"{traced[name]:.4f}", f"{traced['da[2][0,1]']:.4f}")
    return session(
        *(
            (f'print(chainrule.hand_check(step, "{name}", "{value}"))', chainrule.hand_check(traced, name, value))
            for value in asked
        )
    )


def doctor() -> Screenshot:
    """Raw pixels, and what becomes of the training when they are scaled."""
    x, y = load_digits(return_X_y=True)
    nn = chainrule.Network((64, 15, 10), ("relu", "softmax"), seed=1)
    nn.fit(x[:1300], y[:1300], epochs=10, learning_rate=0.1, verbose=False)
    diagnosis = chainrule.diagnose(nn, x[:1300], y[:1300], validation=(x[1300:], y[1300:]))
    return session(("print(chainrule.diagnose(nn, *learned, validation=held_out))", diagnosis))


def worksheet_page() -> Screenshot:
    """The first page of a worksheet."""
    return Screenshot(student_page(worksheet(7, level="hard").sheets[0]), width=780, selector=".page")


def worksheet_solutions() -> Screenshot:
    """One student's solutions."""
    return Screenshot(solutions_page(worksheet(7, level="hard", activation="sigmoid")), width=780, selector=".student")


def worksheet_marks() -> Screenshot:
    """What a student gets back who forgot the biases of the first layer, and later a derivative."""
    sheets = worksheet(7, level="hard", activation="sigmoid", names=["Ada"])
    bias, derivative = bias_forgotten(sheets.sheets[0]), derivative_forgotten(sheets.sheets[0])

    def both(quantity: Quantity, value: float, own: dict[str, float]) -> float:
        return derivative(quantity, bias(quantity, value, own), own)

    with tempfile.TemporaryDirectory() as folder:
        marks = grade(sheets, write_answers(Path(folder) / "answers.csv", all_rows(sheets.sheets, both)))
    return Screenshot(marks_page(marks), width=780, selector=".student")


SCREENSHOTS: dict[str, Callable[[], Screenshot]] = {
    "explanation": explanation,
    "explanation-dark": lambda: explanation("dark"),
    "explanation-notebook": notebook,
    "worksheet": worksheet_page,
    "worksheet-solutions": worksheet_solutions,
    "worksheet-marks": worksheet_marks,
    "step": step,
    "hand-check": hand_check,
    "doctor": doctor,
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
    """A picture as PNG of a third of the bytes, with few of its colours: the commonest, and those most unlike them."""
    pixels = np.asarray(image).reshape(-1, 3)
    colours, which, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    chosen = list(np.argsort(-counts)[:COMMONEST])
    distances = np.linalg.norm(colours[:, np.newaxis] - colours[chosen].astype(float), axis=2)
    while len(chosen) < min(COLOURS, len(colours)):
        chosen.append(int(distances.min(axis=1).argmax()))
        distances = np.column_stack([distances, np.linalg.norm(colours - colours[chosen[-1]].astype(float), axis=1)])
    entries = distances.argmin(axis=1)[which.ravel()].astype(np.uint8)
    small = Image.frombytes("P", image.size, entries.tobytes())
    small.putpalette(colours[chosen].ravel().tolist())
    content = io.BytesIO()
    small.save(content, "PNG", optimize=True)
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
