"""How weights start, and from which seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.measurements import Figure, Finding, Measured
from chainrule.glassbox.museum.program import Change, Program, Recipe
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.right_program import RIGHT, wrong_program
from chainrule.glassbox.museum.training import LARGEST_PIXEL, seeded, split_rows

__all__ = ["ROOMS"]

WITH_TANH = (corrected.Tanh, corrected.Softmax)
RIGHT_TANH = Program("right", corrected.Network, corrected.CrossEntropy, WITH_TANH)
DEEP = (corrected.Tanh, corrected.Tanh, corrected.Tanh, corrected.Softmax)


class AllZero(corrected.Network):
    """Every weight starts at 0."""

    @staticmethod
    def _starting_w(n_in: int, n_out: int) -> Any:
        return np.zeros((n_in, n_out))


class AllEqual(corrected.Network):
    """Every weight starts at the same number."""

    @staticmethod
    def _starting_w(n_in: int, n_out: int) -> Any:
        return np.full((n_in, n_out), 0.1)


class TooSmall(corrected.Network):
    """Weights of the size of a thousandth."""

    @staticmethod
    def _starting_w(n_in: int, n_out: int) -> Any:
        return np.random.randn(n_in, n_out) * 1e-3


class TooLarge(corrected.Network):
    """Weights drawn without a look at how many inputs a unit has."""

    @staticmethod
    def _starting_w(n_in: int, n_out: int) -> Any:
        return np.random.randn(n_in, n_out)


class Seeded(corrected.Network):
    """A network that takes a seed, here 0."""

    def __init__(self, dimensions: Any, activations: Any, seed: Any = 0) -> None:
        self._start(seed)
        super().__init__(dimensions, activations)

    @staticmethod
    def _start(seed: Any) -> None:
        if seed is not None:
            np.random.seed(seed)


class SeedZeroIgnored(Seeded):
    """A network that takes a seed, but for 0."""

    @staticmethod
    def _start(seed: Any) -> None:
        if seed:
            np.random.seed(seed)


def different_units(
    programs: Sequence[Measured], recipe: Recipe, seed: int
) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """How many units of the hidden layer are different from each other after the training."""
    kinds = [len(np.unique(each.training.network.w[1].round(9), axis=1).T) for each in programs]
    return [Figure(f"different units in the hidden layer (of {recipe.dimensions[1]})", tuple(map(float, kinds)))], []


def signal(programs: Sequence[Measured], recipe: Recipe, seed: int) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """How large the activations of the last hidden layer are at the start, and how many are saturated."""
    x = split_rows(recipe)[0].x / LARGEST_PIXEL
    last = len(recipe.dimensions) - 1
    deviation, saturated = [], []
    for each in programs:
        with seeded(seed):
            network = each.program.network(recipe.dimensions, each.program.activations)
        a = network._feed_forward(x)[1][last]
        deviation.append(float(a.std()))
        saturated.append(float(np.mean(np.abs(a) > 0.99)))
    return [
        Figure(f"deviation of a[{last}] before training", tuple(deviation)),
        Figure(f"entries of a[{last}] beyond 0.99 before training", tuple(saturated), "%"),
    ], []


def two_runs(programs: Sequence[Measured], recipe: Recipe, seed: int) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """How far two networks with the seed 0 differ at their start."""
    differences = []
    for each in programs:
        with seeded(seed):
            first, second = (each.program.network(recipe.dimensions, each.program.activations) for _ in range(2))
        differences.append(float(np.abs(first.w[1] - second.w[1]).max()))
    return [Figure("largest difference in w[1] of two networks made with seed 0", tuple(differences))], []


ZERO = Room(
    name="weights-all-zero",
    title="All weights start at 0",
    story=(
        "0 seems a neutral beginning, and biases do start there. But with weights of 0 the hidden layer gives 0, so "
        "the weights after it have a gradient of 0; and delta comes back through weights of 0, so those before it have "
        "one too. Only the output's biases learn: the share of each class."
    ),
    lesson="Weights start at random, with a spread of about 1 / sqrt(inputs). Biases may be 0.",
    programs=(wrong_program(AllZero, activations=WITH_TANH), RIGHT_TANH),
    changes=(Change.of(AllZero, corrected.Network, "_starting_w"),),
    recipe=Recipe(),
    evidence=(),
    effect="costs",
    fails_at=(),
    unseen="A gradient of 0 is the right one there.",
    look=different_units,
)

EQUAL = Room(
    name="weights-all-equal",
    title="All weights start at the same number",
    story=(
        "Not 0, but 0.1 for all. Now there is a gradient, and it is the same one for every unit of the hidden layer: "
        "they start alike, they are pushed alike, and stay alike. Fifteen units do the work of one."
    ),
    lesson="It takes random numbers to make units different. The spread matters less than that there is one.",
    programs=(wrong_program(AllEqual, activations=WITH_TANH), RIGHT_TANH),
    changes=(Change.of(AllEqual, corrected.Network, "_starting_w"),),
    recipe=Recipe(),
    evidence=(),
    effect="costs",
    fails_at=(),
    unseen="Equal gradients are the right ones for equal units.",
    look=different_units,
)

SMALL = Room(
    name="weights-too-small",
    title="Weights start too small",
    story=(
        "Weights around 0.001 are safe from saturation. Each layer then makes its signal about a hundred times "
        "smaller, and delta shrinks in the same way on its way back. One hidden layer gets over it; with three there "
        "is nothing left to learn from."
    ),
    lesson="A spread of 1 / sqrt(inputs), or 2 / sqrt for ReLU's half, keeps signals at their size through any depth.",
    programs=(
        wrong_program(TooSmall, activations=DEEP),
        Program("right", corrected.Network, corrected.CrossEntropy, DEEP),
    ),
    changes=(Change.of(TooSmall, corrected.Network, "_starting_w"),),
    recipe=Recipe(dimensions=(64, 15, 15, 15, 10)),
    evidence=("yizt/numpy_neural_network#1", "makeyourownneuralnetwork#18"),
    effect="costs",
    fails_at=(),
    unseen="Tiny gradients are the right ones for tiny weights.",
    look=signal,
)

LARGE = Room(
    name="weights-too-large",
    title="Weights start too large",
    story=(
        "np.random.randn gives weights around 1, whatever the layer's size. A unit with 64 inputs adds 64 such terms, "
        "so that z is far from 0 and tanh is flat there: its slope is nearly 0, and delta does not get through."
    ),
    lesson="Divide by sqrt(inputs), as the post does.",
    programs=(
        wrong_program(TooLarge, activations=DEEP),
        Program("right", corrected.Network, corrected.CrossEntropy, DEEP),
    ),
    changes=(Change.of(TooLarge, corrected.Network, "_starting_w"),),
    recipe=Recipe(dimensions=(64, 15, 15, 15, 10)),
    evidence=("joelgrus/joelnet", "karpathy/micrograd"),
    effect="costs",
    fails_at=(),
    unseen="The gradient is right; there is little of it.",
    look=signal,
)

SEED_0 = Room(
    name="seed-0-ignored",
    title="The seed 0 is taken for none",
    story=(
        "`if seed:` is meant to ask whether a seed was given. 0 counts as false, so that the one seed that everybody "
        "tries first is passed over, and each run is another one."
    ),
    lesson="Ask `if seed is not None`.",
    programs=(wrong_program(SeedZeroIgnored), Program("right", Seeded, RIGHT.loss, RIGHT.activations)),
    changes=(Change.of(SeedZeroIgnored, Seeded, "_start"),),
    recipe=Recipe(),
    evidence=("eriklindernoren/ML-From-Scratch",),
    effect="none",
    fails_at=(),
    unseen="Any weights will do for it.",
    look=two_runs,
)

ROOMS = (ZERO, EQUAL, SMALL, LARGE, SEED_0)
