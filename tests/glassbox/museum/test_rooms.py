"""Every room is true: what is shown is what runs, and what is claimed of accuracy and gradient check is measured."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule import vanilla
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.files.json_data import json_data
from chainrule.glassbox import museum
from chainrule.glassbox.museum.training import all_rows, trained
from tests.glassbox.museum.conftest import IN_FULL

ROOMS = {room.name: room for room in museum.rooms()}
SOURCE = Path(chainrule.__file__).parent.parent


def functions_of(program):
    """Every function that a program is made of, by the place where it stands."""
    places = {"network": program.network, "loss": program.loss, **dict(enumerate(program.activations, 2))}
    found = {
        (place, name): getattr(kind, name)
        for place, kind in places.items()
        for name in dir(kind)
        if inspect.isfunction(getattr(kind, name))
    }
    return found if program.prepare is None else found | {("rows", "prepare"): program.prepare}


def exchanged(one, other):
    """Pairs of functions in which two programs differ."""
    first, second = functions_of(one), functions_of(other)
    places = dict.fromkeys([*first, *second])
    return {(first.get(p), second.get(p)) for p in places if first.get(p) is not second.get(p)}


def test_the_tour_begins_with_the_published_program_and_names_are_kebab_case():
    names = [room.name for room in museum.rooms()]
    assert names[0] == "the-published-program"
    assert len(set(names)) == len(names) >= 30
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
    assert len({room.title for room in museum.rooms()}) == len(names)


@pytest.mark.parametrize("name", ROOMS)
def test_the_functions_shown_are_those_in_which_the_programs_differ(name):
    room = ROOMS[name]
    if len(room.programs) == 1:
        assert name == "scored-on-training-rows"
        return
    shown = {(change.wrong, change.right) for change in room.changes}
    measured = set().union(*(exchanged(room.programs[0], other) for other in room.programs[1:]))
    assert measured == shown


@pytest.mark.parametrize("name", ROOMS)
def test_the_lines_shown_stand_in_the_files_named_and_are_not_the_same(name):
    from chainrule.glassbox.museum.source_lines import changed_lines

    for change in ROOMS[name].changes:
        changed = changed_lines(change)
        assert changed.right.lines
        assert changed.wrong.lines != changed.right.lines
        for each in (changed.wrong, changed.right):
            if not each.place:
                assert change.wrong is None
                continue
            file, number = each.place.split(":")
            written = (SOURCE / file).read_text().splitlines()
            if each.lines:
                assert written[int(number) - 1].strip().startswith(each.lines[0].strip())
            code = {line.partition("  #")[0].strip() for line in written}
            assert all(line.strip() in code for line in each.lines)


@pytest.mark.parametrize("name", ROOMS)
def test_the_gradient_check_fails_where_the_room_says_and_the_right_program_passes(name, visits):
    room, checks = ROOMS[name], visits(name).checks
    assert checks[0].fails_at == room.fails_at
    assert set(checks[-1].errors) >= {"w[1]", "b[1]"}
    assert max(checks[-1].errors.values()) < 1e-6
    assert bool(room.unseen) == (not room.fails_at and room.effect != "stops")


def test_the_accuracy_changes_as_the_rooms_say(visits, proof):
    measured = {name: visits(name).effect for name in (ROOMS if proof else IN_FULL)}
    assert measured == {name: ROOMS[name].effect for name in measured}


@pytest.mark.parametrize("name", ROOMS)
def test_a_visit_says_all_of_it_and_is_data(name, visits):
    room, visit = ROOMS[name], visits(name)
    text = repr(visit)
    flat = " ".join(text.split())
    assert text.startswith(f"{name}: {room.title}")
    assert " ".join(room.story.split()) in flat
    assert room.lesson in flat
    assert all(each in flat for each in room.evidence)
    for lines in visit.lines:
        assert all(line in text for line in (*lines.wrong.lines, *lines.right.lines))
    assert max(map(len, text.splitlines())) <= 120
    data = json.loads(json.dumps(json_data(visit.data()), allow_nan=False))
    assert data["room"] == name
    assert len(data["curves"]) == len(room.programs)
    assert data["verdict"][-1] == room.lesson
    epochs = {len(curve["J"]) for curve in data["curves"]}
    assert epochs <= {0, visit.recipe.epochs}
    for figure in visit.figures:
        assert len(figure.values) == len(room.programs)


@pytest.mark.parametrize("name", ROOMS)
def test_the_gradient_check_fails_there_with_other_seeds_too(name, proof):
    room = ROOMS[name]
    for seed in range(2, 12 if proof else 3):
        from chainrule.glassbox.museum.checking import checked

        checks = checked(room.checked or room.programs, room.recipe, seed)
        assert checks[0].fails_at == room.fails_at
        assert max(checks[-1].errors.values()) < 1e-6


# --- the first room ------------------------------------------------------------------------------------------


def test_the_published_numbers_are_reproduced():
    room, rows = ROOMS["the-published-program"], all_rows("digits")
    trainings = [trained(program, room.recipe, 1, rows, rows.at(np.arange(9))) for program in room.programs]
    assert [round(100 * each.learned[-1], 1) for each in trainings] == [99.8, 69.0, 100.0]
    assert trainings[0].J[9] == pytest.approx(0.010018, abs=5e-7)
    assert trainings[0].J[99] == pytest.approx(0.00156032456934, rel=1e-6)


def test_the_first_room_tells_the_published_numbers(visits, proof):
    visit = visits("the-published-program")
    (accuracies,) = [figure.values for figure in visit.figures if "as the post measures it" in figure.name]
    assert accuracies == tuple(each.on_all_rows.learned[-1] for each in visit.programs)
    if proof:
        assert all(number in repr(visit) for number in ("99.8 %", "69.0 %", "100.0 %"))
        held_out = [round(100 * each.training.held_out[-1], 1) for each in visit.programs]
        assert held_out == pytest.approx([96.7, 67.7, 96.7], abs=1)


def test_the_same_call_on_chainrule_needs_75_times_the_rate(visits, proof):
    findings = visits("the-published-program").findings
    found = {name: value for finding in findings for name, value in finding.numbers.items()}
    assert (found["ratio_w"], found["ratio_b"]) == (75, 5)
    assert max(found["step_difference_w"], found["step_difference_b"]) < 1e-14
    if proof:
        assert found["chainrule_accuracy_same_rate"] < 0.6
        assert found["chainrule_accuracy_matched_rate"] == pytest.approx(0.69, abs=0.05)


def test_the_check_names_the_three_departures_of_the_published_program(visits):
    reading = " ".join(visits("the-published-program").checks[0].reading)
    assert "n k / 2" in reading
    assert "derivative at a[3]" in reading
    assert "db is the mean" in reading


# --- what single rooms show ----------------------------------------------------------------------------------


def of(visit, start):
    """The values of the figure whose name starts so."""
    (figure,) = [figure for figure in visit.figures if figure.name.startswith(start)]
    return figure.values


def test_the_missing_factor_was_a_learning_rate(visits):
    (finding,) = visits("missing-factor").findings
    assert finding.numbers["learning_rate"] == pytest.approx(0.075)
    assert finding.numbers["largest_difference"] < 1e-9


def test_figures_of_single_rooms_are_what_the_story_tells(visits):
    assert of(visits("relu-overwrites-z"), "after `activation`") == (1, 0)
    assert of(visits("relu-overwrites-z"), "of 5 numbers") == (2, 0)
    assert of(visits("batch-larger-than-the-table"), "steps") == (0, 60)
    assert of(visits("batch-larger-than-the-table"), "largest change")[0] == 0
    assert of(visits("weights-all-equal"), "different units") == (1, 15)
    assert of(visits("weights-all-zero"), "different units") == (1, 15)
    assert of(visits("pixels-of-whole-numbers"), "smallest pixel") == (0, -1)
    assert of(visits("pixels-of-whole-numbers"), "largest pixel") == (255 / 8, 1)
    assert of(visits("column-against-row"), "numbers in `difference`") == (332 * 332, 332)
    assert of(visits("seed-0-ignored"), "largest difference")[1] == 0
    assert of(visits("seed-0-ignored"), "largest difference")[0] > 0.1
    left, right = of(visits("shuffle-that-duplicates"), "different rows after 20")
    assert left < 10 < right == 1348
    assert of(visits("weights-too-small"), "deviation of a[4]")[0] < 1e-6


def test_a_softmax_twice_cannot_get_below_its_floor(visits):
    wrong = visits("softmax-twice").programs[0].training
    assert min(wrong.J) > np.log(1 + 9 / np.e)


def test_numbers_that_overflow_are_said_and_no_warning_is_left(visits):
    visit = visits("exp-overflow")
    assert np.isnan(visit.programs[0].training.J).all()
    assert any("overflow encountered in exp" in sentence for sentence in visit.verdict)
    log_of_0 = visits("log-of-0").programs
    assert np.isnan(log_of_0[0].training.J[-1])
    assert log_of_0[0].training.held_out == log_of_0[1].training.held_out


def test_a_missing_prime_stops_the_program_and_the_check_says_what_to_write(visits):
    visit = visits("relu-without-prime")
    assert visit.effect == "stops"
    assert visit.programs[0].training.stopped.startswith("AttributeError")
    assert "def prime(z)" in " ".join(visit.verdict)


def test_aliasing_gives_the_same_numbers_as_the_derivative_at_a(visits):
    aliased, at_a = (visits(name).programs[0].training for name in ("in-place-aliasing", "hidden-derivative-at-a"))
    assert aliased.J == at_a.J


def test_a_network_that_learned_by_heart_has_a_high_score_on_the_rows_that_it_learned(visits):
    numbers = visits("scored-on-training-rows").findings[1].numbers
    assert numbers["by_heart_wrong"] > 0.5
    assert numbers["by_heart_right"] < 0.2


def test_the_table_of_the_page_is_what_is_measured(visits, proof):
    page = (Path(__file__).parents[3] / "docs" / "museum.md").read_text()
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert [line[0].strip("`") for line in lines] == list(ROOMS)
    for line in lines:
        name, *shown, fails_at = (cell.replace("`", "") for cell in line)
        room = ROOMS[name]
        everywhere = len(room.fails_at) == 4
        expected = "says why" if room.effect == "stops" else ", ".join(room.fails_at) or "-"
        assert fails_at == ("everywhere" if everywhere else expected)
        if proof or name in IN_FULL:
            programs = visits(name).programs
            for cell, each in zip(shown, (programs[0], programs[-1]), strict=True):
                if cell != "stops":
                    number, unit = re.sub("[^0-9.-]", "", cell.removeprefix("R2")), 1 if "R2" in cell else 100
                    assert unit * each.training.held_out[-1] == pytest.approx(float(number), abs=0.015 * unit), name


# --- what may be asked ---------------------------------------------------------------------------------------


def test_an_unknown_room_is_answered_with_the_nearest():
    with pytest.raises(InvalidArgument, match="no room 'derivative-at-b'; did you mean 'derivative-at-a"):
        museum.visit("derivative-at-b")


@pytest.mark.parametrize(("options", "error"), [({"seed": -1}, InvalidArgument), ({"seed": 2**32}, InvalidArgument), ({"seed": "x"}, InvalidType), ({"epochs": 0}, InvalidArgument)])  # fmt: skip
def test_seed_and_epochs_are_whole_numbers(options, error):
    with pytest.raises(error):
        museum.visit("softmax-twice", **options)


def test_the_published_program_and_the_rows_are_as_they_were(visits):
    visits("relu-overwrites-z")
    x = all_rows("digits").x
    assert not x.flags.writeable
    assert inspect.getmodule(vanilla.MSE.delta) is vanilla
