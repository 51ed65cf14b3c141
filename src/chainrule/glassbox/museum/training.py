"""Training a program of a room by its recipe, an epoch at a time, with what can be measured after each."""

from __future__ import annotations

import contextlib
import functools
import random
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.example_sets import load_example_set
from chainrule.data.split import random_split, stratified_split
from chainrule.data.standardizer import Standardizer
from chainrule.functions.arrays import Array
from chainrule.glassbox.museum.program import Program, Recipe

__all__ = ["LARGEST_PIXEL", "Rows", "Training", "all_rows", "seeded", "split_rows", "trained"]

HELD_OUT = 0.25
SPLIT_SEED = 0
"""The rows held out are the same ones whatever the seed of a visit, so that programs and seeds can be compared."""

LARGEST_PIXEL = 16
"""Of the digits; divided by it, they go from 0 to 1."""


@dataclass(frozen=True)
class Rows:
    """Rows with what is to be learned of them.

    Attributes
    ----------
    x : array of shape (n, d)
        The numbers of the table.
    truth : array of shape (n,)
        Class numbers, or the numbers to learn.
    """

    x: Array
    truth: Array

    def __len__(self) -> int:
        return len(self.x)

    def at(self, rows: Array) -> Rows:
        """Some of the rows, as copies."""
        return Rows(self.x[rows], self.truth[rows])


@dataclass(frozen=True)
class Training:
    """What a training gave.

    Attributes
    ----------
    network : object
        The program's network after it, None where it could not be made.
    J : tuple of float
        After each epoch, the program's own loss on the rows that it learns from.
    learned, held_out : tuple of float
        After each epoch, the accuracy (or R2) on the rows that it learns from, and on those held out.
    warned : tuple of str
        What NumPy warned of.
    stopped : str
        With which error it stopped; empty where it did not.
    """

    network: Any
    J: tuple[float, ...]
    learned: tuple[float, ...]
    held_out: tuple[float, ...]
    warned: tuple[str, ...]
    stopped: str


@functools.cache
def all_rows(table: str) -> Rows:
    """All rows of one of chainrule's example sets, which nothing may write to."""
    example = load_example_set(table)
    truth = example.labels
    if truth.dtype.kind not in "f":
        truth = np.unique(truth, return_inverse=True)[1]
    rows = Rows(np.array(example.x, np.float64), truth / truth.std() if truth.dtype.kind == "f" else truth)
    rows.x.flags.writeable = rows.truth.flags.writeable = False
    return rows


def split_rows(recipe: Recipe) -> tuple[Rows, Rows]:
    """The rows to learn from, and a quarter that is held out."""
    rows = all_rows(recipe.table)
    rng = np.random.default_rng(SPLIT_SEED)
    if recipe.shape == "one-hot":
        learn, held_out = stratified_split(rows.truth, HELD_OUT, rng)
    else:
        learn, held_out = random_split(len(rows), HELD_OUT, rng)
    if recipe.sorted_by_class:
        learn = learn[np.argsort(rows.truth[learn], kind="stable")]
    return rows.at(learn), rows.at(held_out)


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let the global random numbers of NumPy and of Python start from a seed, and put both back afterwards."""
    of_numpy, of_python = np.random.get_state(), random.getstate()
    np.random.seed(seed)
    random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(of_numpy)
        random.setstate(of_python)


def trained(program: Program, recipe: Recipe, seed: int, learn: Rows, held_out: Rows) -> Training:
    """Train a program from a seed.

    `fit` is called for one epoch at a time. The global random numbers go on from call to call, so that this gives the
    same bits as one call for all epochs.
    """
    prepared = _prepared(program, recipe, learn)
    y = _targets(recipe, learn.truth)
    x = prepared(learn.x)
    stops = () if program.stops is None else (program.stops,)
    network, J, scores, stopped = None, [], [], ""
    with seeded(seed), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            network = program.network(recipe.dimensions, program.activations)
            for _ in range(recipe.epochs):
                network.fit(x, y, program.loss, 1, recipe.batch_size, recipe.learning_rate)
                given = network.predict(prepared(learn.x))  # x is the program's, which may have written to it
                J.append(float(network.loss.loss(_targets(recipe, learn.truth), given)))
                of_held_out = network.predict(prepared(held_out.x))
                scores.append((_score(recipe, given, learn), _score(recipe, of_held_out, held_out)))
        except stops as error:
            stopped = f"{type(error).__name__}: {error}"
    warned = tuple(dict.fromkeys(str(warning.message) for warning in caught))
    return Training(network, tuple(J), tuple(s[0] for s in scores), tuple(s[1] for s in scores), warned, stopped)


def _prepared(program: Program, recipe: Recipe, learn: Rows) -> Any:
    if program.prepare is not None:
        return program.prepare
    if recipe.scale == "standardised":
        standardizer = Standardizer.fitted(learn.x)
        return lambda x: (x - standardizer.mean) / standardizer.deviation
    if recipe.scale.startswith("0 to "):
        low, high, top = learn.x.min(), learn.x.max(), float(recipe.scale.removeprefix("0 to "))
        return lambda x: top * (x - low) / (high - low)
    return lambda x: x.copy()


def _targets(recipe: Recipe, truth: Array) -> Array:
    if recipe.shape == "one-hot":
        return np.eye(recipe.dimensions[-1])[truth]
    return truth[:, np.newaxis].copy() if recipe.shape == "column" else truth.copy()


def _score(recipe: Recipe, given: Array, rows: Rows) -> float:
    """The accuracy of classes, whose output is the largest; R2 of numbers."""
    if recipe.shape == "one-hot":
        return float(np.mean(given.argmax(axis=1) == rows.truth))
    error = np.sum((given[:, 0] - rows.truth) ** 2)
    return float(1 - error / np.sum((rows.truth - rows.truth.mean()) ** 2))
