"""Each student gets other numbers, as hard as everybody's, readable, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.glassbox.worksheets import measured_difficulty, worksheet
from chainrule.glassbox.worksheets.drawn_numbers import dead_units

KINDS = {
    "easy": {"level": 1},
    "medium": {"level": 2},
    "hard": {"level": 3},
    "deep": {"level": 4},
    "sigmoid": {"level": 3, "activation": "sigmoid"},
    "tanh": {"level": 4, "activation": "tanh", "loss": "mae"},
    "the post's": {"level": 3, "activation": "relu,sigmoid", "loss": "mse"},
    "classes": {"level": 3, "loss": "cross_entropy"},
    "binary": {"level": 2, "loss": "binary_cross_entropy", "rows": 2},
    "two rows": {"level": 3, "rows": 2},
    "three rows": {"level": 2, "rows": 3},
    "four rows": {"level": 1, "rows": 4},
    "wide": {"level": 1, "dimensions": (4, 4, 4)},
    "linear": {"level": 2, "activation": "identity"},
    "narrow": {"level": 3, "dimensions": (1, 1, 1)},
}


LEVELS = ("easy", "medium", "hard", "deep")


@pytest.fixture(scope="module")
def classes():
    """Thirty sheets of each level, and some of every other kind."""
    return {kind: worksheet(7, 30 if kind in LEVELS else 5, **given).sheets for kind, given in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_all_sheets_are_equally_hard(classes, kind):
    first, *others = map(measured_difficulty, classes[kind])
    assert all(each == first for each in others)


@pytest.mark.parametrize("kind", set(KINDS) - {"narrow"})
def test_and_no_two_are_the_same(classes, kind):
    answers = {tuple(each.answer for each in sheet.questions) for sheet in classes[kind]}
    assert len({sheet.instance.givens for sheet in classes[kind]}) == len(answers) == len(classes[kind])


def test_difficulty_is_measured_and_not_assumed():
    """Another network, level, or dead unit is another difficulty."""
    of = {kind: measured_difficulty(worksheet(7, **KINDS[kind]).sheets[0]) for kind in KINDS}
    assert len({repr(each) for each in of.values()}) == len(KINDS)
    assert of["hard"].live_units == (1,)
    assert of["hard"].zeros == 6
    assert of["sigmoid"].zeros == 0
    assert of["hard"].terms["z[2]"] == 6
    assert of["hard"].terms["z[3]"] == 2  # one product and the bias: the other unit is dead


@pytest.mark.parametrize("kind", KINDS)
def test_each_row_has_live_units_and_where_it_can_a_dead_one(classes, kind):
    for sheet in classes[kind]:
        dead = dead_units(sheet.settings)
        for i, name in enumerate(sheet.settings.activations, 2):
            z = sheet.instance.trace.z[i]
            if name == "relu":
                assert ((z < 0).sum(axis=1) == dead.get(i, 0)).all()
                assert (z > 0).any(axis=0).all() or len(z) == 1
                assert (z > 0).any(axis=1).all()
            assert np.abs(z).min() > 0.09


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_can_be_read(classes, kind):
    for sheet in classes[kind]:
        for value in sheet.instance.givens:
            assert value == round(value, 1)
        decimals = [len(f"{each.answer:.9f}".rstrip("0").partition(".")[2]) for each in sheet.questions]
        assert max(decimals) <= (6 if sheet.settings.is_exact else 3)
        assert sum(each <= 3 for each in decimals) >= 0.8 * len(decimals)
        assert max(abs(each.answer) for each in sheet.questions) < 40
        if not sheet.settings.is_exact:  # enough digits are left after rounding
            assert all(each.answer == 0 or abs(each.answer) >= 0.009 for each in sheet.questions)


@pytest.mark.parametrize("kind", KINDS)
def test_only_dead_units_make_zeros(classes, kind):
    for sheet in classes[kind]:
        zeros = {str(each.quantity) for each in sheet.questions if each.answer == 0}
        if "relu" not in sheet.settings.activations or not any(dead_units(sheet.settings).values()):
            assert not zeros
        assert len(zeros) <= 0.4 * len(sheet.questions)


def test_the_same_seed_gives_the_same_and_another_seed_others():
    one, again, other = (worksheet(seed, 3, "hard").sheets for seed in (7, 7, 8))
    assert [each.instance.givens for each in one] == [each.instance.givens for each in again]
    assert [each.instance.givens for each in one] != [each.instance.givens for each in other]


def test_a_sheet_does_not_depend_on_how_many_there_are_nor_on_names():
    few, many = worksheet(3, 2).sheets, worksheet(3, 5).sheets
    named = worksheet(3, names=["Ada", "Bob"]).sheets
    assert [each.instance.givens for each in few] == [each.instance.givens for each in many[:2]]
    assert [each.instance.givens for each in few] == [each.instance.givens for each in named]
