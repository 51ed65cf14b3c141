"""One flat vector is all that is stored; every array is a view of it, whatever happens to the network."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from chainrule import BatchNorm, Dense, Dropout, Network, Relu, Residual, Softmax
from chainrule.errors import InvalidArgument


def network(dtype=np.float32):
    return Network(
        layers=[Dense(4, 3), BatchNorm(), Dropout(0.1), Residual([Dense(3, 3, Relu)]), Dense(3, 2, Softmax)],
        seed=3,
        dtype=dtype,
    )


def test_arrays_are_views_of_theta_by_number_and_by_name():
    nn = network()
    nn.w[1][2, 1] = 7
    nn.b[2][0] = 8
    nn.parameters["batch_norm_1.scale"][1] = 9
    layout = nn.architecture.parameters
    assert nn.theta[layout["w[1]"].start + 2 * 3 + 1] == 7
    assert nn.theta[layout["b[2]"].start] == 8
    assert nn.theta[layout["batch_norm_1.scale"].start + 1] == 9
    assert list(nn.w) == [1, 2, 3]
    assert list(nn.b) == [2, 3]  # the norm subtracts what b[1] would add
    assert {name: array.shape for name, array in nn.parameters.items()} == {s.name: s.shape for s in layout}


def test_assignment_copies_numbers_in_after_a_check_of_their_shape():
    nn = network()
    given = np.arange(12.0).reshape(4, 3)
    nn.w[1] = given
    given[0, 0] = 99
    assert nn.w[1][0, 0] == 0
    nn.w[1] -= 1
    assert nn.w[1][3, 2] == 10
    nn.theta = np.zeros(nn.theta.size)
    assert not nn.w[1].any()
    nn.state = np.ones(6)
    assert (nn.state == 1).all()
    with pytest.raises(InvalidArgument, match=r"w\[1\] has the shape \(4, 3\); the values given have \(3, 4\)"):
        nn.w[1] = given.T
    with pytest.raises(InvalidArgument, match=r"theta has the shape"):
        nn.theta = np.zeros(3)
    with pytest.raises(InvalidArgument, match="real numbers"):
        nn.b[3] = ["a", "b"]
    with pytest.raises(KeyError, match="no array 9; there are 1, 2, 3"):
        nn.w[9]
    with pytest.raises(AttributeError):
        del nn.w[1]


DUPLICATES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda nn: pickle.loads(pickle.dumps(nn)),
    "Network.copy": Network.copy,
    "astype": lambda nn: nn.astype(nn.dtype),
}


@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES)
@pytest.mark.parametrize("fitted", [False, True])
def test_duplicates_have_the_same_numbers_and_views_of_their_own(duplicate, fitted, rng):
    nn = network()
    x, y = rng.normal(size=(20, 4)), rng.integers(0, 2, 20)
    if fitted:
        nn.fit(x, y, epochs=1, verbose=False)
    other = duplicate(nn)
    np.testing.assert_array_equal(other.predict(x), nn.predict(x))
    before = nn.theta.copy()
    other.w[1] += 1
    assert np.shares_memory(other.w[1], other.theta)
    assert not np.shares_memory(other.theta, nn.theta)
    np.testing.assert_array_equal(nn.theta, before)
    assert (other.predict(x) != nn.predict(x)).any()
    # the streams go on from the same place, each with its own
    again = duplicate(nn)
    for each in (nn, again):
        each.fit(x, y, epochs=2, batch_size=8, verbose=False)
    np.testing.assert_array_equal(nn.theta, again.theta)


def test_a_change_of_dtype_rounds_the_numbers_and_rebuilds_the_views():
    nn = network(np.float64)
    other = nn.astype(np.float32)
    assert other.dtype == other.w[1].dtype == other.predict(np.ones((1, 4))).dtype == np.float32
    assert nn.dtype == np.float64
    np.testing.assert_array_equal(other.theta, nn.theta.astype(np.float32))
    other.w[1] = np.zeros((4, 3))
    assert not other.theta[:12].any()


def test_networks_of_both_dtypes_start_alike():
    np.testing.assert_array_equal(network(np.float64).theta.astype(np.float32), network(np.float32).theta)


def test_only_float32_and_float64_are_computed_in():
    for dtype in (np.float16, int, complex):
        with pytest.raises(InvalidArgument, match="float32 or float64"):
            network(dtype)
