"""What the doctor says of a wrong program of a learner's own: the post's, with one slip in it."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import vanilla
from chainrule.glassbox.doctor import diagnose

RATES = {"learning rate too high", "learning rate too low"}


class WrongSign(vanilla.MSE):
    @staticmethod
    def prime(y_true, y_pred):
        return y_true - y_pred


class Uphill(vanilla.Network):
    def _update_w_b(self, index, dw, delta):
        self.w[index] += self.learning_rate * dw
        self.b[index] -= self.learning_rate * np.mean(delta, axis=0)


class OnlyTheLast(vanilla.Network):
    def _update_w_b(self, index, dw, delta):
        if index == 2:
            super()._update_w_b(index, dw, delta)


class Crashing(vanilla.Network):
    def _back_prop(self, z, a, y_true):
        raise ValueError("shapes do not fit")


class CrashingElsewhere(vanilla.Network):
    """Its step fails beside its fit, which does something of its own."""

    def fit(self, x, y_true, loss, epochs, batch_size, learning_rate=1e-3):
        self.loss, self.learning_rate, self.fits = loss(self.activations[3]), learning_rate, True
        self._back_prop(*self._feed_forward(x), y_true)

    def _back_prop(self, z, a, y_true):
        assert self.fits
        super()._back_prop(z, a, y_true)


class Parted(vanilla.Network):
    """Its fit puts x into another order, and y not."""

    def fit(self, x, y_true, loss, epochs, batch_size, learning_rate=1e-3):
        self.loss, self.learning_rate = loss(self.activations[self.n_layers]), learning_rate
        for _ in range(epochs):
            self._back_prop(*self._feed_forward(x[np.random.permutation(len(x))]), y_true)


class UpsideDown(vanilla.Sigmoid):
    @staticmethod
    def activation(z):
        return 1 / (1 + np.exp(z))


@pytest.fixture
def corners(rng):
    """60 rows, and whether both of their numbers are above 0, in 0 and 1."""
    x = rng.normal(size=(60, 2))
    return x, (x > 0).all(axis=1, keepdims=True).astype(float)


def examined(rows, network=vanilla.Network, loss=vanilla.MSE, output=vanilla.Sigmoid, epochs=50, rate=0.1):
    np.random.seed(1)
    nn = network((2, 8, 1), (vanilla.Relu, output))
    return diagnose(nn, *rows, loss, epochs=epochs, batch_size=10, learning_rate=rate)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ({"loss": WrongSign}, "sign"),
        ({"network": Uphill}, "sign"),
        ({"network": OnlyTheLast}, "never changes w[1] and b[1]"),
        ({"output": UpsideDown}, "UpsideDown.prime"),
    ],
    ids=["y - a", "uphill", "never updated", "activation"],
)
def test_a_wrong_gradient_is_the_first_finding_and_nothing_is_said_of_the_rate(corners, program, words):
    diagnosis = examined(corners, **program)
    assert diagnosis.kinds[0] == "wrong gradient"
    assert words in diagnosis.findings[0].sentence
    assert not RATES & {each.kind for each in (*diagnosis.findings, *diagnosis.effects)}
    assert diagnosis.findings[0].remedy


def test_the_line_of_a_wrong_gradient_is_named(corners):
    sentence = examined(corners, loss=WrongSign).findings[0].sentence
    assert "in WrongSign.prime: return y_true - y_pred" in sentence


def test_the_departures_of_the_published_program_are_a_remark_and_no_finding(corners):
    diagnosis = examined(corners)
    assert "wrong gradient" not in diagnosis.kinds
    assert any("a constant factor, a derivative at a" in remark for remark in diagnosis.remarks)
    assert "the gradient of its own steps" not in diagnosis.looked_at


def test_a_step_that_fails_is_a_finding_with_its_words(corners):
    diagnosis = examined(corners, Crashing)
    assert diagnosis.kinds[0] == "failing step"
    assert "ValueError: shapes do not fit" in diagnosis.findings[0].sentence


def test_a_step_that_fails_only_outside_its_own_fit_is_a_remark(corners):
    diagnosis = examined(corners, CrashingElsewhere)
    assert "failing step" not in diagnosis.kinds
    assert any(remark.startswith("The gradient was not checked:") for remark in diagnosis.remarks)


def test_rows_and_answers_that_part_in_its_own_fit_leave_J_where_it_was(corners):
    x = corners[0]
    diagnosis = examined((x, (x[:, :1] > 0).astype(float)), Parted, rate=0.1)
    assert diagnosis.kinds == ("J does not fall",)
    assert diagnosis.findings[0].number >= 0.98
    assert "whether fit puts the rows of x and y into the same order" in diagnosis.findings[0].remedy


def test_a_program_of_many_parameters_is_not_checked_and_the_report_says_so(rng):
    x, y = rng.normal(size=(20, 200)), rng.random((20, 1))
    nn = vanilla.Network((200, 150, 1), (vanilla.Relu, vanilla.Sigmoid))
    diagnosis = diagnose(nn, x, y, WrongSign, epochs=1)
    assert any("30,301 parameters would take long" in remark for remark in diagnosis.remarks)
