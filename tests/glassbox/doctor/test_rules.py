"""Each rule by itself: what it says of its fault, and that it is quiet beside it."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from chainrule import MSE, Dense, Identity, LeakyRelu, Network, Quantile, Relu, Sigmoid, Softmax, Tanh, TrainingDiverged
from chainrule.functions.initializers import Constant
from chainrule.glassbox.doctor import Finding, diagnose
from chainrule.glassbox.doctor.causes import ranked
from chainrule.glassbox.doctor.label_order import label_order
from chainrule.glassbox.doctor.rules import RULES
from chainrule.glassbox.doctor.shared_rows import shared_rows
from chainrule.glassbox.doctor.signals import shape_of


@pytest.fixture
def iris():
    x, y = datasets.load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return x[order], y[order]


def found(layers, x, y, validation=None, epochs=20, rate=0.1, **settings):
    nn = Network(layers=layers, seed=2)
    nn.fit(x, y, epochs=epochs, learning_rate=rate, validation=validation, verbose=False, **settings)
    known = {name: settings[name] for name in ("loss",) if name in settings}
    return diagnose(nn, x, y, validation=validation, **known)


def test_dead_units_are_counted(iris):
    x, y = iris
    low = np.array([-20.0] * 6 + [0.0] * 4)
    diagnosis = found([Dense(4, 10, Relu, bias_initializer=low), Dense(10, 3, Softmax)], x, y, epochs=2, rate=1e-2)
    dead = [each for each in (*diagnosis.findings, *diagnosis.effects) if each.kind == "dead units"]
    assert [each.number for each in dead] == [0.6]
    assert dead[0].sentence.startswith("6 of the 10 units of layer 2 are dead")
    assert "before the first step" in dead[0].sentence


def test_dead_units_that_start_so_are_mended_by_the_usual_start(iris):
    layers = [Dense(4, 10, Relu, bias_initializer=Constant(-20)), Dense(10, 3, Softmax)]
    finding = found(layers, *iris).findings[0]
    assert (finding.kind, finding.where) == ("dead units", "layer 2")
    assert finding.trial.change == "the default initializers"
    assert finding.trial.helped


def test_saturated_units_are_told_from_dead_ones(iris):
    w = np.random.default_rng(0).normal(0, 20, (4, 12))
    layers = [Dense(4, 12, Tanh, w), Dense(12, 12, Tanh, w[:1].T * w[:1]), Dense(12, 3, Softmax)]
    diagnosis = found(layers, *iris, rate=1e-3)
    kinds = {each.kind for each in (*diagnosis.findings, *diagnosis.effects)}
    assert "saturated units" in kinds
    assert "dead units" not in kinds


def test_a_deep_sigmoid_network_has_vanishing_gradients(iris):
    layers = [Dense(4, 8, Sigmoid), *(Dense(8, 8, Sigmoid) for _ in range(6)), Dense(8, 3, Softmax)]
    diagnosis = found(layers, *iris)
    assert diagnosis.kinds == ("vanishing gradients",)
    assert diagnosis.findings[0].number < 1e-3
    assert diagnosis.findings[0].trial.change == "Relu in the hidden layers"
    assert diagnosis.findings[0].trial.helped


def test_the_learned_is_left_in_peace_whatever_its_layers_look_like(iris):
    layers = [Dense(4, 30, Relu, bias_initializer=np.array([-20.0] * 15 + [0.0] * 15)), Dense(30, 3, Softmax)]
    assert not found(layers, *iris, epochs=200)


def test_an_output_that_cannot_reach_the_targets():
    x, y = datasets.make_regression(200, 5, noise=1, random_state=0)
    y = (y - y.mean()) / y.std()
    diagnosis = found([Dense(5, 16, Tanh), Dense(16, 1, Relu)], (x - x.mean()) / x.std(), y, loss=MSE)
    assert diagnosis.kinds == ("wrong output or loss",)
    finding = diagnosis.findings[0]
    assert finding.number == pytest.approx((y < 0).mean())
    assert finding.trial.helped


def test_classes_learned_as_amounts(digits):
    x, y = digits[0][:600] / 16, digits[1][:600]
    diagnosis = found([Dense(64, 20, Relu), Dense(20, 1, Identity)], x, y, loss=MSE, rate=0.01)
    assert diagnosis.kinds == ("wrong output or loss",)
    assert diagnosis.findings[0].trial.measure == "accuracy"
    assert diagnosis.findings[0].trial.after > diagnosis.findings[0].trial.before + 0.2


def test_counts_are_no_classes():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    y = np.clip(np.rint(2 + x[:, 0] + 0.5 * x[:, 1] + 0.3 * rng.normal(size=400)), 0, 4)
    assert not found([Dense(3, 16, Relu), Dense(16, 1, Identity)], x, y, loss=MSE, rate=0.05)


@pytest.mark.parametrize("shift", [1, -2])
def test_labels_that_slipped_are_found_and_the_way_back_is_told(iris, shift):
    x, y = iris
    diagnosis = found([Dense(4, 10, Relu), Dense(10, 3, Softmax)], x, np.roll(y, shift))
    assert diagnosis.kinds[0] == "shuffled labels"
    assert f"np.roll(y, {-shift}, axis=0)" in diagnosis.findings[0].remedy
    assert diagnosis.findings[0].trial is None


def test_numbers_in_another_order_look_shuffled_too():
    x, y = datasets.load_diabetes(return_X_y=True)
    x, y = x / x.std(axis=0), np.random.default_rng(0).permutation((y - y.mean()) / y.std())
    diagnosis = found([Dense(10, 10, Relu), Dense(10, 1, Identity)], x, y)
    assert diagnosis.kinds == ("shuffled labels",)
    assert "correlation" in diagnosis.findings[0].sentence


def test_circles_tell_no_line_anything_but_their_neighbours_do():
    x, y = datasets.make_circles(400, noise=0.05, factor=0.5, random_state=0)
    order = label_order(x, y[:, np.newaxis], y)
    assert abs(order.line) < 4 < order.neighbours
    assert order.chance == pytest.approx(0.5)


def test_a_penalty_that_holds_all_weights_down(iris):
    diagnosis = found([Dense(4, 10, Tanh), Dense(10, 3, Softmax)], *iris, l2=5.0)
    assert diagnosis.kinds == ("constant output",)
    assert diagnosis.findings[0].trial.change == "no penalty (l1=0, l2=0)"
    assert diagnosis.findings[0].trial.helped


def test_units_that_start_alike(iris):
    layers = [Dense(4, 10, Tanh, Constant(0)), Dense(10, 3, Softmax, Constant(0))]
    finding = found(layers, *iris).findings[0]
    assert finding.kind == "constant output"
    assert "start with the same weights" in finding.sentence
    assert finding.trial.helped


def test_overfitting_is_judged_by_what_was_held_out():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(260, 20))
    y = (x[:, 0] + 0.8 * rng.normal(size=260) > 0).astype(int)
    layers = [Dense(20, 100, Relu), Dense(100, 2, Softmax)]
    diagnosis = found(layers, x[:60], y[:60], (x[60:], y[60:]), epochs=150)
    assert diagnosis.kinds == ("overfitting",)
    finding = diagnosis.findings[0]
    assert finding.number > 1.3
    assert finding.trial.rows == "held-out rows"
    assert finding.trial.after < finding.trial.before


def test_repeated_rows_are_counted_and_left_out_in_the_rerun(iris):
    x, y = iris
    held_out = np.concatenate([x[100:], x[:20]]), np.concatenate([y[100:], y[:20]])
    diagnosis = found([Dense(4, 10, Relu), Dense(10, 3, Softmax)], x[:100], y[:100], held_out, rate=0.2)
    assert diagnosis.kinds == ("duplicated rows",)
    n = sum(any((row == each).all() for each in x[:100]) for row in held_out[0])  # iris has one row twice by itself
    assert diagnosis.findings[0].sentence.startswith(f"{n} of the 70 held-out rows")
    assert diagnosis.findings[0].trial.change == "training without the shared rows"


def test_rows_with_few_values_are_alike_by_chance():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (400, 4)).astype(float)
    y = (x.sum(axis=1) > 2).astype(int)
    diagnosis = found([Dense(4, 8, Relu), Dense(8, 2, Softmax)], x[:300], y[:300], (x[300:], y[300:]))
    assert not diagnosis
    assert shared_rows(x[:300], x[300:]).distinct < 0.1


def test_equal_rows_are_found_number_by_number():
    one, other = np.array([[0.0, 1], [2, 3], [4, 5]]), np.array([[4.0, 5], [-0.0, 1], [4, 6]])
    shared = shared_rows(one, other)
    assert shared.validation == (0, 1)
    assert shared.training == {0, 2}
    assert (shared.repeated, shared.distinct) == (0, 1)


def test_quantiles_and_their_targets_can_be_examined_and_rerun():
    x, y = datasets.load_diabetes(return_X_y=True)
    nn = Network((10, 8, 3), (Relu, Identity), seed=1)
    nn.fit(x / x.std(axis=0), y, Quantile((0.1, 0.5, 0.9)), epochs=5, learning_rate=0.01, verbose=False)
    assert diagnose(nn, x / x.std(axis=0), y).kinds[0] == "unscaled targets"


@pytest.mark.parametrize(
    ("activation", "bounded", "rectifies", "steepest"),
    [
        (Sigmoid(), True, False, 0.25),
        (Tanh(), True, False, 1),
        (Relu(), False, True, 1),
        (LeakyRelu(), False, False, 1),
    ],
    ids=str,
)
def test_the_shape_of_an_activation_is_read_from_its_values(activation, bounded, rectifies, steepest):
    shape = shape_of(activation)
    assert (shape.bounded, shape.rectifies) == (bounded, rectifies)
    assert shape.steepest == pytest.approx(steepest, rel=1e-4)


def test_what_a_cause_explains_is_no_second_finding():
    def finding(kind, **more):
        return Finding(kind, "here", 1.0, "So it is.", "Mend it.", **more)

    high, dead, rows = finding("learning rate too high"), finding("dead units"), finding("duplicated rows")
    assert [each.explained_by for each in ranked([dead, high, rows])] == ["", "", "learning rate too high"]
    from_start = replace(dead, from_start=True)
    assert ranked([high, from_start]) == (from_start, replace(high, explained_by="dead units"))
    scale = finding("unscaled inputs", from_start=True)
    assert [each.kind for each in ranked([from_start, high, scale]) if not each.explained_by] == ["unscaled inputs"]


def test_every_threshold_says_how_it_was_chosen():
    for rule in RULES:
        source = inspect.getfile(rule)
        text = Path(source).read_text(encoding="utf-8")
        constants = re.findall(r"^([A-Z_]+(?:, [A-Z_]+)*) = [\d(].*\n(.*)", text, re.MULTILINE)
        assert constants, source
        assert all(following.startswith('"""') for _, following in constants), source


def test_a_rate_that_is_a_million_times_too_high_is_too_high():
    x = np.random.default_rng(0).normal(size=(120, 4))
    nn = Network((4, 8, 1), (Relu, Identity), seed=1)
    with pytest.raises(TrainingDiverged):
        nn.fit(x, x[:, 0], epochs=5, learning_rate=1e5, verbose=False)
    finding = diagnose(nn, x, x[:, 0], epochs=5, learning_rate=1e5).findings[0]
    assert finding.kind == "learning rate too high"
    assert "J becomes infinite" in finding.sentence
    assert finding.trial.helped


def test_rows_that_are_all_nothing_are_told_so():
    y = np.random.default_rng(0).integers(0, 2, 120)
    diagnosis = found([Dense(4, 3, Relu), Dense(3, 2, Softmax)], np.zeros((120, 4)), y)
    assert diagnosis.kinds == ("unscaled inputs",)
    assert diagnosis.findings[0].sentence.startswith("x is 0 in every row")


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_handful_of_rows_is_no_obstacle(n):
    x, y = np.eye(5)[:n], np.arange(n) % 2
    diagnosis = found([Dense(5, 3, Relu), Dense(3, 2, Softmax)], x, y, batch_size=1)
    assert f", {n} row{'s' if n > 1 else ''}: " in diagnosis.title
    assert "the learning rate" in diagnosis.looked_at
