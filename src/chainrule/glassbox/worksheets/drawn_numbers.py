"""Numbers for a sheet, drawn until they can be read, and are as hard as those of every other sheet.

Inputs are whole, the weights and biases of the first layer tenths, later weights halves, so that each layer adds one
decimal at most; where results are rounded anyway, inputs are halves and weights tenths. As many of them are negative on
one sheet as on the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.arrays import Array
from chainrule.glassbox.trace import Trace
from chainrule.glassbox.worksheets.instance import Instance
from chainrule.glassbox.worksheets.settings import PLACES, WorksheetSettings

__all__ = ["dead_units", "drawn_instance"]

TENTHS = np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
HALVES = np.array([0.5, 1.0, 1.5, 2.0, 2.5])
WHOLE = np.array([1.0, 2.0, 3.0, 4.0])
INPUTS = np.array([0.5, 1.0, 1.5, 2.0, 2.5])
BIASES = np.array([0.1, 0.2, 0.3, 0.4, 0.5])

MOST_TRIES = 20_000

SMALLEST = 0.1
"""No z and no error of the output is nearer to 0: it is clear on which side it is, and what is rounded keeps digits."""

SMALLEST_ROUNDED = 0.01
"""No answer that is rounded to three decimals is smaller, but for a 0."""

LARGEST_ERROR = 2.5
LARGEST_GRADIENT = 12.0
LARGEST_Z = {"relu": 12.0, "identity": 20.0, "sigmoid": 3.0, "tanh": 2.0, "softmax": 4.0}
MOST_DECIMALS = 4
MOST_LONG = 0.1
"""The share of exact numbers that may have more decimals than have to be written."""

ZERO = 1e-9


def dead_units(settings: WorksheetSettings) -> dict[int, int]:
    """By layer with a relu, how many of its units are dead in each row: a third; one in all where that is none.

    A sheet without any could not tell whether the relu was understood; more would leave only zeros to compute.
    """
    relus = [i for i, name in enumerate(settings.activations, 2) if name == "relu" and settings.dimensions[i - 1] > 1]
    dead = {i: settings.dimensions[i - 1] // 3 for i in relus}
    if relus and not any(dead.values()):
        dead[relus[0]] = 1
    return dead


def drawn_instance(settings: WorksheetSettings, generator: np.random.Generator) -> Instance:
    """Draw until all is well.

    Raises
    ------
    InvalidArgument
        If no good numbers are found, which may be with many units and rows.
    """
    dead = dead_units(settings)
    for _ in range(MOST_TRIES):
        instance = _candidate(settings, generator)
        if _forward_is_well(instance, dead) and _backward_is_well(instance):
            return instance
    raise InvalidArgument(
        f"No readable numbers were found for {'-'.join(map(str, settings.dimensions))} with {settings.rows} rows: "
        "take fewer units or rows."
    )


def _candidate(settings: WorksheetSettings, generator: np.random.Generator) -> Instance:
    dimensions = settings.dimensions
    exact = settings.is_exact
    w, b = {}, {}
    for i, (d, d_next) in enumerate(itertools.pairwise(dimensions), 1):
        pool = TENTHS if i == 1 or not exact else HALVES
        w[i] = _signed(pool, (d, d_next), (d * d_next) // 2, generator)
        b[i] = _signed(BIASES, (d_next,), d_next // 2, generator)
    size = (settings.rows, dimensions[0])
    x = _signed(WHOLE if exact else INPUTS, size, settings.rows * dimensions[0] // 3, generator)
    instance = Instance(settings, w, b, x, np.zeros((settings.rows, dimensions[-1])))
    return replace(instance, y=_targets(settings, _forward(instance)[-1], generator))


def _forward(instance: Instance) -> list[Array]:
    """Every z by layer from 2, and the output last: what is needed to judge a draw, without a whole step."""
    a, found = instance.x, []
    for i, name in enumerate(instance.settings.activations, 1):
        found.append(a @ instance.w[i] + instance.b[i])
        a = ACTIVATIONS[name]().f(found[-1])
    return [*found, a]


def _signed(pool: Array, shape: tuple[int, ...], negative: int, generator: np.random.Generator) -> Array:
    """Numbers of the pool, none twice where it is large enough, so many of them negative."""
    size = int(np.prod(shape))
    numbers = generator.choice(pool, size, replace=size > len(pool))
    signs = np.ones(size)
    signs[generator.permutation(size)[:negative]] = -1.0
    return np.asarray(numbers * signs).reshape(shape)


def _targets(settings: WorksheetSettings, output: Array, generator: np.random.Generator) -> Array:
    """Targets that the output misses by something that can be computed with; as many 1s on each sheet."""
    n, k = output.shape
    if settings.loss == "cross_entropy":
        one_hot: Array = np.eye(k)[generator.integers(k, size=n)]
        return one_hot
    if settings.activations[-1] == "sigmoid":
        ones = np.arange(n * k) < (n * k + 1) // 2
        return np.asarray(generator.permutation(ones), float).reshape(n, k)
    if settings.activations[-1] == "tanh":
        return generator.choice([-0.5, 0.5], (n, k))
    near = np.round(output * 2) / 2 + generator.choice([-1.5, -1.0, -0.5, 0.5, 1.0, 1.5], (n, k))
    return np.where(near == 0, 0.5, near)


def _forward_is_well(instance: Instance, dead: dict[int, int]) -> bool:
    """Whether as many units are dead as there should be, no z is near 0, and no two in a row are equal."""
    if not _all_differ(instance.x):
        return False
    for i, (name, z) in enumerate(zip(instance.settings.activations, _forward(instance), strict=False), 2):
        size = np.abs(z)
        if size.min() < SMALLEST or size.max() > LARGEST_Z[name] or not _all_differ(z):
            return False
        if name == "relu" and not _relus_are_well(z, dead.get(i, 0)):
            return False
    return True


def _relus_are_well(z: Array, dead: int) -> bool:
    """Whether so many are dead in each row, and none in all of several."""
    live = z > 0
    if (np.count_nonzero(~live, axis=1) != dead).any():
        return False
    return len(z) == 1 or bool(live.any(axis=0).all())


def _backward_is_well(instance: Instance) -> bool:
    """Whether the errors and gradients can be told from each other, from 0, and be written down."""
    trace = instance.trace
    error = np.abs(np.asarray(trace.a[len(trace.dimensions)]) - instance.y)
    if error.min() < SMALLEST or error.max() > LARGEST_ERROR:
        return False
    gradients = [*trace.delta.values(), *trace.dw.values(), *trace.db.values()]
    if not all(_clear(array, instance.settings.is_exact) for array in gradients):
        return False
    if not _cancels_nowhere(trace):
        return False
    if any((np.abs(each) < SMALLEST_ROUNDED).any() for each in (*trace.new_w.values(), *trace.new_b.values())):
        return False
    asked = [
        np.asarray(trace.array(name)) for step in instance.settings.steps for name in step.arrays if name[0] in "zd"
    ]
    return not instance.settings.is_exact or _can_be_written(asked)


def _cancels_nowhere(trace: Trace) -> bool:
    """Whether only dead units make an error or a gradient 0, and no sum whose terms happen to cancel."""
    for i, dw in trace.dw.items():
        live = (np.abs(trace.a[i]) > 0).T.astype(float) @ (trace.delta[i + 1] != 0)
        if ((np.abs(dw) < ZERO) & (live > 0)).any():
            return False
    hidden = list(trace.a)[1:-1]
    return all(not ((np.abs(trace.delta[i]) < ZERO) & (trace.a[i] != 0)).any() for i in hidden)


def _clear(array: Array, exact: bool) -> bool:
    """Whether what is not 0 is neither too small nor too large to write down, and not all of an array is 0."""
    size = np.abs(array[array != 0])
    smallest = 0.0 if exact else SMALLEST_ROUNDED
    return size.size > 0 and bool(size.min() >= smallest) and bool(size.max() <= LARGEST_GRADIENT)


def _all_differ(array: Array) -> bool:
    """Whether in no row a number is there twice, the sign apart."""
    return all(len(set(row)) == len(row) for row in np.round(np.abs(array), 9).tolist())


def _can_be_written(arrays: Sequence[Array]) -> bool:
    """Whether exact numbers have few decimals, nearly all of them no more than are asked for."""
    decimals = [len(f"{each:.9f}".rstrip("0").partition(".")[2]) for array in arrays for each in array.ravel().tolist()]
    long = sum(each > PLACES for each in decimals)
    return max(decimals) <= MOST_DECIMALS and long <= MOST_LONG * len(decimals)
