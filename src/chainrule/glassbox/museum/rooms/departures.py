"""Each other departure of the published program, beside the published program with only that one corrected."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import vanilla
from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.measurements import Figure, Finding, Measured
from chainrule.glassbox.museum.program import Change, Program, Recipe, with_function_of
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.published_program import (
    AS_PUBLISHED,
    DERIVATIVE_AT_Z,
    POST_ACTIVATIONS,
    POST_RECIPE,
)
from chainrule.glassbox.museum.training import split_rows, trained

__all__ = ["ROOMS"]

ACTIVATIONS = (corrected.Relu, corrected.Sigmoid)
ALL_RIGHT = Program("all lines right", corrected.Network, corrected.MSE, ACTIVATIONS)
POST = "ritchie46/vanilla-machine-learning"


def alone(network: type[Any] = corrected.Network, loss: type[Any] = corrected.MSE) -> tuple[Program, Program]:
    """For the gradient check: the program in which only this is wrong, and the one in which nothing is."""
    return Program("this alone wrong", network, loss, ACTIVATIONS), ALL_RIGHT


def one_corrected(network: type[Any] = vanilla.Network, loss: type[Any] = vanilla.MSE) -> tuple[Program, Program]:
    """For the training: the program as published, and the same with one function corrected."""
    return AS_PUBLISHED, Program("this alone corrected", network, loss, POST_ACTIVATIONS)


def saturated_outputs(
    programs: Sequence[Measured], recipe: Recipe, seed: int
) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """How much of its error each program lets through, where the error is large."""
    learn, _ = split_rows(recipe)
    y = np.eye(recipe.dimensions[-1])[learn.truth]
    stuck, factors = [], []
    for each in programs:
        network = each.training.network
        a = network.predict(learn.x)
        wrong = np.abs(a - y) > 0.9
        delta = network.loss.delta(y, a) / network.loss.prime(y, a)
        stuck.append(float(np.sum((y * (a < 0.1)).mean(axis=0) > 0.5 * y.mean(axis=0))))
        factors.append(float(np.median(delta[wrong])) if wrong.any() else None)
    return [
        Figure("digits whose output is below 0.1 in most of their own rows", tuple(stuck)),
        Figure("median slope by which errors above 0.9 are multiplied", tuple(factors)),
    ], []


DERIVATIVE_AT_A = Room(
    name="derivative-at-a",
    title="The derivative of the output, taken at the activation",
    story=(
        "The chain rule multiplies the error of the output by f'(z). The program has a = f(z) in its hands, and a "
        "function called prime that expects z. It gives it a. Nothing complains: both are arrays of the same shape, "
        "and for a sigmoid the result lies between 0.197 and 0.25, always of the right sign."
    ),
    lesson=(
        "Let the function's name say where the derivative is taken: f'(z) from z, or the same number from a, which for "
        "a sigmoid is a (1 - a). Then look at the loss: squared error after a sigmoid stops learning where outputs "
        "saturate."
    ),
    programs=one_corrected(loss=DERIVATIVE_AT_Z),
    changes=(Change(vanilla.MSE.delta, corrected.MSE.delta),),
    recipe=POST_RECIPE,
    evidence=(
        POST,
        "shiffman/Neural-Network-p5#22",
        "PacktPublishing/Neural-Network-Projects-with-Python#4",
        "llSourcell/Make_a_neural_network#2",
        "rasmusbergpalm/DeepLearnToolbox#165",
    ),
    effect="helps",
    fails_at=("w[1]", "b[1]", "w[2]", "b[2]"),
    checked=alone(loss=with_function_of(corrected.MSE, vanilla.MSE, "delta")),
    look=saturated_outputs,
)

WITH_FACTOR = with_function_of(vanilla.MSE, corrected.MSE, "prime", "WithFactor")


def larger_rate(programs: Sequence[Measured], recipe: Recipe, seed: int) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """The corrected program with the learning rate that means the same."""
    factor = recipe.batch_size * recipe.dimensions[-1] / 2
    same = dataclasses.replace(recipe, learning_rate=recipe.learning_rate * factor)
    again = trained(programs[-1].program, same, seed, *split_rows(recipe))
    published = programs[0].training
    difference = max(float(np.abs(again.network.w[i] - published.network.w[i]).max()) for i in again.network.w)
    return [], [
        Finding(
            f"With the learning rate {same.learning_rate:g}, which is n k / 2 = {factor:g} times as large, the "
            f"corrected program gets {100 * again.held_out[-1]:.1f} % of the held-out rows: its weights then differ "
            f"from the published program's by {difference:.0e} at most. The missing factor was a learning rate all "
            "along.",
            {"held_out": again.held_out[-1], "learning_rate": same.learning_rate, "largest_difference": difference},
        )
    ]


MISSING_FACTOR = Room(
    name="missing-factor",
    title="The derivative of the mean without 2 / (n k)",
    story=(
        "The loss that is printed is a mean over n rows and k outputs. Its derivative is 2 (a - y) / (n k). The "
        "program has a - y, because the constant seems not to matter: it only scales the step. It does, and so the "
        "learning rate means another thing for every batch size and every number of outputs."
    ),
    lesson=(
        "Let loss and gradient come from the same formula, with the mean in one place. A learning rate can then be "
        "carried from one network to the next."
    ),
    programs=one_corrected(loss=WITH_FACTOR),
    changes=(Change(vanilla.MSE.prime, corrected.MSE.prime),),
    recipe=POST_RECIPE,
    evidence=(POST, "fromscratchtoml#65", "CodingTrain/Toy-Neural-Network-JS#148"),
    effect="helps",
    fails_at=("w[1]", "b[1]", "w[2]", "b[2]"),
    checked=alone(loss=with_function_of(corrected.MSE, vanilla.MSE, "prime")),
    look=larger_rate,
)

BIAS_SUMMED = with_function_of(vanilla.Network, corrected.Network, "_update_w_b", "BiasSummed")

BIAS_GRADIENT_AVERAGED = Room(
    name="bias-gradient-averaged",
    title="The gradient of w is a sum, that of b a mean",
    story=(
        "dw = a.T @ delta adds up what every row of the batch says. db has no matrix product that would add, so the "
        "rows are brought together by hand, and a mean comes to mind. The biases then learn n times slower than the "
        "weights."
    ),
    lesson="One way of bringing rows together, for w and for b: put the 1 / n into delta, and add up in both.",
    programs=one_corrected(network=BIAS_SUMMED),
    changes=(Change(vanilla.Network._update_w_b, corrected.Network._update_w_b),),
    recipe=POST_RECIPE,
    evidence=(POST, "kvfrans/notes#5", "deeplearning4j#366", "rasbt/mlxtend#58"),
    effect="none",
    fails_at=("b[1]", "b[2]"),
    checked=alone(network=with_function_of(corrected.Network, vanilla.Network, "_update_w_b")),
)


class LastBatchKept(vanilla.Network):
    """The post's network, whose `fit` takes every row of an epoch."""

    def fit(self, x: Any, y_true: Any, loss: Any, epochs: int, batch_size: int, learning_rate: float = 1e-3) -> None:
        if not x.shape[0] == y_true.shape[0]:
            raise ValueError("Length of x and y arrays don't match")
        self.loss = loss(self.activations[self.n_layers])
        self.learning_rate = learning_rate
        for epoch in range(epochs):
            order = np.arange(x.shape[0])
            np.random.shuffle(order)
            x_, y_ = x[order], y_true[order]
            for j in range(math.ceil(x.shape[0] / batch_size)):
                rows = slice(j * batch_size, (j + 1) * batch_size)
                z, a = self._feed_forward(x_[rows])
                self._back_prop(z, a, y_[rows])
            if (epoch + 1) % 10 == 0:
                _, a = self._feed_forward(x)
                print("Loss:", self.loss.loss(y_true, a[self.n_layers]))


LAST_BATCH_DROPPED = Room(
    name="last-batch-dropped",
    title="The rows after the last whole batch are left out",
    story=(
        "An epoch is every row once. The number of batches is counted with //, which rounds down, so that up to a "
        "batch of rows is left out of every epoch: others each time, since the rows are shuffled anew. Nothing tells "
        "it."
    ),
    lesson="Round up: a slice that goes beyond the end is short, and a mean over fewer rows is a mean still.",
    programs=one_corrected(network=LastBatchKept),
    changes=(Change(vanilla.Network.fit, LastBatchKept.fit),),
    recipe=POST_RECIPE,
    evidence=(POST, "NervanaSystems/neon#9", "nd4j#1639", "braindecode#411"),
    effect="none",
    fails_at=(),
    checked=alone(network=with_function_of(corrected.Network, vanilla.Network, "fit")),
    unseen="The gradient of each batch is right; which rows are in a batch is no matter of the gradient.",
)

ROOMS = (DERIVATIVE_AT_A, MISSING_FACTOR, BIAS_GRADIENT_AVERAGED, LAST_BATCH_DROPPED)
