"""Where the chains of a number begin: which entries of which derivative it is a sum of, and with what factors."""

from __future__ import annotations

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.glassbox.paths.error_graph import ErrorGraph
from chainrule.glassbox.paths.links import Hops
from chainrule.glassbox.trace import Quantity, Trace

__all__ = ["beginning", "checked_number"]

REACHED = "an error reaches dw, db, delta, da and the gradients of norms, such as dw[1][3,0] or delta[2][0,1]"


def checked_number(trace: Trace, text: str | Quantity) -> Quantity:
    """The number that is meant, if an error reaches it.

    Raises
    ------
    InvalidArgument, InvalidType
        If it is no derivative, or not a single number of the trace.
    """
    quantity = Quantity.parsed(text)
    quantity.check(trace)
    if not _is_derivative(quantity):
        raise InvalidArgument(f"{quantity} is no derivative of J, and no error flows into it: {REACHED}.")
    array = np.asarray(trace[quantity.array])
    if not quantity.index:
        example = quantity.at(*(0 for _ in array.shape))
        raise InvalidArgument(
            f"{quantity} is an array of the shape {array.shape}, and each of its numbers has chains of its own: name "
            f"one, such as {example}."
        )
    value = trace[quantity]  # or says that it is outside
    if not np.isfinite(value):
        raise InvalidArgument(f"{quantity} is {value}: chains can be added up only where all numbers are finite.")
    return quantity


def beginning(trace: Trace, graph: ErrorGraph, quantity: Quantity) -> Hops:
    """The first hops of every chain of this number.

    dw[i][j,k] = sum over the rows of a[i][r,j] * delta[i+1][r,k]; db[i][k] the sum of delta[i+1][r,k]; a norm's
    dJ/dscale[u] the sum of normalised[r,u] * dJ/doutput[r,u], and dJ/dshift[u] that of dJ/doutput[r,u]. Any other
    derivative is itself an entry that chains lead to.
    """
    name, index = quantity.name, quantity.index
    rows = np.arange(trace.n_rows)
    if name in graph.nodes:
        return Hops(name, np.array([index[0]]), np.array([index[1]]), np.ones(1))
    i = quantity.number
    if quantity.letter == "dw":
        assert i is not None
        return _of_rows(trace, f"delta[{i + 1}]", rows, index[1], f"a[{i}]", index[0])
    if quantity.letter == "db":
        assert i is not None
        return _of_rows(trace, f"delta[{i + 1}]", rows, index[0])
    label, _, part = name.removeprefix("d(").removesuffix(")").partition(".")
    output = graph.leaving(label)
    return _of_rows(trace, output, rows, index[0], f"{label}.normalised" if part == "scale" else None, index[0])


def _of_rows(
    trace: Trace, source: str, rows: Array, unit: int, factor: str | None = None, entry: int | None = None
) -> Hops:
    """A sum over the rows of a column of the source, times a column of another array where there is one."""
    units = np.full(len(rows), unit)
    if factor is None:
        return Hops(source, rows, units, np.ones(len(rows)))
    factors = np.asarray(trace[factor], np.float64)[:, entry]
    return Hops(source, rows, units, factors, lambda row, _: f"{factor}[{row},{entry}]")


def _is_derivative(quantity: Quantity) -> bool:
    return quantity.letter in ("dw", "db", "da", "delta") or quantity.name.startswith("d(")
