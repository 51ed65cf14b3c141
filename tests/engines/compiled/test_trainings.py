"""Whole trainings with the compiled engine: resumed, diverged, and of rows in any form."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Callback, Network
from chainrule.engines import NumpyEngine
from chainrule.engines.compiled import CompiledEngine
from chainrule.engines.problem import Problem
from chainrule.errors import InvalidArgument, TrainingDiverged
from chainrule.functions.losses import MSE, CrossEntropy
from chainrule.network.architecture import Architecture
from chainrule.network.layers import BatchNorm, Dense, Dropout
from chainrule.optimizers import SGD, Adam, Clip, MovingAverage
from chainrule.training.checkpoint import Checkpoint
from tests.engines.compiled.steps import WAYS, arrays, problem, start, values

LAYERS = [Dense(4, 20, "tanh"), BatchNorm(), Dropout(0.3), Dense(20, 3, "softmax")]


class StopAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_batch(self, run):
        if run.training.variables.step == self.step:
            run.stop("enough")


def fit(nn, epochs=6, **given):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 4)), rng.integers(0, 3, 50)
    optimizer = MovingAverage(Clip(Adam(), norm=0.5), decay=0.9)
    history = nn.fit(x, y, epochs=epochs, batch_size=8, optimizer=optimizer, l2=0.01, verbose=False, **given)
    assert history.engine == "compiled"
    return history


@pytest.mark.parametrize("step", [1, 7, 10, 30])
@pytest.mark.parametrize("from_file", [False, True], ids=["in memory", "from a file"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_training_that_is_resumed_is_the_uninterrupted_one_bit_for_bit(
    threads, from_file, step, tmp_path, monkeypatch
):
    monkeypatch.setattr(CompiledEngine, "threads_for", lambda self, problem, n_networks, cores: threads)
    path = tmp_path / "c.safetensors"
    whole, part = Network(layers=LAYERS, seed=1), Network(layers=LAYERS, seed=1)
    expected = fit(whole, engine="compiled")
    fit(part, engine="compiled", callbacks=[StopAt(step), Checkpoint(path)])
    assert part.history.stopped == "enough"
    if from_file:
        part = Network(layers=LAYERS, seed=2)
    history = fit(part, resume=path if from_file else True)  # "auto" goes on with the compiled engine
    assert history["J"] == expected["J"]
    for name in ("theta", "state"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name))
    ours, theirs = part.training.variables, whole.training.variables
    for name, array in arrays(theirs).items():
        np.testing.assert_array_equal(arrays(ours)[name], array)
    assert ours.masks.bit_generator.state == theirs.masks.bit_generator.state


def diverged(engine, x, y, dtype, **given):
    nn = Network((4, 9, 9, 3), ("leaky_relu", "leaky_relu", "identity"), seed=1, dtype=dtype)
    with pytest.raises(TrainingDiverged) as raised:
        nn.fit(x, y, epochs=20, batch_size=7, engine=engine, verbose=False, **given)
    assert nn.training.engine == engine
    assert np.isfinite(nn.theta).all()
    return raised.value, nn


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", ["the rate is large", "the inputs are large", "the targets are large"])
def test_divergence_is_told_as_with_numpy(case, dtype, rng):
    x, y = rng.normal(size=(40, 4)), rng.normal(size=(40, 3))
    given = {"learning_rate": 0.5 if case != "the rate is large" else 50.0, "optimizer": SGD}
    x, y = (x * 1e4, y) if case == "the inputs are large" else (x, y * 1e4) if "targets" in case else (x, y)
    expected, theirs = diverged("numpy", x, y, dtype, **given)
    found, ours = diverged("compiled", x, y, dtype, **given)
    assert str(found) == str(expected)
    assert (found.layer, found.epoch, found.batch) == (expected.layer, expected.epoch, expected.batch)
    assert ours.training.variables.step == theirs.training.variables.step
    np.testing.assert_allclose(ours.theta, theirs.theta, rtol=1e-3)


@pytest.mark.parametrize("most_draws", [1, 1 << 20], ids=["in parts of a step", "at once"])
def test_a_loss_that_is_not_finite_is_the_last_that_is_told(most_draws, rng, monkeypatch):
    monkeypatch.setattr("chainrule.engines.compiled.program.MOST_DRAWS", most_draws)
    task = problem(Architecture.of([Dense(4, 5, "relu"), Dropout(0.5), Dense(5, 3)]), MSE(), rng)
    schedule = values(task, 5)
    schedule["learning_rate"][1] = 1e200
    with np.errstate(all="ignore"):
        expected = NumpyEngine().run(task, start(task), np.arange(23), 0, 5, schedule)
        found = CompiledEngine().run(task, start(task), np.arange(23), 0, 5, schedule)
    assert found.J.shape == found.penalty.shape == expected.J.shape
    np.testing.assert_array_equal(np.isfinite(found.J), np.isfinite(expected.J))


def test_arrays_that_take_the_place_of_others_between_calls_are_the_ones_that_move(rng):
    task = problem(Architecture.of(LAYERS), CrossEntropy(), rng, optimizer=Adam())
    engine, variables, kept, schedule = CompiledEngine(), start(task), start(task), values(task, 4)
    engine.run(task, variables, np.arange(23), 0, 4, schedule)
    CompiledEngine().run(task, kept, np.arange(23), 0, 4, schedule)
    variables.theta, variables.state = variables.theta.copy(), variables.state.copy()
    variables.remembered["m"] = variables.remembered["m"].copy()
    for each in (variables, kept):
        (engine if each is variables else CompiledEngine()).run(task, each, np.arange(23), 0, 4, schedule)
    for name, array in arrays(kept).items():
        np.testing.assert_array_equal(arrays(variables)[name], array, name)


FORMS = {
    "Fortran order": np.asfortranarray,
    "every other column": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "every other row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "rows backwards": lambda x: x[::-1].copy()[::-1],
    "columns backwards": lambda x: x[:, ::-1].copy()[:, ::-1],
    "both backwards": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "transposed": lambda x: x.T.copy().T,
    "within a record": lambda x: _in_records(x),
    "off its alignment": lambda x: _unaligned(x),
}


def _in_records(x):
    records = np.zeros(x.shape, np.dtype([("flag", np.int8), ("x", x.dtype)]))
    records["x"] = x
    return records["x"]


def _unaligned(x):
    memory = np.zeros(x.nbytes + 1, np.int8)[1:]
    view = memory.view(x.dtype).reshape(x.shape)
    view[...] = x
    return view


def one_step(task, way=WAYS[0], engine=CompiledEngine):
    variables, compiled = start(task), engine()
    with way.taken(), compiled.using_threads(way.threads):
        order = np.random.default_rng(0).permutation(task.n_rows)
        losses = compiled.run(task, variables, order, 0, task.steps_per_epoch, values(task, task.steps_per_epoch))
    return [variables.theta, *losses]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", FORMS)
def test_rows_in_any_order_of_memory_are_the_same_rows_and_stay_as_they_are(form, dtype, rng):
    task = problem(Architecture.dense((4, 9, 3), ("tanh", "identity")), MSE(), rng, dtype=dtype)
    x, y = FORMS[form](task.rows.x), FORMS[form](task.rows.y)
    np.testing.assert_array_equal(x, task.rows.x)
    x.flags.writeable = y.flags.writeable = False
    other = Problem(task.objective, task.optimizer, type(task.rows)(x, y, None), task.batch_size)
    for ours, theirs in zip(one_step(other), one_step(task), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(x, task.rows.x)


@pytest.mark.parametrize("shape", [(23, 1), (1, 4), (1, 1)])
def test_broadcast_rows_and_columns_are_read_in_place(shape, rng):
    task = problem(Architecture.dense((4, 9, 3), ("tanh", "identity")), MSE(), rng)
    x = np.broadcast_to(rng.normal(size=shape), (23, 4))
    results = []
    for each in (x, x.copy()):
        results.append(
            one_step(Problem(task.objective, task.optimizer, type(task.rows)(each, task.rows.y, None), task.batch_size))
        )
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("dimensions", "n", "batch_size"),
    [
        ((3, 2), 1, 1),  # a row
        ((1, 1, 1), 5, 1),
        ((4, 1, 3), 9, 4),  # a unit
        ((5, 7, 2), 2000, 2000),  # all rows at once
        ((5, 7, 2), 1999, 700),
        ((2, 3, 10_000), 6, 4),
    ],
    ids=str,
)
def test_extreme_sizes(dimensions, n, batch_size, dtype, way, rng):
    outputs = "identity" if dimensions[-1] == 1 else "softmax"
    loss = MSE() if dimensions[-1] == 1 else CrossEntropy()
    architecture = Architecture.dense(dimensions, ("tanh",) * (len(dimensions) - 2) + (outputs,))
    task = problem(architecture, loss, rng, n=n, batch_size=batch_size, dtype=dtype)
    tolerance = 1e-4 if dtype is np.float32 else 1e-10
    for ours, theirs in zip(one_step(task, way), one_step(task, engine=NumpyEngine), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance / 100)


@pytest.mark.parametrize("batch_size", [11, 5])
def test_a_batch_norm_refuses_a_batch_of_one_row_as_numpys_does(batch_size, rng):
    task = problem(Architecture.of([Dense(4, 5), BatchNorm(), Dense(5, 3)]), MSE(), rng, n=batch_size * 2 + 1)
    task = Problem(task.objective, task.optimizer, task.rows, batch_size)
    errors = []
    for engine in (NumpyEngine, CompiledEngine):
        with pytest.raises(ValueError, match="training batch of 1 row") as raised:
            one_step(task, engine=engine)
        errors.append(str(raised.value))
    assert errors[0] == errors[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda training: setattr(training.variables, "theta", np.zeros(3, np.float32)),
        lambda training: setattr(training.variables, "theta", training.variables.theta.astype(np.float64)),
        lambda training: setattr(training.variables, "theta", np.repeat(training.variables.theta, 2)[::2]),
    ],
    ids=["another size", "another type", "apart"],
)
def test_a_theta_that_it_cannot_walk_through_is_refused(change):
    class Replaces(Callback):
        def on_batch(self, run):
            change(run.training)

    nn = Network((3, 4, 2), ("tanh", "softmax"), seed=1)
    with pytest.raises(InvalidArgument, match="works on the numbers of theta where they lie"):
        nn.fit(
            np.ones((20, 3)), np.arange(20) % 2, batch_size=5, engine="compiled", verbose=False, callbacks=[Replaces()]
        )


def test_an_order_that_is_none_is_refused():
    class Orders(Callback):
        def on_batch(self, run):
            run.training.order = np.full(20, 10**9)

    nn = Network((3, 4, 2), ("tanh", "softmax"), seed=1)
    with pytest.raises(InvalidArgument, match="from 0 to 19; this is none"):
        nn.fit(
            np.ones((20, 3)), np.arange(20) % 2, batch_size=5, engine="compiled", verbose=False, callbacks=[Orders()]
        )
