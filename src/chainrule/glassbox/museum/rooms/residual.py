"""A unit whose output goes two ways, and the gradient that comes back by both."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.program import Change, Program, Recipe
from chainrule.glassbox.museum.room import Room

__all__ = ["ROOM"]


class Residual(corrected.Network):
    """Four layers; what goes into the third is added to what comes out of it: a[3] = f(z[3]) + a[2]."""

    def _feed_forward(self, x: Any) -> Any:
        z, a = {}, {1: x}
        for i in range(1, self.n_layers):
            z[i + 1] = np.dot(a[i], self.w[i]) + self.b[i]
            a[i + 1] = self.activations[i + 1].activation(z[i + 1])
            if i + 1 == 3:
                a[3] = a[3] + a[2]
        return z, a

    def _back_prop(self, z: Any, a: Any, y_true: Any) -> None:
        delta = {4: self.loss.delta(y_true, a[4])}
        dJ_da = {3: np.dot(delta[4], self.w[3].T)}
        dJ_da[2] = dJ_da[3]  # by the way round the third layer
        delta[3] = dJ_da[3] * self.activations[3].prime(z[3])
        dJ_da[2] = dJ_da[2] + np.dot(delta[3], self.w[2].T)
        delta[2] = dJ_da[2] * self.activations[2].prime(z[2])
        for i in (1, 2, 3):
            self._update_w_b(i, np.dot(a[i].T, delta[i + 1]), delta[i + 1])


class Overwritten(Residual):
    """The gradient of one way is lost when that of the other arrives."""

    def _back_prop(self, z: Any, a: Any, y_true: Any) -> None:
        delta = {4: self.loss.delta(y_true, a[4])}
        dJ_da = {3: np.dot(delta[4], self.w[3].T)}
        dJ_da[2] = dJ_da[3]
        delta[3] = dJ_da[3] * self.activations[3].prime(z[3])
        dJ_da[2] = np.dot(delta[3], self.w[2].T)
        delta[2] = dJ_da[2] * self.activations[2].prime(z[2])
        for i in (1, 2, 3):
            self._update_w_b(i, np.dot(a[i].T, delta[i + 1]), delta[i + 1])


ACTIVATIONS = (corrected.Tanh, corrected.Tanh, corrected.Softmax)

ROOM = Room(
    name="gradient-overwritten",
    title="Two ways meet, and one gradient overwrites the other",
    story=(
        "The second layer's output goes two ways: through the third layer, and round it. Its gradient is the sum of "
        "what comes back by both. The program stores the one, and then the other in the same place. Automatic "
        "differentiation has the same trap, and that is why it adds and why its gradients have to be set to zero "
        "before each step."
    ),
    lesson="Where a value is used twice, its gradients are added.",
    programs=(
        Program("wrong", Overwritten, corrected.CrossEntropy, ACTIVATIONS),
        Program("right", Residual, corrected.CrossEntropy, ACTIVATIONS),
    ),
    changes=(Change.of(Overwritten, Residual, "_back_prop"),),
    recipe=Recipe(dimensions=(64, 15, 15, 10)),
    evidence=("PyNorch#90", "TrenTorch#182", "karpathy/micrograd#64"),
    effect="none",
    fails_at=("w[1]", "b[1]"),
)
