"""K networks as one computation of the compiled engine, and their masks and orders: each is its single fit."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Network, fit_together
from chainrule.engines import NumpyEngine
from chainrule.engines.compiled import CompiledEngine
from chainrule.engines.compiled.program import Program
from chainrule.engines.problem import Variables
from chainrule.functions.losses import MSE, CrossEntropy
from chainrule.functions.penalties import Penalty
from chainrule.network.architecture import Architecture
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual
from chainrule.optimizers import Adam, Clip, Momentum, MovingAverage
from chainrule.optimizers.schedules import Cosine, StepDecay
from tests.engines.compiled.steps import Way, arrays, problem, start, values

DROPOUT = Architecture.of(
    [Dropout(0.2), Dense(4, 9, "tanh"), Residual([Dropout(0.5), Dense(9, 9, "relu")]), Dropout(0.1), Dense(9, 3)]
)
COUPLED = Architecture.of(
    [Dense(4, 9, "tanh"), BatchNorm(), Dropout(0.5), LayerNorm(), Dropout(0.3), Dense(9, 3, "softmax")]
)
FACTORS = [1.0, 1.0, 0.0, 0.5, 0.5, 0.0, 0.0, 1.5, 1.0, 1.0]


def together(task, k, *, shared):
    """K networks at their starts, with a stream of masks for each, or one for all."""
    singles = [start(task, seed) for seed in range(k)]
    streams = tuple(np.random.default_rng(50 + i) for i in range(k))
    return Variables(
        np.stack([single.theta for single in singles]),
        np.stack([single.state for single in singles]),
        {name: np.stack([single.remembered[name] for single in singles]) for name in singles[0].remembered},
        np.random.default_rng(50) if shared else streams,
    )


def positions(variables):
    streams = variables.masks if isinstance(variables.masks, tuple) else (variables.masks,)
    return [stream.bit_generator.state for stream in streams]


def assert_same(found, ours, expected, theirs):
    for mine, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-13)
    for name, array in arrays(theirs).items():
        np.testing.assert_allclose(arrays(ours)[name], array, rtol=1e-10, atol=1e-10 * np.abs(array).max(initial=1e-3))
    assert positions(ours) == positions(theirs)
    assert ours.step == theirs.step


@pytest.mark.parametrize("most_draws", [1, 60, 1 << 20])
@pytest.mark.parametrize("way", [Way(), Way(threads=2), Way(by_rows=True, row_block=2)], ids=str)
@pytest.mark.parametrize("architecture", [DROPOUT, COUPLED], ids=["dropout", "coupled"])
def test_masks_are_numpys_and_the_stream_stands_where_it_would(architecture, way, most_draws, rng, monkeypatch):
    monkeypatch.setattr("chainrule.engines.compiled.program.MOST_DRAWS", most_draws)
    task = problem(architecture, MSE(), rng, n=48, weighted=True)
    ours, theirs, order, schedule = start(task), start(task), rng.permutation(48), values(task, 10)
    schedule["dropout_factor"] = np.array(FACTORS)
    numpy, compiled = NumpyEngine(), CompiledEngine()
    with way.taken(), compiled.using_threads(way.threads):
        for _ in range(2):
            expected = numpy.run(task, theirs, order, 0, 10, schedule)
            found = compiled.run(task, ours, order, 0, 10, schedule)
            assert_same(found, ours, expected, theirs)


@pytest.mark.parametrize("shared", [False, True], ids=["own masks", "shared masks"])
@pytest.mark.parametrize("own_factors", [False, True], ids=["", "own factors"])
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("k", [1, 3])
def test_masks_of_several_networks_are_numpys(k, threads, own_factors, shared, rng, monkeypatch):
    monkeypatch.setattr("chainrule.engines.compiled.program.MOST_DRAWS", 400)
    task = problem(DROPOUT, MSE(), rng, n=48)
    ours, theirs = together(task, k, shared=shared), together(task, k, shared=shared)
    order, schedule = np.stack([rng.permutation(48) for _ in range(k)]), values(task, 10)
    schedule["dropout_factor"] = np.array(FACTORS)
    if own_factors:
        rolled = [np.roll(FACTORS, i) for i in range(k)]
        rolled[0][2:4] = 0  # the first network drops nothing while others do
        schedule["dropout_factor"] = np.stack(rolled, axis=1)
    compiled = CompiledEngine()
    with compiled.using_threads(threads):
        found = compiled.run(task, ours, order, 0, 10, schedule)
    assert_same(found, ours, NumpyEngine().run(task, theirs, order, 0, 10, schedule), theirs)


@pytest.mark.parametrize("by_rows", [False, True], ids=["by units", "by rows"])
@pytest.mark.parametrize(("k", "threads"), [(2, 1), (2, 2), (7, 2), (2, 4), (5, 3)])
@pytest.mark.parametrize("architecture", [DROPOUT, COUPLED], ids=["dropout", "coupled"])
def test_each_of_k_networks_is_its_single_run_to_the_last_bit(architecture, k, threads, by_rows, rng):
    """With orders, values, clipping and weights of its own; a single run has one thread, as each has here."""
    loss = CrossEntropy() if architecture is COUPLED else MSE()
    optimizer = MovingAverage(Clip(Adam(), norm=0.05, value=0.01), decay=0.8)
    task = problem(architecture, loss, rng, optimizer=optimizer, weighted=True, penalty=Penalty(0.01, 0.1))
    order, steps = np.stack([rng.permutation(23) for _ in range(k)]), 5
    schedule = {
        name: np.multiply.outer(column, rng.uniform(0.5, 0.9, k)) for name, column in values(task, steps).items()
    }
    variables, compiled = together(task, k, shared=False), CompiledEngine()
    with Way(by_rows=by_rows, row_block=3).taken():
        with compiled.using_threads(threads):
            found = compiled.run(task, variables, order, 0, steps, schedule)
        for i in range(k):
            single = start(task, i)
            single.masks = np.random.default_rng(50 + i)
            alone = CompiledEngine()
            with alone.using_threads(1):
                own = {name: column[:, i].copy() for name, column in schedule.items()}
                expected = alone.run(task, single, order[i], 0, steps, own)
            np.testing.assert_array_equal(found.J[:, i], expected.J)
            np.testing.assert_array_equal(found.penalty[:, i], expected.penalty)
            for name, array in arrays(single).items():
                np.testing.assert_array_equal(arrays(variables)[name][i], array, name)


def test_norms_that_threads_clip_at_the_same_time_are_each_networks_own(rng):
    task = problem(Architecture.dense((4, 30, 3), ("tanh", "identity")), MSE(), rng, optimizer=Clip(Momentum(), 0.01))
    scales = np.array([1.0, 1e3, 1.0, 1e3])
    ours, theirs = together(task, 4, shared=True), together(task, 4, shared=True)
    for each in (ours, theirs):
        each.theta *= scales[:, np.newaxis]
    order = np.stack([rng.permutation(23) for _ in range(4)])
    compiled, numpy, schedule = CompiledEngine(), NumpyEngine(), values(task, 5)
    with compiled.using_threads(4):
        for _ in range(100):
            compiled.run(task, ours, order, 0, 5, schedule)
            numpy.run(task, theirs, order, 0, 5, schedule)
    np.testing.assert_allclose(ours.theta, theirs.theta, rtol=1e-8, atol=1e-12)


def test_threads_that_have_networks_of_their_own_share_no_memory_that_they_write(rng):
    task = problem(COUPLED, CrossEntropy(), rng, optimizer=Clip(Adam(), 0.1))
    jobs = Program(task, together(task, 4, shared=False), 3).jobs
    for name in ("sums", "gradient", "transposed", "scratch", "batch_y", "shares", "norm_shares", "layers"):
        assert len(set(jobs[name].tolist())) == 3, name


def test_networks_fitted_together_are_fitted_alone(rng):
    x, y = rng.normal(size=(60, 4)), rng.integers(0, 3, 60)
    layers = [Dense(4, 9, "tanh"), BatchNorm(), Dropout(0.3), Dense(9, 3, "softmax")]
    given = {"epochs": 4, "batch_size": 7, "l2": 0.01, "sample_weight": rng.random(60), "verbose": False}
    given |= {"optimizer": Clip(Adam(), norm=0.1), "engine": "compiled"}
    rates = [0.01, Cosine(0.02), StepDecay(0.03)]
    many = [Network(layers=layers, seed=seed, dtype="float64") for seed in (1, 2, 3)]
    histories = fit_together(many, x, y, learning_rate=rates, **given)
    for seed, nn, rate, history in zip((1, 2, 3), many, rates, histories, strict=True):
        single = Network(layers=layers, seed=seed, dtype="float64")
        alone = single.fit(x, y, learning_rate=rate, **given)
        assert history.engine == alone.engine == "compiled"
        np.testing.assert_allclose(history["J"], alone["J"], rtol=1e-12)
        np.testing.assert_allclose(nn.theta, single.theta, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(nn.state, single.state, rtol=1e-9, atol=1e-12)


def test_an_ensemble_is_numpys_ensemble(rng):
    x, y = rng.normal(size=(60, 4)), rng.integers(0, 3, 60)
    found = []
    for engine in ("numpy", "compiled"):
        nn = Network((4, 9, 3), ("tanh", "softmax"), seed=1, dtype="float64", n_members=5)
        history = nn.fit(x, y, epochs=3, batch_size=7, optimizer=Clip(Momentum(), 0.1), engine=engine, verbose=False)
        assert history.engine == engine
        found.append(nn.theta)
    np.testing.assert_allclose(*found, rtol=1e-9, atol=1e-12)
