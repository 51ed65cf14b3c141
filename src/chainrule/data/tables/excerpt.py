"""Labels as sentences and descriptions show them: on one line, and not endless."""

from __future__ import annotations

__all__ = ["beginning", "excerpt"]

MOST = 40
"""Characters of a label that are shown."""


def beginning(text: str) -> str:
    """A label that may be very long, cut where it is."""
    return text if len(text) <= MOST else f"{text[: MOST - 3]}..."


def excerpt(text: str) -> str:
    """The beginning of a label; in quotes and with escapes where it would not be told from what is around it.

    Examples
    --------
    >>> excerpt("baker"), excerpt("baker, nurse"), excerpt("")
    ('baker', "'baker, nurse'", "''")
    """
    shown = beginning(text)
    plain = shown != "" and shown.isprintable() and shown == shown.strip() and "," not in shown
    return shown if plain else repr(shown)
