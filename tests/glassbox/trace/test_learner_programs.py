"""The learner's own class: what it does is traced and explained as it is, and nothing of it is changed."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule import vanilla
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.learner_network import LearnerNetwork


class PrintedRelu:
    """As the post prints it: it writes to its argument, and has no prime."""

    @staticmethod
    def activation(z):
        z[z < 0] = 0
        return z


class OverwritingRelu(PrintedRelu):
    """As the post's author published it later."""

    @staticmethod
    def prime(z):
        z[z < 0] = 0
        z[z > 0] = 1
        return z


class Bare:
    """What somebody has who typed the constructor alone."""

    def __init__(self, network):
        self.w, self.b, self.activations = network.w, network.b, network.activations


def published(seed=1, dimensions=(4, 5, 3), activations=(vanilla.Relu, vanilla.Sigmoid)):
    np.random.seed(seed)
    return vanilla.Network(dimensions, activations)


def rows(rng, n=6, k=3):
    return rng.normal(size=(n, 4)), np.eye(k)[rng.integers(0, k, n)]


def test_the_step_is_that_of_its_own_code(rng):
    nn = published()
    x, y = rows(rng)
    step = chainrule.trace(nn, x, y, vanilla.MSE, learning_rate=0.01)
    other = copy.deepcopy(nn)
    other.loss, other.learning_rate = vanilla.MSE(vanilla.Sigmoid), 0.01
    z, a = other._feed_forward(x)
    delta = other.loss.delta(y, a[3])
    other._back_prop(z, a, y)
    np.testing.assert_array_equal(step.z[2], z[2])
    np.testing.assert_array_equal(step.a[3], a[3])
    np.testing.assert_array_equal(step.delta[3], delta)
    np.testing.assert_array_equal(step.dw[2], a[2].T @ delta)
    for i in (1, 2):
        np.testing.assert_array_equal(step.new_w[i], other.w[i])
        np.testing.assert_array_equal(step.new_b[i], other.b[i])
    assert vanilla.MSE.loss(y, a[3]) == step.J
    np.testing.assert_allclose(step.db[2], delta.mean(axis=0), rtol=1e-9)


def test_the_right_step_comes_with_a_loss_of_chainrule_and_parts_at_delta(rng):
    nn = published()
    x, y = rows(rng)
    own, right = chainrule.trace(nn, x, y, vanilla.MSE), chainrule.trace(nn, x, y, "mse", learning_rate=1e-3)
    np.testing.assert_allclose(right.a[3], own.a[3])
    assert pytest.approx(own.J) == right.J
    assert own.first_difference(right).quantity.name == "delta[3]"
    a = own.a[3]
    np.testing.assert_allclose(right.delta[3], 2 / (6 * 3) * (a - y) * a * (1 - a))


def test_a_relu_that_overwrites_is_named_and_does_no_harm(rng):
    clean, x_y = published(), rows(rng)
    nn = published(activations=(OverwritingRelu, vanilla.Sigmoid))
    step = chainrule.trace(nn, *x_y, vanilla.MSE)
    assert step.first_difference(chainrule.trace(clean, *x_y, vanilla.MSE), 0) is None
    assert len(step.remarks) == 2
    assert "OverwritingRelu.activation overwrites the array that it is given and returns it" in step.remarks[0]
    assert "OverwritingRelu.prime overwrites" in step.remarks[1]
    assert step.remarks[0] in str(step)
    assert chainrule.trace(clean, *x_y, vanilla.MSE).remarks == ()


def test_a_missing_prime_is_answered_with_what_to_add(rng):
    nn = published(activations=(PrintedRelu, vanilla.Sigmoid))
    with pytest.raises(InvalidType, match=r"PrintedRelu has no `prime`, .* def prime\(z\): return np.where"):
        chainrule.trace(nn, *rows(rng), vanilla.MSE)
    step = chainrule.trace(nn, *rows(rng), "mse")  # the mathematics knows the derivative of a ReLU
    np.testing.assert_allclose(step.delta[2], (step.delta[3] @ step.w[2].T) * (step.z[2] > 0))


def test_a_class_with_w_b_and_activations_alone_is_enough(rng):
    x, y = rows(rng)
    own = chainrule.trace(Bare(published()), x, y, vanilla.MSE, learning_rate=0.1)
    a = own.a[3]
    np.testing.assert_allclose(own.delta[3], vanilla.MSE(vanilla.Sigmoid).delta(y, a))
    np.testing.assert_allclose(own.db[2], own.delta[3].sum(axis=0))
    np.testing.assert_allclose(own.new_w[1], own.w[1] - 0.1 * own.dw[1])


def test_nothing_of_the_learners_is_changed(rng):
    nn = published(activations=(OverwritingRelu, vanilla.Sigmoid))
    x, y = rows(rng)
    before = copy.deepcopy((nn.w, nn.b, nn.loss, nn.learning_rate, x, y))
    step = chainrule.trace(nn, x, y, vanilla.MSE)
    for name in step:
        if step[name].__class__ is np.ndarray and step[name].ndim == 2 and name[0] != "n":
            chainrule.explain(step, f"{name}[0,0]")
    after = (nn.w, nn.b, nn.loss, nn.learning_rate, x, y)
    np.testing.assert_equal(after, before)


def test_a_class_that_chainrule_does_not_know_is_traced_by_its_own_derivative(rng):
    class Cube:
        @staticmethod
        def activation(z):
            return z**3

        @staticmethod
        def prime(z):
            return 3 * z**2

    nn = published(activations=(Cube, vanilla.Sigmoid))
    step = chainrule.trace(nn, *rows(rng), "mse")
    np.testing.assert_allclose(step.delta[2], (step.delta[3] @ step.w[2].T) * 3 * step.z[2] ** 2)
    explained = chainrule.explain(step, "a[2][0,1]")
    assert "Cube(z[2][0,1])" in str(explained)
    assert explained.code[0].text == "return z ** 3"


@pytest.mark.parametrize(
    ("quantity", "remark", "line"),
    [
        ("delta[3][0,1]", "The derivative is taken at a", "self.activation_fn.prime(y_pred)"),
        ("delta[3][0,1]", "The factor 2 / (n k)", "self.activation_fn.prime(y_pred)"),
        ("db[1][0]", "Averaged over the rows", "self.b[index] -= self.learning_rate * np.mean(delta, 0)"),
        ("dw[2][1,0]", "", "np.dot(a[self.n_layers - 1].T, delta)"),
        ("dw[1][1,0]", "", "np.dot(a[i - 1].T, delta)"),
        ("z[2][0,1]", "", "z[i + 1] = np.dot(a[i], self.w[i]) + self.b[i]"),
        ("a[3][0,1]", "", "1 / (1 + np.exp(-z))"),
        ("delta[2][0,1]", "", "delta = np.dot(delta, self.w[i].T) * self.activations[i].prime(z[i])"),
        ("new w[1][3,0]", "", "self.w[index] -= self.learning_rate * dw"),
        ("loss[0]", "", "np.mean((y_pred - y_true) ** 2)"),
    ],
)
def test_the_published_program_is_explained_as_it_is_with_the_line_that_ran(quantity, remark, line, rng):
    step = chainrule.trace(published(), *rows(rng), vanilla.MSE)
    explained = chainrule.explain(step, quantity)
    assert explained.expression.value == pytest.approx(explained.value, rel=1e-9, abs=1e-12)
    assert remark in explained.remark
    if not remark:
        assert explained.remark == ""
    assert any(line in each.text for each in explained.code), explained.code
    assert len(explained.code) == 1 or quantity == "a[3][0,1]", "lines of other layers, or of other arrays"
    source = Path(vanilla.__file__).read_text().splitlines()
    for each in explained.code:
        assert each.file == "chainrule/vanilla.py"
        assert each.text.split("(")[0].split(" ")[0] in source[each.number - 1]


def test_a_number_that_no_rule_gives_is_said_to_be_the_programs_own(rng):
    class Odd(vanilla.MSE):
        def delta(self, y_true, y_pred):
            return np.sin(y_pred - y_true)

    explained = chainrule.explain(chainrule.trace(published(), *rows(rng), Odd), "delta[3][0,1]")
    assert explained.expression is None
    assert "no rule that is known gives this number" in explained.remark
    assert explained.code[0].text == "return np.sin(y_pred - y_true)"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda nn: nn.w.pop(1), "numbered 1, 2"),
        (lambda nn: nn.w.update({2: np.ones((4, 3))}), r"w\[2\] has 4 rows, but layer 2 has 5 units"),
        (lambda nn: nn.b.update({1: np.ones(4)}), r"b\[1\] has 4 numbers for the 5 units"),
        (lambda nn: nn.w.update({1: np.full((4, 5), np.nan)}), r"w\[1\] holds a number that is not finite"),
        (lambda nn: nn.w.update({1: [["a"]]}), r"w\[1\] holds something that is no number"),
        (lambda nn: nn.activations.pop(3), "need activations for the layers 2 to 3"),
        (lambda nn: nn.activations.update({2: object}), "has no function `activation`"),
    ],
)
def test_what_does_not_fit_is_answered_with_a_sentence(change, sentence, rng):
    nn = published()
    change(nn)
    with pytest.raises((InvalidArgument, InvalidType), match=sentence):
        chainrule.trace(nn, *rows(rng), vanilla.MSE)


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        (np.ones((6, 3)), np.ones((6, 3)), r"x has the shape \(6, 3\); \(n, 4\) is needed"),
        (np.ones(4), np.ones((1, 3)), r"one row is x\[np.newaxis\]"),
        (np.ones((6, 4)), np.ones((5, 3)), "x has 6 rows and y 5"),
        (np.ones((6, 4)), np.ones((6, 2)), r"y has the shape \(6, 2\); \(n, 3\) is needed"),
        (np.ones((0, 4)), np.ones((0, 3)), "at least one row"),
        (
            np.full((6, 4), np.inf),
            np.ones((6, 3)),
            r"not finite, inf in row 0, column 0 \(counted from 0\): fill or drop",
        ),
        ([["a"] * 4], np.ones((1, 3)), "no number"),
        (np.ones((6, 4)), [0, 1, 2, 0, 1, 3], "y has the class 3, and the network 3 outputs"),
    ],
)
def test_rows_that_do_not_fit_are_answered_with_a_sentence(x, y, sentence):
    with pytest.raises((InvalidArgument, InvalidType), match=sentence):
        chainrule.trace(published(), x, y, vanilla.MSE)


def test_the_loss_must_be_known(rng):
    with pytest.raises(InvalidType, match="was not fitted and says nothing of a loss"):
        chainrule.trace(published(), *rows(rng))
    nn = published()
    nn.loss = vanilla.MSE(vanilla.Sigmoid)
    assert chainrule.trace(nn, *rows(rng)).loss.name == "MSE"
    with pytest.raises(InvalidType, match="has no function `loss`"):
        chainrule.trace(nn, *rows(rng), object())
    with pytest.raises(InvalidArgument, match="takes the step that its code takes"):
        chainrule.trace(nn, *rows(rng), optimizer="adam")


def test_code_that_fails_is_quoted(rng):
    class Broken(vanilla.Network):
        def _back_prop(self, z, a, y_true):
            raise RuntimeError("shapes (5,5) and (1,3)")

    nn = Broken((4, 5, 3), (vanilla.Relu, vanilla.Sigmoid))
    with pytest.raises(InvalidType, match=r"Broken cannot take a step: its code says RuntimeError: shapes \(5,5\)"):
        chainrule.trace(nn, *rows(rng), vanilla.MSE)


class DeltaWrittenOut(vanilla.Network):
    """Makes the last delta of the loss's `prime`, where the post calls the loss's `delta`."""

    def _back_prop(self, z, a, y_true):
        last = self.n_layers
        delta = self.loss.prime(y_true=y_true, y_pred=a[last]) * self.activations[last].prime(z[last])
        self._update_w_b(2, a[2].T @ delta, delta)


class OverwritingMSE(vanilla.MSE):
    """A loss whose `prime` writes to the outputs that it is given."""

    @staticmethod
    def prime(y_true, y_pred):
        y_pred -= y_true
        return y_pred


def test_every_function_of_a_learners_loss_can_be_called_by_its_code_and_gets_copies(rng):
    nn = DeltaWrittenOut((4, 5, 3), (vanilla.Relu, vanilla.Sigmoid))
    x, y = rows(rng)
    step = chainrule.trace(nn, x, y, OverwritingMSE)
    right = (step.a[3] - y) * vanilla.Sigmoid.prime(step.z[3])
    np.testing.assert_allclose(step.delta[3], right, rtol=1e-12)
    np.testing.assert_allclose(step.dw[2], step.a[2].T @ right, rtol=1e-12)


def test_known_functions_are_recognised_by_their_values():
    learner = LearnerNetwork(published(activations=(PrintedRelu, vanilla.Sigmoid)), vanilla.MSE)
    assert learner.activations[2].known_as.name == "relu"
    assert learner.activations[3].known_as.name == "sigmoid"
    assert learner.loss.known_as.name == "mse"


class Softmax:
    @staticmethod
    def activation(z):
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    @staticmethod
    def prime(z):
        a = Softmax.activation(z)
        return a * (1 - a)


class CrossEntropy:
    def __init__(self, activation_fn):
        self.activation_fn = activation_fn

    @staticmethod
    def loss(y_true, y_pred):
        return -np.mean(np.sum(y_true * np.log(y_pred), axis=1))

    def delta(self, y_true, y_pred):
        return (y_pred - y_true) / len(y_pred)


class SummedCrossEntropy(CrossEntropy):
    def delta(self, y_true, y_pred):
        return y_pred - y_true


def test_a_right_pair_of_softmax_and_cross_entropy_is_explained_as_right(rng):
    nn = published(activations=(vanilla.Relu, Softmax))
    x, y = rows(rng)
    explained = chainrule.explain(chainrule.trace(nn, x, y, CrossEntropy), "delta[3][0,1]")
    assert explained.remark == ""
    assert "the slopes of CrossEntropy and Softmax cancel" in explained.rule
    summed = chainrule.explain(chainrule.trace(nn, x, y, SummedCrossEntropy), "delta[3][0,1]")
    assert summed.remark.startswith("Summed over the batch")
    right = chainrule.trace(nn, x, y, "cross_entropy", learning_rate=1e-3)
    np.testing.assert_allclose(right.delta[3], chainrule.trace(nn, x, y, CrossEntropy).delta[3])


def test_a_bias_that_the_program_never_moves_is_explained_as_such(rng):
    class Forgetful(vanilla.Network):
        def _update_w_b(self, index, dw, delta):
            self.w[index] -= self.learning_rate * dw

    np.random.seed(1)
    step = chainrule.trace(Forgetful((4, 5, 3), (vanilla.Relu, vanilla.Sigmoid)), *rows(rng), vanilla.MSE)
    explained = chainrule.explain(step, "db[2][1]")
    assert explained.value == explained.expression.value == 0
    assert "does not move this parameter" in explained.remark
    assert chainrule.explain(step, "new b[2][1]").remark == ""
    assert "does not move" not in chainrule.explain(step, "dw[2][0,1]").remark
