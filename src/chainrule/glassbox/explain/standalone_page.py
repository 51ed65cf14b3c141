"""A page of HTML that needs nothing but itself: no script, and nothing to fetch."""

from __future__ import annotations

from html import escape

__all__ = ["standalone_page"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What the page asks the browser to refuse: every script, and whatever would have to be fetched."""


def standalone_page(title: str, body: str, style: str, body_class: str = "") -> str:
    """A page with its style sheet inside.

    Parameters
    ----------
    title : str
        As text.
    body : str
        HTML that stands in its ``main``; who makes it has escaped what is in it.
    style : str
        The style sheet.
    body_class : str
        The class of its ``body``; may be empty.
    """
    of_class = f' class="{body_class}"' if body_class else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body{of_class}>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
