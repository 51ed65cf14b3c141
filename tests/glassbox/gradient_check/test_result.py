"""What a gradient check shows: signs and colours where the two gradients differ, and lines seen without a trace left."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest

from chainrule import CrossEntropy, Network, check_gradients, vanilla
from chainrule.errors import InvalidArgument
from chainrule.glassbox.gradient_check.first_seen import Sought, first_seen
from chainrule.glassbox.gradient_check.heat_map import HeatMap, heat_map
from chainrule.network.layout import ArraySpec, Layout
from tests.glassbox.gradient_check import learners

LAYOUT = Layout.of([("w[1]", ArraySpec("w", (2, 3), "weight")), ("b[1]", ArraySpec("b", (3,), "bias"))])


def rows(n=6):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, 4)), np.eye(3)[rng.integers(0, 3, n)]


def test_each_entry_has_the_sign_of_what_it_is():
    errors = np.array([0, 1e-7, 1e-5, 1e-2, 1, np.nan, 0, 0, 0])
    dead = np.array([False] * 6 + [True, False, True])
    assert heat_map(LAYOUT, errors, dead, 16, 32).splitlines()[2:] == [
        "w[1]  2 x 3: 3 of 6 off",
        "0 | . . :",
        "1 | x x k",
        "",
        "b[1]  3: all agree",
        " | 0 . 0",
    ]


def test_of_large_arrays_the_worst_rows_and_columns_are_shown_with_their_numbers():
    layout = Layout.of([("w[1]", ArraySpec("w", (40, 120), "weight"))])
    errors = np.zeros((40, 120))
    errors[[3, 31], [105, 7]] = 1
    lines = heat_map(layout, errors.ravel(), np.zeros(4800, bool), 2, 2).splitlines()[2:]
    assert lines == [
        "w[1]  40 x 120, the worst 2 x 2 of them: 2 of 4800 off",
        "       1",
        "       0",
        "     7 5",
        " 3 | . x",
        "31 | x .",
    ]


def test_rich_prints_the_signs_in_colours_and_the_text_as_it_is():
    rich = pytest.importorskip("rich.console")
    text = heat_map(LAYOUT, np.array([0, 1, 0, 0, 0, 0, 0, 0, 0.0]), np.zeros(9, bool), 16, 32)
    for terminal in (False, True):
        written = io.StringIO()
        colours = "standard" if terminal else None
        rich.Console(file=written, force_terminal=terminal, color_system=colours, width=120).print(text)
        plain = written.getvalue()
        if terminal:
            assert "\x1b[31mx\x1b[0m" in plain
        else:
            assert plain == f"{text}\n"
    assert isinstance(text, HeatMap)


def test_entries_are_measured_against_a_thousandth_of_the_largest_of_their_array():
    nn = Network((4, 5, 3), ("tanh", "softmax"), seed=1)
    check = check_gradients(nn, rows()[0], [0, 1, 2, 0, 1, 2], CrossEntropy)
    errors = check.entry_errors()
    assert errors.shape == nn.theta.shape
    assert errors.max() < 1e-6
    changed = check.backpropagated.copy()
    changed[0] *= 2
    wrong = type(check)(check.arrays, 1.0, changed, check.numerical, check.layout)
    assert wrong.entry_errors()[0] == pytest.approx(1 / 3, rel=1e-3)
    assert (wrong.entry_errors()[1:] < 1e-6).all()
    assert not wrong.agrees


def test_readings_fit_a_terminal():
    np.random.seed(1)
    nn = vanilla.Network((4, 5, 3), (vanilla.Relu, vanilla.Sigmoid))
    lines = str(check_gradients(nn, *rows(), vanilla.MSE)).splitlines()
    assert max(len(line) for line in lines if not line.startswith("   The line:")) <= 100


def test_the_line_that_makes_a_number_is_seen_and_an_earlier_tracer_comes_back():
    made = {}

    def run():
        made["x"] = np.arange(3.0)
        twice = made["x"] * 2
        made["parameter"] += 1
        return twice

    made["parameter"] = np.zeros(2)
    first = run.__code__.co_firstlineno

    def tracer(frame, event, argument):
        return None

    known = sys.gettrace()
    sys.settrace(tracer)
    try:
        seen = first_seen(
            run, {"twice": Sought(np.array([0.0, 2, 4]), any_factor=False)}, lambda: {"p": made["parameter"]}
        )
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(known)
    assert [each.line.number - first for each in seen["twice"]] == [2, 4]
    assert [each.returned for each in seen["twice"]] == [False, True]
    assert seen["p changed"][0].line.number - first == 3
    assert seen["p changed"][0].line.code == 'made["parameter"] += 1'


def test_where_there_is_no_source_the_function_is_named():
    code = """
class Own(MSE):
    def delta(self, y_true, y_pred):
        return (y_pred - y_true) * self.activation_fn.prime(y_pred)
"""
    names = {"MSE": vanilla.MSE, "__name__": "typed_in"}
    exec(compile(code, "<nowhere>", "exec"), names)
    np.random.seed(1)
    nn = vanilla.Network((4, 5, 3), (vanilla.Sigmoid, vanilla.Sigmoid))
    check = check_gradients(nn, *rows(), names["Own"])
    lines = [finding.line for finding in check.reading if finding.kind == "derivative at a"]
    assert [(line.function, line.code) for line in lines] == [("Own.delta", "")]
    assert "The line: in Own.delta, whose source is not at hand" in str(check)


def test_nothing_that_is_given_changes():
    nn = learners.Network((4, 5, 3), (learners.PrintedRelu, learners.Sigmoid), 1, "bias averaged")
    nn.loss, nn.learning_rate = learners.MSE(learners.Sigmoid), 0.5
    x, y = rows()
    kept = [array.copy() for array in (x, y, *nn.w.values(), *nn.b.values())]
    check = check_gradients(nn, x, y)
    assert [finding.kind for finding in check.reading] == ["bias gradient averaged"]
    for before, now in zip(kept, (x, y, *nn.w.values(), *nn.b.values()), strict=True):
        np.testing.assert_array_equal(before, now)
    assert nn.learning_rate == 0.5
    assert nn.activations[2] is learners.PrintedRelu


def test_a_gradient_that_the_rounding_of_J_hides_is_not_said_to_agree(rng):
    nn = Network((3, 4, 2), ("tanh", "softmax"), seed=1)
    nn.theta = nn.theta * 1e30
    with pytest.raises(InvalidArgument, match="nothing can be compared"):
        check_gradients(nn, rng.normal(size=(6, 3)), [0, 1, 0, 1, 1, 1])


def test_numbers_too_large_for_float32_are_not_called_rounding(rng):
    nn = Network((3, 4, 2), ("tanh", "softmax"), seed=1)
    (note,) = check_gradients(nn, 1e300 * rng.normal(size=(6, 3)), [0, 1] * 3).remarks
    assert "become infinite or NaN" in note.sentence
