"""Following an error from the output to a number."""

from __future__ import annotations

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.paths.beginning import beginning, checked_number
from chainrule.glassbox.paths.chain import Chain, Factor
from chainrule.glassbox.paths.dead_ends import dead_ends
from chainrule.glassbox.paths.departures import departures
from chainrule.glassbox.paths.error_graph import ErrorGraph
from chainrule.glassbox.paths.links import Hops
from chainrule.glassbox.paths.result import Paths
from chainrule.glassbox.paths.strongest import Trail, strongest_trails
from chainrule.glassbox.trace import Quantity, Trace
from chainrule.glassbox.trace.network_step import NetworkStep
from chainrule.validation import whole_number

__all__ = ["paths"]


def paths(trace: Trace, quantity: str | Quantity, most: int = 5) -> Paths:
    r"""What of the output's error reached this number, by which way: the strongest chains of the chain rule.

    Backpropagation adds up products. With dw[i][j,k] = sum over the rows r of a[i][r,j] * delta[i+1][r,k] and
    delta[i+1][r,k] = f'(z[i+1][r,k]) * (sum over the units l of w[i+1][k,l] * delta[i+2][r,l]), and so on to the
    output, a number of the gradient is a sum over chains: a row r, a unit k, a unit l, ..., an output o, and for each
    the product

    .. math:: a^{[i]}_{rj} \; f'(z^{[i+1]}_{rk}) \; w^{[i+1]}_{kl} \; f'(z^{[i+2]}_{rl}) \cdots \delta^{[L]}_{ro} .

    A dropout multiplies by its factor. A residual connection has two ways, past it and through it. A layer norm and a
    hidden softmax lead from a unit to every unit of its row, a batch norm in training from a row to every row of the
    batch, each with an entry of its derivative as the factor.

    The strongest chains are exactly that, however many there are: they are found by dynamic programming from the output
    backwards, and one after the other. For n rows, time grows as the sum over the layers on the way of n * d_i *
    d_{i+1}, memory as n * d_i, both also as most**2 * depth; a batch norm in training takes n**2 * d_i and n**2.

    Parameters
    ----------
    trace : Trace
        One step, from `chainrule.trace`.
    quantity : str or Quantity
        A derivative: ``"dw[1][3,0]"``, ``"db[1][0]"``, ``"delta[2][0,1]"``, ``"da[2][0,1]"``,
        ``"d(batch_norm_1.scale)[0]"``, ``"d(dense_1.output)[0,1]"``.
    most : int
        How many chains, at least 1. Those that are 0 are left out.

    Returns
    -------
    Paths
        Printed, it is a table.

    Raises
    ------
    InvalidArgument, InvalidType
        If it is no trace, no single derivative, or if numbers on the way are not finite.

    Examples
    --------
    >>> import chainrule
    >>> nn = chainrule.Network((2, 2, 1), ("tanh", "identity"), seed=1, dtype=float)
    >>> nn.w[1], nn.w[2] = [[1.0, -0.5], [0.5, 1.0]], [[2.0], [-1.0]]
    >>> step = chainrule.trace(nn, [[0.0, 1.0], [0.5, -0.5]], [1.0, 0.0])
    >>> found = paths(step, "dw[1][1,0]")
    >>> found.n_chains, [round(chain.share, 3) for chain in found.chains]
    (2, [0.555, 0.445])
    """
    if not isinstance(trace, Trace):
        raise InvalidType(
            f"Paths are found in a trace, such as chainrule.trace(nn, x, y), not in {type(trace).__name__}."
        )
    most = whole_number("The number of chains", most, minimum=1)
    number = checked_number(trace, quantity)
    graph = ErrorGraph(trace)
    start = beginning(trace, graph, number)
    tables = graph.tables(start.source)
    if not all(each.is_finite for each in tables.values()) or not np.isfinite(start.factors).all():
        raise InvalidArgument(
            f"Between the output and {number} there are numbers that are NaN or infinite: chains can be added up only "
            "where all are finite."
        )
    ends = tables[start.source]
    signed, absolute, alive = (
        float(np.sum(factors * table[start.rows, start.units]))
        for factors, table in (
            (start.factors, ends.signed),
            (np.abs(start.factors), ends.absolute),
            (start.factors != 0, ends.alive),
        )
    )
    value = float(trace[number])
    trails = strongest_trails(graph, tables, start, most)
    return Paths(
        quantity=number,
        value=value,
        total=signed,
        absolute_total=absolute,
        penalty=_penalty(trace, number),
        n_chains=len(start.rows) * graph.n_chains(start.source),
        n_alive=round(alive),
        chains=tuple(_chain(trace, graph, trail, number, value, absolute) for trail in trails),
        dimensions=trace.dimensions,
        stations=_stations(graph, start.source),
        remarks=_remarks(trace, graph, start, number, value, signed, bool(alive)),
    )


def _remarks(
    trace: Trace, graph: ErrorGraph, start: Hops, number: Quantity, value: float, total: float, alive: bool
) -> tuple[str, ...]:
    if number.name == graph.output:
        return (f"{graph.output} is where every chain ends: the loss, the targets and the output make it.",)
    return (*departures(trace, number, value, total), *(() if alive else dead_ends(graph, start)))


def _chain(trace: Trace, graph: ErrorGraph, trail: Trail, number: Quantity, value: float, absolute: float) -> Chain:
    end = trail.hops[-1]
    error = Quantity(graph.output).at(end.row, end.unit)
    contribution = trail.product * float(trace[error])
    factors = [Factor(hop.hops.names(hop.row, hop.unit), hop.factor) for hop in trail.hops if hop.hops.names]
    return Chain(
        contribution=contribution,
        share=contribution / value if value else float("nan"),
        share_of_total=abs(contribution) / absolute,
        factors=(*factors, Factor(str(error), float(trace[error]))),
        ways=tuple(hop.hops.way for hop in trail.hops if hop.hops.way),
        passes=tuple(Quantity(hop.hops.source).at(hop.row, hop.unit) for hop in trail.hops),
    )


def _penalty(trace: Trace, number: Quantity) -> float:
    """The L1 and L2 terms' part of this number, which comes from the weight itself and by no chain."""
    step = trace.step
    if not isinstance(step, NetworkStep) or not step.objective.penalty:
        return 0.0
    layout = step.objective.architecture.parameters
    name = number.name.removeprefix("d(").removesuffix(")") if "(" in number.name else number.name.removeprefix("d")
    if name not in layout:
        return 0.0
    gradient = step.objective.penalty.gradient(step.theta, step.objective.penalised.astype(step.theta.dtype))
    return float(layout[name].view(gradient)[number.index])


def _stations(graph: ErrorGraph, source: str) -> tuple[tuple[str, int], ...]:
    """The arrays between the number and the output, in this order, with their numbers of units."""
    wanted, found = {source}, []
    for node in reversed(graph.nodes.values()):
        if node.name in wanted:
            wanted |= {link.source for link in node.links}
            found.append((node.name, node.shape[1]))
    return tuple(found)
