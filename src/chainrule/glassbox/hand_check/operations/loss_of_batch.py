"""The loss of a batch, of chainrule or a learner's own: its rows, J, dJ/da and delta, in one place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from chainrule.functions.activations import Activation, Identity
from chainrule.functions.activations.activation import Elementwise
from chainrule.functions.arrays import Array
from chainrule.functions.losses import Loss
from chainrule.glassbox.hand_check.operations.operation import Index, number
from chainrule.glassbox.learner_network import LearnerLoss

__all__ = ["KnownLoss", "LossOfBatch", "OwnLoss"]

FACTORS = {"mse": 2.0, "mae": 1.0, "huber": 1.0, "log_cosh": 1.0}
"""Of distances: what stands before the difference in the derivative of one output's loss."""

LOG_LOSSES = ("cross_entropy", "binary_cross_entropy", "focal")

DIFFERENCE_STENCIL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
"""The central difference of five points, whose error is of the fourth order."""


@dataclass(frozen=True)
class LossOfBatch(ABC):
    """What J is.

    Attributes
    ----------
    activation : Activation
        f of the output layer.
    name : str
        What the loss is called.
    averages_outputs : bool
        Whether a row's loss is the mean over its outputs.
    weighted : bool
        Whether the rows have weights.
    """

    activation: Activation

    averages_outputs: ClassVar[bool] = False
    weighted: ClassVar[bool] = False

    @property
    @abstractmethod
    def name(self) -> str:
        """What the loss is called."""

    @abstractmethod
    def rows(self, y: Array, z: Array, a: Array) -> Array:
        """The loss of each row."""

    @abstractmethod
    def J(self, losses: Array, y: Array, a: Array) -> float:
        """The batch's loss from the rows'."""

    @abstractmethod
    def d_a(self, y: Array, a: Array) -> Array:
        """dJ/da of the output layer."""

    @abstractmethod
    def delta(self, y: Array, z: Array, a: Array) -> Array:
        """dJ/dz of the output layer."""

    @property
    def is_logarithmic(self) -> bool:
        """Whether it is a cross-entropy, with a logarithm to the base e."""
        return False

    @property
    def difference_factor(self) -> float | None:
        """The 2 of 2 (a - y), for distances; None for others."""
        return None

    @property
    def contains_difference(self) -> bool:
        """Whether the delta has a - y, or something of its sign, in it."""
        return False

    def rows_formula(self, y: str, a: str) -> str:
        """What a row's loss is."""
        return f"{self.name} of {y} and {a}"

    def delta_formula(self, y: str, z: str, a: str) -> str:
        """What delta is."""
        return f"dJ/d{a} * f'({z})"

    def delta_terms(self, y: Array, z: Array, a: Array, index: Index) -> str:
        """One entry of it with its numbers."""
        if not isinstance(self.activation, Elementwise):
            return ""
        slope = self.activation.derivative(z, a)
        return f"{number(self.d_a(y, a)[index])} * {number(slope[index])}"


@dataclass(frozen=True)
class KnownLoss(LossOfBatch):
    """A loss of chainrule.

    Attributes
    ----------
    loss : Loss
        It.
    shares : array of shape (n,)
        The rows' shares of J.
    """

    loss: Loss
    shares: Array

    @property
    def name(self) -> str:
        return self.loss.name

    @property
    def averages_outputs(self) -> bool:  # type: ignore[override]
        """Whether a row's loss is the mean over its outputs."""
        return self.loss.reduction == "mean"

    @property
    def weighted(self) -> bool:  # type: ignore[override]
        """Whether the rows have weights."""
        return bool(np.ptp(self.shares) > 0)

    def rows(self, y: Array, z: Array, a: Array) -> Array:
        if np.array_equal(self.activation.f(z), a):
            return self.loss.rows(y, z, a, self.activation)
        return self.loss.rows(y, a, a, Identity())  # an a that a mistake has made: from it alone

    def J(self, losses: Array, y: Array, a: Array) -> float:
        return float((losses * self.shares).sum())

    def d_a(self, y: Array, a: Array) -> Array:
        d: Array = self.loss.delta(y, a, a, Identity()) * self.shares[:, np.newaxis]
        return d

    def delta(self, y: Array, z: Array, a: Array) -> Array:
        delta: Array = self.loss.delta(y, z, a, self.activation) * self.shares[:, np.newaxis]
        return delta

    @property
    def is_logarithmic(self) -> bool:
        return self.loss.name in LOG_LOSSES

    @property
    def difference_factor(self) -> float | None:
        return FACTORS.get(self.loss.name)

    @property
    def is_on_logits(self) -> bool:
        """Whether delta is a - y, the slope of f having cancelled."""
        pair = (self.loss.name, self.activation.name)
        natural = {("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid"), ("poisson", "exponential")}
        return pair in natural and getattr(self.loss, "label_smoothing", 0.0) == 0

    @property
    def contains_difference(self) -> bool:
        return self.loss.name in FACTORS or self.loss.name in ("cross_entropy", "binary_cross_entropy", "poisson")

    def delta_formula(self, y: str, z: str, a: str) -> str:
        by_n = "/ n" if not self.weighted else "* weight / n"
        if self.is_on_logits:
            return f"({a} - {y}) {by_n}"
        slope = "" if isinstance(self.activation, Identity) else f" * f'({z})"
        if self.loss.name == "mse":
            by_nk = "/ (n k)" if not self.weighted else "* weight / (n k)"
            return f"2 ({a} - {y}) {by_nk}{slope}"
        return f"dJ/d{a}{slope}"

    def delta_terms(self, y: Array, z: Array, a: Array, index: Index) -> str:
        n, k = a.shape
        if self.is_on_logits and not self.weighted:
            return f"({a[index]:.5g} - {number(y[index])}) / {n}"
        if self.loss.name == "mse" and not self.weighted and isinstance(self.activation, Elementwise):
            slope = self.activation.derivative(z, a)[index]
            last = "" if isinstance(self.activation, Identity) else f" * {number(slope)}"
            return f"2 * ({a[index]:.5g} - {number(y[index])}) / ({n} * {k}){last}"
        return super().delta_terms(y, z, a, index)


@dataclass(frozen=True)
class OwnLoss(LossOfBatch):
    """A learner's loss that chainrule does not know: what it is, is what its ``loss`` gives.

    Its derivative is that of its own ``loss``, by central differences of five points, and not its ``delta``, which may
    be wrong.
    """

    loss: LearnerLoss

    @property
    def name(self) -> str:
        return self.loss.name

    def rows(self, y: Array, z: Array, a: Array) -> Array:
        return self.loss.rows(y, a)

    def J(self, losses: Array, y: Array, a: Array) -> float:
        return self.loss.J(y, a)

    def d_a(self, y: Array, a: Array) -> Array:
        found = np.empty_like(a)
        for index in np.ndindex(a.shape):
            h = 1e-3 * max(abs(float(a[index])), 1e-2)
            found[index] = 0.0
            for steps, factor in DIFFERENCE_STENCIL:
                moved = a.copy()
                moved[index] += steps * h
                found[index] += factor * self.loss.J(y, moved) / h
        return found

    def delta(self, y: Array, z: Array, a: Array) -> Array:
        return self.activation.backward(self.d_a(y, a), z, a)
