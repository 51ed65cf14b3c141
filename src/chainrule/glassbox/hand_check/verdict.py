"""The first sentence of a hand check: right, or wrong and by how much."""

from __future__ import annotations

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers
from chainrule.glassbox.hand_check.telling import shown
from chainrule.glassbox.trace import Quantity

__all__ = ["partly", "right_verdict", "shape_verdict", "wrong_verdict"]


def right_verdict(quantity: Quantity, given: GivenNumbers, right: Array) -> str:
    """That it is right."""
    if not given.is_one:
        numbers = {1: "the one number", 2: "both numbers"}.get(right.size, f"all {right.size} numbers")
        return f"Right: {numbers} of {quantity} {'is' if right.size == 1 else 'are'} right, to the digits given."
    value = shown(right, given.told_digits)
    if given.half_units == 0 or value == given.text:
        return f"Right: {quantity} is {value}."
    return f"Right: {quantity} is {value}, which is {given.text} to the digits given."


def wrong_verdict(quantity: Quantity, given: GivenNumbers, right: Array, wrong: Array, digits: int) -> str:
    """By how much it is off, or which entries are."""
    if given.is_one:
        off = shown(abs(float(given.values - right)), 3)
        return f"Wrong: {quantity} is {shown(right, digits)}, and {given.told} is off by {off}{_ratio(given, right)}."
    if wrong.all() and wrong.size > 1:
        return f"Wrong: {'both' if wrong.size == 2 else f'all {wrong.size}'} numbers of {quantity} are off."
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    first = f"{quantity.at(*at)} is {shown(right[at], digits)}, not {shown(given.values[at], digits)}"
    which = "is off: " if wrong.sum() == 1 else "are off; the first: "
    return f"Wrong: {int(wrong.sum())} of the {wrong.size} numbers of {quantity} {which}{first}."


def shape_verdict(quantity: Quantity, given: GivenNumbers, right: Array) -> str:
    """That it has another shape."""
    whole = "one number" if right.ndim == 0 else f"an array of the shape {right.shape}"
    has = "is one number" if given.is_one else f"has the shape {given.values.shape}"
    return f"Wrong: {quantity} is {whole}, and what was given {has}."


def partly(share: float, wrong: Array) -> str:
    """How much of what is wrong a mistake explains, where that is not all."""
    explained, number = round(share * wrong.sum()), int(wrong.sum())
    if explained == number:
        return "In the numbers that are wrong, and not in the others:"
    return f"In {explained} of the {number} numbers that are wrong:"


def _ratio(given: GivenNumbers, right: Array) -> str:
    """How many times the right number was given, or by what share it is off."""
    if right == 0 or given.values == 0:
        return ""
    ratio = float(given.values / right)
    if 0.5 < ratio < 2:
        return f", {100 * abs(ratio - 1):.3g} %"
    return f": it is {ratio:.4g} times the right one"
