"""Mistakes in the backward way through a hidden layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.program import Change, Program, Recipe
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.right_program import RIGHT, wrong_program

__all__ = ["ROOMS"]

WITH_TANH = (corrected.Tanh, corrected.Softmax)
RIGHT_TANH = Program("right", corrected.Network, corrected.CrossEntropy, WITH_TANH)


class DerivativeAtA(corrected.Network):
    """The derivative of a hidden layer is taken at a."""

    def _back_prop(self, z: Any, a: Any, y_true: Any) -> None:
        delta = self.loss.delta(y_true, a[self.n_layers])
        update_params = {self.n_layers - 1: (np.dot(a[self.n_layers - 1].T, delta), delta)}
        for i in reversed(range(2, self.n_layers)):
            delta = np.dot(delta, self.w[i].T) * self.activations[i].prime(a[i])
            update_params[i - 1] = (np.dot(a[i - 1].T, delta), delta)
        for index, (dw, delta) in update_params.items():
            self._update_w_b(index, dw, delta)


class WithoutDerivative(corrected.Network):
    """The derivative of a hidden layer is left out."""

    def _back_prop(self, z: Any, a: Any, y_true: Any) -> None:
        delta = self.loss.delta(y_true, a[self.n_layers])
        update_params = {self.n_layers - 1: (np.dot(a[self.n_layers - 1].T, delta), delta)}
        for i in reversed(range(2, self.n_layers)):
            delta = np.dot(delta, self.w[i].T)
            update_params[i - 1] = (np.dot(a[i - 1].T, delta), delta)
        for index, (dw, delta) in update_params.items():
            self._update_w_b(index, dw, delta)


class UpdatesFirst(corrected.Network):
    """Each layer is updated before its weights have carried delta to the layer below."""

    def _back_prop(self, z: Any, a: Any, y_true: Any) -> None:
        delta = self.loss.delta(y_true, a[self.n_layers])
        self._update_w_b(self.n_layers - 1, np.dot(a[self.n_layers - 1].T, delta), delta)
        for i in reversed(range(2, self.n_layers)):
            delta = np.dot(delta, self.w[i].T) * self.activations[i].prime(z[i])
            self._update_w_b(i - 1, np.dot(a[i - 1].T, delta), delta)


class TanhInPlace(corrected.Tanh):
    """A tanh that writes its values where z was."""

    @staticmethod
    def activation(z: Any) -> Any:
        return np.tanh(z, out=z)


AT_A = Room(
    name="hidden-derivative-at-a",
    title="The derivative of a hidden layer, taken at its activation",
    story=(
        "Backpropagation wants f'(z) of each hidden layer. Many programs keep only the activations, and call prime(a) "
        "with a prime that expects z. For tanh, 1 - tanh(a)^2 is never below 0.42, where the true slope goes to 0: "
        "units that are saturated still move."
    ),
    lesson="Keep z, or use the form that is right for a: for tanh, 1 - a^2.",
    programs=(wrong_program(DerivativeAtA, activations=WITH_TANH), RIGHT_TANH),
    changes=(Change.of(DerivativeAtA, corrected.Network, "_back_prop"),),
    recipe=Recipe(),
    evidence=(
        "shiffman/Neural-Network-p5#22",
        "llSourcell/Make_a_neural_network#2",
        "rasmusbergpalm/DeepLearnToolbox#165",
        "OpenANN#164",
        "mlpack#3478",
    ),
    effect="none",
    fails_at=("w[1]", "b[1]"),
)

UNCHECKED = Room(
    name="nobody-checked",
    title="A derivative is missing, and the accuracy does not tell",
    story=(
        "delta of a hidden layer is what comes back through the weights, times f'(z). Here the second factor is "
        "missing. The output layer learns rightly, and does well with whatever the hidden layer gives it. The test of "
        "the program is that its accuracy looks good: it does."
    ),
    lesson="Let a gradient check be the test of a gradient. It takes a second, and names the layer.",
    programs=(wrong_program(WithoutDerivative), RIGHT),
    changes=(Change.of(WithoutDerivative, corrected.Network, "_back_prop"),),
    recipe=Recipe(),
    evidence=(
        "no gradient check in ritchie46/vanilla-machine-learning, mnielsen/neural-networks-and-deep-learning, "
        "SkalskiP/ILearnDeepLearning.py, joelgrus/joelnet and eriklindernoren/ML-From-Scratch",
        "harvard-edge/cs249r_book#1336, where the checks came later",
    ),
    effect="none",
    fails_at=("w[1]", "b[1]"),
)

UPDATES_FIRST = Room(
    name="updated-before-used",
    title="Weights are changed before delta has gone through them",
    story=(
        "The loop goes backwards through the layers, and it looks tidy to finish each of them: compute its gradient, "
        "update it, go on. But delta of the layer below goes through the weights of this one, as they were when the "
        "loss was computed. Now they are new ones."
    ),
    lesson="First all gradients, then all updates: two loops, as in the post.",
    programs=(wrong_program(UpdatesFirst), RIGHT),
    changes=(Change.of(UpdatesFirst, corrected.Network, "_back_prop"),),
    recipe=Recipe(),
    evidence=("CodingTrain/Toy-Neural-Network-JS#72",),
    effect="none",
    fails_at=("w[1]", "b[1]"),
)

IN_PLACE = Room(
    name="in-place-aliasing",
    title="An activation that writes its values where z was",
    story=(
        "np.tanh(z, out=z) saves an array. It is also the end of z: after it, z[2] and a[2] are one array with the "
        "values of a. When prime(z) is asked for the slope, it gets the slope at a. It is the derivative at the "
        "activation again, and no line of the backward pass is wrong."
    ),
    lesson=(
        "No function writes to its arguments. Freeze z, z.flags.writeable = False, and NumPy names the line that tries."
    ),
    programs=(wrong_program(activations=(TanhInPlace, corrected.Softmax)), RIGHT_TANH),
    changes=(Change.of(TanhInPlace, corrected.Tanh, "activation"),),
    recipe=Recipe(),
    evidence=("deeplearning4j#364", "BVLC/caffe#2413", "ritchie46/vanilla-machine-learning"),
    effect="none",
    fails_at=("w[1]", "b[1]"),
)

ROOMS = (AT_A, IN_PLACE, UPDATES_FIRST, UNCHECKED)
