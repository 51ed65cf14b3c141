"""A person's own activation: what is right is taken as it is, and what is wrong is refused with the place."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from chainrule import Dense, Network, check_gradients
from chainrule.errors import ChainruleError, FileFormatError, InvalidArgument, InvalidType
from chainrule.functions.activations import CustomActivation, Relu, Sigmoid, Softmax, Tanh
from chainrule.functions.losses import BinaryCrossEntropy


def sigma(z):
    return 1 / (1 + np.exp(-z))


def sigma_slope(z):
    return sigma(z) * (1 - sigma(z))


def tanh_slope(z):
    return 1 - np.tanh(z) ** 2


def in_place(z):
    z *= 2
    return z


def step_slope(z):
    return (z > 0) * 1.0


RIGHT = [
    (CustomActivation(np.tanh, tanh_slope, name="own", output_range="symmetric"), Tanh()),
    (CustomActivation(sigma, sigma_slope, output_range="probability"), Sigmoid()),
    (CustomActivation(lambda z: np.maximum(z, 0), step_slope, kinks=[0], output_range="nonnegative"), Relu()),
]


@pytest.mark.parametrize(("own", "ours"), RIGHT, ids=str)
def test_a_pair_that_is_right_computes_what_chainrules_own_does(own, ours, rng):
    z, d_a = rng.normal(size=(2, 7, 3))
    a = own.f(z)
    np.testing.assert_allclose(a, ours.f(z), rtol=1e-14)
    np.testing.assert_allclose(own.derivative(z, a), ours.derivative(z, a), rtol=1e-12)
    np.testing.assert_allclose(own.backward(d_a, z, a), ours.backward(d_a, z, a), rtol=1e-12)


def test_a_network_with_an_own_tanh_trains_to_the_bits_of_chainrules(rng):
    own = CustomActivation(np.tanh, lambda z: 1 - np.tanh(z) * np.tanh(z))
    x, y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
    networks = [Network((3, 5, 2), (f, Softmax), seed=1) for f in (own, Tanh)]
    for nn in networks:
        nn.fit(x, y, epochs=3, batch_size=8, learning_rate=0.5, verbose=False)
    np.testing.assert_array_equal(networks[0].theta, networks[1].theta)


def test_results_are_brought_to_the_dtype_of_z_and_are_new_arrays():
    doubles = CustomActivation(
        lambda z: np.asarray(z, np.float64), lambda z: np.ones(z.shape, np.float64), default_initializer="he_uniform"
    )
    z = np.ones((2, 3), np.float32)
    assert doubles.f(z).dtype == doubles.backward(z, z, z).dtype == np.float32
    assert not np.shares_memory(CustomActivation(lambda z: z, np.ones_like).f(z), z)
    assert Dense(2, 3, doubles).initializer.name == "he_uniform"
    assert Network((3, 4, 1), (doubles, "identity"), seed=1).predict(z).dtype == np.float32


def test_kinks_are_left_out_of_a_gradient_check():
    own = CustomActivation(np.abs, np.sign, kinks=(0.0,), output_range="nonnegative")
    nn = Network((2, 30, 1), (own, "identity"), seed=1, dtype=np.float64)
    x = np.array([[0.3, -0.2], [0.5, 0.1]])
    nn.b[1][4] = -(x[0] @ nn.w[1][:, 4])  # z is exactly 0 for this unit and row
    check = check_gradients(nn, x, [1.0, 2.0])
    assert check.left_out == 3
    assert check.max_relative_error < 1e-6


REFUSED = {
    "wrong derivative": ((np.sin, np.sin), "derivative of CustomActivation 'x' is -0.7\\d+ at z = -0.8, where f .* slope 0.69"),
    "of a": ((sigma, lambda a: a * (1 - a)), r"is written for a = f\(z\); give it as a function of z"),
    "at a": ((sigma, lambda z: sigma_slope(sigma(z))), r"derivative taken at a = f\(z\) instead of at z"),
    "sign": ((np.tanh, lambda z: -tanh_slope(z)), "wrong sign everywhere"),
    "two percent": ((np.tanh, lambda z: 1.02 * tanh_slope(z)), "is 1.02 at z = 0, where f itself has the slope 1 "),
    "not elementwise": ((lambda z: z - z.mean(), np.ones_like), "at z = -4 beside other numbers and 0 alone; each must depend"),
    "row by row": ((lambda z: Softmax().f(z), np.ones_like), "beside other numbers and 1 alone"),
    "slope not elementwise": ((np.tanh, lambda z: tanh_slope(z) * (z.size > 1)), "The derivative .* beside other"),
    "in place": ((in_place, lambda z: 2 + 0 * z), "The f of CustomActivation 'x' changes the array"),
    "slope in place": ((lambda z: z * z, in_place), "The derivative of CustomActivation 'x' changes the array"),
    "one number": ((np.sum, np.ones_like), r"gives the shape \(\) for arrays of shape \(2, 40\)"),
    "scalars only": ((lambda z: max(z, 0), np.ones_like), "fails on an array .ValueError: .* write it with NumPy's"),
    "nan": ((np.log, lambda z: 1 / z), "The f of CustomActivation 'x' is nan at z = -4"),
    "infinite slope": ((np.cbrt, lambda z: np.cbrt(z) ** -2 / 3), "The derivative of CustomActivation 'x' is inf at z = "),
    "hidden corner": ((np.abs, np.sign), r"has a corner at z = 0: give kinks=\(0,\), a value of z"),
}  # fmt: skip


@pytest.mark.parametrize(("pair", "message"), REFUSED.values(), ids=REFUSED)
def test_a_pair_that_does_not_belong_together_is_refused(pair, message):
    with pytest.raises(InvalidArgument, match=message):
        CustomActivation(*pair, name="x")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "Sigmoid"}, "'Sigmoid' is the name of an activation of chainrule's own"),
        ({"name": ""}, "name of a CustomActivation is a string"),
        ({"output_range": "distribution"}, "'distribution' is not an output range"),
        ({"output_range": "nonnegative"}, "is -0.999329 at z = -4, outside the output range 'nonnegative'"),
        ({"name": 3}, "name of a CustomActivation is a string, such as 'swish', not 3"),
        ({"kinks": ["a"]}, "A kink of CustomActivation 'custom' must be a finite number, not 'a'"),
        ({"default_initializer": "he_norml"}, "did you mean 'he_normal'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ChainruleError, match=message):
        CustomActivation(np.tanh, tanh_slope, **settings)


def hard_sigmoid(z):
    return np.clip((z + 3) / 6, 0, 1)


def hard_sigmoid_slope(z):
    return (np.abs(z) < 3) / 6


OUT_OF_RANGE = {
    "0 is no probability": (
        (hard_sigmoid, hard_sigmoid_slope), "probability",
        "is 0 at z = -4, outside the output range 'probability' that it is given, above 0 and below 1; with bounds that "
        "it reaches, the range is 'closed_probability'",
    ),
    "1 is no probability": (
        (lambda z: 1 - hard_sigmoid(z) / 2, lambda z: -hard_sigmoid_slope(z) / 2), "probability",
        "is 1 at z = -4, outside the output range 'probability'",
    ),
    "0 is not positive": (
        (lambda z: np.maximum(z, -3) + 3, lambda z: (z > -3) * 1.0), "positive",
        "is 0 at z = -4, outside the output range 'positive' that it is given, above 0 and below inf; with bounds that it "
        "reaches, the range is 'nonnegative'",
    ),
    "above 1": (
        (lambda z: 1.01 * hard_sigmoid(z), lambda z: 1.01 * hard_sigmoid_slope(z)), "closed_probability",
        r"is 1.01 at z = \S+, outside the output range 'closed_probability' that it is given, from 0 to 1\.",
    ),
    "below -1": (
        (lambda z: 2.02 * hard_sigmoid(z) - 1.01, lambda z: 2.02 * hard_sigmoid_slope(z)), "symmetric",
        "is -1.01 at z = -4, outside the output range 'symmetric' that it is given, from -1 to 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("pair", "output_range", "message"), OUT_OF_RANGE.values(), ids=OUT_OF_RANGE)
def test_values_outside_the_range_that_is_said_are_refused(pair, output_range, message):
    with pytest.raises(InvalidArgument, match=message):
        CustomActivation(*pair, kinks=(-3, 3), output_range=output_range)


@pytest.mark.parametrize(
    ("pair", "output_range"),
    [
        ((hard_sigmoid, hard_sigmoid_slope), "closed_probability"),
        ((lambda z: np.maximum(z, -3) + 3, lambda z: (z > -3) * 1.0), "nonnegative"),
        ((lambda z: 2 * hard_sigmoid(z) - 1, lambda z: 2 * hard_sigmoid_slope(z)), "symmetric"),
        ((sigma, sigma_slope), "probability"),
        ((np.exp, np.exp), "positive"),
    ],
)
def test_closed_ranges_may_be_reached_and_open_ones_filled(pair, output_range):
    assert CustomActivation(*pair, kinks=(-3, 3), output_range=output_range).output_range == output_range


def test_a_hard_sigmoid_of_ones_own_does_not_come_before_a_logarithm():
    own = CustomActivation(hard_sigmoid, hard_sigmoid_slope, kinks=(-3, 3), output_range="closed_probability")
    with pytest.raises(InvalidArgument, match="reaches 0 and 1 themselves, one of which has an infinite loss"):
        BinaryCrossEntropy().check_output(own, 1)


def test_what_is_no_function_is_refused():
    with pytest.raises(InvalidType, match="The f of CustomActivation 'custom' must be a function, not 3"):
        CustomActivation(3, np.cos)
    with pytest.raises(InvalidType, match="The derivative of CustomActivation 'custom' must be a function, not None"):
        CustomActivation(np.sin, None)


def test_it_can_be_pickled_and_compared_but_not_saved():
    own = CustomActivation(np.tanh, tanh_slope, name="own tanh")
    assert pickle.loads(pickle.dumps(own)) == own == CustomActivation(np.tanh, tanh_slope, name="own tanh")
    assert hash(own) == hash(pickle.loads(pickle.dumps(own)))
    assert (str(own), repr(own)) == ("own tanh", "CustomActivation('own tanh')")
    with pytest.raises(FileFormatError, match="CustomActivation\\('own tanh'\\) cannot be kept in a file"):
        Network((2, 2), (own,), seed=1).save("x.safetensors")


def test_a_single_kink_needs_no_tuple():
    assert CustomActivation(np.abs, np.sign, kinks=0).kinks == (0.0,)


def test_kinks_everywhere_leave_nothing_to_try_and_are_refused():
    with pytest.raises(InvalidArgument, match="leave 0 numbers to try it with"):
        CustomActivation(np.sin, np.sin, kinks=np.linspace(-4, 4, 81))


@pytest.mark.parametrize("kinks", [None, "a"])
def test_kinks_that_are_no_numbers_are_refused(kinks):
    with pytest.raises(InvalidType, match="A kink of CustomActivation 'custom' must be a finite number"):
        CustomActivation(np.sin, np.cos, kinks=kinks)


def test_a_function_that_gives_float32_whatever_it_gets_is_told_so():
    with pytest.raises(InvalidArgument, match="gives float32 for an array of float64; it must keep the dtype"):
        CustomActivation(lambda z: np.sin(z).astype(np.float32), np.cos)


@pytest.mark.parametrize("f", [lambda z: [[0.0] * 40] * 2, lambda z: z + 1j])
def test_a_function_that_gives_no_array_of_real_numbers_is_refused(f):
    with pytest.raises(InvalidArgument, match="and not an array of real numbers"):
        CustomActivation(f, np.cos)
