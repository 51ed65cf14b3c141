"""Numbers too large for exp, and log of 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.program import Change, Program, Recipe
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.right_program import wrong_program

__all__ = ["ROOMS"]

ONE_LAYER = (corrected.Softmax,)
RIGHT = Program("right", corrected.Network, corrected.CrossEntropy, ONE_LAYER)
BYTES = Recipe("digits", "0 to 255", (64, 10), 20, 15, 0.01)


class NaiveSoftmax(corrected.Softmax):
    """exp of z as it comes."""

    @staticmethod
    def activation(z: Any) -> Any:
        exp = np.exp(z)
        return exp / exp.sum(axis=1, keepdims=True)


class NaiveCrossEntropy(corrected.CrossEntropy):
    """log of every output, also of those that are 0."""

    @staticmethod
    def loss(y_true: Any, y_pred: Any) -> Any:
        return np.mean(-np.sum(y_true * np.log(y_pred), axis=1))


OVERFLOW = Room(
    name="exp-overflow",
    title="exp of a large number",
    story=(
        "exp(z) is infinite from z = 710 on, and infinite over infinite is not a number. One such output, and every "
        "weight is NaN after the next step; training goes on, and predicts the first class for everything. Pixels from "
        "0 to 255, as files have them, are enough for it. Softmax is the same if a constant is taken from all z of a "
        "row: take the largest."
    ),
    lesson="Subtract the row's maximum before exp. Stop at the first number that is not finite: chainrule's fit does.",
    programs=(wrong_program(activations=(NaiveSoftmax,)), RIGHT),
    changes=(Change.of(NaiveSoftmax, corrected.Softmax, "activation"),),
    recipe=BYTES,
    evidence=(
        "ahmedfgad/NumPyCNN#13",
        "rushter/MLAlgorithms#32",
        "sar-gupta/neural-network-from-scratch#10",
        "gnbaron/signature-recognition#6",
    ),
    effect="costs",
    fails_at=(),
    unseen="With numbers of ordinary size both functions are the same, and so are their derivatives.",
)

LOG_OF_0 = Room(
    name="log-of-0",
    title="The log of an output that is 0",
    story=(
        "y * log(a) is written for all outputs, since y is 0 for all but the true class. But an output far from the "
        "truth can be exactly 0, log 0 is minus infinity, and 0 times infinity is not a number. The gradient a - y has "
        "no log in it: the network learns on, while the loss on the screen is nan."
    ),
    lesson="Take the log of the true class's output alone, with a floor below it; or compute the loss from z.",
    programs=(wrong_program(loss=NaiveCrossEntropy, activations=ONE_LAYER), RIGHT),
    changes=(Change.of(NaiveCrossEntropy, corrected.CrossEntropy, "loss"),),
    recipe=BYTES,
    evidence=("Kitsune-py#6", "SkalskiP/ILearnDeepLearning.py", "ahmedfgad/NumPyCNN#13"),
    effect="none",
    fails_at=(),
    unseen="While every output is above 0, both losses are the same.",
)

ROOMS = (OVERFLOW, LOG_OF_0)
