"""What a person gives as their own number or numbers, with how many digits of each are meant.

Digits count: ``"0.35"`` is right for everything that rounds to 0.35. A number that is no text has the digits that
Python prints of it; one with all that a float can hold, or a fraction such as ``"3/8"``, is meant exactly.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array

__all__ = ["GivenNumbers"]

NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
ENTRY_TEXT = rf"{NUMBER}(?:\s*/\s*{NUMBER})?"
ENTRY = re.compile(rf"(?P<whole>{NUMBER})(?:\s*/\s*(?P<divisor>{NUMBER}))?")
BARE_LIST = re.compile(rf"{ENTRY_TEXT}(?:(?:\s*[,;]\s*|\s+){ENTRY_TEXT})+")
PARTS = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")

ALL_DIGITS = {4: 8, 8: 15}
"""By the bytes of a float: with so many significant digits, it is taken to be as it was computed, and not rounded."""

PRECISION = {4: 1e-6, 8: 0.0}
"""By the bytes of a float: the relative error that comes from computing in it."""

FEWEST_TOLD, MOST_TOLD = 6, 9

LONGEST_NUMBER = 400
"""Characters of one number, more than any float needs."""


@dataclass(frozen=True, eq=False)
class GivenNumbers:
    """Numbers as a person gave them.

    Attributes
    ----------
    text : str
        As they were given.
    values : array
        The numbers, of any shape.
    half_units : array of the shape of values
        Half a unit of the last digit of each: by so much the true number may differ; 0 where it is meant exactly.
    digits : array of int of the shape of values
        Significant digits of each.
    relative : float
        What the numbers' own type adds to that, as a share of them.
    """

    text: str
    values: Array
    half_units: Array
    digits: Array
    relative: float = 0.0

    @classmethod
    def read(cls, given: Any) -> GivenNumbers:
        """From a number, a text, a fraction or an array of such.

        Raises
        ------
        InvalidArgument, InvalidType
            If it is no number, or not a finite one.
        """
        if isinstance(given, GivenNumbers):
            return given
        if isinstance(given, str):
            return _of_text(given)
        if isinstance(given, bool | np.bool_ | complex | np.complexfloating) or given is None:
            raise InvalidType(f"Give a number, a text such as '-0.031' or '3/8', or an array of them, not {given!r}.")
        if isinstance(given, int | Fraction) and not -sys.float_info.max <= given <= sys.float_info.max:
            raise InvalidArgument("The number is more than a float can hold.")
        if isinstance(given, Fraction):
            return _alone(str(given), _Entry(float(given), 0.0, 15))
        if isinstance(given, Decimal):
            return _alone(str(given), _entry(str(given)))
        if isinstance(given, Real) or (isinstance(given, np.ndarray) and given.ndim == 0):
            return _of_number(given)
        return _of_array(given)

    @property
    def is_one(self) -> bool:
        """Whether it is one number, and no array."""
        return self.values.ndim == 0

    @property
    def told(self) -> str:
        """As it is told back: one number as it was given, but for the last of all digits of a float."""
        if not self.is_one:
            return "these numbers"
        return f"{float(self.values):.9g}" if self.half_units == 0 and "/" not in self.text else self.text

    @property
    def significant(self) -> int:
        """Significant digits: of the entry that has the most."""
        return int(self.digits.max(initial=0))

    @property
    def told_digits(self) -> int:
        """To how many digits numbers are told beside it: one more than it has, but neither few nor a float's many."""
        return max(FEWEST_TOLD, min(self.significant + 1, MOST_TOLD))

    @property
    def in_all(self) -> int:
        """Significant digits of all entries together: how much there is to tell mistakes apart by."""
        return int(self.digits.sum())

    def in_shape(self, shape: tuple[int, ...]) -> GivenNumbers | None:
        """The numbers in the shape that is asked for, where it is theirs but for axes of length 1; else None."""
        own = self.values.shape
        if own == shape:
            return self
        same = tuple(d for d in own if d > 1) == tuple(d for d in shape if d > 1)
        return self._rearranged(lambda array: array.reshape(shape)) if same and len(own) != len(shape) else None

    @property
    def transposed(self) -> GivenNumbers:
        """The same numbers, rows for columns."""
        return self._rearranged(lambda array: array.T)

    def _rearranged(self, way: Any) -> GivenNumbers:
        arrays = (np.asarray(way(array)) for array in (self.values, self.half_units, self.digits))
        values, half_units, digits = arrays
        return GivenNumbers(self.text, values, half_units, digits, self.relative)

    def fit(self, value: Array, slack: Array | float) -> Array:
        """Which entries are those of `value`, to the digits given.

        Parameters
        ----------
        value : array of the shape of values
            What they might be.
        slack : array or float
            By how much that itself may be off.
        """
        return self.fit_between(value, value, slack)

    def fit_between(self, low: Array, high: Array, slack: Array | float) -> Array:
        """Which entries are those of something between two arrays."""
        with np.errstate(invalid="ignore"):
            allowed = self.half_units * (1 + 1e-9) + slack + self.relative * np.abs(self.values)
            fits: Array = (self.values >= low - allowed) & (self.values <= high + allowed)
        return fits

    def cut_off(self, value: Array, slack: Array | float) -> Array:
        """Which entries are those of `value` with the other digits cut off, and not rounded."""
        unit = 2 * self.half_units
        with np.errstate(invalid="ignore"):
            distance = (value - self.values) * np.sign(value)
            fits: Array = (unit > 0) & (value != 0) & (distance >= -slack) & (distance < unit + slack)
        return fits


@dataclass(frozen=True)
class _Entry:
    value: float
    half_unit: float
    digits: int


def _entry(text: str, *, zero_is_exact: bool = False) -> _Entry:
    """One number of a text.

    A 0 without decimals is meant exactly: no one rounds 0.03 to 0, and a dead unit's error is 0.
    """
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    found = ENTRY.fullmatch(plain) if len(plain) <= LONGEST_NUMBER else None
    if found is None:
        raise InvalidArgument(f"{text[:60]!r} is no number; give one such as -0.031, 2.5e-4 or 3/8.")
    value, divisor = float(found["whole"]), float(found["divisor"] or 1)
    if divisor == 0:
        raise InvalidArgument(f"{text[:60]!r} divides by 0.")
    if not np.isfinite([value, divisor, value / divisor]).all():
        raise InvalidArgument(f"{text[:60]!r} is more than a float can hold.")
    if found["divisor"] is not None:
        return _Entry(value / divisor, 0.0, 15)
    parts = PARTS.fullmatch(found["whole"])
    assert parts is not None
    decimals = len(parts[3] or "")
    digits = len(((parts[2] or "") + (parts[3] or "")).lstrip("0"))
    if value == 0 and (decimals == 0 or zero_is_exact):
        return _Entry(0.0, 0.0, 0)
    return _Entry(value, 0.5 * 10.0 ** (int(parts[4] or 0) - decimals), digits)


def _alone(text: str, entry: _Entry) -> GivenNumbers:
    return GivenNumbers(text, np.array(entry.value), np.array(entry.half_unit), np.array(entry.digits))


def _printed(value: Any) -> str:
    """A number with the digits that Python prints of it; the .0 of 2.0 says nothing, since every float has decimals."""
    if isinstance(value, np.generic | np.ndarray):
        return str(value.item() if value.dtype.kind in "iu" else value).removesuffix(".0")
    return repr(int(value)) if isinstance(value, Integral) else repr(float(value)).removesuffix(".0")


def _of_number(given: Any) -> GivenNumbers:
    if not np.isfinite(float(given)):
        raise InvalidArgument(f"{given} is not a finite number, and so no number of a trace.")
    text = _printed(given)
    entry = _entry(text, zero_is_exact=True)
    size = given.dtype.itemsize if isinstance(given, np.floating | np.ndarray) else 8
    found = _alone(text, entry)
    return _exact(found, size) if entry.digits >= ALL_DIGITS.get(size, 15) else found


def _exact(numbers: GivenNumbers, size: int) -> GivenNumbers:
    """All of them as they were computed, in floats of so many bytes."""
    digits = np.full_like(numbers.digits, ALL_DIGITS.get(size, 15))
    return GivenNumbers(numbers.text, numbers.values, np.zeros(numbers.values.shape), digits, PRECISION.get(size, 0.0))


def _of_text(text: str) -> GivenNumbers:
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if re.fullmatch(r"[+-]?\d*,\d+(e[+-]?\d+)?", plain):
        return _alone(text, _entry(plain.replace(",", ".")))  # a decimal comma
    if "[" not in plain and "(" not in plain and not BARE_LIST.fullmatch(plain):
        return _alone(text, _entry(plain))
    return _of_nested(text, _nested(plain))


def _nested(text: str) -> Any:
    """Lists of texts from ``[[1, 2], [3/8, 4]]``, commas or not, as NumPy prints them; bare numbers are one list."""
    tokens = re.findall(rf"[\[\]()]|{ENTRY_TEXT}|[^\s,;]", text)
    if tokens and tokens[0] not in "[(":
        tokens = ["[", *tokens, "]"]
    stack: list[list[Any]] = [[]]
    for token in tokens:
        if token in "[(":
            stack.append([])
        elif token in "])" and len(stack) > 1:
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    if len(stack) != 1 or len(stack[0]) != 1:
        raise InvalidArgument(f"{text[:60]!r} is no array; brackets go as in [[0.5, -1], [3/8, 2]].")
    return stack[0][0]


def _of_nested(text: str, nested: Any) -> GivenNumbers:
    try:
        texts = np.array(nested, dtype=object)
    except ValueError:
        texts = np.array([[]], dtype=object)
    flat = texts.ravel().tolist()
    if not flat or any(isinstance(each, list) for each in flat):
        raise InvalidArgument(f"{text[:60]!r} has rows of different lengths, or none: an array has equal ones.")
    entries = [_entry(str(each)) for each in flat]
    return GivenNumbers(
        text,
        np.array([each.value for each in entries]).reshape(texts.shape),
        np.array([each.half_unit for each in entries]).reshape(texts.shape),
        np.array([each.digits for each in entries]).reshape(texts.shape),
    )


def _of_array(given: Any) -> GivenNumbers:
    if not isinstance(given, Sequence | np.ndarray) and not hasattr(given, "__array__"):
        raise InvalidType(f"Give a number, a text such as '-0.031' or '3/8', or an array of them, not {given!r}.")
    text = _short_text(given)
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise InvalidArgument(f"{text} is no array of numbers: {error}.") from error
    if array.dtype.kind in "OSU":
        return _of_nested(text, np.asarray(given, dtype=object).astype(str).tolist())
    if array.dtype.kind not in "iuf" or array.size == 0:
        raise InvalidType(f"Give an array of numbers, not one of the shape {array.shape} and the type {array.dtype}.")
    if not np.isfinite(array).all():
        raise InvalidArgument("The array holds a number that is not finite, and so no number of a trace.")
    return _of_floats(text, array)


def _of_floats(text: str, array: Array) -> GivenNumbers:
    entries = [_entry(_printed(each)) for each in array.ravel()]
    digits = np.array([each.digits for each in entries])
    half = np.array([each.half_unit for each in entries])
    values = np.array(array, np.float64)
    whole = half == np.where(values.ravel() == 0, 0.0, 0.5)
    if array.dtype.kind == "f" and (~whole).any():
        half[whole] = half[~whole].min()  # a 0.0 or 2.0 among numbers of three decimals was rounded to three
    found = GivenNumbers(text, values, half.reshape(array.shape), digits.reshape(array.shape))
    size = array.dtype.itemsize
    computed = array.dtype.kind == "f" and digits.max() >= ALL_DIGITS.get(size, 15)
    return _exact(found, size) if computed or not values.any() else found


def _short_text(given: Any) -> str:
    text = np.array2string(np.asarray(given), separator=", ", threshold=20) if hasattr(given, "shape") else str(given)
    flat = re.sub(r"\s+", " ", text)
    return flat if len(flat) <= 120 else f"{flat[:117]}..."
