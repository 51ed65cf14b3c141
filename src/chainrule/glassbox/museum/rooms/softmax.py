"""What goes wrong with a softmax: its axis, its derivative, and how often it is applied."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.program import Change, Recipe
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.right_program import ALL, RIGHT, wrong_program

__all__ = ["ROOMS"]


class SoftmaxOfTheBatch(corrected.Softmax):
    """The outputs of all rows together add up to 1."""

    @staticmethod
    def activation(z: Any) -> Any:
        exp = np.exp(z - z.max())
        return exp / exp.sum()


class DiagonalOnly(corrected.CrossEntropy):
    """dJ/da times a (1 - a), as if each output depended on its own z alone."""

    def delta(self, y_true: Any, y_pred: Any) -> Any:
        dJ_da = -y_true / np.maximum(y_pred, np.finfo(np.float64).tiny) / y_pred.shape[0]
        return dJ_da * y_pred * (1 - y_pred)


class SigmoidDerivativeToo(corrected.CrossEntropy):
    """a - y, and then the derivative of a sigmoid on top."""

    def delta(self, y_true: Any, y_pred: Any) -> Any:
        return (y_pred - y_true) / y_pred.shape[0] * y_pred * (1 - y_pred)


class SoftmaxInTheLossToo(corrected.CrossEntropy):
    """A loss that expects z, and applies softmax itself."""

    @staticmethod
    def loss(y_true: Any, y_pred: Any) -> Any:
        of_truth = np.sum(y_true * corrected.Softmax.activation(y_pred), axis=1)
        return np.mean(-np.log(of_truth))

    def delta(self, y_true: Any, y_pred: Any) -> Any:
        return (corrected.Softmax.activation(y_pred) - y_true) / y_pred.shape[0]


OVER_THE_BATCH = Room(
    name="softmax-over-the-batch",
    title="A softmax over the whole batch",
    story=(
        "Softmax divides by a sum. Without an axis, np.sum adds up all rows, and the outputs of the batch together "
        "make 1: what a row gets depends on which rows are beside it. With a single row it is right, which is how it "
        "was tried. In a batch of 15, no row can have more than its share of the 1, so that a - y asks every true "
        "class for more, however sure it is: z grows without end."
    ),
    lesson="axis=1, keepdims=True. Try every function with two rows: each of them has to add up to 1.",
    programs=(wrong_program(activations=(corrected.Relu, SoftmaxOfTheBatch)), RIGHT),
    changes=(Change.of(SoftmaxOfTheBatch, corrected.Softmax, "activation"),),
    recipe=Recipe(),
    evidence=("ritchie46/vanilla-machine-learning", "deeplearning4j#345"),
    effect="costs",
    fails_at=ALL,
)

DIAGONAL = Room(
    name="softmax-diagonal-only",
    title="Only the diagonal of softmax's derivative",
    story=(
        "The derivative of a softmax is looked up as a (1 - a), which it is for the output's own z. But each output "
        "also depends on the z of all others, since they share a sum; these terms are missing. The true class is still "
        "pushed up, and nothing pushes the others down: all outputs run away, and one of them wins every row."
    ),
    lesson="Take softmax and cross-entropy together: their delta is a - y, all terms included.",
    programs=(wrong_program(loss=DiagonalOnly), RIGHT),
    changes=(Change.of(DiagonalOnly, corrected.CrossEntropy, "delta"),),
    recipe=Recipe(),
    evidence=(
        "jorgenkg/python-neural-network#6",
        "eriklindernoren/ML-From-Scratch#71",
        "RoboticsClubIITJ/ML-DL-implementation#153",
        "RubixML/ML#480",
    ),
    effect="costs",
    fails_at=ALL,
)

SIGMOID_TOO = Room(
    name="sigmoid-derivative-after-softmax",
    title="The derivative of a sigmoid after a softmax",
    story=(
        "delta = a - y is right for softmax with cross-entropy: the derivative of the softmax is in it. The program "
        "multiplies by a (1 - a) once more, because the sigmoid that stood there before needed it. Outputs that are "
        "sure and wrong get nearly no correction."
    ),
    lesson="Change the activation and the loss together, and check the gradient after it.",
    programs=(wrong_program(loss=SigmoidDerivativeToo), RIGHT),
    changes=(Change.of(SigmoidDerivativeToo, corrected.CrossEntropy, "delta"),),
    recipe=Recipe(),
    evidence=("KirillShmilovich/MLP-Neural-Network-From-Scratch#4",),
    effect="costs",
    fails_at=ALL,
)

TWICE = Room(
    name="softmax-twice",
    title="A softmax after a softmax",
    story=(
        "The network ends in a softmax. The loss expects z and applies softmax itself, as losses of many libraries do. "
        "What it sees are numbers between 0 and 1, of which a softmax makes nearly equal ones: with ten classes, a "
        "perfect answer still costs log(1 + 9 / e) = 1.46."
    ),
    lesson="Know whether a loss takes z or a. A loss that will not fall below 1.46 with ten classes is this mistake.",
    programs=(wrong_program(loss=SoftmaxInTheLossToo), RIGHT),
    changes=(
        Change.of(SoftmaxInTheLossToo, corrected.CrossEntropy, "loss"),
        Change.of(SoftmaxInTheLossToo, corrected.CrossEntropy, "delta"),
    ),
    recipe=Recipe(),
    evidence=("arthurdouillard/deepcourse#9",),
    effect="costs",
    fails_at=ALL,
)

ROOMS = (OVER_THE_BATCH, DIAGONAL, SIGMOID_TOO, TWICE)
