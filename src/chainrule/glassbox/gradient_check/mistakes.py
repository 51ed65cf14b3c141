"""The mistakes that are tried: what delta, and what dw, each of them would give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.one_pass import OnePass

__all__ = ["RIGHT", "Mistakes", "bias_gradients", "hidden_deltas", "output_deltas", "weight_gradients"]

RIGHT = ""


@dataclass(frozen=True, order=True)
class Mistakes:
    """The mistakes tried together in one layer; each is ``""`` where it is done right.

    Attributes
    ----------
    derivative : str
        In f': ``"derivative at a"``, ``"derivative forgotten"``, ``"derivative twice"``, ``"f in the place of f'"``,
        ``"prime is wrong"``, ``"softmax diagonal only"``, ``"delta is a - y"`` or ``"derivative of squared error"``.
    weights : str
        In the way back through w: ``"new weights"`` or ``"w not transposed"``.
    mask : str
        ``"dropout mask forgotten"``.
    product : str
        In dw: ``"z in the place of a"`` or ``"dw transposed"``.
    bias : str
        In db: ``"one sum for all biases"``.
    """

    derivative: str = RIGHT
    weights: str = RIGHT
    mask: str = RIGHT
    product: str = RIGHT
    bias: str = RIGHT

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Those that there are."""
        return tuple(each for each in (self.derivative, self.weights, self.mask, self.product, self.bias) if each)


def output_deltas(rows: OnePass) -> Iterator[tuple[Mistakes, Array]]:
    """Delta of the output layer: right, and with each mistake."""
    last, a = rows.last, rows.a[rows.last]
    yield Mistakes(), rows.delta
    if last in rows.own_at_a:
        yield Mistakes("derivative at a"), rows.g * rows.own_at_a[last]
    yield Mistakes("derivative forgotten"), rows.g
    yield Mistakes("f in the place of f'"), rows.g * a
    if last in rows.slopes:
        yield Mistakes("derivative twice"), rows.delta * rows.slopes[last]
    else:
        yield Mistakes("softmax diagonal only"), rows.g * a * (1 - a)
    if rows.own_output is not None:
        yield Mistakes("prime is wrong"), rows.own_output
    yield Mistakes("delta is a - y"), (a - rows.y) / rows.n
    if last in rows.slopes:
        yield Mistakes("derivative of squared error"), (a - rows.y) / rows.n * rows.slopes[last]


def hidden_deltas(rows: OnePass, i: int, after: Array) -> Iterator[tuple[Mistakes, Array]]:
    """delta[i] of a hidden layer from delta[i + 1]: right, and with each mistake."""
    back = [(RIGHT, after @ rows.w[i].T), ("new weights", after @ rows.w_after[i].T)]
    if rows.w[i].shape[0] == rows.w[i].shape[1]:
        back.append(("w not transposed", after @ rows.w[i]))
    derivatives = [(RIGHT, rows.slopes[i]), ("derivative at a", rows.own_at_a[i])]
    derivatives += [("derivative forgotten", np.ones_like(rows.slopes[i])), ("derivative twice", rows.slopes[i] ** 2)]
    derivatives.append(("f in the place of f'", rows.a[i]))
    derivatives.append(("prime is wrong", rows.own_at_z[i]))
    masks = [(RIGHT, rows.masks[i]), ("dropout mask forgotten", 1.0)] if i in rows.masks else [(RIGHT, 1.0)]
    for weights, d_a in back:
        for derivative, slope in derivatives:
            for forgotten, mask in masks:
                yield Mistakes(derivative, weights, forgotten), d_a * slope * mask


def weight_gradients(rows: OnePass, i: int, mistakes: Mistakes, delta: Array) -> Iterator[tuple[Mistakes, Array]]:
    """dw[i] from delta[i + 1]: right, and with each mistake of its own."""
    dw = rows.received[i].T @ delta
    yield mistakes, dw
    if i in rows.z:
        yield _with_product(mistakes, "z in the place of a"), rows.z[i].T @ delta
    if dw.shape[0] == dw.shape[1] > 1:
        yield _with_product(mistakes, "dw transposed"), dw.T


def _with_product(mistakes: Mistakes, product: str) -> Mistakes:
    return replace(mistakes, product=product)


def bias_gradients(mistakes: Mistakes, delta: Array) -> Iterator[tuple[Mistakes, Array]]:
    """db[i] from delta[i + 1]: right, and with each mistake of its own."""
    db: Array = delta.sum(axis=0)
    yield mistakes, db
    if len(db) > 1:
        yield replace(mistakes, bias="one sum for all biases"), np.full_like(db, db.sum())
