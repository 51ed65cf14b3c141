"""How a file with a table is to be read, where its name does not say it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chainrule.errors import InvalidArgument

__all__ = ["MISSING", "Kind", "Reading"]

Kind: TypeAlias = Literal["number", "text", "boolean"]
"""What a column of a text file is to be read as."""

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "?")
"""Entries of a text file that mean that nothing is there."""

DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}
"""Names for those that are hard to type in a shell."""


@dataclass(frozen=True)
class Reading:
    """What a person says about a file.

    Parameters
    ----------
    delimiter : str, optional
        What is between two columns of a text file: one character, or tab, comma, semicolon, space or pipe. By default
        a tab in files called .tsv or .tab, else a comma.
    encoding : str
        How a text file writes characters as bytes, by Python's names, such as latin-1.
    missing : tuple of str
        Entries of a text file that mean that nothing is there.
    x, y : str
        Names of the arrays in an NPZ file.
    labels : str, optional
        The file with the labels of an IDX file of images; by default the one whose name goes with it.

    Raises
    ------
    InvalidArgument
        If the delimiter is no character, or nobody knows the encoding.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    missing: tuple[str, ...] = MISSING
    x: str = "x"
    y: str = "y"
    labels: str | None = None

    def __post_init__(self) -> None:
        if self.delimiter is not None:
            delimiter = DELIMITERS.get(self.delimiter, self.delimiter)
            if len(delimiter.encode()) != 1 or delimiter in '"\n\r':
                names = ", ".join(name for name in DELIMITERS if name.isalpha())
                raise InvalidArgument(f"The delimiter is one ASCII character or {names}, not {self.delimiter!r}.")
            object.__setattr__(self, "delimiter", delimiter)
        try:
            object.__setattr__(self, "encoding", codecs.lookup(self.encoding).name)
            "a".encode(self.encoding)  # some, such as hex, are of bytes alone
        except (LookupError, ValueError):
            raise InvalidArgument(
                f"{self.encoding!r} is no encoding that Python knows; there are utf-8, latin-1, cp1252, utf-16, ..."
            ) from None
