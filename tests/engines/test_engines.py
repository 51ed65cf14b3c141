"""Every engine does what the contract says; the NumPy engine is what the others are compared with."""

from __future__ import annotations

import itertools
import os
import threading
from dataclasses import replace

import numpy as np
import pytest

from chainrule import Network
from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines import ENGINES, NumpyEngine, engine_named
from chainrule.engines.dense_stack import DenseStack
from chainrule.engines.numpy_engine import LayerSteps
from chainrule.engines.problem import Problem, Variables
from chainrule.engines.row_blocks import blocks_of_batch
from chainrule.engines.threads import allowed_cores, available_cores, largest_product, limited_threads, threads_for
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.activations import ACTIVATIONS, Relu
from chainrule.functions.losses import MSE, BinaryCrossEntropy, CrossEntropy
from chainrule.functions.penalties import Penalty
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Mode
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual
from chainrule.network.objective import Objective, row_shares
from chainrule.network.sparse_rows import SparseRows
from chainrule.optimizers import LBFGS, SGD, Adam, Clip, Momentum
from chainrule.training.callback import Callback
from tests.functions.test_losses import PAIRS
from tests.optimizers.examples import EVERY_STEP_OPTIMIZER

engines = pytest.mark.parametrize("engine", [engine() for engine in ENGINES.values()], ids=lambda e: e.name)

GENERAL = Architecture.of(
    [Dense(4, 6, "relu"), BatchNorm(), Dropout(0.3), Residual([Dense(6, 6, "tanh")]), Dense(6, 3, "softmax")]
)
PLAIN = Architecture.dense((4, 5, 3), ("sigmoid", "identity"))
N = 23


def problem(architecture, loss, optimizer, rng, *, weighted=False, penalty=None, dtype=np.float64, batch_size=5):
    y = np.eye(3)[rng.integers(0, 3, N)]
    weights = rng.random(N) + 0.1
    rows = LabelledRows(
        rng.normal(size=(N, 4)).astype(dtype),
        y.astype(dtype),
        (weights / weights.mean()).astype(dtype) if weighted else None,
    )
    return Problem(Objective(architecture, loss, penalty or Penalty()), optimizer, rows, batch_size)


def start(problem, dtype=np.float64, seed=1):
    architecture = problem.objective.architecture
    theta = architecture.initial_theta(np.random.default_rng(seed), np.dtype(dtype))
    state = architecture.initial_state(np.dtype(dtype))
    return Variables.started(problem, theta, state, np.random.default_rng(seed + 100))


def values(problem, steps):
    constants = {"learning_rate": 0.1, **problem.optimizer.scheduled, "dropout_factor": 1.0}
    return {name: np.full(steps, value) for name, value in constants.items()}


def everything(variables):
    return [variables.theta, variables.state, *variables.remembered.values()]


@engines
@pytest.mark.parametrize("optimizer", EVERY_STEP_OPTIMIZER, ids=lambda o: o.name)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("architecture", [PLAIN, GENERAL], ids=["plain", "general"])
def test_cutting_an_epoch_into_chunks_changes_no_bit(engine, architecture, optimizer, weighted, dtype, rng):
    task = problem(architecture, MSE(), optimizer, rng, weighted=weighted, penalty=Penalty(0.01, 0.1), dtype=dtype)
    order = rng.permutation(N)
    results = []
    for cuts in ([0, 5], [0, 1, 2, 3, 4, 5], [0, 2, 5]):
        variables = start(task, dtype)
        parts = [engine.run(task, variables, order, a, b, values(task, b - a)) for a, b in itertools.pairwise(cuts)]
        losses = [np.concatenate(column) for column in zip(*parts, strict=True)]
        results.append([*everything(variables), *losses])
        assert variables.step == 5
    for other in results[1:]:
        for ours, theirs in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@engines
def test_a_run_is_the_posts_algorithm_with_every_row_in_it(engine, rng):
    task = problem(PLAIN, MSE(), SGD(), rng, penalty=Penalty(l2=0.3))
    variables, order = start(task), rng.permutation(N)
    (w1, b1), (w2, b2) = (tuple(a.copy() for a in pair) for pair in PLAIN.bind_parameters(variables.theta))
    found = engine.run(task, variables, order, 0, 5, values(task, 5))
    for step in range(5):
        rows = order[5 * step : 5 * step + 5]
        x, y = task.rows.x[rows], task.rows.y[rows]
        n = len(rows)
        assert n == (5 if step < 4 else 3)  # the last short batch is kept
        a2 = 1 / (1 + np.exp(-(x @ w1 + b1)))
        a3 = a2 @ w2 + b2
        assert found.J[step] == pytest.approx(((a3 - y) ** 2).mean())
        assert found.penalty[step] == pytest.approx(0.15 * ((w1**2).sum() + (w2**2).sum()))
        delta3 = 2 * (a3 - y) / (3 * n)
        delta2 = (delta3 @ w2.T) * a2 * (1 - a2)
        w1, w2 = w1 - 0.1 * (x.T @ delta2 + 0.3 * w1), w2 - 0.1 * (a2.T @ delta3 + 0.3 * w2)
        b1, b2 = b1 - 0.1 * delta2.sum(axis=0), b2 - 0.1 * delta3.sum(axis=0)
    for ours, theirs in zip(PLAIN.parameters.views(variables.theta), (w1, b1, w2, b2), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@engines
@pytest.mark.parametrize(
    "loss_and_output", [(MSE(), "tanh"), (BinaryCrossEntropy(), "sigmoid"), (CrossEntropy(), "softmax")]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_k_networks_at_once_are_k_single_runs(engine, loss_and_output, weighted, rng):
    loss, output = loss_and_output
    layers = [Dense(4, 6, "relu"), BatchNorm(), Dropout(0.3), Residual([Dense(6, 6, "tanh")]), Dense(6, 3, output)]
    task = problem(Architecture.of(layers), loss, Momentum(), rng, weighted=weighted, penalty=Penalty(0.01, 0.1))
    singles = [start(task, seed=seed) for seed in (1, 2, 3)]
    together = Variables(
        np.stack([v.theta for v in singles]),
        np.stack([v.state for v in singles]),
        {"velocity": np.zeros((3, singles[0].theta.size))},
        tuple(np.random.default_rng(seed + 100) for seed in (1, 2, 3)),
    )
    order = rng.permutation(N)
    found = engine.run(task, together, order, 0, 5, values(task, 5))
    for k, single in enumerate(singles):
        alone = engine.run(task, single, order, 0, 5, values(task, 5))
        np.testing.assert_allclose(found.J[:, k], alone.J, rtol=1e-10)
        np.testing.assert_allclose(found.penalty[:, k], alone.penalty, rtol=1e-10)
        np.testing.assert_allclose(together.theta[k], single.theta, rtol=1e-8, atol=1e-11)
        np.testing.assert_allclose(together.state[k], single.state, rtol=1e-8, atol=1e-11)


def together(singles, task):
    """K networks as one computation, started as each alone is."""
    return Variables(
        np.stack([v.theta for v in singles]),
        np.stack([v.state for v in singles]),
        {name: np.stack([v.remembered[name] for v in singles]) for name in singles[0].remembered},
        tuple(np.random.default_rng(seed + 100) for seed in SEEDS),
    )


def own_schedules(task, rng, own_values):
    """Values for each step and network: the learning rate differs, the others too where asked for."""
    schedule = {name: np.tile(column[:, np.newaxis], (1, len(SEEDS))) for name, column in values(task, 5).items()}
    schedule["learning_rate"] = rng.uniform(0.01, 0.1, (5, len(SEEDS)))
    for name in set(schedule) - {"learning_rate", "epsilon"} if own_values else ():
        schedule[name] = schedule[name] * rng.uniform(0.5, 1, (5, len(SEEDS)))
    if own_values:
        schedule["dropout_factor"][2:4, 1] = 0  # this network draws no masks then
    return schedule


SEEDS = (1, 2, 3)


@engines
@pytest.mark.parametrize("optimizer", EVERY_STEP_OPTIMIZER, ids=lambda o: o.name)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("own_values", [False, True])
def test_k_networks_with_their_own_orders_and_values_are_k_single_runs(engine, optimizer, weighted, own_values, rng):
    task = problem(GENERAL, CrossEntropy(), optimizer, rng, weighted=weighted, penalty=Penalty(0.01, 0.1))
    singles = [start(task, seed=seed) for seed in SEEDS]
    variables = together(singles, task)
    order = np.stack([rng.permutation(N) for _ in SEEDS])
    schedule = own_schedules(task, rng, own_values)
    found = engine.run(task, variables, order, 0, 5, schedule)
    for k, single in enumerate(singles):
        own = {name: column[:, k] for name, column in schedule.items()}
        alone = engine.run(task, single, order[k], 0, 5, own)
        np.testing.assert_allclose(found.J[:, k], alone.J, rtol=1e-9)
        np.testing.assert_allclose(found.penalty[:, k], alone.penalty, rtol=1e-9)
        for ours, theirs in zip(everything(variables), everything(single), strict=True):
            np.testing.assert_allclose(ours[k], theirs, rtol=1e-8, atol=1e-9)


@engines
@pytest.mark.parametrize("loss_and_output", PAIRS, ids=str)
def test_every_loss_takes_the_targets_of_k_networks(engine, loss_and_output, rng):
    loss, output = loss_and_output
    task = problem(Architecture.dense((4, 5, 3), ("tanh", output)), loss, SGD(), rng, weighted=True)
    singles = [start(task, seed=seed) for seed in SEEDS]
    variables, order = together(singles, task), np.stack([rng.permutation(N) for _ in SEEDS])
    schedule = values(task, 5)
    schedule["learning_rate"] /= 100
    found = engine.run(task, variables, order, 0, 5, schedule)
    for k, single in enumerate(singles):
        alone = engine.run(task, single, order[k], 0, 5, schedule)
        np.testing.assert_allclose(found.J[:, k], alone.J, rtol=1e-9)
        np.testing.assert_allclose(variables.theta[k], single.theta, rtol=1e-8, atol=1e-9)


@engines
def test_float32_networks_with_their_own_values_are_single_runs_to_float32s_digits(engine, rng):
    task = problem(PLAIN, MSE(), Adam(), rng, dtype=np.float32)
    singles = [start(task, np.float32, seed) for seed in SEEDS]
    variables, order = together(singles, task), np.stack([rng.permutation(N) for _ in SEEDS])
    schedule = own_schedules(task, rng, own_values=True)
    engine.run(task, variables, order, 0, 5, schedule)
    assert variables.theta.dtype == np.float32
    for k, single in enumerate(singles):
        engine.run(task, single, order[k], 0, 5, {name: column[:, k] for name, column in schedule.items()})
        np.testing.assert_allclose(variables.theta[k], single.theta, rtol=1e-5, atol=1e-6)


def test_an_optimizer_that_remembers_for_all_networks_at_once_takes_one_value_for_all(rng):
    class Counting(Momentum):
        def start(self, theta, layout):
            return {**super().start(theta, layout), "calls": np.zeros(())}

    task = problem(PLAIN, MSE(), Counting(), rng)
    singles = [start(task, seed=seed) for seed in SEEDS]
    variables = together(singles, task)
    variables.remembered["calls"] = np.zeros(())
    with pytest.raises(InvalidArgument, match=r"Counting remembers one 'calls' of shape \(\) for all 3 networks"):
        NumpyEngine().run(task, variables, np.arange(N), 0, 5, own_schedules(task, rng, own_values=True))


@engines
def test_sparse_rows_serve_networks_with_their_own_orders(engine, rng):
    sparse = pytest.importorskip("scipy.sparse")
    dense_task = problem(PLAIN, MSE(), SGD(), rng)
    rows = replace(dense_task.rows, x=SparseRows(sparse.csr_array(dense_task.rows.x)))
    order, results = np.stack([rng.permutation(N) for _ in SEEDS]), []
    for task in (dense_task, replace(dense_task, rows=rows)):
        variables = together([start(task, seed=seed) for seed in SEEDS], task)
        engine.run(task, variables, order, 0, 5, values(task, 5))
        results.append(variables.theta)
    np.testing.assert_allclose(*results, rtol=1e-12)


@engines
@pytest.mark.parametrize("architecture", [PLAIN, GENERAL], ids=["plain", "general"])
@pytest.mark.parametrize("leading", [(), (2,)])
def test_the_full_gradient_is_that_of_all_rows_as_one_batch(engine, architecture, leading, rng, monkeypatch):
    monkeypatch.setattr("chainrule.network.prediction.BLOCK_ROWS", 7)  # several blocks, and a short one
    task = problem(architecture, MSE(), SGD(), rng, weighted=True, penalty=Penalty(0.1, 0.2))
    theta = rng.normal(size=(*leading, architecture.parameters.size))
    state = np.broadcast_to(architecture.initial_state(np.dtype(np.float64)), (*leading, architecture.statistics.size))
    found = engine.value_and_gradient(task, theta, state)
    gradient = np.empty_like(theta)
    whole = task.objective.value_and_gradient(
        architecture.bind_parameters(theta),
        architecture.bind_statistics(state),
        task.rows.x,
        task.rows.y,
        row_shares(N, task.rows.weights, theta.dtype),
        Mode(True, None, task.rows.weights),
        architecture.bind_parameters(gradient),
    )
    mask, penalty = task.objective.penalised, task.objective.penalty
    np.testing.assert_allclose(found.J, whole.J, rtol=1e-12)
    np.testing.assert_allclose(found.penalty, penalty.value(theta, mask), rtol=1e-12)
    np.testing.assert_allclose(found.gradient, gradient + penalty.gradient(theta, mask), rtol=1e-9, atol=1e-12)


@engines
def test_the_losses_end_with_the_first_that_is_not_finite(engine, rng):
    task = problem(PLAIN, MSE(), SGD(), rng)
    variables = start(task)
    schedule = values(task, 5)
    schedule["learning_rate"][1] = 1e200
    found = engine.run(task, variables, np.arange(N), 0, 5, schedule)
    assert len(found.J) == len(found.penalty) == 3
    assert np.isfinite(found.J).tolist() == [True, True, False]


def assert_both_paths_do_the_same_steps(architecture, loss, optimizer, rng, **settings):
    task = problem(architecture, loss, optimizer, rng, penalty=Penalty(0.01, 0.1), **settings)
    order, fast, general = rng.permutation(N), start(task), start(task)
    assert DenseStack.fits(task, fast)
    schedule = values(task, 5)
    schedule["learning_rate"] /= 100  # an exponential output overflows from larger steps
    ours = DenseStack(task, fast).run(order, 0, 5, schedule)
    theirs = LayerSteps(task, general).run(order, 0, 5, schedule)
    for a, b in zip([*everything(fast), *ours], [*everything(general), *theirs], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    assert fast.step == general.step == 5


@pytest.mark.parametrize("hidden", list(ACTIVATIONS), ids=lambda f: f.name)
@pytest.mark.parametrize(("loss", "output"), PAIRS, ids=str)
def test_the_fast_path_of_the_numpy_engine_does_the_steps_of_the_general_one(loss, output, hidden, rng):
    architecture = Architecture.dense((4, 5, 6, 3), (hidden, hidden, output))
    assert_both_paths_do_the_same_steps(architecture, loss, SGD(), rng, weighted=True)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("optimizer", EVERY_STEP_OPTIMIZER, ids=lambda o: o.name)
@pytest.mark.parametrize(("loss", "output"), [(MSE(), "tanh"), (CrossEntropy(), "softmax")], ids=str)
def test_the_fast_path_takes_every_optimizer(loss, output, optimizer, weighted, rng):
    architecture = Architecture.dense((4, 5, 6, 3), ("tanh", "sigmoid", output))
    assert_both_paths_do_the_same_steps(architecture, loss, optimizer, rng, weighted=weighted)


def test_the_fast_path_is_for_dense_layers_with_biases(rng):
    def fits(*layers, leading=(), rows=5):
        task = problem(Architecture.of(layers), MSE(), SGD(), rng, batch_size=rows)
        variables = start(task)
        variables.theta = np.broadcast_to(variables.theta, (*leading, variables.theta.size))
        return DenseStack.fits(task, variables)

    assert fits(Dense(4, 3))
    assert fits(Dense(4, 5, "relu"), Dense(5, 3))
    assert fits(Dense(4, 3), leading=(2,))
    assert not fits(Dense(4, 50_000), Dense(50_000, 3))  # large products leave nothing to gain
    assert not fits(Dense(4, 32), Dense(32, 3), rows=100_000)  # nor do tall batches
    assert not fits(Dense(4, 5, bias=False), Dense(5, 3))
    assert not fits(Dense(4, 5), Dropout(0.1), Dense(5, 3))
    assert not fits(Dense(4, 5), BatchNorm(), Dense(5, 3))


def test_rows_weights_and_order_are_only_read(rng):
    task = problem(GENERAL, CrossEntropy(), Momentum(), rng, weighted=True)
    order = rng.permutation(N)
    for array in (task.rows.x, task.rows.y, task.rows.weights, order):
        array.flags.writeable = False
    before = [array.copy() for array in (task.rows.x, task.rows.y, task.rows.weights, order)]
    NumpyEngine().run(task, start(task), order, 0, 5, values(task, 5))
    for array, copied in zip((task.rows.x, task.rows.y, task.rows.weights, order), before, strict=True):
        np.testing.assert_array_equal(array, copied)


@pytest.mark.parametrize(("architecture", "path"), [(GENERAL, "numpy_engine"), (PLAIN, "dense_stack")])
def test_rows_are_gathered_in_parts_without_changing_a_bit(architecture, path, rng, monkeypatch):
    task, order = problem(architecture, MSE(), SGD(), rng, weighted=True), rng.permutation(N)
    first, second = start(task), start(task)
    NumpyEngine().run(task, first, order, 0, 5, values(task, 5))
    monkeypatch.setattr(f"chainrule.engines.{path}.GATHERED_BYTES", 1)
    NumpyEngine().run(task, second, order, 0, 5, values(task, 5))
    np.testing.assert_array_equal(first.theta, second.theta)


def in_small_blocks(monkeypatch):
    """As if the cache held no more than some rows of the networks here."""
    for module in ("functions.cache_blocks", "engines.row_blocks", "optimizers.optimizer"):
        monkeypatch.setattr(f"chainrule.{module}.CACHED_BYTES", 6 * 8 * 4)
    monkeypatch.setattr("chainrule.engines.row_blocks.SPARE_NUMBERS", 0)
    monkeypatch.setattr("chainrule.network.layers.dense.LARGE_BYTES", 1)


TALL = Architecture.of([Dense(4, 6, "relu"), LayerNorm(), Residual([Dense(6, 6, "tanh")]), Dense(6, 3, "softmax")])


@pytest.mark.parametrize("architecture", [PLAIN, TALL, GENERAL], ids=["plain", "tall", "general"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("batch_size", [N, 15])
def test_a_tall_batch_passes_in_blocks_to_the_same_end(architecture, weighted, batch_size, rng, monkeypatch):
    settings = {"weighted": weighted, "penalty": Penalty(0.01, 0.1), "batch_size": batch_size}
    task = problem(architecture, MSE(), Momentum(), rng, **settings)
    order, steps = rng.permutation(N), task.steps_per_epoch
    whole, first, second = start(task), start(task), start(task)
    assert len(blocks_of_batch(architecture, batch_size, np.dtype(np.float64))) == 1
    expected = LayerSteps(task, whole).run(order, 0, steps, values(task, steps))
    in_small_blocks(monkeypatch)
    blocks = blocks_of_batch(architecture, batch_size, np.dtype(np.float64))
    assert (len(blocks) > 2) == (architecture is not GENERAL)  # its rows need each other
    found = LayerSteps(task, first).run(order, 0, steps, values(task, steps))
    np.testing.assert_allclose(found.J, expected.J, rtol=1e-12)
    np.testing.assert_allclose(found.penalty, expected.penalty, rtol=1e-12)
    for ours, theirs in zip(everything(first), everything(whole), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-13)
    for s in range(steps):  # however the epoch is cut, each bit is the same
        LayerSteps(task, second).run(order, s, s + 1, values(task, 1))
    np.testing.assert_array_equal(first.theta, second.theta)


def test_wide_networks_and_short_batches_pass_whole():
    narrow, wide = Architecture.dense((4, 32, 4), ("tanh",) * 2), Architecture.dense((784, 2048, 10), ("tanh",) * 2)
    float32 = np.dtype(np.float32)
    assert len(blocks_of_batch(narrow, 10_000, float32)) == 20
    assert len(blocks_of_batch(narrow, 900, float32)) == 1
    assert len(blocks_of_batch(wide, 10_000, float32)) == 1  # its gradient is larger than what passes in a block
    assert len(blocks_of_batch(Architecture.of([Dense(4, 32), Dropout(0.1), Dense(32, 4)]), 10_000, float32)) == 1


def test_an_unknown_engine_is_refused_with_the_names():
    with pytest.raises(InvalidArgument, match=r"'numpi' is not the name of an engine; did you mean 'numpy'\?"):
        engine_named("numpi")


def test_threads_follow_sizes_alone():
    small, large = (
        Architecture.dense((64, 15, 10), ("relu", "softmax")),
        Architecture.dense((784, 2048, 10), ("relu",) * 2),
    )
    assert threads_for(small, 15, cores=8) == 1
    assert threads_for(large, 1024, cores=8) == 8
    assert threads_for(large, 64, cores=8) == 1
    assert largest_product(large, 64) == 2 * 64 * 784 * 2048
    assert available_cores() >= 1


def test_threads_are_limited_inside_the_context_and_as_before_after_it():
    from threadpoolctl import threadpool_info

    def blas_threads():
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    before = blas_threads()
    with limited_threads(1) as threads:
        assert threads == 1
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_threads_of_overlapping_trainings_are_put_back_at_the_end():
    from threadpoolctl import threadpool_info

    before = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    first, second = limited_threads(1), limited_threads(1)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == before


def test_a_persons_own_functions_take_the_general_path(rng):
    class Mine(Relu):
        @staticmethod
        def derivative_expression(z, a):
            return np.where(z > 0, 1.0, 0.0)  # float64, whatever z is

    nn = Network((4, 5, 3), (Mine, "softmax"), seed=1)
    like = Network((4, 5, 3), (Relu, "softmax"), seed=1)
    x, y = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
    for each in (nn, like):
        each.fit(x, y, epochs=3, batch_size=6, verbose=False)
    np.testing.assert_allclose(nn.theta, like.theta, rtol=1e-5)


def test_a_row_of_stride_0_is_a_row(rng):
    row = np.float32([1, 2, 3])
    for x in (row[None], np.broadcast_to(row, (9, 3))):
        history = Network((3, 4, 2), ("tanh", "softmax"), seed=1).fit(x, [1] * len(x), verbose=False)
        assert history["J"][-1] < history["J"][0]


def test_an_optimizer_that_takes_no_steps_is_refused_by_name(rng):
    task = problem(PLAIN, MSE(), SGD(), rng)
    other = problem(PLAIN, MSE(), LBFGS(), rng)
    with pytest.raises(InvalidType, match="LBFGS does not move by steps over batches"):
        NumpyEngine().run(other, start(task), np.arange(N), 0, 1, values(task, 1))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("own_orders", [False, True])
@pytest.mark.parametrize("own_rates", [False, True])
@pytest.mark.parametrize(("loss", "output"), [(MSE(), "tanh"), (CrossEntropy(), "softmax")], ids=str)
def test_the_fast_path_does_the_steps_of_k_networks_as_the_general_one(
    loss, output, own_rates, own_orders, weighted, rng
):
    architecture = Architecture.dense((4, 5, 6, 3), ("tanh", "relu", output))
    task = problem(architecture, loss, Clip(Adam(), norm=0.1), rng, penalty=Penalty(0.01, 0.1), weighted=weighted)
    theta = np.stack([start(task).theta * scale for scale in (0.5, 1.0, 1.5)])
    fast, general = (
        Variables.started(task, theta.copy(), np.zeros((3, 0)), np.random.default_rng(0)) for _ in range(2)
    )
    order = np.stack([rng.permutation(N) for _ in range(3)]) if own_orders else rng.permutation(N)
    schedule = values(task, 5)
    if own_rates:
        schedule["learning_rate"] = schedule["learning_rate"][:, np.newaxis] * np.array([1.0, 0.5, 0.1])
    ours = DenseStack(task, fast).run(order, 0, 5, schedule)
    theirs = LayerSteps(task, general).run(order, 0, 5, schedule)
    for a, b in zip([*everything(fast), *ours], [*everything(general), *theirs], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    assert ours.J.shape == ours.penalty.shape == (5, 3)


@engines
@pytest.mark.parametrize("batch_size", [1, 7])
@pytest.mark.parametrize("n_out", [4, 17])
def test_not_even_the_history_tells_how_an_epoch_was_cut(engine, batch_size, n_out, rng):
    class OneByOne(Callback):
        def on_batch(self, run):
            pass

    x, y = rng.normal(size=(300, 2)), rng.normal(size=(300, n_out))
    found = []
    for callbacks in ([], [OneByOne()]):
        nn = Network((2, 40, n_out), ("tanh", "sigmoid"), seed=1)
        settings = {"epochs": 4, "batch_size": batch_size, "verbose": False, "engine": engine.name}
        found.append(nn.fit(x, y, "mse", callbacks=callbacks, **settings)["J"])
    assert found[0] == found[1]


def blas_threads():
    from threadpoolctl import threadpool_info

    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_limits_of_threads_nest():
    with limited_threads(2):
        inside = blas_threads()
        with limited_threads(1):
            assert blas_threads() == {1}
            assert allowed_cores() == 1
        assert blas_threads() == inside


def test_of_limits_that_overlap_the_last_that_is_there_counts():
    before = blas_threads()
    first, second = limited_threads(1), limited_threads(2)
    first.__enter__()
    second.__enter__()
    with_both = blas_threads()
    first.__exit__(None, None, None)
    assert blas_threads() == with_both
    second.__exit__(None, None, None)
    assert blas_threads() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_takes_no_limit_of_another_thread_along():
    before, ready, done = blas_threads(), threading.Event(), threading.Event()

    def limit():
        with limited_threads(1):
            ready.set()
            done.wait(60)

    other = threading.Thread(target=limit)
    other.start()
    ready.wait(60)
    child = os.fork()
    if child == 0:
        os._exit(0 if blas_threads() == before else 1)
    done.set()
    other.join()
    assert os.waitpid(child, 0)[1] == 0
