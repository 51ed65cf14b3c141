from __future__ import annotations

import numpy as np
import pytest

from chainrule.errors import ChainruleError
from chainrule.functions.activations import Relu, Softmax
from chainrule.network.architecture import Architecture, walk
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual


def test_the_posts_form_is_short_for_the_general_one():
    short = Architecture.dense((4, 3, 2), (Relu, "softmax"))
    assert short == Architecture.of([Dense(4, 3, "relu"), Dense(3, 2, Softmax)])
    assert short.dimensions == (4, 3, 2)
    assert [slot.name for slot in short.parameters] == ["w[1]", "b[1]", "w[2]", "b[2]"]


def test_numbers_count_dense_layers_depth_first_and_others_have_labels():
    inner = [Dense(3, 3, Relu), Dropout(0.1), Dense(3, 3)]
    layers = [Dense(4, 3), BatchNorm(), Residual(inner), Dropout(0.2, label="last"), Dense(3, 2)]
    architecture = Architecture.of(layers)
    labels = ["dense_1", "batch_norm_1", "residual_1", "dense_2", "dropout_1", "dense_3", "last", "dense_4"]
    assert [layer.label for layer in walk(architecture.layers)] == labels
    assert [slot.name for slot in architecture.parameters] == [
        "w[1]", "batch_norm_1.scale", "batch_norm_1.shift", "w[2]", "b[2]", "w[3]", "b[3]", "w[4]", "b[4]",
    ]  # fmt: skip
    assert [slot.name for slot in architecture.statistics] == ["batch_norm_1.mean", "batch_norm_1.variance"]


def test_a_bias_that_a_norm_would_subtract_again_is_left_out():
    def biases(layers):
        return [slot.name for slot in Architecture.of(layers).parameters if slot.name.startswith("b[")]

    assert biases([Dense(2, 3), BatchNorm(), Dense(3, 1)]) == ["b[2]"]
    assert biases([Dense(2, 3, Relu), BatchNorm(), Dense(3, 1)]) == ["b[1]", "b[2]"]
    assert biases([Dense(2, 3), LayerNorm(), Dense(3, 1)]) == ["b[1]", "b[2]"]


def test_theta_holds_the_drawn_weights_and_zero_biases():
    architecture = Architecture.dense((3, 5, 2), (Relu, Softmax))
    theta = architecture.initial_theta(np.random.default_rng(1), np.dtype(np.float32))
    (w1, b1), (w2, b2) = architecture.bind_parameters(theta)
    drawn = np.random.default_rng(1)
    assert theta.dtype == np.float32
    np.testing.assert_array_equal(w1, Dense(3, 5, Relu).initial(drawn)[0].astype(np.float32))
    np.testing.assert_array_equal(w2, Dense(5, 2, Softmax).initial(drawn)[0].astype(np.float32))
    assert not b1.any()
    assert not b2.any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Architecture.of([]), "last layer of a network must be Dense"),
        (lambda: Architecture.of([Dense(2, 2), Dropout(0.5)]), "last layer of a network must be Dense"),
        (lambda: Architecture.of([Dense(2, 3), Dense(4, 1)]), "dense_2 takes 4 inputs, but .* has 3 outputs"),
        (lambda: Architecture.of([Residual([Dense(2, 3)]), Dense(3, 1)]), "adds its 2 inputs to the 3 outputs"),
        (lambda: Architecture.of([Dense, Dense(2, 1)]), "is not a layer"),
        (lambda: Architecture.of([Dropout(0.1, label="a"), Dropout(0.1, label="a"), Dense(2, 1)]), "label 'a'"),
        (lambda: Architecture.dense((4,), ()), "at least an input and an output"),
        (lambda: Architecture.dense((4, 3, 2), (Relu,)), "need 2 activations.*got 1: .Relu"),
        (lambda: Architecture.dense((4, 2), (Relu, "softmax")), "need 1 activations.*got 2: .Relu, softmax"),
        (lambda: Architecture.dense((4, 0), (Relu,)), "dimension of layer 2 must be at least 1, not 0"),
        (lambda: Architecture.dense((4, 2.5), (Relu,)), "dimension of layer 2 must be a whole number, not 2.5"),
        (lambda: Architecture.dense((4, True), (Relu,)), "whole number, not True"),
        (lambda: Architecture.dense(4, (Relu,)), "as sequences"),
        (lambda: Architecture.dense((4, 2), Relu), "as sequences"),
        (lambda: Architecture.dense((4, 2), ("rely",)), "did you mean 'relu'"),
        (lambda: Architecture.dense((4, 2), (3,)), "3 is not an activation"),
        (lambda: Residual([]), "at least one layer"),
        (lambda: Dropout(1.0), "A dropout rate, .* at least 0 and below 1, not 1.0"),
        (lambda: Dropout("a"), "A dropout rate, .* not 'a'"),
        (lambda: BatchNorm(momentum=1), "momentum of BatchNorm must be a finite number of at least 0 and below 1"),
        (lambda: LayerNorm(epsilon=0), "epsilon of LayerNorm must be a finite number above 0, not 0"),
        (lambda: Architecture.of([Dense(2, 1), LayerNorm(), Dense(1, 1)]), "layer_norm_1 stands behind 1 unit"),
        (lambda: BatchNorm(epsilon=0), "epsilon of BatchNorm"),
    ],
)
def test_what_makes_no_network_is_refused_with_a_sentence(make, message):
    with pytest.raises(ChainruleError, match=message):
        make()
