"""Which rows come when: batches, shuffling, and answers that stay with their rows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.measurements import Figure, Finding, Measured
from chainrule.glassbox.museum.program import Change, Recipe
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.right_program import RIGHT, wrong_program
from chainrule.glassbox.museum.training import seeded, split_rows

__all__ = ["ROOMS"]

BATCH = 15
SORTED = Recipe(batch_size=BATCH, sorted_by_class=True)
SORTED_FAST = replace(SORTED, learning_rate=0.3)
UNSEEN = "Each batch's gradient is right; which rows are in a batch, and when, is no matter of the gradient."


class WholeBatchesOnly(corrected.Network):
    """The number of batches is rounded down."""

    @staticmethod
    def _n_batches(n: int, batch_size: int) -> int:
        return n // batch_size


class ShufflesBatches(corrected.Network):
    """Rows stay with their neighbours; only the batches change places."""

    def _shuffled(self, x: Any, y_true: Any) -> Any:
        starts = np.arange(0, x.shape[0], BATCH)
        np.random.shuffle(starts)
        order = np.concatenate([np.arange(start, min(start + BATCH, x.shape[0])) for start in starts])
        return x[order], y_true[order]


class NeverShuffles(corrected.Network):
    """Every epoch takes the rows in the order of the file."""

    def _shuffled(self, x: Any, y_true: Any) -> Any:
        order = np.arange(x.shape[0])
        return x[order], y_true[order]


class ShufflesRowsOnly(corrected.Network):
    """The rows change places, and their answers stay."""

    def _shuffled(self, x: Any, y_true: Any) -> Any:
        order = np.arange(x.shape[0])
        np.random.shuffle(order)
        return x[order], y_true


class DuplicatesRows(corrected.Network):
    """Python's shuffle on an array of NumPy."""

    def _shuffled(self, x: Any, y_true: Any) -> Any:
        pairs: Any = np.hstack([x, y_true])
        random.shuffle(pairs)
        x[...], y_true[...] = np.hsplit(pairs, [x.shape[1]])
        return x, y_true


class ShufflesInPlace(corrected.Network):
    """NumPy's shuffle on an array of NumPy."""

    def _shuffled(self, x: Any, y_true: Any) -> Any:
        pairs: Any = np.hstack([x, y_true])
        np.random.shuffle(pairs)
        x[...], y_true[...] = np.hsplit(pairs, [x.shape[1]])
        return x, y_true


def rows_left(programs: Sequence[Measured], recipe: Recipe, seed: int) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """How many different rows there are still, after one epoch's shuffle and after all."""
    learn, _ = split_rows(recipe)
    after_one, after_all = [], []
    for each in programs:
        x, y = learn.x.copy(), np.eye(recipe.dimensions[-1])[learn.truth]
        with seeded(seed):
            network = each.program.network(recipe.dimensions, each.program.activations)
            left = []
            for _ in range(recipe.epochs):
                network._shuffled(x, y)
                left.append(float(len(np.unique(x, axis=0))))
        after_one.append(left[0])
        after_all.append(left[-1])
    return [
        Figure(f"different rows after the first epoch (of {len(np.unique(learn.x, axis=0)):,})", tuple(after_one)),
        Figure(f"different rows after {recipe.epochs} epochs", tuple(after_all)),
    ], []


def steps_taken(programs: Sequence[Measured], recipe: Recipe, seed: int) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """How many steps each program takes, and how far its weights have moved."""
    learn, _ = split_rows(recipe)
    steps, moved = [], []
    for each in programs:
        steps.append(float(recipe.epochs * each.program.network._n_batches(len(learn), recipe.batch_size)))
        with seeded(seed):
            start = each.program.network(recipe.dimensions, each.program.activations)
        moved.append(float(np.abs(each.training.network.w[1] - start.w[1]).max()))
    return [Figure("steps", tuple(steps)), Figure("largest change of a weight in w[1]", tuple(moved))], []


TOO_LARGE = Room(
    name="batch-larger-than-the-table",
    title="A batch size above the number of rows",
    story=(
        "The number of batches is n // batch_size. With 133 rows and batches of 200 that is 0: no step is taken, in no "
        "epoch. The program ends without an error, prints a loss, and gives the network that it started with."
    ),
    lesson="Round up, so that the one batch is all rows. A program that has not taken a step should say so.",
    programs=(wrong_program(WholeBatchesOnly), RIGHT),
    changes=(Change.of(WholeBatchesOnly, corrected.Network, "_n_batches"),),
    recipe=Recipe("wine", "standardised", (13, 8, 3), 60, 200, 0.5),
    evidence=("scikit-neuralnetwork#157", "scikit-neuralnetwork#158", "ritchie46/vanilla-machine-learning"),
    effect="costs",
    fails_at=(),
    unseen=UNSEEN,
    look=steps_taken,
)

DUPLICATED = Room(
    name="shuffle-that-duplicates",
    title="A shuffle that duplicates rows",
    story=(
        "random.shuffle swaps two entries at a time: a, b = b, a. For a list that is right. Rows of a NumPy array are "
        "views: after the first half of the swap both show the same row, and the other one is lost. Each epoch loses "
        "more, and in the end the network sees a handful of rows over and over."
    ),
    lesson="np.random.shuffle knows rows; a permutation of row numbers is safest, and can be tested to be one.",
    programs=(wrong_program(DuplicatesRows), replace(RIGHT, network=ShufflesInPlace)),
    changes=(Change.of(DuplicatesRows, ShufflesInPlace, "_shuffled"),),
    recipe=Recipe(),
    evidence=("mnielsen/neural-networks-and-deep-learning#50", "mnielsen/neural-networks-and-deep-learning#73"),
    effect="costs",
    fails_at=(),
    unseen=UNSEEN,
    look=rows_left,
)

BATCHES_ONLY = Room(
    name="shuffles-only-batches",
    title="Batches change places, and rows do not",
    story=(
        "Shuffling the starts of the batches is quicker than shuffling rows, and looks the same. But a batch holds the "
        "same rows in every epoch. Where the file is sorted by class, as many are, nearly every batch shows one class "
        "alone, and each step unlearns the others: with small steps that evens out, with larger ones it does not."
    ),
    lesson="Shuffle rows, then cut batches.",
    programs=(wrong_program(ShufflesBatches), RIGHT),
    changes=(Change.of(ShufflesBatches, corrected.Network, "_shuffled"),),
    recipe=SORTED_FAST,
    evidence=("joelgrus/joelnet",),
    effect="costs",
    fails_at=(),
    unseen=UNSEEN,
)

NEVER = Room(
    name="never-shuffled",
    title="Rows always come in the order of the file",
    story=(
        "Nothing in the formulas speaks of an order, so the rows are taken as they come. If they are sorted by class, "
        "the last thing that each epoch teaches is the last class."
    ),
    lesson="A new order in every epoch costs nothing.",
    programs=(wrong_program(NeverShuffles), RIGHT),
    changes=(Change.of(NeverShuffles, corrected.Network, "_shuffled"),),
    recipe=SORTED,
    evidence=("eriklindernoren/ML-From-Scratch", "tensorflow/playground"),
    effect="costs",
    fails_at=(),
    unseen=UNSEEN,
)

LEFT_BEHIND = Room(
    name="answers-left-behind",
    title="The rows are shuffled, and their answers are not",
    story=(
        "x gets a new order and y keeps the old one. Shapes fit, the loss falls a little, and every row is taught the "
        "answer of another."
    ),
    lesson=(
        "One order for both: x[order], y[order]. A network that cannot even learn its training rows is a reason to "
        "look here."
    ),
    programs=(wrong_program(ShufflesRowsOnly), RIGHT),
    changes=(Change.of(ShufflesRowsOnly, corrected.Network, "_shuffled"),),
    recipe=Recipe(),
    evidence=(),
    effect="costs",
    fails_at=(),
    unseen="It is given the rows with the answers that are beside them, and does not know whose they are.",
)

ROOMS = (TOO_LARGE, DUPLICATED, BATCHES_ONLY, NEVER, LEFT_BEHIND)
