"""Classes that people write otherwise than the post, or wrongly: a sentence, nothing changed, and nothing untrue."""

from __future__ import annotations

import random
import sys
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import chainrule
from chainrule import vanilla
from chainrule.errors import ChainruleError, InvalidArgument, InvalidType
from chainrule.glassbox.learner_network.own_code import left_alone
from chainrule.glassbox.paths import paths


class Tanh:
    @staticmethod
    def activation(z):
        return np.tanh(z)

    @staticmethod
    def prime(z):
        return 1 - np.tanh(z) ** 2


class MSE(vanilla.MSE):
    @staticmethod
    def prime(y_true, y_pred):
        return 2 * (y_pred - y_true) / y_pred.size

    def delta(self, y_true, y_pred):
        return self.prime(y_true, y_pred) * y_pred * (1 - y_pred)


class Net(vanilla.Network):
    def _update_w_b(self, index, dw, delta):
        self.w[index] -= self.learning_rate * dw
        self.b[index] -= self.learning_rate * delta.sum(axis=0)


def made(kind=Net, activations=(Tanh, vanilla.Sigmoid), loss=MSE):
    np.random.seed(3)
    network = kind((3, 4, 2), activations)
    network.loss, network.learning_rate = loss(activations[-1]), 0.5
    return network


X = np.random.default_rng(0).normal(size=(6, 3))
Y = np.random.default_rng(1).integers(0, 2, (6, 2)).astype(float)


def test_keys_that_are_no_layer_numbers_are_named():
    for keys, named in (({"1": 1, 2: 2}, r"'1', 2"), ({1.0: 1, 2.0: 2}, r"1\.0, 2\.0")):
        network = made()
        network.w = {key: network.w[i] for key, i in keys.items()}
        with pytest.raises(InvalidType, match=rf"w has the keys {named}; layer numbers"):
            chainrule.trace(network, X, Y)


def test_numbers_of_numpy_are_layer_numbers():
    network = made()
    network.w = {np.int64(i): w.tolist() for i, w in network.w.items()}
    assert chainrule.check_gradients(network, X, Y).agrees
    assert "new b[1]" in chainrule.trace(network, X, Y)


def test_complex_numbers_and_sparse_rows_are_not_made_something_else():
    network = made()
    network.w[1] = network.w[1] + 1j
    with pytest.raises(InvalidType, match=r"w\[1\] holds complex128"):
        chainrule.check_gradients(network, X, Y)
    sparse = pytest.importorskip("scipy.sparse").csr_array(X)
    with pytest.raises(InvalidType, match=r"x is sparse.*x\.toarray\(\)"):
        chainrule.trace(made(), sparse, Y)


@pytest.mark.parametrize("attribute", [threading.Lock(), (i for i in range(3))], ids=["lock", "generator"])
def test_what_cannot_be_copied_is_said(attribute):
    network = made()
    network.extra = attribute
    for tool in (chainrule.check_gradients, chainrule.trace):
        with pytest.raises(InvalidType, match="Net cannot be copied.*cannot pickle"):
            tool(network, X, Y)


class AnswersToAll(Net):
    def __getattr__(self, name):
        return lambda *_: 1


class RaisesForAll(Net):
    def __getattr__(self, name):
        raise KeyError(name)


def test_a_class_that_answers_to_every_name_or_raises_for_every_name_is_refused():
    with pytest.raises(InvalidType, match="A copy of AnswersToAll is a int"):
        chainrule.check_gradients(made(AnswersToAll), X, Y)
    for tool in (chainrule.check_gradients, chainrule.trace, chainrule.diagnose):
        with pytest.raises(InvalidType, match="RaisesForAll cannot be copied.*KeyError: '__deepcopy__'"):
            tool(made(RaisesForAll), X, Y)


@dataclass(frozen=True)
class Frozen:
    w: dict[int, Any]
    b: dict[int, Any]
    activations: dict[int, Any]
    loss: Any
    _feed_forward = Net._feed_forward
    _back_prop = Net._back_prop


def test_a_class_that_cannot_be_set_is_refused():
    network = made()
    frozen = Frozen(network.w, network.b, network.activations, network.loss)
    for tool in (chainrule.check_gradients, chainrule.trace):
        with pytest.raises(InvalidType, match="A copy of Frozen must take other w, b"):
            tool(frozen, X, Y)


class FailsLater(Net):
    calls = 0

    def _feed_forward(self, x):
        self.calls += 1
        if self.calls > 4:
            raise ZeroDivisionError("\x1b[31mlater\non")
        return super()._feed_forward(x)


class LeavesPython(Net):
    def _back_prop(self, z, a, y_true):
        sys.exit(3)


class LossThatFails(MSE):
    @staticmethod
    def loss(y_true, y_pred):
        raise KeyError("no")


class LossOfNothing(MSE):
    @staticmethod
    def loss(y_true, y_pred):
        np.mean((y_true - y_pred) ** 2)


class LossOfNaN(MSE):
    @staticmethod
    def loss(y_true, y_pred):
        return float("nan")


def test_code_that_fails_at_any_place_becomes_one_line():
    with pytest.raises(InvalidType, match=r"FailsLater\._feed_forward fails.*ZeroDivisionError: \[31mlater on\.$"):
        chainrule.check_gradients(made(FailsLater), X, Y)
    for tool in (chainrule.check_gradients, chainrule.trace):
        with pytest.raises(InvalidType, match=r"LeavesPython cannot take a step.*SystemExit: 3\."):
            tool(made(LeavesPython), X, Y)
        with pytest.raises(InvalidType, match=r"LossThatFails\.loss fails.*KeyError: 'no'"):
            dict(tool(made(loss=LossThatFails), X, Y))
        with pytest.raises(InvalidType, match=r"LossOfNothing\.loss returns nothing.*add a return"):
            dict(tool(made(loss=LossOfNothing), X, Y))


def test_a_J_that_is_no_number_is_not_taken_for_kinks():
    with pytest.raises(InvalidArgument, match="J is nan for these rows"):
        chainrule.check_gradients(made(loss=LossOfNaN), X, Y)


class FixedRate(Net):
    def _update_w_b(self, index, dw, delta):
        self.w[index] -= 0.01 * dw
        self.b[index] -= 0.01 * delta.sum(axis=0)


def test_a_step_that_does_not_heed_its_learning_rate_is_not_called_a_wrong_delta():
    network = made(FixedRate)
    sentence = r"A step of FixedRate with a learning_rate next to 0 still moves w\[1\], b\[1\], w\[2\], b\[2\]"
    with pytest.raises(InvalidArgument, match=sentence):
        chainrule.check_gradients(network, X, Y)
    step = chainrule.trace(network, X, Y)
    assert step.remarks[0].startswith("A step of FixedRate with a learning_rate next to 0 still moves")
    assert paths(step, "dw[1][0,0]").remarks == step.remarks[:1]


class WithoutSum(Net):
    def _update_w_b(self, index, dw, delta):
        self.w[index] -= self.learning_rate * dw
        self.b[index] = self.b[index] - self.learning_rate * delta


class KeptAxes(Net):
    def _update_w_b(self, index, dw, delta):
        self.w[index] -= self.learning_rate * dw
        self.b[index] -= self.learning_rate * delta.sum(axis=0, keepdims=True)


class ByName(Net):
    def _back_prop(self, z, a, y_true):
        delta = self.loss.delta(y_true, a[3])
        hidden = np.dot(delta, self.w[2].T) * Tanh.prime(z[2])
        self._update_w_b(2, delta=delta, dw=np.dot(a[2].T, delta))
        self._update_w_b(index=1, dw=np.dot(a[1].T, hidden), delta=hidden)


class InOneCall(Net):
    def _update_w_b(self, gradients):
        for index, (dw, delta) in gradients.items():
            super()._update_w_b(index, dw, delta)
            self.w[index] = self.w[index].tolist()

    def _back_prop(self, z, a, y_true):
        delta = self.loss.delta(y_true, a[3])
        hidden = np.dot(delta, self.w[2].T) * Tanh.prime(z[2])
        self._update_w_b({2: (np.dot(a[2].T, delta), delta), 1: (np.dot(a[1].T, hidden), hidden)})


def test_a_bias_that_grows_rows_is_told_to_sum():
    for tool in (chainrule.check_gradients, chainrule.trace):
        with pytest.raises(InvalidType, match=r"shape \(6, \d\) of b\[\d\].*np\.sum\(delta, axis=0\)"):
            tool(made(WithoutSum), X, Y)


@pytest.mark.parametrize("kind", [KeptAxes, ByName, InOneCall])
def test_other_ways_to_hand_over_and_keep_numbers_are_right(kind):
    network = made(kind)
    if kind is KeptAxes:
        network.b = {i: b[np.newaxis] for i, b in network.b.items()}
    assert chainrule.check_gradients(network, X, Y).agrees
    step, right = chainrule.trace(network, X, Y), chainrule.trace(made(), X, Y)
    for name in ("dw[1]", "db[2]", "delta[2]", "new w[1]", "new b[1]"):
        np.testing.assert_allclose(step[name], right[name], rtol=1e-9, atol=1e-14)


class WithoutBias(Net):
    def _feed_forward(self, x):
        a, z = {1: x}, {}
        for i in (1, 2):
            z[i + 1] = a[i] @ self.w[i]
            a[i + 1] = self.activations[i + 1].activation(z[i + 1])
        return z, a


def test_a_forward_pass_unlike_the_posts_is_said():
    network = made(WithoutBias)
    network.b = {i: b + 1 for i, b in network.b.items()}
    step = chainrule.trace(network, X, Y)
    assert step.remarks[0].startswith(
        "WithoutBias._feed_forward computes something else than the post's: its z[2][0,0]"
    )
    assert not chainrule.trace(made(), X, Y).remarks
    diagnosis = chainrule.diagnose(network, X, Y, epochs=2, batch_size=2)
    assert any("WithoutBias._feed_forward" in remark for remark in diagnosis.remarks)


class PerUnit:
    slope = np.array([0.1, 0.2, 0.3, 0.4])

    def activation(self, z):
        return np.where(z > 0, z, self.slope * z)

    def prime(self, z):
        return np.where(z > 0, 1.0, self.slope)


class Line:
    @staticmethod
    def activation(z):
        return 1 * z

    @staticmethod
    def prime(z):
        return 1


def test_activations_for_their_own_layer_alone_and_slopes_of_one_number_are_taken():
    network = made(activations=(PerUnit(), vanilla.Sigmoid))
    assert chainrule.check_gradients(network, X, Y).agrees
    assert chainrule.trace(network, X, Y).J > 0
    line = made(activations=(Line, vanilla.Sigmoid))
    assert chainrule.check_gradients(line, X, Y).agrees
    assert chainrule.trace(line, X, Y).J > 0


class Drawing(Net):
    def _feed_forward(self, x):
        print("forward")
        np.random.rand(), random.random()
        return super()._feed_forward(x)


class OwnDraws(Tanh):
    rng = np.random.default_rng(0)

    @staticmethod
    def activation(z):
        return np.tanh(z) + 0.1 * OwnDraws.rng.normal(size=z.shape)


def test_what_a_class_prints_and_draws_leaves_no_trace(capsys):
    network = made(Drawing)
    before = np.random.get_state()[1].tolist(), random.getstate()
    assert chainrule.check_gradients(network, X, Y).agrees
    chainrule.trace(network, X, Y).J  # noqa: B018  (computed when asked for)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before
    assert capsys.readouterr().out == ""


def test_a_J_that_is_another_each_time_is_refused():
    with pytest.raises(InvalidArgument, match=r"gives J = .* and then .* for the same w, b and rows"):
        chainrule.check_gradients(made(activations=(OwnDraws, vanilla.Sigmoid)), X, Y)


def test_two_threads_leave_standard_output_where_it_was():
    before, inside, outside = sys.stdout, threading.Event(), threading.Event()

    def first():
        with left_alone():
            inside.set()
            outside.wait(0.2)

    def second():
        inside.wait(5)
        with left_alone():
            outside.set()

    threads = [threading.Thread(target=each) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sys.stdout is before


class RatesOfAnArray(Net):
    pass


def test_a_learning_rate_that_is_no_number_is_refused():
    network = made(RatesOfAnArray)
    network.learning_rate = np.array([0.1, 0.2])
    for tool in (chainrule.trace, chainrule.diagnose):
        with pytest.raises(ChainruleError, match="learning_rate must be a finite number above 0"):
            tool(network, X, Y)


def test_a_network_of_nan_is_never_said_to_have_nothing_wrong_alone():
    network = made()
    network.w[1] = network.w[1] * np.nan
    diagnosis = chainrule.diagnose(network, X, Y, epochs=2, batch_size=2)
    assert any(remark.startswith("Some w or b of Net are NaN or infinite") for remark in diagnosis.remarks)


def test_a_pipeline_and_an_estimator_that_is_not_fitted_are_told_what_to_give():
    pipelines = pytest.importorskip("sklearn.pipeline")
    estimator = chainrule.MLPClassifier()
    with pytest.raises(InvalidType, match=r"MLPClassifier is neither.*once it is fitted: call fit\(x, y\) first"):
        chainrule.trace(estimator, X, Y)
    with pytest.raises(
        InvalidType, match=r"Pipeline is neither.*give its last step, pipeline\[-1\], and x as that gets it"
    ):
        chainrule.diagnose(pipelines.make_pipeline(estimator), X, Y)


class MSEOfZ(MSE):
    """As the gradient check advises: the derivative of the output is taken at z."""

    def delta(self, y_true, y_pred, z):
        return self.prime(y_true, y_pred) * self.activation_fn.prime(z)


class MSEOfZAlone(MSE):
    def delta(self, y_true, *, z_out):
        return self.prime(y_true, self.activation_fn.activation(z_out)) * self.activation_fn.prime(z_out)


class NetOfZ(Net):
    def _back_prop(self, z, a, y_true):
        delta = self.output_delta(y_true, z[self.n_layers], a[self.n_layers])
        dw = a[2].T @ delta
        hidden = delta @ self.w[2].T * self.activations[2].prime(z[2])
        self._update_w_b(2, dw, delta)
        self._update_w_b(1, a[1].T @ hidden, hidden)

    def output_delta(self, y, z, a):
        return self.loss.delta(y, a, z)


class NetOfZAlone(NetOfZ):
    def output_delta(self, y, z, a):
        return self.loss.delta(y_true=y, z_out=z)


class WithoutUpdate(NetOfZ):
    """Changes w and b on the spot, and hands no delta on."""

    def _back_prop(self, z, a, y_true):
        delta = self.output_delta(y_true, z[3], a[3])
        hidden = delta @ self.w[2].T * self.activations[2].prime(z[2])
        for i, each in ((2, delta), (1, hidden)):
            self.w[i] = self.w[i] - self.learning_rate * a[i].T @ each
            self.b[i] = self.b[i] - self.learning_rate * each.sum(axis=0)

    _update_w_b = None


@pytest.mark.parametrize(
    ("kind", "loss"), [(NetOfZ, MSEOfZ), (NetOfZAlone, MSEOfZAlone), (WithoutUpdate, MSEOfZ), (None, MSEOfZ)]
)
def test_a_delta_of_z_is_traced_and_explained_and_gives_the_numbers_of_the_post(kind, loss):
    network, right = made(NetOfZ if kind is None else kind, loss=loss), made()
    if kind is None:
        network._back_prop = None
    else:
        assert chainrule.check_gradients(network, X, Y).agrees
    step, of_post = chainrule.trace(network, X, Y), chainrule.trace(right, X, Y)
    for name in of_post:
        np.testing.assert_allclose(step[name], of_post[name], rtol=1e-9, atol=1e-14, err_msg=name)
    assert "f'(z[3])" in str(chainrule.explain(step, "delta[3][0,1]"))
    assert chainrule.hand_check(step, "delta[3][0,1]", float(step["delta[3][0,1]"]))


class MSEThatSums(MSEOfZ):
    def delta(self, y_true, y_pred, z):
        return super().delta(y_true, y_pred, z).sum(axis=0)


def test_a_delta_of_z_must_have_the_shape_of_the_outputs():
    with pytest.raises(InvalidType, match=r"delta gives the shape \(2,\) for outputs of the shape \(6, 2\)"):
        chainrule.trace(made(NetOfZ, loss=MSEThatSums), X, Y)


def test_a_forward_pass_that_stops_before_the_output_is_refused():
    network = made()
    network.n_layers = 2
    for look in (chainrule.trace, chainrule.check_gradients):
        with pytest.raises(InvalidType, match=r"gives a\[1\] to a\[2\], and the output is a\[3\]: n_layers is 2, and"):
            look(network, X, Y)
    assert network.n_layers == 2


def test_a_class_that_counts_its_layers_otherwise_keeps_its_count():
    class CountsWeights(Net):
        def _feed_forward(self, x):
            z, a = {}, {1: x}
            for i in range(1, self.n_layers + 1):
                z[i + 1] = a[i] @ self.w[i] + self.b[i]
                a[i + 1] = self.activations[i + 1].activation(z[i + 1])
            return z, a

        def _back_prop(self, z, a, y_true):
            self.n_layers += 1
            super()._back_prop(z, a, y_true)
            self.n_layers -= 1

    network = made(CountsWeights)
    network.n_layers = 2
    assert chainrule.check_gradients(network, X, Y).agrees
    assert chainrule.trace(network, X, Y).J == chainrule.trace(made(), X, Y).J


def test_targets_that_were_given_another_shape_are_remarked_on():
    one = vanilla.Network((3, 4, 1), (Tanh, vanilla.Sigmoid))
    one.loss = MSE(vanilla.Sigmoid)
    for network, y, says in (
        (one, Y[:, 0], "y was made a column, of the shape (6, 1)"),
        (made(), Y[:, 0].astype(int), "y was made one-hot, of the shape (6, 2)"),
    ):
        assert any(says in remark for remark in chainrule.trace(network, X, y).remarks)
        assert any(says in remark.sentence for remark in chainrule.check_gradients(network, X, y).remarks)
    for remarks in (chainrule.trace(made(), X, Y).remarks, chainrule.check_gradients(made(), X, Y).remarks):
        assert not any("was made" in str(remark) for remark in remarks)


def test_a_hidden_delta_with_the_value_of_the_activation_is_explained_as_such():
    class OfValue(NetOfZ):
        def _back_prop(self, z, a, y_true):
            delta = self.output_delta(y_true, z[3], a[3])
            hidden = delta @ self.w[2].T * self.activations[2].activation(z[2])
            self._update_w_b(2, a[2].T @ delta, delta)
            self._update_w_b(1, a[1].T @ hidden, hidden)

    step = chainrule.trace(made(OfValue, loss=MSEOfZ), X, Y)
    assert "The activation's value f(z) stands in it" in str(chainrule.explain(step, "delta[2][1,2]"))
