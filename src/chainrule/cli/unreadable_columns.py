"""Columns of lists, structures and bytes, which no table has; a file may have them as long as nobody needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["has_no_entries", "without_unreadable"]


def without_unreadable(frame: Any, is_needed: Callable[[str], bool]) -> tuple[Any, frozenset[str]]:
    """What a file holds but for such columns, where they are not needed; and the names of these.

    Parameters
    ----------
    frame : Polars frame, or mapping of str to array
        What was read.
    is_needed : callable
        Whether the column of a name is; then it stays, for `chainrule.data.tables.as_table` to refuse.
    """
    if isinstance(frame, Mapping):
        return frame, frozenset()
    names = frozenset(name for name, dtype in zip(frame.columns, frame.dtypes, strict=True) if has_no_entries(dtype))
    names = frozenset(name for name in names if not is_needed(name))
    return (frame.drop(names) if names else frame), names


def has_no_entries(dtype: Any) -> bool:
    """Whether a type of Polars has no single text, number, boolean or date in a row."""
    import polars

    return bool(dtype.is_nested()) or dtype == polars.Binary
