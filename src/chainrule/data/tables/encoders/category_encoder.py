"""Columns of text and categories: one number for each of their frequent labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from chainrule.data.tables.encoders.column_encoder import (
    ColumnEncoder,
    Writer,
    checked_flag,
    checked_text,
    checked_texts,
)
from chainrule.data.tables.encoders.dropped_column import DroppedColumn
from chainrule.data.tables.encoders.presence_encoder import without_variation
from chainrule.data.tables.excerpt import beginning, excerpt
from chainrule.data.tables.formatted_text import find_formatted_column
from chainrule.data.tables.known_labels import as_known_labels
from chainrule.data.tables.spelled_numbers import spells_number
from chainrule.data.tables.table import Column
from chainrule.data.tables.text_column import TextColumn
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.validation import whole_number

__all__ = ["CategoryEncoder"]


@dataclass(frozen=True)
class CategoryEncoder(ColumnEncoder):
    """One-hot: 1 for the row's label, 0 for the others. Where there are only two, one number: -1 for the first, else 1.

    Labels that are rare among the training rows share a number. A label that was never seen counts as rare; where none
    was rare, it is 0 in all of them.

    Parameters
    ----------
    column : str
        Its name.
    labels : tuple of str
        The frequent labels.
    n_rare : int
        How many others there were; they share a last number.
    missing : bool
        Whether there is an indicator of missing values, after all others.
    note : str
        What a person should know of the column, if anything: what it seems to be, and what to do about it.

    Raises
    ------
    InvalidArgument
        If there are not two labels at least, rare ones counted as one.
    """

    name = "category"

    column: str
    labels: tuple[str, ...]
    n_rare: int = 0
    missing: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        checked_text("The name of a column", self.column)
        checked_text("A note", self.note)
        object.__setattr__(self, "labels", checked_texts("Labels", self.labels))
        object.__setattr__(self, "n_rare", whole_number("The number of rare labels", self.n_rare, minimum=0))
        checked_flag("missing", self.missing)
        if self.n_buckets < 2:
            raise InvalidArgument(f"The column {self.column!r} must have two labels at least.")

    @classmethod
    def fitted(cls, column: str, text: TextColumn, *, max_categories: int, min_frequency: int) -> ColumnEncoder:
        """From the training rows of a column; what is left of it where they do not vary.

        Parameters
        ----------
        column : str
            Its name.
        text : TextColumn of n rows
            The training rows.
        max_categories : int
            How many labels are kept at most: the most frequent; of equally frequent ones, the first by name.
        min_frequency : int
            How many rows a label must have to be kept.
        """
        counts = np.bincount(text.codes + 1, minlength=len(text.labels) + 1)
        gaps, counts = int(counts[0]), counts[1:]
        seen = np.flatnonzero(counts)
        if len(seen) == 0:
            return DroppedColumn(column, "it has no values")
        labels = sorted(_most_frequent(text.labels, counts, max_categories, min_frequency), key=_natural_order)
        n_rare = len(seen) - len(labels)
        if not labels:
            few = "a row of its own" if counts.max() == 1 else f"fewer than {min_frequency} rows"
            which = f"each of its {len(seen)} labels" if len(seen) > 1 else "its only label"
            found = find_formatted_column(text)
            advice = f"; it is {found}: write {found.plain} to learn from it" if found else ""
            return DroppedColumn(column, f"{which} has {few}, so nothing can be learned from them{advice}")
        if len(labels) + bool(n_rare) < 2:
            return without_variation(column, repr(beginning(labels[0])), gaps=gaps > 0)
        return cls(column, tuple(labels), n_rare, gaps > 0, _note(text, seen.tolist(), len(text) - gaps))

    @property
    def n_buckets(self) -> int:
        """Labels that are told apart, the rare ones being one."""
        return len(self.labels) + (self.n_rare > 0)

    @property
    def n_outputs(self) -> int:
        return (1 if self.n_buckets == 2 else self.n_buckets) + self.missing

    @property
    def output_names(self) -> tuple[str, ...]:
        names = [f"{self.column}={label}" for label in self.labels] + [f"{self.column}=(rare)"] * (self.n_rare > 0)
        indicator = [f"{self.column} missing"] * self.missing
        return (*(names if self.n_buckets > 2 else names[1:]), *indicator)

    @property
    def becomes(self) -> str:
        labels = list(self.labels) if len(self.labels) <= 4 else [*self.labels[:3], "..."]
        shown = ", ".join([*map(excerpt, labels), *[f"{self.n_rare} rare as one"] * (self.n_rare > 0)])
        how = "-1 or 1" if self.n_buckets == 2 else f"one-hot of {self.n_buckets}"
        note = f" ({self.note})" if self.note else ""
        return f"{how}: {shown}{'; missing or not' if self.missing else ''}{note}"

    def writer(self, cells: Column) -> Writer:
        text = as_known_labels(self.column, cells, self.labels)
        other = len(self.labels) if self.n_rare else -1
        bucket_of_code = np.array([*(self._bucket_of.get(label, other) for label in text.labels), -1], np.intp)
        write_buckets = self._write_sign if self.n_buckets == 2 else self._write_one_hot

        def write(start: int, stop: int, out: Array) -> None:
            codes = text.codes[start:stop]
            write_buckets(bucket_of_code[codes], out)  # a code of -1 takes the last, which is -1
            if self.missing:
                out[:, -1] = codes < 0

        return write

    @cached_property
    def _bucket_of(self) -> dict[str, int]:
        return {label: number for number, label in enumerate(self.labels)}

    @staticmethod
    def _write_sign(buckets: Array, out: Array) -> None:
        out[:, 0] = np.array([-1, 1, 0], np.int8)[buckets]

    @staticmethod
    def _write_one_hot(buckets: Array, out: Array) -> None:
        rows = np.flatnonzero(buckets >= 0)
        out[rows, buckets[rows]] = 1


def _most_frequent(labels: tuple[str, ...], counts: Array, most: int, min_frequency: int) -> list[str]:
    """The labels with the most rows, as long as they have enough of them."""
    enough = np.flatnonzero(counts >= min_frequency)
    if len(enough) > most:  # of many labels, only those that may be kept are sorted
        enough = enough[counts[enough] >= np.partition(counts[enough], -most)[-most]]
    by_frequency = sorted(enough.tolist(), key=lambda code: (-counts[code], labels[code]))
    return [labels[code] for code in by_frequency[:most]]


def _natural_order(label: str) -> tuple[bool, int, str]:
    """Whole numbers by size and before text, so that 10 comes after 9."""
    whole = label.isdecimal() and len(label) < 19
    return (not whole, int(label) if whole else 0, label)


def _note(text: TextColumn, seen: list[int], n: int) -> str:
    """What makes a column suspicious, to go on from "it is"; how to mend it, of which the last is to leave it out."""
    if found := find_formatted_column(text):
        return f"{found}: it is learned as categories; write {found.plain}, or leave it out"
    if len(seen) > n / 2 and n > 20:
        return (
            f"text with {len(seen)} different labels in {n} rows: it is learned as categories; put what matters of it "
            "into columns of few labels or of numbers, or leave it out"
        )
    if not text.categorical and all(spells_number(text.labels[code]) for code in seen):
        return "text that spells numbers: it is learned as categories; give amounts as numbers, or leave it out"
    return ""
