from __future__ import annotations

import numpy as np
import pytest

from chainrule.functions.activations import Relu, Tanh
from chainrule.functions.initializers import INITIALIZERS
from chainrule.network.layers import Dense

VARIANCES = {
    "he_normal": 2 / 300,
    "he_uniform": 2 / 300,
    "lecun_normal": 1 / 300,
    "lecun_uniform": 1 / 300,
    "xavier_normal": 2 / 500,
    "xavier_uniform": 2 / 500,
}


@pytest.mark.parametrize("initializer", list(INITIALIZERS), ids=lambda i: i.name)
def test_mean_variance_and_range_are_those_of_the_paper(initializer, rng):
    w = initializer().draw(rng, 300, 200)
    variance = VARIANCES[initializer.name]
    assert w.shape == (300, 200)
    assert w.mean() == pytest.approx(0, abs=5 * np.sqrt(variance / w.size))
    assert w.var() == pytest.approx(variance, rel=0.03)
    limit = np.sqrt(3 * variance)
    assert (np.abs(w).max() <= limit) == initializer.name.endswith("uniform")


def test_the_default_fits_the_activation():
    assert Dense(3, 2, Relu).initializer.name == "he_normal"
    assert Dense(3, 2, Tanh).initializer.name == "xavier_normal"


def test_he_keeps_the_scale_of_relu_layers(rng):
    a = rng.normal(size=(500, 200))
    for _ in range(20):
        a = np.maximum(0, a @ INITIALIZERS.resolve("he_normal").draw(rng, 200, 200))
    assert 0.2 < np.sqrt((a * a).mean()) < 5
