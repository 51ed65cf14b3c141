"""The table of predictions that a run keeps of its held-out rows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.cli.table_output import write_csv
from chainrule.functions.arrays import Array, Rows
from chainrule.model import Network

__all__ = ["held_out_columns", "predictions_csv"]


def held_out_columns(rows: Rows, truth: Array, network: Network) -> dict[str, Any]:
    """Of rows whose target is known, the columns ``row``, their numbers in their table, and ``label``, what is true.

    Parameters
    ----------
    rows : array of int of shape (n,)
        Numbers of the rows in their table.
    truth : array of shape (n,)
        Numbers of classes, or numbers.
    network : Network
        What names the classes.
    """
    labels = truth if network.classes is None else np.asarray(network.classes)[truth]
    return {"row": np.asarray(rows), "label": labels}


def predictions_csv(columns: Mapping[str, Any]) -> str:
    """Columns as CSV; each number has as many digits as give it back bit for bit."""
    text = io.StringIO()
    write_csv(iter([columns]), text.write)
    return text.getvalue()
