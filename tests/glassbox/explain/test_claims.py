"""An explanation says of a learner's program nothing that is not so."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.vanilla import MSE, Network, Relu, Sigmoid

X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])


class HalfOfTheSquare(MSE):
    def loss(self, y_true, y_pred):
        return np.mean((y_pred - y_true) ** 2) / 2


class SumOfSquares(MSE):
    def loss(self, y_true, y_pred):
        return np.sum((y_pred - y_true) ** 2)


class SumOfCrossEntropies(MSE):
    def loss(self, y_true, y_pred):
        return -np.sum(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred))

    def delta(self, y_true, y_pred):
        return y_pred - y_true


class Relu6(Relu):
    @staticmethod
    def activation(z):
        return np.clip(z, 0, 6)

    @staticmethod
    def prime(z):
        return np.where((z > 0) & (z < 6), 1.0, 0.0)


class DividesByN(Network):
    def _update_w_b(self, index, dw, delta):
        self.w[index] -= self.learning_rate * dw / len(delta)
        self.b[index] -= self.learning_rate * delta.mean(axis=0)


def made(kind=Network, dimensions=(2, 3, 1)):
    np.random.seed(1)
    return kind(dimensions, (Relu, Sigmoid))


def said(network, loss, name, y=Y):
    return chainrule.explain(chainrule.trace(network, X, y, loss, learning_rate=0.1), name)


@pytest.mark.parametrize("loss", [HalfOfTheSquare, SumOfSquares])
def test_of_another_loss_it_is_not_said_which_factor_is_missing(loss):
    found = said(made(), loss, "delta[3][0,0]")
    assert found.remark.startswith("The derivative is taken at a")
    assert "is missing" not in found.remark
    assert f"{loss.__name__}.loss, chainrule.check_gradients tells" in found.remark


def test_a_delta_that_fits_its_summed_loss_is_not_said_to_be_summed_too_much():
    remark = said(made(), SumOfCrossEntropies, "delta[3][0,0]").remark
    assert "J that is printed is a mean" not in remark


def test_of_several_outputs_only_the_whole_factor_is_named():
    class Halved(MSE):
        def delta(self, y_true, y_pred):
            z = np.log(y_pred / (1 - y_pred))
            return (y_pred - y_true) * self.activation_fn.prime(z) / len(y_true)

    network = made(dimensions=(2, 3, 3))
    remark = said(network, Halved, "delta[3][1,1]", np.eye(3)[[0, 1, 2, 0]]).remark
    assert "has the factor 2 / (n k)" in remark
    assert "The 2 of the square is missing" not in remark


def test_half_of_the_square_is_not_the_huber_loss():
    rule = said(made(), HalfOfTheSquare, "loss[0]").rule
    assert rule == "loss = HalfOfTheSquare.loss of this row alone"


def test_the_sum_of_the_losses_is_not_said_to_be_their_mean():
    assert "the sum of loss over the rows" in said(made(), SumOfSquares, "J").remark


def test_relu_cut_off_at_6_is_no_relu():
    network = made()
    network.activations[2] = Relu6
    network.w[1] = network.w[1] * 10
    right = chainrule.trace(network, X, Y, "mse")
    assert right.a[2].max() == 6
    assert chainrule.hand_check(chainrule.trace(network, X, Y, MSE), "a[2][0,2]", "6").right


def test_means_of_both_dw_and_db_are_not_said_to_differ():
    found = [said(made(DividesByN), MSE, name) for name in ("dw[2][2,0]", "db[2][0]")]
    assert all("where delta has the 1/n of J's mean in it already" in each.remark for each in found)
    assert "n times smaller than a weight" in said(made(), MSE, "db[2][0]").remark


def test_a_program_without_a_penalty_has_0_of_it():
    found = said(made(), MSE, "penalty")
    assert found.expression is not None
    assert found.remark == ""


def unhashable(function):
    class Function:
        __hash__ = None

        def __call__(self, z):
            return function(z)

    return Function()


def wrapped_without_end(function):
    def again(z):
        return function(z)

    again.__wrapped__ = again
    return staticmethod(again)


@pytest.mark.parametrize("wrapped", [unhashable, wrapped_without_end])
def test_functions_without_readable_source_are_explained_without_their_lines(wrapped):
    class Own:
        activation = wrapped(lambda z: np.maximum(z, 0))
        prime = wrapped(lambda z: np.where(z > 0, 1.0, 0.0))

    network = made()
    network.activations[2] = Own
    found = said(network, MSE, "a[2][2,2]")
    assert found.expression is not None
    assert found.code == ()


@pytest.mark.parametrize("name", ["z[" + "9" * 5000 + "][0,0]", "z[2][" + "9" * 5000 + ",0]", "z[2][\u0662,0]"])
def test_numbers_of_thousands_of_digits_are_no_names(name):
    with pytest.raises(InvalidArgument, match="is not the name of a number"):
        said(made(), MSE, name)


@pytest.mark.parametrize("width", [float("nan"), 0, "80", 72.5])
def test_a_width_is_a_whole_number(width):
    with pytest.raises((InvalidArgument, InvalidType), match="width must be"):
        said(made(), MSE, "J").text(width=width)


def test_a_caption_is_text():
    with pytest.raises(InvalidType, match="caption is a text, not 3"):
        said(made(), MSE, "J").html(caption=3)
