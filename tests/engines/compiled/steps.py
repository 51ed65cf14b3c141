"""Steps of the compiled engine beside those of the NumPy engine, from the same states."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest

from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines import NumpyEngine
from chainrule.engines.compiled import CompiledEngine
from chainrule.engines.problem import Problem, Variables
from chainrule.functions.losses import Loss
from chainrule.functions.penalties import Penalty
from chainrule.network import sequence
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Mode
from chainrule.network.objective import Objective
from chainrule.network.records import ForwardRecord
from chainrule.optimizers import SGD, Optimizer
from tests.functions.test_losses import targets

TOLERANCE = {np.float64: 1e-10, np.float32: 1e-4}
"""Of a step, relative to the norm of the update."""

LARGE_LOSS = 1e4
"""Where a path ends early: of a loss that overflows, nothing is asked."""


@dataclass(frozen=True)
class Way:
    """A way in which the compiled engine can do what it does: they are chosen by sizes, and here by hand."""

    by_rows: bool = False
    row_block: int = 256
    blas: bool = False
    threads: int = 1

    @contextmanager
    def taken(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            program, table = "chainrule.engines.compiled.program", "chainrule.engines.compiled.table"
            patch.setattr(
                f"{program}.goes_by_rows", lambda task: self.by_rows and not task.objective.architecture.couples_rows
            )
            patch.setattr(f"{program}.ROW_BLOCK", self.row_block)
            patch.setattr(f"{table}.LARGEST_RIGHT_FACTOR", 0 if self.blas else 1 << 40)
            patch.setattr(f"{table}.LARGEST_TRANSPOSED", 0 if self.blas else 4096)
            yield


WAYS = [
    Way(),
    Way(threads=3),
    Way(blas=True, threads=2),
    Way(by_rows=True, row_block=3),
    Way(by_rows=True, row_block=4, blas=True),
    Way(by_rows=True, row_block=5, threads=2),
]


def problem(
    architecture: Architecture,
    loss: Loss,
    rng: np.random.Generator,
    *,
    optimizer: Optimizer | None = None,
    n: int = 23,
    batch_size: int = 5,
    weighted: bool = False,
    penalty: Penalty | None = None,
    dtype: type = np.float64,
) -> Problem:
    """Random rows to learn from."""
    x = rng.normal(size=(n, architecture.n_in)).astype(dtype)
    y = targets(loss, rng, n, architecture.n_out).astype(dtype)
    weights = (rng.random(n) + 0.1).astype(dtype) if weighted else None
    if weights is not None:
        weights /= weights.mean()
    rows = LabelledRows(x, y, weights)
    return Problem(Objective(architecture, loss, penalty or Penalty()), optimizer or SGD(), rows, batch_size)


def start(task: Problem, seed: int = 1) -> Variables:
    dtype = task.rows.x.dtype
    architecture = task.objective.architecture
    theta = architecture.initial_theta(np.random.default_rng(seed), dtype)
    return Variables.started(task, theta, architecture.initial_state(dtype), np.random.default_rng(seed + 100))


def values(task: Problem, steps: int, rng: np.random.Generator | None = None, rate: float = 0.02) -> dict:
    """The values of each step: constant or, with a generator, each somewhat below what it is set to."""
    constants = {"learning_rate": rate, **task.optimizer.scheduled, "dropout_factor": 1.0}
    factor = np.ones(steps) if rng is None else rng.uniform(0.8, 1.0, steps)
    return {name: np.asarray(factor * value) for name, value in constants.items()}


def copied(variables: Variables) -> Variables:
    """The same state, in arrays and with a stream of masks of its own."""
    masks = variables.masks
    streams = tuple(_copied(stream) for stream in masks) if isinstance(masks, tuple) else _copied(masks)
    return replace(
        variables,
        theta=variables.theta.copy(),
        state=variables.state.copy(),
        remembered={name: array.copy() for name, array in variables.remembered.items()},
        masks=streams,
    )


def _copied(stream: np.random.Generator) -> np.random.Generator:
    other = np.random.default_rng(0)
    other.bit_generator.state = stream.bit_generator.state
    return other


def put(variables: Variables, given: Variables) -> None:
    """Bring variables to a given state, in the arrays that they have."""
    variables.theta[...], variables.state[...], variables.step = given.theta, given.state, given.step
    for name, array in given.remembered.items():
        variables.remembered[name][...] = array
    variables.masks.bit_generator.state = given.masks.bit_generator.state


def arrays(variables: Variables) -> dict:
    return {"theta": variables.theta, "state": variables.state, **variables.remembered}


def assert_same_step(ours: Variables, theirs: Variables, before: Variables) -> None:
    """What both have made of the state `before` differs little beside the update, but for theta's own rounding."""
    dtype = theirs.theta.dtype.type
    for name, expected in arrays(theirs).items():
        found, was = arrays(ours)[name], arrays(before)[name]
        update = np.linalg.norm(expected - was)
        rounding = np.finfo(dtype).eps * np.linalg.norm(expected)
        assert np.linalg.norm(found - expected) <= TOLERANCE[dtype] * update + rounding, name
    assert ours.step == theirs.step
    assert ours.masks.bit_generator.state == theirs.masks.bit_generator.state


def close_to_a_kink(task: Problem, variables: Variables, rows: np.ndarray, dropout: float) -> bool:
    """Whether a derivative would jump if float32 rounded otherwise."""
    architecture = task.objective.architecture
    x, y = task.rows.x[rows], task.rows.y[rows]
    weights = None if task.rows.weights is None else task.rows.weights[rows]
    mode = Mode(True, _copied(variables.masks), weights, dropout)
    bound = architecture.bind_parameters(variables.theta), architecture.bind_statistics(variables.state)
    _, caches = sequence.forward(architecture.layers, *bound, x, mode)
    record = ForwardRecord.of(architecture, caches)
    places = [(record.output - y, getattr(task.objective.loss, "kinks", ()))]
    for i, layer in architecture.dense_layers.items():
        places.append((record.z[i + 1], getattr(layer.activation, "kinks", ())))
    return any(
        ((at != kink) & (np.abs(at - kink) < 1e-6 * max(1.0, np.abs(at).max()))).any()
        for at, kinks in places
        for kink in kinks
    )


def assert_steps_agree(task: Problem, way: Way, schedule: dict, rng: np.random.Generator, seed: int = 1) -> None:
    """One step of the compiled engine from each of the states on the NumPy engine's path, of a step each.

    In float32, states so close to a kink that another rounding would give another derivative are passed over.
    """
    theirs = start(task, seed)
    ours, dtype = copied(theirs), theirs.theta.dtype.type
    numpy, compiled = NumpyEngine(), CompiledEngine()
    steps, skipped = len(schedule["learning_rate"]), 0
    with way.taken(), compiled.using_threads(way.threads):
        for i in range(steps):
            step = i % task.steps_per_epoch
            if step == 0:
                order = rng.permutation(task.n_rows)
            now = {name: column[i : i + 1] for name, column in schedule.items()}
            before = copied(theirs)
            put(ours, before)
            expected = numpy.run(task, theirs, order, step, step + 1, now)
            if not expected.J[0] < LARGE_LOSS:  # on its way out of all bounds
                break
            rows = order[task.batch_rows(step, step + 1)]
            if dtype is np.float32 and close_to_a_kink(task, before, rows, now["dropout_factor"][0]):
                skipped += 1
                continue
            found = compiled.run(task, ours, order, step, step + 1, now)
            for mine, other in zip(found, expected, strict=True):
                np.testing.assert_allclose(mine, other, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] / 10)
            assert_same_step(ours, theirs, before)
    assert skipped <= steps / 4
    assert i > 0
