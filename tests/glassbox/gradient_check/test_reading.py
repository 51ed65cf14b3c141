"""What a gradient check reads from a wrong gradient: the mistake, by its name, and the line that makes it."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from chainrule import Dense, Dropout, MLPClassifier, Network, check_gradients, vanilla
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.activations import Sigmoid, Softmax, Tanh
from chainrule.functions.losses import MSE, CrossEntropy
from chainrule.network.layers import BatchNorm, LayerNorm
from tests.glassbox.gradient_check import learners

NETWORKS, SAMPLE = 30, 4
"""For each mistake; the second in the quick run."""

KINDS = {
    "no 2": "factor",
    "sum over rows": "factor",
    "sum over outputs": "factor",
    "sign": "sign",
    "factor 3.7": "factor",
    "derivative at a": "derivative at a",
    "derivative forgotten": "derivative forgotten",
    "softmax diagonal only": "softmax diagonal only",
    "hidden derivative at a": "derivative at a",
    "hidden derivative forgotten": "derivative forgotten",
    "new weights": "new weights",
    "w not transposed": "w not transposed",
    "z in the place of a": "z in the place of a",
    "dw transposed": "dw transposed",
    "bias averaged": "bias gradient averaged",
    "weights averaged": "weight gradient averaged",
    "bias never updated": "never updated",
    "hidden f in the place of f'": "f in the place of f'",
    "one sum for all biases": "one sum for all biases",
}
"""The mistakes of the learner's network in learners.py, and what the check calls them."""

OF_DELTA = ["no 2", "sum over rows", "sign", "derivative at a", "derivative forgotten"]
WITHOUT_A_LINE = ("bias never updated",)


def problem(seed, *mistakes, least_k=3):
    """A learner's network and rows, as the seed has it."""
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(2, 12)), int(rng.integers(least_k, 7))
    smooth = [learners.Tanh, learners.Sigmoid]
    hidden = [*smooth, learners.Relu][seed % 3]
    if hidden is learners.Relu and {"hidden derivative at a", "z in the place of a"} & {*mistakes}:
        hidden = learners.Tanh  # after a ReLU, f'(a) is f'(z)
    output = learners.Softmax if "softmax diagonal only" in mistakes else smooth[seed % 2]
    nn = learners.Network((4, 5, 5, k), (hidden, hidden, output), seed, *mistakes)
    return nn, rng.normal(size=(n, 4)), np.eye(k)[rng.integers(0, k, n)]


@pytest.mark.parametrize("mistake", KINDS)
def test_each_mistake_is_named_with_its_line(mistake, proof):
    for seed in range(NETWORKS if proof else SAMPLE):
        check = check_gradients(*problem(seed, mistake), learners.MSE)
        assert [finding.kind for finding in check.reading] == [KINDS[mistake]], (seed, check)
        (finding,) = check.reading
        assert finding.evidence < 1e-6
        if mistake not in WITHOUT_A_LINE:
            assert finding.line is not None
            assert (finding.line.file, finding.line.number) == (learners.__file__, learners.line_with(mistake))
        assert finding.sentence in " ".join(str(check).split())


@pytest.mark.parametrize(
    "mistakes", list(itertools.product(OF_DELTA, ["bias averaged", "weights averaged", "hidden derivative forgotten"]))
)
def test_mistakes_made_together_are_each_named(mistakes):
    for seed in range(4):
        check = check_gradients(*problem(seed, *mistakes), learners.MSE)
        expected = {KINDS[mistake] for mistake in mistakes}
        assert {finding.kind for finding in check.reading} == expected, (seed, check)
        lines = {finding.line.number for finding in check.reading}
        if len(expected) == len(mistakes):
            assert lines == {learners.line_with(mistake) for mistake in mistakes}


def test_right_gradients_get_no_reading():
    for seed in range(NETWORKS):
        check = check_gradients(*problem(seed), learners.MSE)
        assert check.agrees
        assert check.reading == ()


@pytest.mark.parametrize("output", [learners.Line, vanilla.Sigmoid])
def test_the_departures_of_the_published_program_are_named_with_their_lines(output, proof):
    source = vanilla.__file__
    lines = Path(source).read_text(encoding="utf-8").splitlines()

    def number(code):
        return 1 + next(i for i, line in enumerate(lines) if line.strip() == code)

    expected = {
        "factor": number("return y_pred - y_true"),
        "bias gradient averaged": number("self.b[index] -= self.learning_rate * np.mean(delta, 0)"),
    }
    if output is vanilla.Sigmoid:
        expected["derivative at a"] = number("return self.prime(y_true, y_pred) * self.activation_fn.prime(y_pred)")
    sizes = list(itertools.product(range(1, 16), range(1, 11)))
    for n, k in sizes if proof else sizes[::11]:
        if (n, k, output) == (1, 2, learners.Line):
            continue  # where n k = 2, the missing factor is 1, and the mean of one row is its sum
        np.random.seed(100 * n + k)
        nn = vanilla.Network((4, 5, k), ([vanilla.Sigmoid, vanilla.Relu][k % 2], output))
        rng = np.random.default_rng(100 * n + k)
        check = check_gradients(nn, rng.normal(size=(n, 4)), rng.random((n, k)), vanilla.MSE)
        found = {finding.kind: (finding.line.file, finding.line.number) for finding in check.reading}
        assert found == {kind: (source, line) for kind, line in expected.items()}, (n, k, check)


def test_the_factor_of_the_published_program_is_written_with_n_and_k():
    np.random.seed(1)
    nn = vanilla.Network((4, 3), (learners.Line,))
    rng = np.random.default_rng(0)
    check = check_gradients(nn, rng.normal(size=(5, 4)), rng.normal(size=(5, 3)), vanilla.MSE)
    factor, mean = check.reading
    assert "n k / 2 = 7.5 times" in factor.sentence
    assert factor.remedy == "multiply by 2 / (n k)."
    assert mean.arrays == ("b[1]",)


def test_two_explanations_of_the_same_numbers_are_both_named():
    for seed in range(5):  # of two classes, a (1 - a) is half of the softmax's derivative
        nn, x, _ = problem(seed, "softmax diagonal only")
        nn = learners.Network((4, 5, 2), (learners.Tanh, learners.Softmax), seed, "softmax diagonal only")
        check = check_gradients(nn, x, np.eye(2)[np.arange(len(x)) % 2], learners.MSE)
        (finding,) = check.reading
        assert "1 / 2" in finding.sentence
        assert "The same numbers would come from: softmax diagonal only." in finding.sentence


def test_a_factor_that_nothing_explains_is_said_to_be_none():
    (finding,) = check_gradients(*problem(2, "factor 3.7"), learners.MSE).reading
    assert "3.7 times" in finding.sentence
    assert "No usual factor" in finding.sentence
    assert finding.remedy == ""


class MeanDistance(learners.MSE):
    """J = the mean of |a - y|, of which the network's derivative knows nothing."""

    @staticmethod
    def loss(y_true, y_pred):
        return np.mean(np.abs(y_pred - y_true))


def test_the_derivative_of_another_loss_is_read():
    for seed in range(10):
        nn, x, y = problem(seed)
        (finding,) = [each for each in check_gradients(nn, x, y, MeanDistance).reading if each.kind != "factor"]
        assert finding.kind == "derivative of squared error"


class HalfOfTheSum(learners.MSE):
    """J = half the sum of (a - y)^2."""

    @staticmethod
    def loss(y_true, y_pred):
        return np.sum((y_pred - y_true) ** 2) / 2


def test_the_mean_where_j_is_half_the_sum_is_read_as_a_factor():
    for seed in range(10):
        (finding,) = check_gradients(*problem(seed), HalfOfTheSum).reading
        assert "2 / (n k)" in finding.sentence
        assert finding.line.code == "d_a = 2 * (a[last] - y) / y.size"


class BatchSoftmax(learners.Softmax):
    """Divides by the sum over all rows."""

    @staticmethod
    def activation(z):
        e = np.exp(z)
        return e / e.sum()


def test_a_softmax_over_all_rows_is_noted():
    nn = learners.Network((4, 5, 3), (learners.Tanh, BatchSoftmax), 1)
    _, x, _ = problem(4)
    check = check_gradients(nn, x, np.eye(3)[np.arange(len(x)) % 3], learners.MSE)
    (finding,) = check.reading  # and none of the mistakes that would be one if rows were not mixed
    assert "BatchSoftmax.activation of layer 3" in finding.sentence
    assert finding.line.code == "return e / e.sum()"
    assert finding.kind not in [remark.kind for remark in check.remarks]


class Scrambled(learners.Network):
    """Takes a step that has nothing to do with J."""

    def _back_prop(self, z, a, y_true):
        rng = np.random.default_rng(0)
        for i in self.w:
            self._update_w_b(i, rng.normal(size=self.w[i].shape), rng.normal(size=self.b[i].shape))


def test_where_no_mistake_explains_the_numbers_it_says_so():
    nn = Scrambled((4, 5, 3), (learners.Tanh, learners.Sigmoid), 1)
    _, x, _ = problem(4)
    (finding,) = check_gradients(nn, x, np.eye(3)[np.arange(len(x)) % 3], learners.MSE).reading
    assert finding.kind == "unexplained"
    assert "No mistake that was tried" in finding.sentence


class Halved(learners.Network):
    """Makes something else of the bias of layer 1, and of nothing else."""

    def _update_w_b(self, index, dw, db):
        super()._update_w_b(index, dw, db if index > 1 else np.cumsum(db))


def test_only_arrays_that_are_wrong_are_named():
    _, x, y = problem(2)
    wrong = Halved((4, 5, 5, y.shape[1]), (learners.Tanh,) * 3, 1)
    check = check_gradients(wrong, x, y, learners.MSE)
    (finding,) = check.reading
    assert [array.name for array in check.arrays if array.relative_error > 1e-6] == ["b[1]"]
    assert finding.arrays == ("b[1]",)
    assert "w[1] is right, and so is delta[2]" in finding.sentence
    summed = check_gradients(*problem(2, "one sum for all biases"), learners.MSE)
    assert summed.reading[0].arrays == ("b[3]", "b[2]", "b[1]")


class BehindSoftmax(learners.Network):
    """Its output is a softmax."""

    def _of_output(self, z, a, y):
        d_a = 2 * (a[self.n_layers] - y) / y.size
        return a[self.n_layers] * (d_a - (d_a * a[self.n_layers]).sum(axis=1, keepdims=True))


def test_one_sum_of_all_biases_that_adds_up_to_nothing_is_no_factor():
    """Behind a softmax each row of delta adds up to 0, and what a step takes away is rounding."""
    rng = np.random.default_rng(0)
    nn = BehindSoftmax((4, 5, 3), (learners.Tanh, learners.Softmax), 1, "one sum for all biases")
    check = check_gradients(nn, rng.normal(size=(6, 4)), np.eye(3)[rng.integers(0, 3, 6)], learners.MSE)
    assert [finding.kind for finding in check.reading] == ["one sum for all biases"]


class WithoutB(learners.Network):
    """Forgets b on the way forward."""

    def _feed_forward(self, x):
        z, a = {}, {1: x}
        for i in self.w:
            z[i + 1] = a[i] @ self.w[i]
            a[i + 1] = self.activations[i + 1].activation(z[i + 1])
        return z, a


def test_biases_that_do_not_act_in_the_forward_pass_are_said_to_do_nothing():
    _, x, y = problem(2)
    nn = WithoutB((4, 5, y.shape[1]), (learners.Tanh, learners.Sigmoid), 1)
    (finding,) = check_gradients(nn, x, y, learners.MSE).reading
    assert (finding.kind, finding.arrays) == ("bias does not act", ("b[1]", "b[2]"))
    assert "b[1] and b[2] do not act in the forward pass" in finding.sentence
    assert "z[2] = np.dot(a[1], w[1]) + b[1]" in finding.remedy


def test_the_number_of_outputs_is_left_out_where_there_is_one():
    rng = np.random.default_rng(0)
    for mistakes in (("sum over outputs",), ("sum over outputs", "sum over rows"), ("no 2",)):
        nn = learners.Network((4, 5, 1), (learners.Tanh, learners.Sigmoid), 1, *mistakes)
        check = check_gradients(nn, rng.normal(size=(6, 4)), rng.integers(0, 2, (6, 1)), learners.MSE)
        assert "the 1 outputs" not in str(check)


class OfSixRows(learners.Network):
    """Knows how many rows there are."""

    def _back_prop(self, z, a, y_true):
        if len(y_true) != 6:
            raise ValueError("six rows, please")
        super()._back_prop(z, a, y_true)


class OfThreeOutputs(learners.Network):
    """Knows how many outputs there are."""

    def _back_prop(self, z, a, y_true):
        if y_true.shape[1] != 3:
            raise ValueError("three outputs, please")
        super()._back_prop(z, a, y_true)


def test_code_for_so_many_rows_or_outputs_is_read_as_far_as_it_goes():
    x, y = np.random.default_rng(1).normal(size=(6, 4)), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    activations = learners.Tanh, learners.Sigmoid
    (finding,) = check_gradients(OfSixRows((4, 5, 3), activations, 1, "sign"), x, y, learners.MSE).reading
    assert finding.kind == "unexplained"
    assert "six rows, please" in finding.sentence
    (finding,) = check_gradients(OfThreeOutputs((4, 5, 3), activations, 1, "no 2"), x, y, learners.MSE).reading
    assert finding.kind == "factor"
    assert "1 / 2" in finding.sentence


class Shifted(learners.Network):
    """Computes something else than z = a @ w + b."""

    def _feed_forward(self, x):
        return super()._feed_forward(x + self.w[1][0, 0])


def test_a_network_that_computes_something_else_is_not_explained():
    _, x, _ = problem(4)
    nn = Shifted((4, 5, 3), (learners.Tanh, learners.Sigmoid), 1)
    (finding,) = check_gradients(nn, x, np.eye(3)[np.arange(len(x)) % 3], learners.MSE).reading
    assert "does _feed_forward do something else" in finding.sentence


@pytest.mark.parametrize(
    ("wrong", "place", "says"),
    [
        (learners.TanhOfA, 0, "right for a in the place of z"),
        (learners.TwiceTooSteep, 0, "2 times what it should be"),
        (learners.TwiceTooSteep, 2, "2 times what it should be"),
    ],
)
def test_a_derivative_that_is_wrong_by_itself_is_named(wrong, place, says):
    activations = [learners.Tanh] * 3
    activations[place] = wrong
    _, x, _ = problem(4)
    nn = learners.Network((4, 5, 5, 3), tuple(activations), 1)
    (finding,) = check_gradients(nn, x, np.eye(3)[np.arange(len(x)) % 3], learners.MSE).reading
    assert f"{wrong.__name__}.prime of layer {place + 2} is wrong by itself" in finding.sentence
    assert says in finding.sentence
    assert finding.line.function == f"{wrong.__name__}.prime"


def test_functions_that_overwrite_are_noted_where_they_do_no_harm_and_read_where_they_do():
    _, x, _ = problem(4)
    y = np.eye(3)[np.arange(len(x)) % 3]
    before = x.copy(), y.copy()
    printed = learners.Network((4, 6, 3), (learners.PrintedRelu, learners.Sigmoid), 1)
    check = check_gradients(printed, x, y, learners.MSE)
    assert check.reading == ()
    assert [finding.line.function for finding in check.remarks if finding.kind == "overwriting"] == [
        "PrintedRelu.activation",
        "PrintedRelu.prime",
    ]
    harmed = learners.Network((4, 6, 3), (learners.OverwritingTanh, learners.Sigmoid), 1)
    (finding,) = check_gradients(harmed, x, y, learners.MSE).reading
    assert finding.kind == "overwritten"
    assert finding.sentence.startswith("OverwritingTanh.activation overwrites")
    assert finding.arrays == ("w[1]", "b[1]")
    for given, kept in zip((x, y), before, strict=True):
        np.testing.assert_array_equal(given, kept)


def test_a_missing_piece_is_answered_with_a_sentence():
    x, y = np.ones((2, 4)), np.ones((2, 3))
    without = learners.Network((4, 5, 3), (learners.ReluWithoutPrime, learners.Sigmoid), 1)
    with pytest.raises(InvalidType, match=r"ReluWithoutPrime has no `prime`"):
        check_gradients(without, x, y, learners.MSE)
    nn = learners.Network((4, 5, 3), (learners.Tanh, learners.Sigmoid), 1)
    nn._back_prop = None
    with pytest.raises(InvalidType, match="Network has no `_back_prop`"):
        check_gradients(nn, x, y, learners.MSE)
    nn = learners.Network((4, 5, 3), (learners.Tanh, learners.Sigmoid), 1)
    with pytest.raises(InvalidType, match=r"give your class, check_gradients\(network, x, y, MSE\)"):
        check_gradients(nn, x, y, "mse")
    with pytest.raises(InvalidArgument, match="a network as in the post has its own"):
        check_gradients(nn, x, y, learners.MSE, l2=0.1)


def test_kinks_of_a_learners_functions_are_found_and_left_out():
    for seed in range(10):
        nn = learners.Network((4, 40, 3), (learners.Relu, learners.Line), seed)
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 3))
        h = np.finfo(float).eps ** (1 / 3)
        nn.b[1][7] = -(x[0] @ nn.w[1][:, 7]) + rng.uniform(-0.5, 0.5) * h  # z is within a step of 0
        check = check_gradients(nn, x, y, learners.MSE)
        by_name = {array.name: array.left_out for array in check.arrays}
        assert by_name["b[1]"] == 1
        assert check.left_out <= 5
        assert np.isnan(check.layout["b[1]"].view(check.numerical)[7])
        del check
        right = learners.Network((4, 40, 3), (learners.Tanh, learners.Line), seed)
        assert check_gradients(right, x, y, learners.MSE).left_out == 0


def test_dead_units_are_named():
    nn = learners.Network((4, 6, 3), (learners.Relu, learners.Sigmoid), 1)
    nn.b[1][[2, 4]] = -50
    _, x, _ = problem(4)
    check = check_gradients(nn, x, np.eye(3)[np.arange(len(x)) % 3], learners.MSE)
    (remark,) = [finding for finding in check.remarks if finding.kind == "dead units"]
    assert "In layer 2, units 2 and 4 of 6" in remark.sentence
    grid = check.heat_map().splitlines()
    (b,) = [grid[i + 1] for i, line in enumerate(grid) if line.startswith("b[1]")]
    assert b == " | . . 0 . 0 ."


def test_one_row_is_said_to_hide_the_difference_of_sum_and_mean():
    nn = learners.Network((4, 6, 3), (learners.Tanh, learners.Sigmoid), 1)
    check = check_gradients(nn, np.ones((1, 4)), np.eye(3)[:1], learners.MSE)
    assert [finding.kind for finding in check.remarks] == ["one row"]


# --- networks of chainrule, whose own functions somebody changes -------------------------------------------------


def rows(seed, k=3, n=7):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 6)), rng.integers(0, k, n)


def kinds(network, data, **options):
    return [finding.kind for finding in check_gradients(network, *data, **options).reading]


def test_a_wrong_reduction_of_chainrule_is_read(monkeypatch):
    original = Dense.backward_from_delta

    def averaged(self, parameters, cache, delta, out=None, *, need_input=True):
        found = original(self, parameters, cache, delta, out, need_input=need_input)
        found.parameters[1][...] /= delta.shape[-2]
        return found

    monkeypatch.setattr(Dense, "backward_from_delta", averaged)
    for seed in range(5):
        assert kinds(Network((6, 5, 3), ("tanh", "softmax"), seed=seed), rows(seed)) == ["bias gradient averaged"]


@pytest.mark.parametrize(
    ("owner", "place", "wrong", "says"),
    [
        (Tanh, "derivative_expression", staticmethod(lambda z, a: 1 - z * z), "derivative of Tanh of layer 2 is wrong"),
        (
            Tanh,
            "derivative_expression",
            staticmethod(lambda z, a: np.ones_like(z)),
            "1 everywhere, as if it were forgotten",
        ),
        (CrossEntropy, "delta", lambda self, y, z, a, output: (a - y) * a, "CrossEntropy's derivative is wrong"),
        (CrossEntropy, "delta", lambda self, y, z, a, output: 2 * (a - y), "it is 2 times what it should be"),
    ],
)
def test_a_wrong_part_of_chainrule_is_named(owner, place, wrong, says, monkeypatch):
    monkeypatch.setattr(owner, place, wrong)
    for seed in range(5):
        reading = check_gradients(Network((6, 5, 3), ("tanh", "softmax"), seed=seed), *rows(seed)).reading
        assert says in " ".join(finding.sentence for finding in reading)
        assert [finding.line.file for finding in reading] == [__file__]


def test_softmax_with_its_diagonal_only_is_read(monkeypatch):
    monkeypatch.setattr(Softmax, "backward", lambda self, d_a, z, a: d_a * a * (1 - a))
    for seed in range(5):
        x, y = rows(seed)
        found = kinds(Network((6, 5, 3), ("tanh", "softmax"), seed=seed), (x, np.eye(3)[y]), loss=MSE)
        assert "softmax diagonal only" in found


def test_a_dropout_mask_that_is_forgotten_is_read(monkeypatch):
    original = Dropout.backward

    def forgotten(self, parameters, cache, d_output, out=None, *, need_input=True):
        return original(self, parameters, None, d_output, out, need_input=need_input)

    monkeypatch.setattr(Dropout, "backward", forgotten)
    for seed in range(5):
        layers = [Dense(6, 8, "tanh"), Dropout(0.4), Dense(8, 3, "softmax")]
        assert kinds(Network(layers=layers, seed=seed), rows(seed)) == ["dropout mask forgotten"]


def test_a_penalty_that_is_left_out_is_read(monkeypatch):
    monkeypatch.setattr("chainrule.functions.penalties.Penalty.gradient", lambda self, theta, mask: 0 * theta)
    check = check_gradients(Network((6, 5, 3), ("tanh", "softmax"), seed=1), *rows(1), l2=0.1)
    assert [finding.kind for finding in check.reading] == ["penalty"]
    assert "is missing in the gradient" in check.reading[0].sentence


@pytest.mark.parametrize("norm", [BatchNorm, LayerNorm])
def test_a_layer_that_is_wrong_by_itself_is_named(norm, monkeypatch):
    original = norm.backward

    def half(self, parameters, cache, d_output, out=None, *, need_input=True):
        found = original(self, parameters, cache, d_output, out, need_input=need_input)
        return found._replace(input=found.input / 2)

    monkeypatch.setattr(norm, "backward", half)
    nn = Network(layers=[Dense(6, 5, "tanh"), norm(), Dense(5, 3, "softmax")], seed=1)
    (finding,) = check_gradients(nn, *rows(1)).reading
    assert finding.kind == "layer is wrong"
    assert finding.arrays == (f"{norm.name}_1",)


def test_a_constant_in_a_network_of_other_layers_is_read(monkeypatch):
    original = Dense.backward_from_delta

    def averaged(self, parameters, cache, delta, out=None, *, need_input=True):
        found = original(self, parameters, cache, delta, out, need_input=need_input)
        if self.bias:
            found.parameters[1][...] /= delta.shape[-2]
        return found

    monkeypatch.setattr(Dense, "backward_from_delta", averaged)
    nn = Network(layers=[Dense(6, 5, "tanh"), LayerNorm(), Dense(5, 3, "softmax")], seed=1)
    (finding,) = check_gradients(nn, *rows(1)).reading
    assert finding.kind == "factor"
    assert "1 / n" in finding.sentence


def test_right_networks_of_chainrule_get_no_reading_and_float32_is_said_to_round():
    for seed in range(5):
        check = check_gradients(Network((6, 5, 3), ("tanh", "softmax"), seed=seed), *rows(seed))
        assert check.reading == ()
        (remark,) = check.remarks
        assert (remark.kind, 0 < remark.evidence < 1e-5) == ("rounding", True)
    check = check_gradients(Network((6, 5, 3), ("tanh", "softmax"), seed=1, dtype=np.float64), *rows(1))
    assert check.remarks == ()


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_fitted_estimator_is_checked_with_its_own_rows_and_classes():
    rng = np.random.default_rng(0)
    x, y = 100 + rng.normal(size=(60, 4)), np.array(["no", "yes"])[rng.integers(0, 2, 60)]
    model = MLPClassifier((8,), max_iter=3, random_state=0).fit(x, y)
    check = check_gradients(model, x[:8], y[:8])
    assert check.agrees
    assert check.reading == ()


def test_sigmoid_at_a_is_read_for_chainrules_own_loss(monkeypatch):
    at_a = staticmethod(lambda z, a: Sigmoid.expression(a) * (1 - Sigmoid.expression(a)))
    monkeypatch.setattr(Sigmoid, "derivative_expression", at_a)
    x, y = rows(1)
    reading = check_gradients(Network((6, 5, 3), ("tanh", "sigmoid"), seed=1), x, np.eye(3)[y], MSE).reading
    assert any("derivative of Sigmoid of layer 3 is wrong" in finding.sentence for finding in reading)
