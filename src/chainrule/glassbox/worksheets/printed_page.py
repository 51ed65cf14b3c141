"""A page for paper: a student's sheet, the solutions or the marks."""

from __future__ import annotations

from importlib.resources import files

from chainrule.glassbox.explain.standalone_page import standalone_page

__all__ = ["printed_page"]


def printed_page(title: str, body: str, *styles: str) -> str:
    """A page that needs nothing but itself.

    Parameters
    ----------
    title : str
        As text.
    body : str
        HTML; who makes it has escaped what is in it.
    *styles : str
        Names of its style sheets, which are files of this folder.
    """
    folder = files("chainrule.glassbox.worksheets")
    return standalone_page(title, body, "\n".join(folder.joinpath(each).read_text(encoding="utf-8") for each in styles))
