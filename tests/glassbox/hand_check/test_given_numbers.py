"""What people type is read with its digits."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers


@pytest.mark.parametrize(
    ("given", "value", "half_unit", "digits"),
    [
        ("0.35", 0.35, 0.005, 2),
        ("-0.031", -0.031, 0.0005, 2),
        ("\N{MINUS SIGN}0.031", -0.031, 0.0005, 2),
        (" 0,350 ", 0.35, 0.0005, 3),
        ("2.5e-3", 0.0025, 0.00005, 2),
        ("12", 12, 0.5, 2),
        (".5", 0.5, 0.05, 1),
        ("0.0", 0, 0.05, 0),
        ("0", 0, 0, 0),
        ("3/8", 0.375, 0, 15),
        ("-1 / 16", -0.0625, 0, 15),
        (0.35, 0.35, 0.005, 2),
        (3, 3, 0.5, 1),
        (3.0, 3, 0.5, 1),
        (0.0, 0, 0, 0),
        (np.float32(0.25), 0.25, 0.005, 2),
        (1 / 3, 1 / 3, 0, 15),
        (Fraction(1, 3), 1 / 3, 0, 15),
        (Decimal("0.50"), 0.5, 0.005, 2),
    ],
)
def test_a_number(given, value, half_unit, digits):
    found = GivenNumbers.read(given)
    assert found.is_one
    assert float(found.values) == value
    assert float(found.half_units) == pytest.approx(half_unit)
    assert found.significant == digits


@pytest.mark.parametrize(
    "given",
    [
        "[[0.5, -1.25], [3/8, 2e1]]",
        "[[0.5 -1.25]\n [3/8 2e1]]",
        "((0.5, -1.25), (3/8, 2e1))",
        [["0.5", "-1.25"], ["3/8", "2e1"]],
        [[0.5, "-1.25"], ["3/8", "2e1"]],
    ],
)
def test_an_array(given):
    found = GivenNumbers.read(given)
    np.testing.assert_array_equal(found.values, [[0.5, -1.25], [0.375, 20]])
    np.testing.assert_allclose(found.half_units, [[0.05, 0.005], [0, 5]])


def test_bare_numbers_are_a_list():
    np.testing.assert_array_equal(GivenNumbers.read("1, 2.5 3/4").values, [1, 2.5, 0.75])


def test_an_array_of_a_program_is_meant_exactly_and_one_that_was_rounded_to_its_decimals():
    assert not GivenNumbers.read(np.array([1 / 3, 0.5, 0.0])).half_units.any()
    assert not GivenNumbers.read([1 / 3, 0.5]).half_units.any()
    np.testing.assert_allclose(GivenNumbers.read(np.array([0.25, -1.5, 0.0])).half_units, [0.005, 0.05, 0.005])
    found = GivenNumbers.read(np.array([1 / 3, 0.5], np.float32))
    assert not found.half_units.any()
    assert found.relative > 0


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("abc", InvalidArgument, "'abc' is no number; give one such as -0.031, 2.5e-4 or 3/8."),
        ("", InvalidArgument, "'' is no number"),
        ("1/0", InvalidArgument, "'1/0' divides by 0."),
        ("1e999", InvalidArgument, "more than a float can hold"),
        ("[[1, 2], [3]]", InvalidArgument, "rows of different lengths"),
        ("[[1, 2]", InvalidArgument, "is no array; brackets go as in"),
        ("[]", InvalidArgument, "has rows of different lengths, or none"),
        ("1 2 x", InvalidArgument, "'1 2 x' is no number"),
        ("[1 2 x]", InvalidArgument, "'x' is no number"),
        ([[1, 2], [3]], InvalidArgument, "is no array of numbers"),
        (float("nan"), InvalidArgument, "nan is not a finite number"),
        ([1.0, np.inf], InvalidArgument, "not finite"),
        (None, InvalidType, "Give a number, a text"),
        (True, InvalidType, "not True"),
        (1j, InvalidType, "not 1j"),
        ({}, InvalidType, "Give a number, a text"),
        (np.zeros((0, 2)), InvalidType, "not one of the shape"),
        (np.array([True]), InvalidType, "not one of the shape"),
    ],
)
def test_what_is_no_number_is_refused(given, error, message):
    with pytest.raises(error) as caught:
        GivenNumbers.read(given)
    assert message in str(caught.value)


def test_nothing_that_is_given_is_changed():
    given = np.array([[0.25, -1.5]])
    before = given.copy()
    GivenNumbers.read(given).values[...] = 7
    np.testing.assert_array_equal(given, before)


@pytest.mark.parametrize("given", ["1e400/1e400", "1e400/2", "1e308/1e-308", 10**400, Fraction(10**400)])
def test_what_no_float_holds_is_refused(given):
    with pytest.raises(InvalidArgument, match="more than a float can hold"):
        GivenNumbers.read(given)


@pytest.mark.parametrize("given", ["9" * 100_000, "0." + "1" * 100_000, "1/" + "1" * 100_000])
def test_texts_too_long_for_a_number_are_refused_at_once(given):
    with pytest.raises(InvalidArgument, match="is no number"):
        GivenNumbers.read(given)
