"""The answers on the key are those of the step; where results are rounded, of the step with rounded numbers."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.glassbox.worksheets import worksheet
from chainrule.glassbox.worksheets.sheet import rounded
from tests.glassbox.worksheets.test_instances import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_exact_answers_are_those_of_the_traced_step(kind):
    for sheet in worksheet(5, 3, **KINDS[kind]).sheets:
        trace = sheet.instance.trace
        for question in sheet.questions:
            assert question.exact == pytest.approx(trace[question.quantity], abs=1e-9)
            if sheet.settings.is_exact:
                assert question.answer == pytest.approx(trace[question.quantity], abs=1e-9)
            assert question.answer == pytest.approx(trace[question.quantity], abs=0.02)


def test_the_whole_key_of_an_exact_sheet_by_numpy():
    sheet = worksheet(11, level="hard").sheets[0]
    w, b, x, y = sheet.instance.w, sheet.instance.b, sheet.instance.x, sheet.instance.y
    z2 = x @ w[1] + b[1]
    a2 = np.maximum(z2, 0)
    z3 = a2 @ w[2] + b[2]
    delta3 = 2 * (z3 - y)
    delta2 = (delta3 @ w[2].T) * (z2 > 0)
    wanted = {"z[2]": z2, "a[2]": a2, "z[3]": z3, "a[3]": z3, "loss": ((z3 - y) ** 2)[:, 0], "delta[3]": delta3}
    wanted |= {
        "delta[2]": delta2,
        "dw[2]": a2.T @ delta3,
        "db[2]": delta3[0],
        "dw[1]": x.T @ delta2,
        "db[1]": delta2[0],
    }
    for i in (1, 2):
        wanted |= {f"new w[{i}]": w[i] - 0.1 * wanted[f"dw[{i}]"], f"new b[{i}]": b[i] - 0.1 * wanted[f"db[{i}]"]}
    assert {each.quantity.name for each in sheet.questions} == set(wanted)
    for question in sheet.questions:
        assert question.answer == pytest.approx(wanted[question.quantity.name][question.quantity.index], abs=1e-9)


def test_a_rounded_key_goes_on_with_rounded_numbers():
    sheet = worksheet(11, level="medium", activation="sigmoid").sheets[0]
    answers = {str(each.quantity): each.answer for each in sheet.questions}
    w, b = sheet.instance.w, sheet.instance.b
    for j in range(3):
        assert answers[f"a[2][0,{j}]"] == round(1 / (1 + np.exp(-answers[f"z[2][0,{j}]"])), 3)
    a = np.array([answers[f"a[2][0,{j}]"] for j in range(3)])
    assert answers["z[3][0,0]"] == pytest.approx(float(a @ w[2][:, 0] + b[2][0]), abs=0.0005001)
    for j in range(3):
        expected = answers["delta[3][0,0]"] * w[2][j, 0] * a[j] * (1 - a[j])
        assert answers[f"delta[2][0,{j}]"] == pytest.approx(expected, abs=0.0005001)


def test_the_arithmetic_of_an_answer_gives_it():
    for kind in KINDS:
        for question in worksheet(2, **KINDS[kind]).sheets[0].questions:
            assert question.arithmetic.value == pytest.approx(question.answer, abs=0.0005001)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(0.0125, 0.013), (-0.0125, -0.013), (2.5e-5, 0.0), (0.30000000000000004, 0.3), (1.0045, 1.005)],
)
def test_a_half_is_rounded_up_in_size_as_on_paper(value, wanted):
    assert rounded(value, 3) == wanted
