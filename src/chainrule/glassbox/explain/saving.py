"""Explanations in files, in the language that the end of the name asks for."""

from __future__ import annotations

import os
from pathlib import Path

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.files.whole_file import write_whole
from chainrule.glassbox.explain.explanation import WIDEST, Explanation
from chainrule.glassbox.explain.html import explanation_page
from chainrule.glassbox.explain.latex import latex_document
from chainrule.glassbox.explain.markdown import explanation_markdown
from chainrule.glassbox.explain.text import explanation_text

__all__ = ["ENDINGS", "check_ending", "save_explanation"]

ENDINGS = (".html", ".tex", ".md", ".txt")


def check_ending(path: str | os.PathLike[str]) -> str:
    """The end of a file's name, in small letters.

    Raises
    ------
    InvalidArgument, InvalidType
        If no explanation is written to such a file.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidType(f"The path of a file is a string or a Path, not {path!r}.")
    ending = Path(os.fspath(path)).suffix.lower()
    if ending not in ENDINGS:
        raise InvalidArgument(f"{path} ends in none of {', '.join(ENDINGS)}, which say how it is to be written.")
    return ending


def save_explanation(
    explanation: Explanation,
    path: str | os.PathLike[str],
    depth: int,
    digits: int,
    most_terms: int,
    caption: str = "",
) -> None:
    """Write an explanation to a file, whole or not at all.

    Raises
    ------
    InvalidArgument
        If its name does not say how.
    FileNotWritten
        With the reason of the system.
    """
    ending = check_ending(path)
    if ending == ".html":
        content = explanation_page(explanation, depth, digits, most_terms, caption)
    elif ending == ".tex":
        content = latex_document(explanation, depth, digits, most_terms)
    elif ending == ".md":
        content = explanation_markdown(explanation, depth, digits, most_terms)
    else:
        content = explanation_text(explanation, depth, digits, most_terms, WIDEST) + "\n"
    write_whole(path, content.encode("utf-8", "replace"))
