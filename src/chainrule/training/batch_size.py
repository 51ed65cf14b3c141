"""How many rows a step takes."""

from __future__ import annotations

import warnings

from chainrule.errors import InvalidArgument
from chainrule.network.architecture import Architecture
from chainrule.validation import whole_number

__all__ = ["DEFAULT_BATCH_SIZE", "checked_batch_size"]

DEFAULT_BATCH_SIZE = 32


def checked_batch_size(batch_size: int | None, n_rows: int, architecture: Architecture) -> int:
    """The rows of a step, where a person gave so many, or None.

    By default `DEFAULT_BATCH_SIZE`, or what rows there are; less where the layers couple rows and a batch of 1 would
    be left. More than there are means all, with a warning.

    Raises
    ------
    InvalidArgument, InvalidType
        If it is no whole number of at least 1, or leaves a batch of 1 to layers that couple rows.
    """
    couples = architecture.couples_rows
    if batch_size is None:
        size = min(DEFAULT_BATCH_SIZE, n_rows)
        while couples and size > 2 and n_rows % size == 1:
            size -= 1
    else:
        size = whole_number("batch_size", batch_size, minimum=1)
    if size > n_rows:
        warnings.warn(f"batch_size={size} is more than the {n_rows} rows: all are taken at once.", stacklevel=3)
        size = n_rows
    if couples and (size == 1 or n_rows % size == 1):
        raise InvalidArgument(
            f"batch_size={size} leaves a batch of 1 of {n_rows} rows, whose variance the batch norm cannot use: "
            + ("give at least 2 rows." if n_rows == 1 else "choose another batch_size.")
        )
    return size
