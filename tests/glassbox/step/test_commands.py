"""The words of a walk: each does what the help says, and what makes no sense is answered by a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.glassbox.step import Walk, answer, screen_text
from chainrule.glassbox.step.commands import COMMANDS
from chainrule.glassbox.step.styled_text import plain
from chainrule.glassbox.step.xor_step import xor_step
from tests.glassbox.step.subjects import TRACES

WALK = Walk.begun(xor_step())
MIDDLE = WALK.find("z[2][1,2]")

MOVES = {
    "next": MIDDLE.next(),
    "n": MIDDLE.next(),
    "": MIDDLE.next(),
    "  ": MIDDLE.next(),
    "NEXT": MIDDLE.next(),
    "back": MIDDLE.back(),
    "b": MIDDLE.back(),
    "forward": MIDDLE.to_part("forward"),
    "loss": MIDDLE.to_part("loss"),
    "backward": MIDDLE.to_part("backward"),
    "update": MIDDLE.to_part("update"),
    "layer 3": MIDDLE.to_layer(3),
    "l 3": MIDDLE.to_layer(3),
    "row 3": MIDDLE.to_row(3),
    "r  3": MIDDLE.to_row(3),
    "neuron 0": MIDDLE.to_neuron(0),
    "unit 0": MIDDLE.to_neuron(0),
    "why": MIDDLE.why(),
    "why?": MIDDLE.why(),
    "Why ?": MIDDLE.why(),
    "w": MIDDLE.why(),
    "why? 2": MIDDLE.why(2),
    "why?2": MIDDLE.why(2),
    "why 2": MIDDLE.why(2),
    "explain": MIDDLE.why(),
    "Explain?": MIDDLE.why(),
    "explain 2": MIDDLE.why(2),
    "explain J": MIDDLE.why("J"),
    "why? J": MIDDLE.why("J"),
    "find dw[1][1,0]": MIDDLE.find("dw[1][1,0]"),
    "find  dw[ 1 ][1, 0]": MIDDLE.find("dw[1][1,0]"),
    "f loss": MIDDLE.find("loss"),
    "find new w[2]": MIDDLE.find("new w[2]"),
    "z[3]": MIDDLE.find("z[3]"),
    "new w[2][0,0]": MIDDLE.find("new w[2][0,0]"),
    "δ[3]": MIDDLE.find("delta[3]"),
    "J": MIDDLE.find("J"),
    "\x1b[Anext": MIDDLE,
    "show": MIDDLE,
    "list": MIDDLE,
    "help": MIDDLE,
    "?": MIDDLE,
}


@pytest.mark.parametrize(("typed", "there"), MOVES.items(), ids=[repr(typed) for typed in MOVES])
def test_a_word_leads_there(typed, there):
    given = answer(MIDDLE, typed)
    assert given.walk == there
    assert given.lines
    assert not given.done
    if there != MIDDLE:
        assert plain(given.lines) == screen_text(there)


def test_weights_are_chosen_by_where_they_come_from_and_go_to():
    walk = answer(answer(WALK.find("w[1]"), "from 1").walk, "neuron 2").walk
    assert str(walk.entry) == "w[1][1,2]"


def test_a_number_alone_goes_into_an_explanation_and_is_nothing_elsewhere():
    assert answer(MIDDLE.why(), "2").walk == MIDDLE.why(2)
    assert "'2' is no command and no number of this step" in plain(answer(MIDDLE, "2").lines)
    assert answer(MIDDLE.why(2), "up").walk == MIDDLE.why()


@pytest.mark.parametrize("word", ["quit", "q", "exit", "QUIT"])
def test_quit_ends_the_walk(word):
    assert answer(MIDDLE, word).done


def test_the_help_tells_every_command_and_the_list_every_array():
    text = plain(answer(MIDDLE, "help").lines)
    for command in COMMANDS:
        assert f"\n{command.names[0]} " in f"\n{text}"
        assert " ".join(command.help.split()) in " ".join(text.split())
    listed = plain(answer(MIDDLE, "list").lines)
    for name in MIDDLE.trace:
        assert name in listed
    assert "[z[2]]" in listed
    assert listed == plain(answer(MIDDLE, "list").lines)


SENTENCES = {
    "nxet": "'nxet' is no command and no number of this step; did you mean 'next'?",
    "z[7]": "There is no z[7] in this trace",
    "z[2][0,9]": "z[2][0,9] is outside z[2]",
    "z[2": "'z[2' is not the name of a number in a trace",
    "layer": "layer takes a whole number, such as layer 1, and none is there.",
    "layer two": "layer takes a whole number, such as layer 1, not 'two'.",
    "layer -1": "not '-1'",
    "layer 1.5": "not '1.5'",
    "layer 9": "There is no layer 9",
    "row 99999999999999999999": "not '99999999999999999999'",
    "neuron 3": "There is no neuron 3 in layer 2",
    "from 1": "z[2] holds no weights",
    "check": "check takes your own value of z[2][1,2], such as check 0.35 or check 3/8.",
    "check much": "'much' is no number",
    "check J": "check takes your own value of J, such as check 0.35 or check 3/8.",
    "check new w[2][0,0]": "check takes your own value of new w[2][0,0]",
    "check z[9][0,0] 1": "There is no z[9] in this trace",
    "check z[2][9,0] 1": "z[2][9,0] is outside z[2]",
    "check w[1] 1": "w[1] was given: there is nothing in it to compute, and to check.",
    "find": "find takes the name of a number, such as find z[2][0,1].",
    "find what": "'what' is not the name of a number in a trace",
    "why 77": "There is no number 77 in the list of z[2][1,2]",
    "why not": "'not' is not the name of a number in a trace",
    "next 3": "next takes nothing behind it, and '3' is there.",
    "quit now": "quit takes nothing behind it",
    "²": "'²' is no command",
    "row ٣": "not '٣'",
}


@pytest.mark.parametrize(("typed", "sentence"), SENTENCES.items(), ids=SENTENCES)
def test_what_makes_no_sense_is_a_sentence_and_changes_nothing(typed, sentence):
    given = answer(MIDDLE, typed)
    assert given.walk == MIDDLE
    assert not given.done
    assert sentence in " ".join(plain(given.lines).split())


def checked(name, given):
    return " ".join(plain(answer(WALK.find(name), f"check {given}").lines).split())


def test_ones_own_value_is_checked_and_the_mistake_named():
    step = WALK.trace
    right = step["delta[3][1,0]"]
    assert checked("delta[3][1,0]", f"{right:.4g}").startswith("Right: delta[3][1,0] is")
    slope = step["a[3][1,0]"] * (1 - step["a[3][1,0]"])
    text = checked("delta[3][1,0]", f"{right / slope:.6g}")
    assert text.startswith("Wrong: delta[3][1,0] is")
    assert "f'" in text
    of_explanation = answer(WALK.find("z[3][1,0]").why(3), f"check {step['a[2][1,1]']:.6g}")
    assert plain(of_explanation.lines).startswith("Right: a[2][1,1] is")
    assert of_explanation.walk == WALK.find("z[3][1,0]").why(3)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("z[2][0,0]", "z[2][0,0] {:.4g}"),
        ("z[2][1,0]", "z[2] [1, 0]  {:.4g}"),
        ("J", "J {:.4g}"),
        ("new w[2][0,0]", "new w[2][0,0] {:.4g}"),
        ("delta[3][1,0]", "δ[3][1,0] {:.4g}"),
    ],
)
def test_a_number_that_is_not_shown_is_checked_by_its_name(name, written):
    value = WALK.trace[name]
    given = answer(WALK, f"check {written.format(value)}")
    assert plain(given.lines).startswith(f"Right: {name} is")
    assert given.walk == WALK
    wrong = plain(answer(WALK, f"check {written.format(2 * value)}").lines)
    assert wrong.startswith(f"Wrong: {name} is")


def test_an_array_is_checked_by_its_name():
    values = [f"{value:.5g}" for value in WALK.trace["db[1]"]]
    assert plain(answer(WALK, f"check db[1] [{', '.join(values)}]").lines).startswith("Right: ")
    assert plain(answer(WALK, "check db[1] [1,2,3]").lines).startswith("Wrong: ")


def test_what_was_given_is_not_checked():
    assert checked("w[1][0,0]", "3") == "w[1][0,0] was given: there is nothing in it to compute, and to check."


WORDS = [name for command in COMMANDS for name in command.names if name not in ("quit", "q", "exit")]


@given(
    st.lists(st.one_of(st.text(max_size=12), st.builds("{} {}".format, st.sampled_from(WORDS), st.text(max_size=6))))
)
def test_no_line_breaks_the_walk(lines):
    walk = WALK
    for typed in lines:
        given = answer(walk, typed)
        text = plain(given.lines)
        assert max(map(len, text.splitlines()), default=0) <= 80
        assert all(c.isprintable() or c == "\n" for c in text)
        walk = given.walk


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["next", "back", "why", "1", "2", "loss", "backward", "update", "forward", "list"]),
            st.builds("{} {}".format, st.sampled_from(["layer", "row", "neuron", "from"]), st.integers(0, 5)),
        ),
        max_size=25,
    )
)
def test_any_way_through_a_network_with_skips_shows_a_number_of_its_trace(lines):
    walk = Walk.begun(SKIPS)
    for typed in lines:
        walk = answer(walk, typed).walk
        assert walk.explanation.value == SKIPS[walk.quantity] or walk.explanation.value != walk.explanation.value


SKIPS = TRACES["skips"]()
