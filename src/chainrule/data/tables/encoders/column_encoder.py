"""The contract of a column encoder: what one column of a table becomes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

from chainrule.data.tables.table import Column
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array

__all__ = ["ColumnEncoder", "Writer", "checked_flag", "checked_text", "checked_texts"]

Writer: TypeAlias = Callable[[int, int, Array], None]
"""Writes what rows `start` to `stop` become into an array of shape (stop - start, n_outputs) that holds zeros."""


class ColumnEncoder(ABC):
    """Fitted on the training rows of a column, and plain data from then on.

    A missing value is 0 in everything that a column becomes, but for an indicator that is 1 there. There is an
    indicator where values were missing among the training rows.

    Attributes
    ----------
    name : str
        The kind, as settings and files call it.
    column : str
        The name of the column; what it becomes is named by it.
    """

    name: ClassVar[str]
    column: str

    @property
    @abstractmethod
    def output_names(self) -> tuple[str, ...]:
        """What each number is called that the column becomes."""

    @property
    def n_outputs(self) -> int:
        """How many numbers it becomes."""
        return len(self.output_names)

    @property
    @abstractmethod
    def becomes(self) -> str:
        """What the column becomes, for a person to read."""

    @abstractmethod
    def writer(self, cells: Column) -> Writer:
        """A function that writes what these cells become.

        Raises
        ------
        InvalidType, InvalidArgument
            If they are of another type than those that it was fitted on, with the row; also when it writes.
        """


def checked_text(what: str, value: Any) -> str:
    """`value`, if it is a string.

    Raises
    ------
    InvalidType
        If it is not.
    """
    if not isinstance(value, str):
        raise InvalidType(f"{what} must be a string, not {value!r}.")
    return value


def checked_texts(what: str, values: Any) -> tuple[str, ...]:
    """`values` as a tuple of different strings.

    Raises
    ------
    InvalidType, InvalidArgument
        If they are not.
    """
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise InvalidType(f"{what} must be strings, not {str(values)[:80]}.")
    if len(set(values)) != len(values):
        raise InvalidArgument(f"{what} must differ from each other.")
    return tuple(values)


def checked_flag(what: str, value: Any) -> bool:
    """`value`, if it is True or False.

    Raises
    ------
    InvalidType
        If it is neither.
    """
    if not isinstance(value, bool):
        raise InvalidType(f"{what} must be True or False, not {value!r}.")
    return value
