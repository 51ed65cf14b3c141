"""The losses' formulas as a textbook writes them, over expressions: what one output adds to a row's loss, its slope.

Each is a pair of functions of y, a and z of one output. Where a loss is computed from z because that keeps more digits,
the formula in a comes first, and the one in z stands in where a has lost them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from chainrule.functions.activations import Activation
from chainrule.functions.losses import BinaryCrossEntropy, CrossEntropy, Huber, Loss, Quantile
from chainrule.functions.losses.loss import ElementwiseLoss
from chainrule.glassbox.explain.expression import (
    Call,
    Expression,
    Indicator,
    NotTraceable,
    Number,
    Symbol,
    applied,
    as_expression,
)

__all__ = ["OutputTerm", "computed_from_z", "output_terms", "slopes", "smoothed"]


class OutputTerm(NamedTuple):
    """One output of one row, as its loss sees it.

    Attributes
    ----------
    y, z, a : Expression
        Its target, and the output before and after the activation.
    place : int
        Which output it is, from 0.
    n_outputs : int
        How many outputs the row has.
    """

    y: Expression
    z: Expression
    a: Expression
    place: int
    n_outputs: int


def computed_from_z(loss: Loss, output: Activation) -> bool:
    """Whether the loss gives its slope in z at once, since it goes with this output."""
    if isinstance(loss, CrossEntropy):
        return output.name == "softmax"
    return isinstance(loss, ElementwiseLoss) and output.name == loss.logit_output


def output_terms(loss: Loss, output: Activation, term: OutputTerm) -> list[Expression]:
    """What the output adds to the row's loss, in the order in which the formulas are preferred."""
    own = VALUES.get(loss.name)
    found = [as_expression(own(loss, term))] if own else _traced(loss, term)
    if computed_from_z(loss, output) and isinstance(loss, BinaryCrossEntropy):
        y, z = smoothed(loss, term), term.z
        found.append(applied("max", z, 0) - z * y + applied("log", 1 + applied("exp", -applied("abs", z))))
    if computed_from_z(loss, output) and loss.name == "poisson":
        found.append(applied("exp", term.z) - term.y * term.z)
    return found


def slopes(loss: Loss, output: Activation, term: OutputTerm) -> list[Expression]:
    """The derivative of the row's loss with respect to a of this output, or to z where the loss is computed from z.

    The 1/k of a mean over the outputs is not in it.
    """
    if computed_from_z(loss, output) and loss.name in ("cross_entropy", "binary_cross_entropy", "poisson"):
        return [term.a - smoothed(loss, term)]
    own = SLOPES.get(loss.name)
    return [as_expression(own(loss, term))] if own else _traced_slope(loss, output, term)


def smoothed(loss: Loss, term: OutputTerm) -> Expression:
    """The target with label smoothing, where there is any."""
    share = getattr(loss, "label_smoothing", 0.0)
    if not share:
        return term.y
    s, among = Symbol("s", share), term.n_outputs if isinstance(loss, CrossEntropy) else 2
    return (1 - s) * term.y + s / among


def _cross_entropy(loss: Loss, term: OutputTerm) -> Any:
    y = smoothed(loss, term)
    return Number(0.0) if y.value == 0 else -(y * applied("log", term.a))


def _binary_cross_entropy(loss: Loss, term: OutputTerm) -> Any:
    y, a = smoothed(loss, term), term.a
    if y.value == 1:
        return -applied("log", a)
    if y.value == 0:
        return -applied("log", 1 - a)
    return -(y * applied("log", a)) - (1 - y) * applied("log", 1 - a)


def _huber(loss: Loss, term: OutputTerm) -> Any:
    assert isinstance(loss, Huber)
    d, t = term.a - term.y, Symbol("t", loss.threshold)
    return d**2 / 2 if abs(d.value) <= loss.threshold else t * (applied("abs", d) - t / 2)


def _huber_slope(loss: Loss, term: OutputTerm) -> Any:
    assert isinstance(loss, Huber)
    t = Symbol("t", loss.threshold)
    return applied("min", applied("max", term.a - term.y, -t), t)


def _level(loss: Loss, term: OutputTerm) -> Expression:
    assert isinstance(loss, Quantile)
    return Symbol("q", loss.levels[term.place % len(loss.levels)])


def _quantile_slope(loss: Loss, term: OutputTerm) -> Any:
    q = _level(loss, term)
    if term.a.value == term.y.value:
        return Number(0.5) - q
    return Indicator(term.a, ">", term.y) - q


VALUES: dict[str, Callable[[Loss, OutputTerm], Any]] = {
    "mse": lambda loss, t: (t.a - t.y) ** 2,
    "mae": lambda loss, t: applied("abs", t.a - t.y),
    "huber": _huber,
    "quantile": lambda loss, t: applied("max", _level(loss, t) * (t.y - t.a), (_level(loss, t) - 1) * (t.y - t.a)),
    "poisson": lambda loss, t: t.a - t.y * applied("log", t.a),
    "binary_cross_entropy": _binary_cross_entropy,
    "cross_entropy": _cross_entropy,
}
"""By the loss's name, what one output adds before the mean over the outputs."""

SLOPES: dict[str, Callable[[Loss, OutputTerm], Any]] = {
    "mse": lambda loss, t: 2 * (t.a - t.y),
    "mae": lambda loss, t: applied("sign", t.a - t.y),
    "huber": _huber_slope,
    "quantile": _quantile_slope,
    "poisson": lambda loss, t: 1 - t.y / t.a,
    "binary_cross_entropy": lambda loss, t: (t.a - smoothed(loss, t)) / (t.a * (1 - t.a)),
    "cross_entropy": lambda loss, t: -(smoothed(loss, t) / t.a),
}
"""By the loss's name, the derivative of that with respect to a."""


def _traced(loss: Loss, term: OutputTerm) -> list[Expression]:
    """The formula that runs, of a loss that has none here; a call where it cannot be followed."""
    if not isinstance(loss, ElementwiseLoss):
        return []
    settings = loss.settings
    try:
        return [as_expression(loss.expression(term.y, term.a, *settings))]
    except NotTraceable:
        known = float(loss.expression(term.y.value, term.a.value, *settings))
        return [Call(loss.name, (term.y, term.a), known)]


def _traced_slope(loss: Loss, output: Activation, term: OutputTerm) -> list[Expression]:
    if not isinstance(loss, ElementwiseLoss):
        return []
    settings, from_z = loss.settings, computed_from_z(loss, output)
    try:
        if from_z:
            return [as_expression(loss.logit_derivative_expression(term.y, term.z, term.a, *settings))]
        return [as_expression(loss.derivative_expression(term.y, term.a, *settings))]
    except NotTraceable:
        numbers = (term.y.value, term.z.value, term.a.value) if from_z else (term.y.value, term.a.value)
        slope = loss.logit_derivative_expression if from_z else loss.derivative_expression
        return [Call(f"{loss.name}'", (term.y, term.a), float(slope(*numbers, *settings)))]
