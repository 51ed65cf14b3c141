"""The ReLU of the post as it was printed, and as it was published later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import vanilla
from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.measurements import Figure, Finding, Measured
from chainrule.glassbox.museum.program import Change, Program, Recipe
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.departures import ALL_RIGHT
from chainrule.glassbox.museum.rooms.published_program import AS_PUBLISHED, POST_RECIPE
from chainrule.glassbox.museum.training import seeded, split_rows

__all__ = ["ROOMS"]


class ReluWithoutPrime:
    """A Relu that has no `prime`, as the post prints it."""

    activation = staticmethod(vanilla.Relu.activation)


class ReluInPlace:
    """The Relu that was published with the post's program later: both functions write to their arguments."""

    @staticmethod
    def activation(z: Any) -> Any:
        z[z < 0] = 0
        return z

    @staticmethod
    def prime(z: Any) -> Any:
        z[z < 0] = 0
        z[z > 0] = 1
        return z


WITHOUT_PRIME = Room(
    name="relu-without-prime",
    title="An activation without its derivative",
    story=(
        "The post prints Relu with `activation` alone; Sigmoid gets its `prime` later, and Relu is forgotten. "
        "Backpropagation asks the hidden layer for its derivative. Whoever types the post in meets an error in the "
        "first batch."
    ),
    lesson="Write a function and its derivative together, and check the gradient before the first training.",
    programs=(
        Program("as printed", vanilla.Network, vanilla.MSE, (ReluWithoutPrime, vanilla.Sigmoid), stops=AttributeError),
        AS_PUBLISHED,
    ),
    changes=(Change(None, vanilla.Relu.prime),),
    recipe=POST_RECIPE,
    evidence=("the post, as it is printed",),
    effect="stops",
    fails_at=(),
    checked=(
        Program(
            "as printed", corrected.Network, corrected.MSE, (ReluWithoutPrime, corrected.Sigmoid), stops=AttributeError
        ),
        ALL_RIGHT,
    ),
)


def one_array(programs: Sequence[Measured], recipe: Recipe, seed: int) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """Which arrays are the same one, and which of them are no longer what they were."""
    x = split_rows(recipe)[0].x[: recipe.batch_size]
    same, steps, changed = [], [], []
    for each in programs:
        with seeded(seed):
            network = each.program.network(recipe.dimensions, each.program.activations)
        z, a = network._feed_forward(x.copy())
        same.append(float(z[2] is a[2]))
        network.activations[2].prime(z[2])
        steps.append(float(np.isin(a[2], (0, 1)).mean()))
        given = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
        network.activations[2].activation(given)
        changed.append(float(np.sum(given != [-2, -1, 0, 1, 2])))
    return [
        Figure("after `activation`, z[2] and a[2] are one array (1 is yes)", tuple(same)),
        Figure("after `prime`, entries of a[2] that are 0 or 1", tuple(steps), "%"),
        Figure("of 5 numbers of your own given to `activation`, changed", tuple(changed)),
    ], []


OVERWRITES_Z = Room(
    name="relu-overwrites-z",
    title="A ReLU that overwrites z",
    story=(
        "z[z < 0] = 0 is short and reads well. It also writes into the array that it was given: z and a become one "
        "array, and the z that backpropagation wants is gone. For a ReLU that is harmless by luck, since max(0, z) is "
        "above 0 where z is. The derivative of the same kind turns the activations into zeros and ones; it happens "
        "after they were used."
    ),
    lesson="np.maximum(z, 0) makes a new array. Freeze what must not change: z.flags.writeable = False.",
    programs=(
        Program("in place", vanilla.Network, vanilla.MSE, (ReluInPlace, vanilla.Sigmoid)),
        Program("new arrays", vanilla.Network, vanilla.MSE, (vanilla.Relu, vanilla.Sigmoid)),
    ),
    changes=(
        Change(ReluInPlace.activation, vanilla.Relu.activation),
        Change(ReluInPlace.prime, vanilla.Relu.prime),
    ),
    recipe=POST_RECIPE,
    evidence=("ritchie46/vanilla-machine-learning", "dcmocanu/sparse-evolutionary-artificial-neural-networks"),
    effect="none",
    fails_at=(),
    checked=(
        Program("in place", corrected.Network, corrected.MSE, (ReluInPlace, corrected.Sigmoid)),
        ALL_RIGHT,
    ),
    unseen="The numbers are right as long as nobody reads z or a after `prime`.",
    look=one_array,
)

ROOMS = (WITHOUT_PRIME, OVERWRITES_Z)
