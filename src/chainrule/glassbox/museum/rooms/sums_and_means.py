"""Sums where a mean belongs, over the wrong axis, or not at all."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.program import Change, Program, Recipe
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.right_program import ALL, RIGHT, wrong_program

__all__ = ["ROOMS"]


class Summed(corrected.CrossEntropy):
    """The gradient is the sum over the rows, the loss that is printed their mean."""

    def delta(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred - y_true


class OneBias(corrected.Network):
    """All biases of a layer take the same step."""

    def _update_w_b(self, index: int, dw: Any, delta: Any) -> None:
        self.w[index] -= self.learning_rate * dw
        self.b[index] -= self.learning_rate * np.sum(delta)


class NoBias(corrected.Network):
    """Biases stay as they start."""

    def _update_w_b(self, index: int, dw: Any, delta: Any) -> None:
        self.w[index] -= self.learning_rate * dw


class OtherLoss(corrected.CrossEntropy):
    """What is printed is the cross-entropy of ten yes-or-no questions; what is followed is that of one choice."""

    @staticmethod
    def loss(y_true: Any, y_pred: Any) -> Any:
        of_truth = np.where(y_true > 0.5, y_pred, 1 - y_pred)
        return -np.sum(np.log(np.maximum(of_truth, np.finfo(np.float64).tiny))) / y_pred.shape[0]


SUM_AGAINST_MEAN = Room(
    name="summed-not-averaged",
    title="The loss is a mean over the batch, its gradient a sum",
    story=(
        "The loss that is printed is averaged over the rows of a batch. In the gradient, a.T @ delta adds the rows up, "
        "and nobody divides by n. The direction is right and the step n times too long: a learning rate that suits "
        "batches of 15 is forty times too large for batches of 600."
    ),
    lesson="Put 1 / n into delta, once. Then the learning rate means the same for every batch size.",
    programs=(wrong_program(loss=Summed), RIGHT),
    changes=(Change.of(Summed, corrected.CrossEntropy, "delta"),),
    recipe=Recipe(batch_size=150, learning_rate=0.5, epochs=30),
    evidence=("davharris/mistnet#33", "d2l-en#1000", "heyxhh/nnet-numpy#1", "eriklindernoren/ML-From-Scratch"),
    effect="costs",
    fails_at=ALL,
)

ONE_BIAS = Room(
    name="one-sum-for-all-biases",
    title="One sum for all biases of a layer",
    story=(
        "np.sum(delta) without an axis is one number, and NumPy takes it from every bias of the layer without a word. "
        "After a softmax, each row of delta adds up to 0, so that the output's biases do not even move. The sum "
        "belongs over the rows: one number for each unit."
    ),
    lesson="Name the axis in every sum, and compare the shape of db with that of b before the update.",
    programs=(wrong_program(OneBias), RIGHT),
    changes=(Change.of(OneBias, corrected.Network, "_update_w_b"),),
    recipe=Recipe(),
    evidence=("rasbt/stat453-deep-learning-ss21#5",),
    effect="none",
    fails_at=("b[1]", "b[2]"),
)

NUMBERS = Recipe("diabetes", "standardised", (10, 8, 1), 60, 15, 0.05, shape="column")
OF_NUMBERS = (corrected.Tanh, corrected.Identity)

NO_BIAS = Room(
    name="bias-never-updated",
    title="Biases that never learn",
    story=(
        "The update has a line for the weights, and none for the biases. The network still learns, since weights can "
        "do much of the work. Where the answers lie far from 0, as here, they have to make up for the missing "
        "constant."
    ),
    lesson="Update everything that has a gradient, and look after one step which arrays have moved.",
    programs=(
        wrong_program(NoBias, corrected.MSEOfNumbers, OF_NUMBERS),
        Program("right", corrected.Network, corrected.MSEOfNumbers, OF_NUMBERS),
    ),
    changes=(Change.of(NoBias, corrected.Network, "_update_w_b"),),
    recipe=NUMBERS,
    evidence=("mattm/simple-neural-network#4", "mattm/simple-neural-network#5", "mattm/simple-neural-network#10"),
    effect="costs",
    fails_at=("b[1]", "b[2]"),
)

OTHER_FUNCTION = Room(
    name="two-different-losses",
    title="The printed loss and the gradient belong to different functions",
    story=(
        "Two things are called cross-entropy: -log of what the true class got, and the sum of such terms over all "
        "classes taken as yes-or-no questions. The program prints the second and follows the gradient of the first. It "
        "learns, and the number on the screen is of something else: a search for the best learning rate by it would be "
        "misled."
    ),
    lesson="Check the gradient of the loss that is printed, as chainrule's check does.",
    programs=(wrong_program(loss=OtherLoss), RIGHT),
    changes=(Change.of(OtherLoss, corrected.CrossEntropy, "loss"),),
    recipe=Recipe(),
    evidence=("eriklindernoren/ML-From-Scratch#71", "eriklindernoren/ML-From-Scratch#98", "scikit-learn#8349"),
    effect="none",
    fails_at=ALL,
)

ROOMS = (SUM_AGAINST_MEAN, ONE_BIAS, NO_BIAS, OTHER_FUNCTION)
