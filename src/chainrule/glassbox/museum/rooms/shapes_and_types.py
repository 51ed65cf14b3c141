"""Arrays of the wrong shape or type, which NumPy takes without a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.measurements import Figure, Finding, Measured
from chainrule.glassbox.museum.program import Change, Program, Recipe
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.right_program import RIGHT, wrong_program
from chainrule.glassbox.museum.training import split_rows

__all__ = ["ROOMS"]


class ByDifference:
    """Squared error of an output without activation, written with the differences between a and y."""

    def __init__(self, activation_fn: Any) -> None:
        self.activation_fn = activation_fn

    @staticmethod
    def difference(y_true: Any, y_pred: Any) -> Any:
        return y_pred - y_true.reshape(y_pred.shape)

    def loss(self, y_true: Any, y_pred: Any) -> Any:
        return np.mean(self.difference(y_true, y_pred) ** 2)

    def delta(self, y_true: Any, y_pred: Any) -> Any:
        difference = self.difference(y_true, y_pred)
        return 2 * difference.sum(axis=1, keepdims=True) / difference.size

    prime = delta


class Broadcast(ByDifference):
    """The difference of a column and a row, which is a square."""

    @staticmethod
    def difference(y_true: Any, y_pred: Any) -> Any:
        return y_pred - y_true


def all_the_same(programs: Sequence[Measured], recipe: Recipe, seed: int) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """How far the predictions differ from each other, beside the answers."""
    learn, _ = split_rows(recipe)
    x = (learn.x - learn.x.mean(axis=0)) / learn.x.std(axis=0)
    deviations = tuple(float(each.training.network.predict(x).std()) for each in programs)
    shapes = [each.program.loss.difference(learn.truth, each.training.network.predict(x)).shape for each in programs]
    return [
        Figure("numbers in `difference`, of the training rows", tuple(float(np.prod(shape)) for shape in shapes)),
        Figure(f"deviation of the predictions (of the answers: {learn.truth.std():.2f})", deviations),
    ], []


def centred(x: Any) -> Any:
    """Pixels, as files keep them, put around 0."""
    pixels = x.astype(np.uint8)
    return (pixels - np.uint8(8)) / 8


def centred_as_numbers(x: Any) -> Any:
    """The same with numbers that can be negative."""
    pixels = x.astype(np.uint8).astype(np.float64)
    return (pixels - np.uint8(8)) / 8


def range_of_pixels(
    programs: Sequence[Measured], recipe: Recipe, seed: int
) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """The smallest and the largest pixel after centring."""
    x = split_rows(recipe)[0].x
    prepared = [each.program.prepare(x) for each in programs if each.program.prepare is not None]
    return [
        Figure("smallest pixel after centring", tuple(float(p.min()) for p in prepared)),
        Figure("largest pixel after centring", tuple(float(p.max()) for p in prepared)),
    ], []


OF_NUMBERS = (corrected.Tanh, corrected.Identity)

BROADCAST = Room(
    name="column-against-row",
    title="A column of predictions minus a row of answers",
    story=(
        "Predictions have the shape (n, 1), the answers of a file (n,). Their difference should be n numbers. NumPy "
        "makes n times n: every prediction minus every answer. The mean of its squares is a number that falls while "
        "the network learns, and what it learns is to give the mean of all answers to every row."
    ),
    lesson="Compare the shapes before subtracting, and refuse those that differ.",
    programs=(
        wrong_program(loss=Broadcast, activations=OF_NUMBERS),
        Program("right", corrected.Network, ByDifference, OF_NUMBERS),
    ),
    changes=(Change.of(Broadcast, ByDifference, "difference"),),
    recipe=Recipe("diabetes", "standardised", (10, 8, 1), 60, 15, 0.05, shape="row"),
    evidence=("Lasagne#755", "HIPS/Kayak#14", "pytorch#16045", "OpenTabular/DeepTab#441"),
    effect="costs",
    fails_at=(),
    unseen="The gradient is that of J. It is J that is of the wrong numbers, and the check takes J as it is.",
    look=all_the_same,
)

WHOLE_NUMBERS = Room(
    name="pixels-of-whole-numbers",
    title="Pixels that cannot be negative",
    story=(
        "Images are kept as whole numbers from 0 to 255, in one byte each. Taking the middle value away should put "
        "them around 0. A byte knows no sign: 0 - 8 is 248. What was dark becomes the brightest of all, and nothing "
        "warns."
    ),
    lesson="Convert to floating-point numbers first, once, where the rows come in.",
    programs=(wrong_program(prepare=centred), replace(RIGHT, prepare=centred_as_numbers)),
    changes=(Change(centred, centred_as_numbers),),
    recipe=Recipe(),
    evidence=("eduardoleao052/Autograd-from-scratch#3", "HIPS/autograd#482"),
    effect="costs",
    fails_at=(),
    unseen="It takes the rows as they are given to it.",
    look=range_of_pixels,
)

ROOMS = (BROADCAST, WHOLE_NUMBERS)
