"""Settings that people give, checked: the value, or a sentence that names it and says what it may be."""

from __future__ import annotations

import math
import operator
import sys
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.errors import InvalidArgument, InvalidType

__all__ = ["finite_number", "float_type", "whole_number", "yes_or_no"]


def whole_number(what: str, value: Any, *, minimum: int, maximum: int | None = None) -> int:
    """`value` as an int of at least `minimum`, and at most `maximum`.

    Raises
    ------
    InvalidType
        If it is no whole number (a bool is none either).
    InvalidArgument
        If it is below the minimum or above the maximum.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise InvalidType(f"{what} must be a whole number, not {value!r}.") from None
    if isinstance(value, bool):
        raise InvalidType(f"{what} must be a whole number, not {value!r}.")
    if number < minimum:
        raise InvalidArgument(f"{what} must be at least {minimum}, not {number}.")
    if maximum is not None and number > maximum:
        raise InvalidArgument(f"{what} must be at most {maximum}, not {number}.")
    return number


def yes_or_no(what: str, value: Any) -> bool:
    """`value` as a bool.

    Raises
    ------
    InvalidType
        If it is neither True nor False.
    """
    if not isinstance(value, bool | np.bool_):
        raise InvalidType(f"{what} must be True or False, not {value!r}.")
    return bool(value)


def finite_number(
    what: str, value: Any, *, above: float | None = None, minimum: float | None = None, below: float | None = None
) -> float:
    """`value` as a finite float, within the bounds that are given.

    Raises
    ------
    InvalidType
        If it is no number.
    InvalidArgument
        If it is not finite or out of bounds.
    """
    bound = f" above {above:g}" if above is not None else f" of at least {minimum:g}" if minimum is not None else ""
    bound += f" and below {below:g}" if below is not None else ""
    masked = "numpy.ma" in sys.modules and isinstance(
        value, np.ma.MaskedArray
    )  # a slow import, where nobody has made it
    if masked or isinstance(value, str | bytes | bool | np.bool_ | np.complexfloating):
        raise InvalidType(f"{what} must be a finite number{bound}, not {value!r}.")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InvalidType(f"{what} must be a finite number{bound}, not {value!r}.") from None
    except OverflowError:
        raise InvalidArgument(f"{what} must be a finite number{bound}, not one that no float can hold.") from None
    too_low = (above is not None and number <= above) or (minimum is not None and number < minimum)
    if not math.isfinite(number) or too_low or (below is not None and number >= below):
        raise InvalidArgument(f"{what} must be a finite number{bound}, not {value!r}.")
    return number


def float_type(dtype: DTypeLike) -> np.dtype[np.floating]:
    """float32 or float64, as a dtype.

    Raises
    ------
    InvalidArgument, InvalidType
        For anything else.
    """
    try:
        given = np.dtype(dtype)
    except TypeError:
        raise InvalidType(f"A network computes in float32 or float64, not {dtype!r}.") from None
    for number_type in (np.dtype(np.float32), np.dtype(np.float64)):
        if given == number_type:
            return number_type
    raise InvalidArgument(f"A network computes in float32 or float64, not {given}.")
