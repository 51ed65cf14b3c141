"""A person's own loss: what is right is taken as it is, and what is wrong is refused with the place."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from chainrule import Network, check_gradients
from chainrule.errors import ChainruleError, FileFormatError, InvalidArgument
from chainrule.functions.activations import Identity, Sigmoid, Tanh
from chainrule.functions.losses import MAE, MSE, BinaryCrossEntropy, CustomLoss


def square(y, a):
    return (a - y) * (a - y)


def square_slope(y, a):
    return 2 * (a - y)


def cross_entropy(y, a):
    return -(y * np.log(a) + (1 - y) * np.log1p(-a))


def cross_entropy_slope(y, a):
    return (a - y) / (a * (1 - a))


def in_place(y, a):
    a -= y
    return a * a


RIGHT = [
    (CustomLoss(square, square_slope), MSE(), Tanh()),
    (CustomLoss(lambda y, a: np.abs(a - y), lambda y, a: np.sign(a - y), kinks=[0]), MAE(), Identity()),
    (
        CustomLoss(
            cross_entropy, cross_entropy_slope,
            reduction="sum", target="binary", default_output="sigmoid", needs="probability",
        ),
        BinaryCrossEntropy(),
        Sigmoid(),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("own", "ours", "output"), RIGHT, ids=str)
def test_a_pair_that_is_right_computes_what_chainrules_own_does(own, ours, output, rng):
    z, y = rng.normal(size=(2, 7, 3)), rng.integers(0, 2, (7, 3)).astype(float)
    a = output.f(z)
    np.testing.assert_allclose(own.rows(y, z, a, output), ours.rows(y, z, a, output))
    np.testing.assert_allclose(own.delta(y, z, a, output), ours.delta(y, z, a, output))
    assert (own.reduction, own.target, own.kinks) == (ours.reduction, ours.target, ours.kinks)
    single = [array.astype(np.float32) for array in (y, z, a)]
    assert own.rows(*single, output).dtype == own.delta(*single, output).dtype == np.float32


def test_a_network_trains_with_an_own_square_as_with_chainrules(rng):
    x, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 2))
    networks = [Network((3, 5, 2), (Tanh, Identity), seed=1, dtype=np.float64) for _ in range(2)]
    for nn, loss in zip(networks, (CustomLoss(square, square_slope), MSE), strict=True):
        nn.fit(x, y, loss, epochs=3, batch_size=8, learning_rate=0.1, verbose=False)
    np.testing.assert_allclose(networks[0].theta, networks[1].theta, rtol=1e-12)
    own = networks[0].loss
    assert check_gradients(networks[0], x[:5], y[:5], own).max_relative_error < 1e-6


def test_what_it_needs_is_asked_of_the_output():
    own = RIGHT[2][0]
    own.check_output(Sigmoid(), 1)
    with pytest.raises(InvalidArgument, match="custom needs outputs between 0 and 1, and Tanh does not give them"):
        own.check_output(Tanh(), 1)


REFUSED = {
    "half": ((square, lambda y, a: a - y), "derivative of CustomLoss 'x' is -7 at y = 3, a = -4, where loss itself has the slope -14"),
    "sign": ((square, lambda y, a: 2 * (y - a)), "It has the wrong sign everywhere"),
    "reduced": ((lambda y, a: np.mean((a - y) ** 2), square_slope), r"gives the shape \(\) for arrays of shape"),
    "centred": ((lambda y, a: (a - a.mean() - y) ** 2, square_slope), "alone; each must depend on its own a only"),
    "in place": ((in_place, square_slope), "The loss of CustomLoss 'x' changes the array"),
    "nan": ((lambda y, a: np.log(a), lambda y, a: 1 / a), "The loss of CustomLoss 'x' is nan at y = -3, a = -4"),
    "corner": ((lambda y, a: np.abs(a - y), lambda y, a: np.sign(a - y)), r"has a corner at y = -3, a = -3: give kinks=\(0,\), a value of a - y"),
    "scalars": ((lambda y, a: a if a > y else y, square_slope), "fails on an array"),
}  # fmt: skip


@pytest.mark.parametrize(("pair", "message"), REFUSED.values(), ids=REFUSED)
def test_a_pair_that_does_not_belong_together_is_refused(pair, message):
    with pytest.raises(InvalidArgument, match=message):
        CustomLoss(*pair, name="x")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "mse"}, "'mse' is the name of a loss of chainrule's own"),
        ({"name": 3}, "name of a CustomLoss is a string"),
        ({"reduction": "average"}, "The reduction of a CustomLoss cannot be 'average'; choose from mean, sum"),
        ({"target": "levels"}, "The target of a CustomLoss cannot be 'levels'"),
        ({"needs": "probabilty"}, "The needs of a CustomLoss cannot be 'probabilty'; did you mean 'probability'"),
        ({"needs": "probability"}, "default output 'identity' does not give: give default_output='sigmoid'"),
        ({"default_output": "sigmod"}, "did you mean 'sigmoid'"),
        ({"kinks": [np.nan]}, "A kink of CustomLoss 'custom'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ChainruleError, match=message):
        CustomLoss(square, square_slope, **settings)


def test_it_can_be_pickled_and_compared_but_not_saved(rng):
    own = CustomLoss(square, square_slope, name="own")
    assert pickle.loads(pickle.dumps(own)) == own == CustomLoss(square, square_slope, name="own")
    assert (str(own), repr(own)) == ("own", "CustomLoss('own')")
    nn = Network((2, 1), (Identity,), seed=1)
    nn.fit(rng.normal(size=(4, 2)), rng.normal(size=4), own, epochs=1, verbose=False)
    with pytest.raises(FileFormatError, match="CustomLoss\\('own'\\) cannot be kept in a file"):
        nn.save("x.safetensors")
