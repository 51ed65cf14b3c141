"""A column of text: each different text once, and for each row the number of its text."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.tables.missing import is_missing
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array

__all__ = ["TextColumn", "spelled", "spelled_dates"]


@dataclass(frozen=True, eq=False)
class TextColumn:
    """Text by row: ``labels[codes[row]]``.

    Parameters
    ----------
    codes : array of shape (n,)
        The number of each row's label, kept in int32; -1 where the text is missing.
    labels : tuple of str
        The different texts. There may be some that no row has.
    categorical : bool
        Whether whoever made the table declared it to be of categories, so that nothing else is read into its labels.

    Raises
    ------
    InvalidType
        If codes are no whole numbers in one dimension, or labels are no strings.
    InvalidArgument
        If a code has no label, or a label is there twice.
    """

    codes: Array
    labels: tuple[str, ...]
    categorical: bool = False

    def __post_init__(self) -> None:
        codes, labels = np.asarray(self.codes), tuple(self.labels)
        if codes.ndim != 1 or codes.dtype.kind not in "iu":
            raise InvalidType(f"Codes are whole numbers in one dimension, not {codes.dtype} of shape {codes.shape}.")
        if set(map(type, labels)) - {str}:
            raise InvalidType("The labels of a text column are strings.")
        if len(set(labels)) != len(labels):
            raise InvalidArgument("The labels of a text column must differ from each other.")
        if codes.size and not (int(codes.min()) >= -1 and int(codes.max()) < len(labels)):
            raise InvalidArgument(f"Codes go from -1, for missing, to {len(labels) - 1}, the last of the labels.")
        object.__setattr__(self, "codes", codes.astype(np.int32, copy=False))
        object.__setattr__(self, "labels", labels)

    @classmethod
    def of_values(cls, values: Iterable[Any]) -> TextColumn:
        """From one string for each row; None where it is missing."""
        given = list(values)
        numbers = {label: number for number, label in enumerate(dict.fromkeys(v for v in given if v is not None))}
        codes = np.fromiter((numbers[v] if v is not None else -1 for v in given), np.int32, len(given))
        return cls(codes, tuple(spelled(label) for label in numbers))

    @classmethod
    def of_categories(cls, codes: Any, categories: Sequence[Any], *, categorical: bool = True) -> TextColumn:
        """From categories of any kind, spelled out; those that are missing or spelled alike become one.

        Parameters
        ----------
        codes : array of shape (n,)
            The number of each row's category; -1 where it is missing.
        categories : sequence
            Strings, numbers, dates, ...
        categorical : bool
            As in the class.
        """
        if set(map(type, categories)) == {str} and len(set(categories)) == len(categories):
            return cls(codes, tuple(categories), categorical)
        texts = [None if is_missing(category) else spelled(category) for category in categories]
        labels = tuple(dict.fromkeys(text for text in texts if text is not None))
        numbers = np.asarray(codes)
        if labels != tuple(texts):
            number_of = {label: number for number, label in enumerate(labels)}
            merged = [-1 if text is None else number_of[text] for text in texts]
            numbers = np.array([*merged, -1], np.int32)[numbers]  # the last is for -1
        return cls(numbers, labels, categorical)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def dtype(self) -> str:
        """What it holds, for sentences."""
        return "text"

    def __getitem__(self, rows: Any) -> TextColumn:
        """Some rows: a slice, or the numbers of rows."""
        some = copy.copy(self)  # its labels were checked before, and there may be many
        object.__setattr__(some, "codes", self.codes[rows])
        return some

    def values(self) -> Array:
        """One object for each row: a string, or None where it is missing."""
        spelled_out = np.array([*self.labels, None], object)
        found: Array = spelled_out[self.codes]  # -1 is the last
        return found


def spelled(value: Any) -> str:
    """A category as a label: text as it is, numbers without a needless ``.0``, dates as `spelled_dates` has them.

    So that a column of whole numbers has the same labels where gaps have made it one of floats.

    Raises
    ------
    InvalidArgument
        For a whole number of thousands of digits.
    """
    if isinstance(value, str):
        return str.__str__(value)  # what it holds, also of a member of an enumeration
    if isinstance(value, datetime.date | np.datetime64):
        return spelled_dates(np.array([np.datetime64(value)]))[0]
    try:
        whole = isinstance(value, float | np.floating) and float(value).is_integer()
        return str(int(value) if whole else value)
    except ValueError:  # Python spells out no whole number of more than some thousand digits
        raise InvalidArgument("A whole number of thousands of digits is no label: give it as text.") from None


def spelled_dates(dates: Array) -> list[str]:
    """datetime64 of shape (n,) as labels: a day alone at midnight, else with the time, as far as it goes.

    So that the labels do not depend on the unit, in which the libraries differ.
    """
    return [date.replace("T", " ") for date in np.datetime_as_string(dates, unit="auto").tolist()]
