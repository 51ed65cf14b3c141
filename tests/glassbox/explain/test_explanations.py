"""What an explanation says, how deep it goes, and which line of code it points at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule import BatchNorm, Dense, Dropout, LayerNorm, Network, Residual, vanilla
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.explain.code_line import lines_that_return, lines_that_set
from chainrule.glassbox.explain.expression import Call, NotTraceable, Number, Symbol, applied, total
from chainrule.glassbox.explain.shortened import shortened
from chainrule.glassbox.explain.text import number_text, with_numbers, with_symbols

SOURCES = Path(chainrule.__file__).parent.parent


@pytest.fixture
def small():
    nn = Network((2, 2, 1), ("relu", "sigmoid"), dtype=np.float64)
    nn.w[1], nn.w[2] = [[0.5, -1.0], [0.25, 2.0]], [[1.0], [-0.5]]
    nn.b[1] = [0.125, 0.0]
    return chainrule.trace(nn, [[2.0, 1.0], [1.0, -1.0]], [1, 0], learning_rate=0.5)


def test_symbols_then_numbers_then_the_result(small):
    lines = chainrule.explain(small, "z[2][0,0]").text(width=100).splitlines()
    assert lines[:5] == [
        "z[2][0,0]",
        "  z[2] = a[1] @ w[1] + b[1]",
        "  = a[1][0,0] · w[1][0,0] + a[1][0,1] · w[1][1,0] + b[1][0]",
        "  = 2 · 0.5 + 1 · 0.25 + 0.125",
        "  = 1.375",
    ]
    assert lines[5].startswith("  chainrule/network/layers/dense.py:")
    assert "z = x @ w" in lines[5]


def test_an_error_of_a_hidden_unit_is_written_as_in_the_post(small):
    text = chainrule.explain(small, "delta[2][0,1]").text(width=100)
    assert "delta[2] = (delta[3] @ w[2].T) * f'(z[2])" in text
    assert "= delta[3][0,0] · w[2][1,0] · [z[2][0,1] > 0]" in text


def test_the_update_is_the_optimizers_own_rule(small):
    text = chainrule.explain(small, "new w[1][1,0]").text(width=100)
    assert "= w[1][1,0] - learning_rate · dw[1][1,0]" in text
    assert "chainrule/optimizers/sgd.py" in text


def test_it_goes_down_to_the_input(small):
    shallow, deep = (chainrule.explain(small, "new w[1][0,0]").text(depth=depth) for depth in (0, 100))
    assert "dw[1] = a[1].T @ delta[2]" not in shallow
    for step in ("dw[1] = a[1].T @ delta[2]", "delta[2] = ", "delta[3] = ", "a[3] = f(z[3])", "z[3] = ", "z[2] = "):
        assert step in deep
    every = list(chainrule.explain(small, "new w[1][0,0]").walk(100))
    names = [explanation.quantity for _, explanation in every]
    assert len(names) == len(set(names))
    assert any(explanation.is_given and explanation.quantity.name == "a[1]" for _, explanation in every)


def test_a_value_that_was_given_says_so(small):
    assert str(chainrule.explain(small, "w[1][1,0]")) == "w[1][1,0] = 0.25: a weight, as it was before this step"
    assert str(chainrule.explain(small, "b[1][0]")) == "b[1][0] = 0.125: a bias, as it was before this step"
    assert str(chainrule.explain(small, "a[1][1,0]")).endswith("the input 0 of row 1, as the network takes it")
    assert str(chainrule.explain(small, "y[1,0]")) == "y[1,0] = 0: the target 0 of row 1, as the network takes it"


def test_an_array_of_one_number_needs_no_index():
    nn = Network((1, 1), ("identity",), dtype=np.float64)
    step = chainrule.trace(nn, [[1.0]], [2.0])
    assert chainrule.explain(step, "z[2]").value == step.z[2][0, 0]
    assert chainrule.explain(step, "J").value == step.J


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("z[2]", r"z\[2\] is an array of the shape \(2, 2\): name one number of it, such as z\[2\]\[0,0\]"),
        ("z[7][0,0]", r"There is no z\[7\] in this trace"),
        ("z[2][5,0]", r"z\[2\]\[5,0\] is outside z\[2\]"),
        ("w", "is not the name of a number"),
    ],
)
def test_wrong_names_are_answered_with_a_sentence(small, name, sentence):
    with pytest.raises(InvalidArgument, match=sentence):
        chainrule.explain(small, name)


def test_wrong_settings_are_answered_with_a_sentence(small):
    call = r"Give the trace of a step, not Network: step = chainrule.trace\(network, x, y\), and then chainrule.explain"
    with pytest.raises(InvalidType, match=call):
        chainrule.explain(Network((2, 1), ("relu",)), "z[2]")
    learners = vanilla.Network((2, 1), (vanilla.Sigmoid,))
    with pytest.raises(InvalidType, match=r"chainrule.trace\(network, x, y, loss=MSE\), with your own class"):
        chainrule.explain(learners, "z[2]")
    explained = chainrule.explain(small, "z[2][0,0]")
    for wrong in ({"depth": -1}, {"digits": 0}, {"digits": 18}, {"most_terms": 1}):
        with pytest.raises(InvalidArgument, match=next(iter(wrong))):
            explained.text(**wrong)


def test_no_line_is_wider_than_it_may_be_but_for_code_and_rules():
    nn = Network((30, 4, 3), ("tanh", "softmax"), seed=1)
    step = chainrule.trace(nn, np.random.default_rng(1).normal(size=(5, 30)), [0, 1, 2, 0, 1])
    for line in chainrule.explain(step, "new w[1][3,0]").text(depth=100, width=70).splitlines():
        assert len(line) <= 70 or ".py:" in line or " = " in line.lstrip()[:30], line


def test_every_line_that_is_pointed_at_is_there():
    """The statement stands in the file on that line, for every kind of quantity and layer."""
    layers = [
        Dense(3, 4),
        BatchNorm(),
        Dropout(0.3),
        Residual([LayerNorm(), Dense(4, 4, "tanh")]),
        Dense(4, 3, "softmax"),
    ]
    nn = Network(layers=layers, seed=1)
    step = chainrule.trace(nn, np.random.default_rng(1).normal(size=(5, 3)), [0, 1, 2, 0, 1], l2=0.1, optimizer="adam")
    seen = set()
    for name, value in step.items():
        entry = ",".join("0" for _ in np.shape(value))
        for line in chainrule.explain(step, f"{name}[{entry}]" if entry else name).code:
            source = (SOURCES / line.file).read_text().splitlines()[line.number - 1]
            assert source.split()[0] == line.text.split()[0], line
            seen.add(line.file)
    assert len(seen) >= 9


def test_functions_without_source_have_no_lines():
    names = {}
    exec("def f(z):\n    a = z\n    return a", names)
    assert lines_that_return(names["f"]) == ()
    assert lines_that_set(names["f"], "a") == ()
    assert lines_that_return(len) == ()
    assert lines_that_set(None, "a") == ()


def test_the_lines_are_found_in_an_installed_package(tmp_path):
    """A copy of the package in another place, as a wheel installs it: the lines are of those files."""
    import shutil

    shutil.copytree(
        SOURCES / "chainrule", tmp_path / "site" / "chainrule", ignore=shutil.ignore_patterns("__pycache__")
    )
    program = (
        "import json, chainrule\n"
        "step = chainrule.trace(chainrule.Network((2, 2, 1), ('relu', 'sigmoid'), seed=1), [[1.0, 2.0]], [1])\n"
        "lines = chainrule.explain(step, 'z[2][0,0]').code\n"
        "print(json.dumps([chainrule.__file__, lines[0].file, lines[0].number, lines[0].text]))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    package, file, number, text = json.loads(done.stdout)
    assert package.startswith(str(tmp_path))
    assert file == "chainrule/network/layers/dense.py"
    assert (tmp_path / "site" / file).read_text().splitlines()[number - 1].strip().startswith(text[:10])


def test_expressions_print_with_the_brackets_that_they_need():
    a, b, c = Symbol("a", 2.0), Symbol("b", -3.0), Symbol("c", 0.5)
    cases = {
        "a + b": (a + b, "2 - 3"),
        "a - b": (a - b, "2 - (-3)"),
        "a · (b + c)": (a * (b + c), "2 · (-3 + 0.5)"),
        "-(a + b)": (-(a + b), "-(2 - 3)"),
        "(a / b) / c": ((a / b) / c, "(2 / (-3)) / 0.5"),
        "a / (b · c)": (a / (b * c), "2 / ((-3) · 0.5)"),
        "(a + b)^2": ((a + b) ** 2, "(2 - 3)^2"),
        "(a · b)^2": ((a * b) ** 2, "(2 · (-3))^2"),
        "exp(-b)": (applied("exp", -b), "exp(-(-3))"),
        "1 - (a - c)": (1 - 1 * _group(a - c), "1 - (2 - 0.5)"),
    }
    for symbols, (expression, numbers) in cases.items():
        assert with_symbols(expression).replace("\N{NO-BREAK SPACE}", " ") == symbols
        assert with_numbers(expression).replace("\N{NO-BREAK SPACE}", " ") == numbers


def _group(expression):
    return total([expression]) if not hasattr(expression, "terms") else expression


def test_numpy_functions_make_expressions_and_decisions_are_refused():
    z = Symbol("z", -0.5)
    assert np.exp(z).value == np.exp(-0.5)
    assert np.maximum(z, 0).value == 0
    assert (np.float64(2.0) * z).value == -1.0
    assert np.log1p(z).value == pytest.approx(np.log(0.5))
    for refused in (lambda: np.where(z > 0, 1, 0), lambda: np.arctan(z), lambda: bool(z), lambda: 1 if z > 0 else 0):
        with pytest.raises(NotTraceable):
            refused()


def test_shortening_keeps_the_value_and_the_largest_terms():
    rng = np.random.default_rng(3)
    values = rng.normal(size=50)
    long = applied("exp", total([Symbol(f"s{i}", v) for i, v in enumerate(values)]) / 10)
    short = shortened(long, 6)
    assert short.value == pytest.approx(long.value, rel=1e-14)
    terms = short.arguments[0].top.terms
    assert len(terms) == 6
    assert {term.value for term in terms[:5]} == {values[i] for i in np.argsort(-np.abs(values))[:5]}
    assert terms[-1].count == 45


def test_numbers_print_with_the_digits_asked_for():
    assert [number_text(v, 3) for v in (-0.0, 1.0, 0.123456, 1e-12, 123456.0)] == [
        "0",
        "1",
        "0.123",
        "1e-12",
        "1.23e+05",
    ]
    assert with_numbers(Number(0.044715)) == "0.044715"
    assert with_numbers(Call("mine", (Symbol("z", 1.5),), known=3.0)) == "mine(1.5)"


def test_the_penalty_of_many_weights_has_terms_for_the_largest():
    nn = Network((100, 50, 3), ("relu", "softmax"), seed=1, dtype=np.float64)
    step = chainrule.trace(nn, np.ones((2, 100)), [0, 1], l1=0.1, l2=0.2)
    explained = chainrule.explain(step, "penalty")
    assert explained.expression.value == pytest.approx(step.penalty, rel=1e-12)
    shown = explained.shown(4)
    assert len(shown.terms) == 4
    assert (
        shown.terms[-1].count == 2 * 350 + (100 * 50 - 200) - 3
    )  # 200 + 150 weights with two terms each, and the rest


def test_statements_behind_a_condition_are_not_said_to_have_run():
    nn = Network((2, 2, 1), ("tanh", "sigmoid"), seed=1)
    lines = chainrule.explain(chainrule.trace(nn, [[1.0, 2.0]], [1]), "delta[3][0,0]").code
    assert lines[0].text == "return a - y"
    assert not any("label_smoothing" in line.text for line in lines)


def test_what_decays_is_said_of_adamw():
    step = chainrule.trace(Network((2, 2, 1), ("tanh", "sigmoid"), seed=1), [[1.0, 2.0]], [1], optimizer="adamw")
    assert "decays is 1 of a weight" in chainrule.explain(step, "new w[1][0,0]").remark
    assert (
        "decays"
        not in chainrule.explain(
            chainrule.trace(Network((2, 1), ("sigmoid",)), [[1.0, 2.0]], [1]), "new b[1][0]"
        ).remark
    )
