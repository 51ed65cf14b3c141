"""What descriptions share that hold a person's own function and its derivative, which are tried together.

A pair is tried before anything is trained with it, on a grid of numbers: as an array, one number at a time, and beside
central differences. Every refusal says where it went wrong, with the number given and the number found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

import numpy as np

from chainrule.catalogue import Catalogue, with_article
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.validation import finite_number

__all__ = ["OwnDescription", "OwnPair", "as_float_array", "check_own_name", "checked_kinks"]

STEP = 1e-4
"""Of the central differences, which are of fourth order: their error is about the step to the 4th, times f^(5) / 30."""

AGREEMENT = 1e-6
"""Relative error from which on a derivative is wrong."""


FEWEST = 20
"""Numbers with which a pair is tried."""


def checked_kinks(owner: str, kinks: Any) -> tuple[float, ...]:
    """Kinks as floats; a single number will do for one.

    Raises
    ------
    InvalidArgument, InvalidType
        If they are no finite numbers.
    """
    given = kinks if isinstance(kinks, Iterable) and not isinstance(kinks, str) else (kinks,)
    return tuple(finite_number(f"A kink of {owner}", kink) for kink in given)


def as_float_array(values: Any, dtype: np.dtype[Any]) -> Array:
    """What a person's function gave, as an array of its own and of the dtype in which the network computes."""
    return np.array(values, dtype)


def check_own_name(kind: str, name: str, catalogue: Catalogue[Any], example: str) -> None:
    """Refuse a name that is none, or that a member of the catalogue has, for a description of this kind."""
    if not isinstance(name, str) or not name:
        raise InvalidType(f"The name of a {kind} is a string, such as {example!r}, not {name!r}.")
    if name.lower() in catalogue.names:
        raise InvalidArgument(
            f"{name!r} is the name of {with_article(catalogue.family)} of chainrule's own; choose another name."
        )


class OwnDescription:
    """A frozen description whose name and formulas are its own, where those of others are their class's."""

    name: ClassVar[str]

    def _describe(self, name: str, arguments: str, **settings: Any) -> None:
        settings["name"] = name
        settings["formula"] = rf"\text{{{name}}}({arguments})"
        settings["derivative_formula"] = rf"\text{{{name}}}'({arguments})"
        for field, value in settings.items():
            object.__setattr__(self, field, value)  # the fields are frozen for everybody else

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


@dataclass(frozen=True)
class OwnPair:
    """A function and its derivative with respect to its last argument.

    Attributes
    ----------
    owner : str
        Whose they are, as a sentence calls it, such as ``"CustomActivation 'swish'"``.
    names : tuple of str
        What the function and its arguments are called, such as ``("f", "z")``.
    function, derivative : callable
        Of the arguments, as arrays.
    """

    owner: str
    names: tuple[str, ...]
    function: Callable[..., Any]
    derivative: Callable[..., Any]

    def check(self, *grid: Array) -> Array:
        """Try both on arguments of equal shape (2, m); the values of the function there.

        Raises
        ------
        InvalidType, InvalidArgument
            With what is wrong and where.
        """
        for what, function in ((self.names[0], self.function), ("derivative", self.derivative)):
            if not callable(function):
                raise InvalidType(f"The {what} of {self.owner} must be a function, not {function!r}.")
        if grid[0].size < FEWEST:
            raise InvalidArgument(
                f"The kinks of {self.owner} leave {grid[0].size} numbers to try it with, and at least {FEWEST} are "
                "needed: name corners alone."
            )
        with np.errstate(all="ignore"):  # what is not finite is looked for instead
            values = self._tried(self.names[0], self.function, grid)
            slopes = self._tried("derivative", self.derivative, grid)
            self._check_corners(grid, values)
            numerical = self._numerical(grid)
            wrong = _wrong(slopes, numerical)
            if wrong.any():
                self._refuse_derivative(grid, slopes, numerical, wrong)
        return values

    def _tried(self, what: str, function: Callable[..., Any], grid: tuple[Array, ...]) -> Array:
        """The values of one of the two, after everything but its numbers has been checked."""
        values = self._called(what, function, grid)
        if values.shape != grid[0].shape:
            raise InvalidArgument(
                f"The {what} of {self.owner} gives the shape {values.shape} for arrays of shape {grid[0].shape}; it "
                "must keep the shape: one number for each."
            )
        bad = ~np.isfinite(values)
        if bad.any():
            raise InvalidArgument(
                f"The {what} of {self.owner} is {values[bad][0]:g} at {self._place(grid, bad)}; it must be finite "
                f"there: if this is a corner, give kinks=({self._kink(grid, bad):.4g},)."
            )
        for index in np.ndindex(values.shape):
            alone = self._called(what, function, tuple(np.full((1, 1), each[index]) for each in grid))
            value = float(values[index])
            if alone.shape != (1, 1) or abs(alone[0, 0] - value) > 1e-12 * max(1, abs(value)):
                raise InvalidArgument(
                    f"The {what} of {self.owner} is {value:g} at {self._place(grid, index)} beside other "
                    f"numbers and {alone.ravel()[0]:g} alone; each must depend on its own {self.names[-1]} only."
                )
        return values

    def _called(self, what: str, function: Callable[..., Any], grid: tuple[Array, ...]) -> Array:
        arguments = tuple(each.copy() for each in grid)
        try:
            given = function(*arguments)
            if not isinstance(given, np.ndarray | np.generic) or given.dtype.kind not in "fiub":
                raise TypeError(f"it gives {repr(given)[:60]} and not an array of real numbers")
            values: Array = np.asarray(given, np.float64)
        except Exception as error:
            raise InvalidArgument(
                f"The {what} of {self.owner} fails on an array ({type(error).__name__}: {error}); write it with "
                "NumPy's functions, such as np.exp and np.where, which take whole arrays."
            ) from error
        if given.dtype.kind == "f" and given.dtype.itemsize < values.dtype.itemsize:
            raise InvalidArgument(
                f"The {what} of {self.owner} gives {given.dtype} for an array of float64; it must keep the dtype."
            )
        if any((ours != theirs).any() for ours, theirs in zip(grid, arguments, strict=True)):
            raise InvalidArgument(
                f"The {what} of {self.owner} changes the array that it is given; it must return a new one."
            )
        return values

    def _check_corners(self, grid: tuple[Array, ...], values: Array) -> None:
        """Refuse a corner that was not named: how much the slope changes there does not shrink with the step."""
        *others, last = grid
        wide, close = (
            np.abs(self.function(*others, last + h) - 2 * values + self.function(*others, last - h)) / h
            for h in (STEP, STEP / 10)
        )
        corners = (close > 0.5 * wide) & (close > 1e-3)
        if corners.any():
            raise InvalidArgument(
                f"The {self.names[0]} of {self.owner} has a corner at {self._place(grid, corners)}: give "
                f"kinks=({self._kink(grid, corners):.4g},), a value of {' - '.join(self.names[:0:-1])}, so that a "
                "gradient check leaves it out."
            )

    def _numerical(self, grid: tuple[Array, ...]) -> Array:
        """Central differences of the function in its last argument."""
        *others, last = grid
        near, far = (self.function(*others, last + h) - self.function(*others, last - h) for h in (STEP, 2 * STEP))
        return as_float_array((8 * near - far) / (12 * STEP), np.dtype(np.float64))

    def _refuse_derivative(self, grid: tuple[Array, ...], slopes: Array, numerical: Array, wrong: Array) -> NoReturn:
        error = np.where(wrong, np.abs(slopes - numerical), -1.0)
        worst = np.unravel_index(np.argmax(error), error.shape)
        raise InvalidArgument(
            f"The derivative of {self.owner} is {slopes[worst]:.6g} at {self._place(grid, worst)}, where "
            f"{self.names[0]} itself has the slope {numerical[worst]:.6g} (a central difference)."
            + self._likely_cause(grid, slopes, numerical)
        )

    def _likely_cause(self, grid: tuple[Array, ...], slopes: Array, numerical: Array) -> str:
        f, variable = self.names[0], self.names[-1]
        *others, last = grid
        if not _wrong(-slopes, numerical).any():
            return " It has the wrong sign everywhere."
        if not others:
            a = as_float_array(self.function(last), last.dtype)
            if not _wrong(as_float_array(self.derivative(a), a.dtype), numerical).any():
                return f" It is written for a = {f}({variable}); give it as a function of {variable}."
            if not _wrong(slopes, self._numerical((a,))).any():
                return f" It is the derivative taken at a = {f}({variable}) instead of at {variable}."
        return ""

    def _kink(self, grid: tuple[Array, ...], where: Array) -> float:
        """The first place, as kinks count it: z, or a - y."""
        *others, last = (each[where][0] for each in grid)
        return float(last - sum(others))

    def _place(self, grid: tuple[Array, ...], where: Any) -> str:
        numbers = (np.atleast_1d(each[where])[0] for each in grid)
        return ", ".join(f"{name} = {number:.4g}" for name, number in zip(self.names[1:], numbers, strict=True))


def _wrong(slopes: Array, numerical: Array) -> Array:
    wrong: Array = ~(np.abs(slopes - numerical) <= AGREEMENT * np.maximum(1, np.abs(numerical)))
    return wrong
