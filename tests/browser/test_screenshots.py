"""The pictures of pages in the documentation are there, are not large, and can be taken again."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from docs.screenshots import FOLDER, LARGEST, SCREENSHOTS, picture

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", SCREENSHOTS)
def test_every_picture_is_in_the_documentation(name):
    content = (FOLDER / f"{name}.png").read_bytes()
    assert len(content) <= LARGEST
    pages = [*DOCS.glob("*.md"), *DOCS.glob("commands/*.md")]
    assert any(f"{name}.png" in page.read_text(encoding="utf-8") for page in pages)


def test_a_picture_is_of_the_page_as_it_is_now(browser):
    content = picture(browser, SCREENSHOTS["explanation-notebook"]())
    now, kept = (Image.open(each).convert("L") for each in (io.BytesIO(content), FOLDER / "explanation-notebook.png"))
    assert now.width == kept.width
    assert abs(now.height - kept.height) < 0.2 * kept.height  # fonts differ from machine to machine


def test_an_unknown_name_is_a_sentence():
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "docs.screenshots", "explosion"], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "There is no picture 'explosion'; choose from explanation" in done.stderr
