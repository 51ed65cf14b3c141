"""The compiled engine's outputs are NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Network
from chainrule.engines.compiled import prediction
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.activations import ACTIVATIONS
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual

TIER_1 = [activation for activation in ACTIVATIONS if activation.tier == 1]


def general(**settings):
    inside = [Dense(9, 9, "tanh"), LayerNorm()]
    layers = [Dense(5, 9, "relu"), BatchNorm(), Dropout(0.3), Residual(inside), Dense(9, 3, "softmax")]
    return Network(layers=layers, seed=1, dtype=np.float64, **settings)


def trained(nn, rng):
    nn.fit(rng.normal(size=(60, 5)), rng.integers(0, 3, 60), epochs=2, verbose=False, engine="numpy")
    return nn


@pytest.mark.parametrize("n", [1, 255, 256, 257, 3000])
@pytest.mark.parametrize("members", [None, 3])
def test_every_layer_predicts_as_numpy_does(n, members, rng):
    nn, x = trained(general(n_members=members), rng), rng.normal(size=(n, 5))
    np.testing.assert_allclose(nn.predict(x, engine="compiled"), nn.predict(x), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(nn.predict_members(x, engine="compiled"), nn.predict_members(x), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("activation", TIER_1, ids=lambda each: each.name)
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 2e-4), (np.float64, 1e-10)])
def test_every_activation_does(activation, dtype, rtol, rng):
    nn = Network((5, 17, 4), (activation, activation), seed=1, dtype=dtype)
    x = rng.normal(size=(300, 5)).astype(dtype)
    np.testing.assert_allclose(nn.predict(x, engine="compiled"), nn.predict(x), rtol=rtol, atol=rtol / 100)


def test_large_layers_go_by_blas(rng):
    nn = Network((300, 600, 2), ("relu", "softmax"), seed=1, dtype=np.float64)
    x = rng.normal(size=(700, 300))
    np.testing.assert_allclose(nn.predict(x, engine="compiled"), nn.predict(x), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "view",
    [np.asfortranarray, lambda x: np.repeat(x, 2, axis=0)[::2], lambda x: np.repeat(x, 2, axis=1)[:, ::2]],
    ids=["fortran", "every second row", "every second column"],
)
def test_rows_may_lie_as_they_like_and_are_only_read(view, rng):
    nn, x = general(), rng.normal(size=(700, 5))
    rows = view(x)
    rows.flags.writeable = False
    np.testing.assert_array_equal(nn.predict(rows, engine="compiled"), nn.predict(x, engine="compiled"))


def test_the_bits_do_not_depend_on_the_cores(rng):
    nn, x = Network((40, 60, 3), ("tanh", "softmax"), seed=1), rng.normal(size=(5000, 40)).astype(np.float32)
    one, *others = (prediction.compiled_outputs(nn.architecture, nn.theta, nn.state, x, cores) for cores in (1, 2, 5))
    for other in others:
        np.testing.assert_array_equal(one, other)


def test_what_it_does_not_know_is_refused(rng):
    x = rng.normal(size=(3, 5))
    with pytest.raises(InvalidArgument, match="The compiled engine has no Mish: leave engine out"):
        Network((5, 3), ("mish",)).predict(x, engine="compiled")
    with pytest.raises(InvalidArgument, match="'compield' is not the name of an engine; did you mean 'compiled'"):
        Network((5, 3), ("tanh",)).predict(x, engine="compield")
    with pytest.raises(InvalidType, match="engine is a name"):
        Network((5, 3), ("tanh",)).predict(x, engine=None)
