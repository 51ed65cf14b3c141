"""What the signs in an expression mean that neither school nor Python has."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.glassbox.explain.expression import Call, Expression, Indicator

__all__ = ["signs_told"]

FUNCTIONS = {
    "sigma": "σ(t) is the sigmoid, 1 / (1 + exp(-t)).",
    "Phi": "Φ(t) is the share of a standard normal distribution that lies below t.",
    "phi": "φ(t) is the density of the standard normal distribution at t, exp(-t^2 / 2) / sqrt(2 π).",
    "sign": "sign(t) is 1 of a positive number, -1 of a negative one, and 0 of 0.",
}
CONDITION = "A condition in brackets is 1 where it holds, else 0."


def signs_told(expressions: Iterable[Expression]) -> list[str]:
    """A sentence for each such sign that occurs in the expressions."""
    found = [each for expression in expressions for each in expression.walk()]
    names = {each.name for each in found if isinstance(each, Call)}
    told = [sentence for name, sentence in FUNCTIONS.items() if name in names]
    return [*told, CONDITION] if any(isinstance(each, Indicator) for each in found) else told
