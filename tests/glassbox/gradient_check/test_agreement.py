"""The gradient check passes where the mathematics is right, for everything that may be combined, and fails where not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from chainrule import BatchNorm, Dense, Dropout, Network, Residual, check_gradients, vanilla
from chainrule.data.standardizer import Standardizer
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.activations import (
    ACTIVATIONS,
    Elementwise,
    Exponential,
    Identity,
    Relu,
    Sigmoid,
    Softmax,
    Tanh,
)
from chainrule.functions.losses import LOSSES, MSE, BinaryCrossEntropy, CrossEntropy, ElementwiseLoss
from chainrule.network import sequence
from chainrule.network.layer import Mode
from chainrule.network.layers import LAYERS, LayerNorm
from chainrule.network.layers.batch_norm import BatchNormCache
from chainrule.network.layers.layer_norm import LayerNormCache
from tests.functions.test_losses import PAIRS, targets

WIDTHS = (6, 5, 4, 5)
TOLERANCE = 1e-6


def rows(loss, n, k, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 6)), targets(loss, rng, n, k)


def prepare(nn, seed):
    """Put the parameters where a gradient can be checked.

    A row that no unit of a layer passes on gives z = b, and b starts at 0, where ReLU has no derivative. Exponentials
    of exponentials grow beyond all digits, unless the weights are small.
    """
    rng = np.random.default_rng(seed)
    for b in nn.b.values():
        b[...] = rng.normal(size=b.shape) / 10
    if Exponential() in [layer.activation for layer in nn.architecture.dense_layers.values()]:
        nn.theta[...] *= 0.4


def sampled(cases, number, position, everything):
    """So many of the cases, others at each position; or all of them."""
    return cases if everything else [cases[(number * position + i) % len(cases)] for i in range(number)]


each_pair = pytest.mark.parametrize(
    ("position", "pair"), list(enumerate(PAIRS)), ids=lambda v: "-".join(map(str, v)) if isinstance(v, tuple) else ""
)


BLOCKS = {
    "dense": lambda a, b, f, epsilon: [Dense(a, b, f)],
    "batch_norm": lambda a, b, f, epsilon: [Dense(a, b, f), BatchNorm(epsilon=epsilon)],
    "layer_norm": lambda a, b, f, epsilon: [Dense(a, b, f), LayerNorm(epsilon=epsilon)],
    "dropout": lambda a, b, f, epsilon: [Dense(a, b, f), Dropout(0.3)],
    "residual": lambda a, b, f, epsilon: [Residual([Dense(a, b, f), Dropout(0.2), Dense(b, a)])],
}
"""Each kind of layer in the catalogue, as it stands in a network from a inputs to b units; a residual gives a again."""

COMBINATIONS = [(kind, f, *pair) for kind, f, pair in itertools.product(BLOCKS, ACTIVATIONS, PAIRS)]
EVERY = 11
"""Which of the combinations the quick run takes: one in so many."""


def network(n_in, blocks, k, output, epsilon, seed):
    layers = []
    for kind, f, width in blocks:
        layers += BLOCKS[kind](n_in, width, f, epsilon)
        n_in = n_in if kind == "residual" else width
    nn = Network(layers=[*layers, Dense(n_in, k, output)], seed=seed, dtype=np.float64)
    nn.theta[...] += np.random.default_rng(seed).normal(size=nn.theta.shape) / 10  # biases and scales, off 0 and 1
    prepare(nn, seed)
    return nn


def bends_within_a_step(nn, x, weights):
    """Whether a norm divides by a deviation below 1/5, with the masks of the check.

    Where numbers are nearly equal, as the two rows of a small batch or the units of a narrow layer may be, the norm
    takes their differences apart so much that J bends within a step of the central differences, which then lose their
    digits. It is they that fail there: with a smaller step, the error falls.
    """
    architecture, mode = nn.architecture, Mode(True, np.random.default_rng(0), weights)
    bound = architecture.bind_parameters(nn.theta), architecture.bind_statistics(nn.state)
    _, caches = sequence.forward(architecture.layers, *bound, x, mode)
    norms = [cache for cache in caches if isinstance(cache, BatchNormCache | LayerNormCache)]
    return any(cache.inverse_deviation.max() > 5 for cache in norms)


@st.composite
def problems(draw, kinds, functions, pairs):
    """Depth, widths, rows, weights and the numbers themselves at random: a network, x, y, loss, weights and penalty.

    Norms have their default epsilon, unless J would bend within a step: then it is 0.1.
    """
    loss, output = draw(pairs)
    blocks = draw(st.lists(st.tuples(kinds, functions, st.integers(2, 7)), min_size=1, max_size=3))
    n_in, k, seed = draw(st.integers(2, 7)), draw(st.integers(2, 4)), draw(st.integers(0, 2**32 - 1))
    couples_rows = "batch_norm" in [kind for kind, *_ in blocks]
    n = draw(st.integers(2 if couples_rows else 1, 12))
    weights = draw(st.none() | st.lists(st.floats(0.1, 3), min_size=n, max_size=n))
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, n_in)), targets(loss, rng, n, k)
    nn = network(n_in, blocks, k, output, 1e-5, seed)
    if bends_within_a_step(nn, x, None if weights is None else np.array(weights)):
        nn = network(n_in, blocks, k, output, 0.1, seed)
    return nn, x, y, loss, weights, draw(st.just(0.0) | st.floats(1e-3, 0.1))


def agrees(problem):
    nn, x, y, loss, weights, l2 = problem
    try:
        check = check_gradients(nn, x, y, loss, sample_weight=weights, l2=l2)
    except InvalidArgument as error:
        if "at a kink" not in str(error):
            raise
        reject()  # of a few parameters, one at a kink is more than a check leaves out
    assert check.max_relative_error < TOLERANCE, check


def pytest_generate_tests(metafunc):
    if "combination" in metafunc.fixturenames:
        cases = list(enumerate(COMBINATIONS))[:: 1 if metafunc.config.getoption("proof") else EVERY]
        names = ["-".join([kind, f.name, loss.name, output.name]) for _, (kind, f, loss, output) in cases]
        metafunc.parametrize(("number", "combination"), cases, ids=names)


def test_every_layer_activation_loss_and_output_agrees(number, combination, proof):
    """That J and gradient of K networks at once are those of each alone: tests/network/test_every_combination.py."""
    kind, f, loss, output = combination
    drawn = given(problems(st.just(kind), st.just(f), st.just((loss, output))))
    # the first that is drawn is always the smallest: one block of two units, one row, no weights
    run = settings(max_examples=3 if proof else 2, database=None)(seeded(number)(drawn(agrees)))
    run()


def test_every_layer_meets_every_activation_loss_and_output_in_the_quick_run_too():
    assert set(BLOCKS) == set(LAYERS.names)
    quick = COMBINATIONS[::EVERY]
    assert {(kind, f) for kind, f, *_ in quick} == set(itertools.product(BLOCKS, ACTIVATIONS))
    assert {(kind, *pair) for kind, _, *pair in quick} == {(kind, *pair) for kind in BLOCKS for pair in PAIRS}


@given(
    problem=problems(st.sampled_from(list(BLOCKS)), st.sampled_from(list(ACTIVATIONS)), st.sampled_from(PAIRS)),
)
def test_layers_of_several_kinds_agree(problem):
    agrees(problem)


@each_pair
def test_the_step_of_fit_is_along_the_gradient_that_was_checked(position, pair, proof):
    loss, output = pair
    for hidden in sampled(list(ACTIVATIONS), 3, position, proof):
        step_agrees(loss, output, hidden)


def step_agrees(loss, output, hidden):
    nn = Network((6, 5, 4, 3), (hidden, hidden, output), seed=1, dtype=np.float64)
    prepare(nn, 1)
    data, start = rows(loss, 7, 3, seed=1), nn.theta.copy()
    check = check_gradients(nn, *data, loss, l1=0.01, l2=0.02)
    nn.fit(*data, loss, epochs=1, batch_size=7, learning_rate=1.0, l1=0.01, l2=0.02, verbose=False)
    taken = start - nn.theta
    checked = ~np.isnan(check.numerical)
    error = np.linalg.norm((taken - check.numerical)[checked]) / np.linalg.norm((taken + check.numerical)[checked])
    assert error < TOLERANCE, hidden


class Other(Sigmoid):
    """A sigmoid after which a loss is computed from a."""

    name = "other"


def one_percent_too_large(function):
    return lambda *arguments: 1.01 * function(*arguments)


def broken():
    """Where a derivative of each member of the catalogues is one percent too large: owner, place, hidden, loss, output."""
    for f in ACTIVATIONS:
        yield f, "backward", f, CrossEntropy, Softmax
        if issubclass(f, Elementwise):
            yield f, "derivative_expression", f, CrossEntropy, Softmax
    for loss in LOSSES:
        output = ACTIVATIONS[loss.default_output]
        yield loss, "delta", Tanh, loss, output
        if issubclass(loss, ElementwiseLoss):
            from_a = {"sigmoid": Other, "exponential": "softplus"}.get(loss.logit_output, output)
            yield loss, "derivative_expression", Tanh, loss, from_a
            if loss.logit_output is not None:
                yield loss, "logit_derivative_expression", Tanh, loss, output


BROKEN = list(broken())


@pytest.mark.parametrize(("owner", "place", "hidden", "loss", "output"), BROKEN, ids=lambda v: getattr(v, "name", v))
def test_every_derivative_that_is_one_percent_off_is_found(owner, place, hidden, loss, output, monkeypatch):
    nn = Network((6, 5, 3), (hidden, output), seed=1)
    prepare(nn, 1)
    data = rows(loss(), 5, 3, seed=1)
    assert check_gradients(nn, *data, loss).max_relative_error < TOLERANCE
    wrong = one_percent_too_large(getattr(owner, place))
    monkeypatch.setattr(owner, place, staticmethod(wrong) if place.endswith("expression") else wrong)
    assert check_gradients(nn, *data, loss).max_relative_error > 1e-3


MISTAKES = [
    (Sigmoid, "derivative_expression", staticmethod(lambda z, a: Sigmoid.expression(a) * (1 - Sigmoid.expression(a)))),
    (Tanh, "derivative_expression", staticmethod(lambda z, a: 1 - z * z)),
    (Identity, "derivative_expression", staticmethod(lambda z, a: a)),
    (Softmax, "backward", lambda self, d_a, z, a: d_a * a * (1 - a)),
    (MSE, "derivative_expression", staticmethod(lambda y, a: a - y)),
    (BinaryCrossEntropy, "logit_derivative_expression", staticmethod(lambda y, z, a, smoothing: (a - y) * a)),
    (CrossEntropy, "delta", lambda self, y, z, a, output: (a - y) * a),
]


@pytest.mark.parametrize(("owner", "place", "wrong"), MISTAKES, ids=lambda value: getattr(value, "name", ""))
def test_mistakes_that_people_make_are_found(owner, place, wrong, monkeypatch):
    loss, output = (owner, owner.default_output) if hasattr(owner, "default_output") else (CrossEntropy, Softmax)
    nn = Network((6, 5, 3), (owner if loss is CrossEntropy is not owner else Tanh, output), seed=1)
    data = rows(loss(), 5, 3, seed=1)
    assert check_gradients(nn, *data, loss).max_relative_error < TOLERANCE
    monkeypatch.setattr(owner, place, wrong)
    assert check_gradients(nn, *data, loss).max_relative_error > 1e-3


def test_every_member_of_the_catalogues_is_among_those_broken():
    assert {owner for owner, *_ in BROKEN} == {*ACTIVATIONS, *LOSSES}


@pytest.mark.parametrize("wrong", ["sum for mean", "bias averaged", "penalty left out"])
def test_a_wrong_reduction_is_found(wrong, monkeypatch):
    nn = Network((6, 5, 3), ("tanh", "softmax"), seed=1)
    data = rows(CrossEntropy(), 5, 3, seed=1)
    if wrong == "sum for mean":
        monkeypatch.setattr(CrossEntropy, "delta", lambda self, y, z, a, output: 5 * (a - y))
    elif wrong == "bias averaged":
        original = Dense.backward_from_delta

        def averaged(self, parameters, cache, delta, out=None, *, need_input=True):
            found = original(self, parameters, cache, delta, out, need_input=need_input)
            found.parameters[1][...] /= delta.shape[-2]
            return found

        monkeypatch.setattr(Dense, "backward_from_delta", averaged)
    else:
        monkeypatch.setattr("chainrule.functions.penalties.Penalty.gradient", lambda self, theta, mask: 0 * theta)
    assert check_gradients(nn, *data, l2=0.1).max_relative_error > 1e-3


def test_the_published_program_fails():
    np.random.seed(1)
    rng = np.random.default_rng(0)
    nn = vanilla.Network((4, 6, 3), (vanilla.Relu, vanilla.Sigmoid))
    before = {i: w.copy() for i, w in nn.w.items()}
    check = check_gradients(nn, rng.normal(size=(5, 4)), np.eye(3)[rng.integers(0, 3, 5)], vanilla.MSE)
    assert check.max_relative_error > 0.1
    assert check.verdict() == "They do not agree: a right gradient has relative errors below 1e-06."
    assert [array.name for array in check.arrays] == ["w[1]", "b[1]", "w[2]", "b[2]"]
    assert all((nn.w[i] == w).all() for i, w in before.items())


def test_the_published_programs_factors_are_n_k_half_on_w_and_k_half_on_b():
    class Line:
        activation = staticmethod(lambda z: z + 0)
        prime = staticmethod(np.ones_like)

    np.random.seed(1)
    rng = np.random.default_rng(0)
    nn = vanilla.Network((4, 3), (Line,))
    check = check_gradients(nn, rng.normal(size=(5, 4)), rng.normal(size=(5, 3)), vanilla.MSE)
    ratios = check.backpropagated / check.numerical
    np.testing.assert_allclose(ratios[:12], 5 * 3 / 2, rtol=1e-6)
    np.testing.assert_allclose(ratios[12:], 3 / 2, rtol=1e-6)


def test_the_table_shows_each_array_and_the_worst_entry():
    nn = Network((6, 5, 3), ("tanh", "softmax"), seed=1)
    lines = str(check_gradients(nn, *rows(CrossEntropy(), 5, 3, seed=1))).splitlines()
    assert lines[0].split() == ["array", "shape", "relative", "error", "at", "kinks"]
    assert [line.split()[0] for line in lines[1:6]] == ["w[1]", "b[1]", "w[2]", "b[2]", "overall"]
    assert lines[6].startswith("Largest difference: ")
    assert lines[7] == "They agree: every relative error is below 1e-06."


def test_entries_that_straddle_a_kink_are_counted_and_left_out():
    nn = Network((2, 30, 1), (Relu, Identity), seed=1, dtype=np.float64)
    x = np.array([[0.3, -0.2], [0.5, 0.1]])
    nn.b[1][4] = -(x[0] @ nn.w[1][:, 4])  # z is exactly 0 for this unit and row
    check = check_gradients(nn, x, [1.0, 2.0])
    assert {array.name: array.left_out for array in check.arrays} == {"w[1]": 2, "b[1]": 1, "w[2]": 0, "b[2]": 0}
    assert np.isnan(check.numerical).sum() == 3
    assert check.max_relative_error < TOLERANCE


def test_gradients_that_are_0_and_large_J_are_no_errors():
    x = np.random.default_rng(0).normal(size=(8, 4))
    for layers in (
        [Dense(4, 6, Tanh), BatchNorm(), BatchNorm(), Dense(6, 3, Softmax)],
        [Dense(4, 6), Dropout(0.0), BatchNorm(), Dense(6, 3, Softmax)],
    ):
        for seed in range(10):
            assert (
                check_gradients(Network(layers=layers, seed=seed), x, np.arange(8) % 3).max_relative_error < TOLERANCE
            )
    assert check_gradients(Network((4, 1), (Identity,), seed=1), x, np.full(8, 1e6)).max_relative_error < TOLERANCE


def test_the_kink_of_l1_at_0_is_left_out_and_numbers_that_are_not_finite_are_refused():
    nn = Network((6, 5, 3), ("tanh", "softmax"), seed=1)
    nn.w[1][0, 0] = 1e-6
    data = rows(CrossEntropy(), 5, 3, seed=1)
    check = check_gradients(nn, *data, l1=0.01)
    assert check.left_out == 1
    assert check.max_relative_error < TOLERANCE
    nn.w[1][0, 0] = np.nan
    with pytest.raises(InvalidArgument, match=r"w\[1\]\[0, 0\] is not finite"):
        check_gradients(nn, *data)


def test_too_many_kinks_are_refused_with_what_to_do():
    with pytest.raises(InvalidArgument, match="at a kink.*use other rows"):
        check_gradients(Network((2, 30, 1), (Relu, Identity), seed=1), [[0, 0]], [1.0])


def test_a_float32_network_is_checked_in_float64_and_stays_as_it_is():
    nn = Network((6, 5, 3), ("tanh", "softmax"), seed=1, encoder=Standardizer((0,) * 6, (2,) * 6))
    before = nn.theta.copy()
    assert check_gradients(nn, *rows(CrossEntropy(), 5, 3, seed=1)).max_relative_error < TOLERANCE
    assert nn.dtype == np.float32
    np.testing.assert_array_equal(nn.theta, before)


def test_blocks_of_entries_do_not_change_the_outcome(monkeypatch):
    nn = Network((6, 5, 3), ("tanh", "softmax"), seed=1)
    data = rows(CrossEntropy(), 5, 3, seed=1)
    whole = check_gradients(nn, *data)
    monkeypatch.setattr("chainrule.glassbox.gradient_check.differences.NUMBERS_AT_ONCE", 1)
    np.testing.assert_allclose(check_gradients(nn, *data).numerical, whole.numerical, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("network", "loss", "message"),
    [
        (object(), None, "neither a chainrule Network"),
        (vanilla.Network((2, 1), (vanilla.Sigmoid,)), None, "give loss, your class"),
    ],
)
def test_what_cannot_be_checked_is_refused(network, loss, message):
    with pytest.raises(InvalidType, match=message):
        check_gradients(network, np.ones((2, 2)), np.ones((2, 1)), loss)
