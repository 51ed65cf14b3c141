"""Right answers have full marks; each mistake is named; what follows from an earlier mistake keeps its point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.glassbox.worksheets import worksheet
from chainrule.glassbox.worksheets.answers import GivenAnswer
from chainrule.glassbox.worksheets.marking import marked_sheet
from tests.glassbox.worksheets.filled_in import as_given, worked_through
from tests.glassbox.worksheets.mistakes_on_paper import MISTAKES, SIGMOID, sign_turned
from tests.glassbox.worksheets.test_instances import KINDS


def marks_of(sheet, answers):
    found = marked_sheet(sheet, as_given(sheet, answers))
    return found, {str(each.question.quantity): each for each in found.answers}


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_has_full_marks(kind):
    for sheet in worksheet(4, 2, **KINDS[kind]).sheets:
        key = {str(each.quantity): each.answer for each in sheet.questions}
        found, _ = marks_of(sheet, key)
        assert (found.points, found.counts["right"]) == (found.out_of, found.out_of)


@pytest.mark.parametrize("kind", KINDS)
def test_so_do_numbers_that_were_not_rounded_on_the_way(kind):
    for sheet in worksheet(4, 2, **KINDS[kind]).sheets:
        exact = {str(each.quantity): round(each.exact, 3) for each in sheet.questions}
        assert marks_of(sheet, exact)[0].points == len(sheet.questions)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_and_what_follows_keeps_its_points(name, proof):
    made, settings = MISTAKES[name]
    named = wrong = 0
    for seed in range(25 if proof else 1):
        for sheet in worksheet(seed, 2, **settings).sheets:
            key = {str(each.quantity): each.answer for each in sheet.questions}
            found, _ = marks_of(sheet, worked_through(sheet, made(sheet)))
            told = [each for each in found.answers if each.verdict == "wrong"]
            wrong += len(told)
            named += sum(name in f"{each.mistake} {each.sentence}" for each in told)
            assert found.points == found.out_of - len(told)
            assert all(abs(float(each.given) - key[str(each.question.quantity)]) > 0.0005 for each in told)
            targets = {each.question.quantity.name for each in told}
            assert len({target.removeprefix("new ")[0] for target in targets}) <= 2  # nothing further on is wrong
    assert wrong
    assert named >= 0.9 * wrong


def test_one_wrong_number_early_costs_one_point():
    for sheet in worksheet(1, 4, "hard").sheets:
        live = int(np.flatnonzero(sheet.instance.trace.z[2][0] > 0)[0])
        wrong = f"z[2][0,{live}]"
        answers = worked_through(sheet, lambda q, value, own, wrong=wrong: value + 0.3 * (str(q) == wrong))
        found, by_name = marks_of(sheet, answers)
        assert found.points == found.out_of - 1
        assert by_name[f"z[2][0,{live}]"].verdict == "wrong"
        assert by_name["z[3][0,0]"].verdict == "follow-on"
        assert "follows rightly" in by_name["z[3][0,0]"].sentence
        assert by_name[f"dw[1][1,{live}]"].verdict == "follow-on"


def test_a_mistake_made_with_own_wrong_numbers_is_named_too():
    """Wrong z, and then the sign of delta[3] turned, on the numbers that came of it."""
    for sheet in worksheet(1, 4, **SIGMOID).sheets:

        def change(quantity, value, own, turned=sign_turned(sheet)):  # noqa: B008
            return value + 0.4 if str(quantity) == "z[3][0,0]" else turned(quantity, value, own)

        answers = worked_through(sheet, change)
        _, by_name = marks_of(sheet, answers)
        assert by_name["z[3][0,0]"].verdict == "wrong"
        assert by_name["a[3][0,0]"].verdict == "follow-on"
        assert by_name["delta[3][0,0]"].mistake == "y - a for a - y"
        assert by_name["delta[2][0,0]"].verdict == "follow-on"


def test_a_right_answer_after_a_wrong_one_is_right():
    sheet = worksheet(1, level="hard").sheets[0]
    answers = {str(each.quantity): each.answer for each in sheet.questions}
    answers["z[3][0,0]"] += 1
    found, by_name = marks_of(sheet, answers)
    assert found.points == found.out_of - 1
    assert by_name["a[3][0,0]"].verdict == "right"


def test_a_blank_and_what_is_no_number_cost_their_own_points_only():
    sheet = worksheet(1, level="hard").sheets[0]
    answers: dict[str, float | str] = {str(each.quantity): each.answer for each in sheet.questions}
    answers["z[2][0,0]"] = "about two"
    answers["z[2][0,1]"] = "0.1 0.2"
    answers["delta[3][0,0]"] = ""
    del answers["loss[0]"]
    found, by_name = marks_of(sheet, answers)
    assert found.points == found.out_of - 4
    assert by_name["z[2][0,0]"].verdict == by_name["z[2][0,1]"].verdict == "unreadable"
    assert by_name["z[2][0,0]"].sentence.startswith("Line 2: 'about two' is not one number")
    assert by_name["delta[3][0,0]"].verdict == by_name["loss[0]"].verdict == "blank"


@pytest.mark.parametrize("written", ["{0:+.3f}", " {0:.3f} ", "{0:.5f}", "{0:.3e}"])
def test_a_number_may_be_written_in_many_ways(written):
    sheet = worksheet(1, level="medium").sheets[0]
    answers = {str(each.quantity): written.format(each.answer) for each in sheet.questions}
    assert marks_of(sheet, answers)[0].points == len(sheet.questions)
    commas = {name: text.replace(".", ",").replace("-", "\N{MINUS SIGN}") for name, text in answers.items()}
    assert marks_of(sheet, commas)[0].points == len(sheet.questions)


def test_too_few_decimals_are_told_from_a_mistake():
    sheet = worksheet(1, level="medium", activation="sigmoid").sheets[0]
    answers = {str(each.quantity): each.answer for each in sheet.questions}
    short = {name: round(value, 1) for name, value in answers.items()}
    name = max(answers, key=lambda each: abs(answers[each] - short[each]))
    _, by_name = marks_of(sheet, answers | {name: short[name]})
    assert by_name[name].verdict == "wrong"
    assert by_name[name].mistake == "right, with too few decimals"


def test_only_what_rounds_to_the_answer_is_called_too_short():
    """Numbers that are off at random, several on each sheet, so that own and right numbers differ."""
    for seed in range(4):
        sheet = worksheet(seed, **SIGMOID).sheets[0]
        off = np.random.default_rng(seed)
        answers = worked_through(sheet, lambda q, value, own, off=off: value + off.choice([0, 0, 0.1, -0.3]))
        for each in marks_of(sheet, answers)[0].answers:
            if each.mistake == "right, with too few decimals":
                assert len(each.given.partition(".")[2]) < 3


def test_a_number_that_nothing_gives_is_answered_with_where_to_look():
    sheet = worksheet(1, level="hard").sheets[0]
    answers = {str(each.quantity): each.answer for each in sheet.questions} | {"z[2][0,0]": 31.4159}
    _, by_name = marks_of(sheet, answers)
    assert by_name["z[2][0,0]"].mistake == ""
    assert "No known mistake gives it. Check a[1] first" in by_name["z[2][0,0]"].sentence


def test_nothing_handed_in_is_said():
    sheet = worksheet(1).sheets[0]
    found = marked_sheet(sheet, {})
    assert not found.handed_in
    assert found.points == 0


TEXTS = st.text(max_size=40) | st.text("0123456789.,-+e/[]() ", max_size=12) | st.floats().map(str)


@given(TEXTS | st.sampled_from(["0.0e99999", "1e999", "1/0", "nan", "[[1]]", "1e-99999", "--1", "=1+1", "1;2"]))
def test_whatever_is_answered_is_marked(text):
    sheet = worksheet(1, level="easy").sheets[0]
    found = marked_sheet(sheet, {1: GivenAnswer(text, 2)})
    verdict = found.answers[0].verdict
    assert verdict in ("right", "follow-on", "wrong", "unreadable", "blank")
    assert (verdict == "blank") == (not text)
    assert sum(each.points for each in found.answers) <= 1


def test_answers_as_large_as_floats_are_marked():
    sheet = worksheet(3, level="hard").sheets[0]
    _, by_name = marks_of(sheet, {str(each.quantity): "1e300" for each in sheet.questions})
    assert by_name["z[2][0,0]"].verdict == by_name["new w[1][0,0]"].verdict == "wrong"
