"""The settings of a function that is a description: the values of its fields."""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property
from typing import Any

__all__ = ["WithSettings"]


class WithSettings:
    """A frozen dataclass whose expressions take the values of its fields behind their other arguments."""

    @cached_property
    def settings(self) -> tuple[Any, ...]:
        """The values of the fields, in their order."""
        return tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]
