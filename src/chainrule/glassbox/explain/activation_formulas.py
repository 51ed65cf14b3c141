"""The activations' formulas as a textbook writes them, over expressions: f(z), and f'(z) in terms of z and a = f(z).

What runs is written for accuracy (a sigmoid that no z makes overflow); what is explained is the same function, written
as it is learned. A test compares the two for every member of the catalogue.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule.functions.activations import Activation
from chainrule.functions.activations.activation import Elementwise
from chainrule.functions.activations.gated import ROOT_2_OVER_PI
from chainrule.functions.activations.rectifiers import SELU_ALPHA, SELU_SCALE
from chainrule.glassbox.explain.expression import Call, Expression, Indicator, Number, Symbol, applied, as_expression

__all__ = ["ACTIVATION_FORMULAS", "Formulas", "derivative", "value"]


class Formulas(NamedTuple):
    """The formulas of one activation.

    Attributes
    ----------
    f : callable
        ``f(z, *settings)``.
    derivative : callable
        ``derivative(z, a, *settings)``.
    settings : tuple of str
        What the settings are called in the formulas.
    """

    f: Callable[..., Any]
    derivative: Callable[..., Any]
    settings: tuple[str, ...] = ()


def exp(x: Any) -> Expression:
    """E to the x."""
    return applied("exp", x)


def sigma(z: Expression) -> Expression:
    """1 / (1 + e^-z)."""
    return applied("sigma", z)


def above(z: Expression, bound: float = 0.0) -> Expression:
    """[z > bound]: 1 or 0."""
    return Indicator(z, ">", Number(bound))


def _elu(z: Expression, alpha: Any) -> Any:
    return as_expression(z) if z.value > 0 else alpha * (exp(z) - 1)


def _elu_derivative(z: Expression, a: Expression, alpha: Any) -> Any:
    return above(z) if z.value > 0 else alpha * exp(z)


def _u(z: Expression) -> Expression:
    return Symbol("sqrt(2/pi)", ROOT_2_OVER_PI) * (z + 0.044715 * z**3)


def _gelu_tanh_derivative(z: Expression, a: Expression) -> Expression:
    gate = sigma(2 * _u(z))
    slope = Symbol("sqrt(2/pi)", ROOT_2_OVER_PI) * (1 + 3 * 0.044715 * z**2)
    return gate + 2 * z * slope * gate * (1 - gate)


def _softplus(z: Expression) -> Expression:
    return applied("log", 1 + exp(z)) if z.value < 30 else z + applied("log", 1 + exp(-z))


def _mish_gate(z: Expression) -> Expression:
    return applied("tanh", _softplus(z))


LAMBDA, ALPHA = Symbol("lambda", SELU_SCALE), Symbol("alpha", SELU_ALPHA)

ACTIVATION_FORMULAS: dict[str, Formulas] = {
    "identity": Formulas(lambda z: z, lambda z, a: Number(1.0)),
    "relu": Formulas(lambda z: applied("max", 0, z), lambda z, a: above(z)),
    "leaky_relu": Formulas(
        lambda z, s: applied("max", s * z, z), lambda z, a, s: Number(1.0) if z.value > 0 else s, ("slope",)
    ),
    "elu": Formulas(_elu, _elu_derivative, ("alpha",)),
    "selu": Formulas(lambda z: LAMBDA * _elu(z, ALPHA), lambda z, a: LAMBDA * _elu_derivative(z, a, ALPHA)),
    "softplus": Formulas(_softplus, lambda z, a: 1 / (1 + exp(-z))),
    "sigmoid": Formulas(lambda z: 1 / (1 + exp(-z)), lambda z, a: a * (1 - a)),
    "tanh": Formulas(lambda z: applied("tanh", z), lambda z, a: 1 - a**2),
    "exponential": Formulas(exp, lambda z, a: a),
    "gelu": Formulas(lambda z: z * applied("Phi", z), lambda z, a: applied("Phi", z) + z * applied("phi", z)),
    "gelu_tanh": Formulas(lambda z: z * sigma(2 * _u(z)), _gelu_tanh_derivative),
    "silu": Formulas(lambda z: z * sigma(z), lambda z, a: sigma(z) + z * sigma(z) * (1 - sigma(z))),
    "mish": Formulas(lambda z: z * _mish_gate(z), lambda z, a: _mish_gate(z) + z * (1 - _mish_gate(z) ** 2) * sigma(z)),
    "hard_tanh": Formulas(
        lambda z: applied("min", applied("max", z, -1), 1),
        lambda z, a: above(z, -1.0) * Indicator(z, "<=", Number(1.0)),
    ),
    "hard_sigmoid": Formulas(
        lambda z: applied("min", applied("max", z + 3, 0), 6) / 6,
        lambda z, a: above(z, -3.0) * Indicator(z, "<=", Number(3.0)) / 6,
    ),
}
"""By the activation's name."""


def value(activation: Activation, z: Expression) -> Expression:
    """f(z) of an elementwise activation; of one's own, which has no formula here, a call."""
    formulas = ACTIVATION_FORMULAS.get(activation.name)
    if formulas is None:
        return Call(activation.name, (z,), _number(activation.f(np.array([[z.value]]))))
    return as_expression(formulas.f(z, *_settings(activation, formulas)))


def derivative(activation: Activation, z: Expression, a: Expression) -> Expression:
    """f'(z) of an elementwise activation."""
    formulas = ACTIVATION_FORMULAS.get(activation.name)
    if formulas is None:
        assert isinstance(activation, Elementwise) or hasattr(activation, "derivative")
        slope = activation.derivative(np.array([[z.value]]), np.array([[a.value]]))
        return Call(f"{activation.name}'", (z,), _number(slope))
    return as_expression(formulas.derivative(z, a, *_settings(activation, formulas)))


def _settings(activation: Activation, formulas: Formulas) -> list[Expression]:
    return [Symbol(name, float(getattr(activation, name))) for name in formulas.settings]


def _number(array: Any) -> float:
    found = float(np.asarray(array).reshape(-1)[0])
    return found if math.isfinite(found) else math.nan
