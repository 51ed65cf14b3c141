"""chainrule museum: every room is listed, and a visit is what the library says, with its picture."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chainrule.glassbox import museum
from tests.cli.command_line import chainrule, refused

QUICK = "softmax-twice"


@pytest.fixture(autouse=True)
def _few_epochs(monkeypatch):
    """Rooms in a few epochs: what they say is tested elsewhere."""
    quick = tuple(
        dataclasses.replace(room, recipe=dataclasses.replace(room.recipe, epochs=2)) for room in museum.rooms()
    )
    monkeypatch.setattr("chainrule.glassbox.museum.catalogue.ROOMS", quick)


def test_without_a_room_it_lists_them_all_with_what_they_do():
    lines = chainrule("museum").out.splitlines()
    for line, room in zip(lines[1:], museum.rooms(), strict=False):
        assert line.startswith(f"{room.name} ")
        assert line.endswith(room.title)
        assert ("sees it" in line) == bool(room.fails_at)
    assert max(map(len, lines)) <= 130
    assert [each["room"] for each in chainrule("museum", "--json").json["rooms"]] == [r.name for r in museum.rooms()]


def test_a_visit_prints_what_the_library_says():
    assert chainrule("museum", QUICK).out == f"{museum.visit(QUICK)}\n"
    other = chainrule("museum", QUICK, "--seed", 5).out
    assert "seed 5" in other
    assert other != chainrule("museum", QUICK).out


def test_json_is_the_same_as_data():
    found = chainrule("museum", QUICK, "--json", "--seed", 2).json
    visit = museum.visit(QUICK, seed=2)
    assert (found["room"], found["seed"], found["effect"]) == (QUICK, 2, visit.effect)
    assert found["curves"][0]["J"] == list(visit.programs[0].training.J)
    assert found["gradient_check"][0]["fails_at"] == list(visit.checks[0].fails_at)


def test_numbers_that_are_not_finite_are_null_in_json():
    found = chainrule("museum", "exp-overflow", "--json").json
    assert found["curves"][0]["J"] == [None, None]


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_picture_is_written(ending):
    file = Path(f"room.{ending}")
    done = chainrule("museum", QUICK, "--plot", file)
    assert file.stat().st_size > 5000
    assert done.err == f"the picture is in room.{ending}\n"
    assert done.out.startswith(QUICK)


def test_what_cannot_be_done_is_a_sentence():
    assert "did you mean 'softmax-twice'?" in refused("museum", "softmax-twise")
    assert "ends in none of them" in refused("museum", QUICK, "--plot", "room.gif")
    assert (
        refused("museum", "--seed", 3)
        == "--seed is of a visit: name a room, such as `chainrule museum derivative-at-a`."
    )
    assert refused("museum", "--plot", "a.png").startswith("--plot is of a visit: name a room")
    assert "seed must be at least 0" in refused("museum", QUICK, "--seed", "-1")


def test_colours_are_for_terminals(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = chainrule("museum", QUICK).out
    assert "\x1b[31m" in text
    assert "\x1b[32m" in text
