"""The contract of an encoder: what turns the rows that a person has into the numbers that a network takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from numpy.typing import DTypeLike

from chainrule.functions.arrays import Array

__all__ = ["Encoder"]


class Encoder(ABC):
    """Fitted, and from then on plain data: with equal settings, it encodes alike, and a model file can hold it."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def n_columns(self) -> int:
        """Columns of the rows that it takes."""

    @property
    @abstractmethod
    def n_outputs(self) -> int:
        """Numbers that each row becomes."""

    @abstractmethod
    def transform(self, x: Any, dtype: DTypeLike | None = None) -> Array:
        """Rows as a new C-contiguous array of shape (n, n_outputs); by default in float64.

        Raises
        ------
        InvalidArgument, InvalidType
            If the rows are not like those that it was fitted on.
        """
