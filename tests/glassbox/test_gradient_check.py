"""The gradient check passes where the mathematics is right, for everything that may be combined, and fails where not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, reject
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
from chainrule.network.layers import LAYERS, LayerNorm
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


NUMBERED = list(enumerate(itertools.product(PAIRS, ACTIVATIONS)))
DEPTHS_AND_BATCHES = list(itertools.product([1, 2, 3, 4], [1, 2, 7]))
each_pair = pytest.mark.parametrize(
    ("position", "pair"), list(enumerate(PAIRS)), ids=lambda v: "-".join(map(str, v)) if isinstance(v, tuple) else ""
)


@pytest.mark.parametrize(
    ("position", "members"), NUMBERED, ids=lambda v: "" if isinstance(v, int) else f"{v[0][0]}-{v[0][1]}-{v[1].name}"
)
def test_every_activation_loss_depth_and_batch_agrees(position, members, proof):
    (loss, output), hidden = members
    for depth, batch in sampled(DEPTHS_AND_BATCHES, 1, position + position // len(ACTIVATIONS.names), proof):
        nn = Network((*WIDTHS[:depth], 3), (*[hidden] * (depth - 1), output), seed=depth)
        prepare(nn, depth)
        check = check_gradients(nn, *rows(loss, batch, 3, seed=batch), loss, l1=0.01, l2=0.02)
        assert check.max_relative_error < TOLERANCE, (depth, batch, check)
        assert check.left_out <= 0.05 * nn.theta.size


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


def layer_kinds(width: int):
    """Each kind of layer in the catalogue as it may stand behind `width` units."""
    kinds = {
        "dense": lambda f: [Dense(width, width, f)],
        "batch_norm": lambda f: [Dense(width, width), BatchNorm()],
        "layer_norm": lambda f: [Dense(width, width, f), LayerNorm(epsilon=0.1)],
        "dropout": lambda f: [Dropout(0.3)],
        "residual": lambda f: [Residual([Dense(width, width, f), Dropout(0.2), Dense(width, width)])],
    }
    return [kinds[layer.name] for layer in LAYERS]


@st.composite
def problems(draw):
    loss, output = draw(st.sampled_from(PAIRS))
    width, k = draw(st.integers(3, 6)), draw(st.integers(2, 4))
    kinds = draw(st.lists(st.sampled_from(layer_kinds(width)), max_size=3))
    functions = [draw(st.sampled_from(list(ACTIVATIONS))) for _ in kinds]
    layers = [Dense(6, width, Tanh), *(x for kind, f in zip(kinds, functions, strict=True) for x in kind(f))]
    seed = draw(st.integers(0, 2**32 - 1))
    nn = Network(layers=[*layers, Dense(width, k, output)], seed=seed)
    prepare(nn, seed)
    n = draw(st.integers(8, 12))  # norms over few rows bend J so much that central differences lose their digits
    weights = draw(st.none() | st.lists(st.floats(0.1, 3), min_size=n, max_size=n))
    return nn, rows(loss, n, k, seed), loss, weights, draw(st.just(0.0) | st.floats(1e-3, 0.1))


@given(problem=problems())
def test_layers_losses_weights_and_penalties_drawn_at_random_agree(problem):
    nn, (x, y), loss, weights, l2 = problem
    try:
        check = check_gradients(nn, x, y, loss, sample_weight=weights, l2=l2)
    except InvalidArgument:  # masks and dead units may leave nothing but kinks
        reject()
    assert check.overall < TOLERANCE, check
    for array in check.arrays:
        # the rounding of J, over 2 h, is about 1e-10: all that there is of a bias which a later norm subtracts again
        difference = 2 * array.relative_error * np.linalg.norm(check.layout[array.name].view(check.backpropagated))
        assert array.relative_error < TOLERANCE or difference < 1e-9 * (1 + np.linalg.norm(check.numerical)), check


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
    assert str(check).endswith("They do not agree: a right gradient has relative errors below 1e-06.")
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
    monkeypatch.setattr("chainrule.glassbox.gradient_check.NUMBERS_AT_ONCE", 1)
    np.testing.assert_allclose(check_gradients(nn, *data).numerical, whole.numerical, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("network", "loss", "message"),
    [(object(), None, "neither a chainrule Network"), (vanilla.Network((2, 1), (vanilla.Sigmoid,)), None, "its class")],
)
def test_what_cannot_be_checked_is_refused(network, loss, message):
    with pytest.raises(InvalidType, match=message):
        check_gradients(network, np.ones((2, 2)), np.ones((2, 1)), loss)
