"""The walk: it visits every array once, jumps where it is told, and never changes what it was before."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

import chainrule
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.step import Walk
from chainrule.glassbox.step.stations import PARTS, ROWS
from chainrule.glassbox.step.xor_step import xor_step
from chainrule.glassbox.trace import Quantity
from tests.glassbox.step.subjects import TRACES

each_trace = pytest.mark.parametrize("traced", TRACES.values(), ids=TRACES)


@pytest.fixture
def walk():
    return Walk.begun(xor_step())


@each_trace
def test_every_array_is_visited_once_there_and_once_back(traced):
    trace = traced()
    walk = Walk.begun(trace)
    there = [walk.station.name]
    while len(there) < len(trace):
        walk = walk.next()
        there.append(walk.station.name)
    assert sorted(there) == sorted(trace)
    with pytest.raises(InvalidArgument, match="The step is done"):
        walk.next()
    back = [walk.station.name]
    while len(back) < len(trace):
        walk = walk.back()
        back.append(walk.station.name)
    assert back == there[::-1]
    with pytest.raises(InvalidArgument, match="The walk begins here"):
        walk.back()


@each_trace
def test_what_a_number_is_made_of_was_visited_before_it(traced):
    trace = traced()
    walk, seen = Walk.begun(trace), set()
    for _ in walk.stations:
        for part in walk.explanation.parts():
            assert part.quantity.name in seen, f"{walk.entry} needs {part.quantity}"
        seen.add(walk.station.name)
        walk = walk.next() if len(seen) < len(trace) else walk


@each_trace
def test_the_parts_follow_each_other_and_layers_have_the_neurons_that_they_should(traced):
    trace = traced()
    walk = Walk.begun(trace)
    parts = [station.part for station in walk.stations]
    assert list(dict.fromkeys(parts)) == list(PARTS)
    assert parts == sorted(parts, key=PARTS.index)
    for station in walk.stations:
        sizes = [trace.n_rows if axis == ROWS else trace.dimensions[axis - 1] for axis in station.axes]
        assert list(station.shape) == sizes, station
        assert station.shape == np.shape(trace[station.name])
    forward = [station.layer for station in walk.stations if station.part == "forward"]
    assert forward == sorted(forward)
    assert {station.layer for station in walk.stations if station.part == "loss"} == {None}


@each_trace
def test_every_number_is_found_by_its_name(traced):
    trace = traced()
    walk, rng = Walk.begun(trace), np.random.default_rng(0)
    for name, value in trace.items():
        quantity = Quantity(name, tuple(int(rng.integers(size)) for size in np.shape(value)))
        found = walk.find(str(quantity))
        assert found.entry == quantity
        assert found.explanation.value == trace[quantity]
        assert walk.find(name).station.name == name


def test_a_part_and_a_layer_lead_to_where_they_are(walk):
    names = {part: walk.to_part(part).station.name for part in PARTS}
    assert names == {"forward": "x", "loss": "y", "backward": "delta[3]", "update": "new w[1]"}
    assert walk.to_layer(2).station.name == "w[1]"
    assert walk.find("z[2]").to_layer(3).station.name == "z[3]"
    assert walk.find("db[1]").to_layer(3).station.name == "db[2]"
    assert walk.find("da[2]").to_layer(3).station.name == "delta[3]"
    assert walk.find("new b[2]").to_layer(2).station.name == "new b[1]"
    assert walk.find("J").to_layer(3).station.name == "w[2]"


def test_rows_and_neurons_are_followed_from_array_to_array(walk):
    walk = walk.find("z[2]").to_row(2).to_neuron(1)
    assert str(walk.entry) == "z[2][2,1]"
    assert str(walk.next().entry) == "a[2][2,1]"
    assert str(walk.find("z[3]").entry) == "z[3][2,0]"
    assert str(walk.find("loss").entry) == "loss[2]"
    assert str(walk.find("delta[2]").entry) == "delta[2][2,1]"
    assert str(walk.find("dw[1]").entry) == "dw[1][0,1]"
    assert str(walk.find("dw[1]").from_neuron(1).entry) == "dw[1][1,1]"
    assert str(walk.find("dw[1]").from_neuron(1).find("x").entry) == "x[2,1]"


def test_explanations_open_into_each_other_and_close_again(walk):
    walk = walk.find("z[3][1,0]")
    opened = walk.why()
    assert opened.asked == (Quantity("z[3]", (1, 0)),)
    deeper = opened.why(1)
    assert str(deeper.quantity) == "a[2][1,0]"
    deepest = deeper.why()
    assert str(deepest.quantity) == "z[2][1,0]"  # the only number in it
    assert deepest.back() == deeper
    assert deepest.back().back().back() == walk
    assert walk.why(1) == deeper
    assert str(opened.why("J").quantity) == "J"
    assert deepest.next() == walk.next()
    assert deepest.to_row(3).asked == ()


REFUSED = {
    "layer 0": (lambda walk: walk.to_layer(0), "There is no layer 0: they are counted from 1, the input, to 3."),
    "layer 4": (lambda walk: walk.to_layer(4), "There is no layer 4"),
    "layer 1 backward": (lambda walk: walk.find("dw[2]").to_layer(1), "The backward part has nothing in layer 1"),
    "row 4": (lambda walk: walk.to_row(4), "There is no row 4: they are counted from 0 to 3."),
    "row -1": (lambda walk: walk.to_row(-1), "There is no row -1"),
    "neuron 3": (
        lambda walk: walk.find("z[2]").to_neuron(3),
        "There is no neuron 3 in layer 2: they are counted from 0 to 2.",
    ),
    "neuron 1 of one": (lambda walk: walk.find("z[3]").to_neuron(1), "there is one neuron, neuron 0."),
    "neuron of J": (lambda walk: walk.find("J").to_neuron(0), "J has no neurons: it has one number."),
    "neuron of loss": (lambda walk: walk.find("loss").to_neuron(0), "one number for each row"),
    "from of z": (lambda walk: walk.find("z[2]").from_neuron(0), "z[2] holds no weights"),
    "from 2": (lambda walk: walk.find("dw[1]").from_neuron(2), "There is no neuron 2 in layer 1"),
    "part": (lambda walk: walk.to_part("sideways"), "'sideways' is no part of a step"),
    "no such array": (lambda walk: walk.find("z[9]"), "There is no z[9] in this trace"),
    "outside": (lambda walk: walk.find("z[2][9,0]"), "is outside z[2]"),
    "no name": (lambda walk: walk.find("the third"), "is not the name of a number"),
    "no part 9": (lambda walk: walk.find("z[3]").why(9), "There is no number 9 in the list of z[3][0,0]: it has 7."),
    "no part 0": (lambda walk: walk.find("z[3]").why(0), "There is no number 0"),
    "which": (lambda walk: walk.find("z[3]").why().why(), "3 numbers in it were computed: say which"),
    "all given": (lambda walk: walk.find("z[2]").why().why(), "Every number in it was given"),
    "below an input": (lambda walk: walk.why().why(), "There is nothing below x[0,0]"),
    "an array": (lambda walk: walk.why("z[2]"), "z[2] is an array of the shape (4, 3)"),
}


@pytest.mark.parametrize(("move", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_move_that_cannot_be_made_is_a_sentence(walk, move, sentence):
    with pytest.raises(InvalidArgument) as refused:
        move(walk)
    assert sentence in str(refused.value)


def test_a_walk_changes_nothing_and_needs_a_trace(walk):
    before = {name: np.copy(value) for name, value in walk.trace.items()}
    walk.find("new w[1][1,2]").why().back().next()
    assert walk == Walk.begun(walk.trace)
    with pytest.raises(FrozenInstanceError):
        walk.at = 3
    assert all(np.array_equal(walk.trace[name], value) for name, value in before.items())
    with pytest.raises(InvalidType, match="Walk over the trace of a step"):
        Walk.begun(chainrule.Network((2, 1), ("sigmoid",)))
