"""A learner's class in the learner's own code, with copies for its functions: none overwrites what another needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["OnCopies", "copied_array"]


class OnCopies:
    """Something of a learner's whose functions get copies of the arrays that they are given, and give copies back.

    Parameters
    ----------
    given : object
        Such as an activation or a loss; whatever else it has can be read as it is.
    """

    def __init__(self, given: Any) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._given, name)
        return _with_copies(found) if callable(found) and not isinstance(found, type) else found


def _with_copies(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*arguments: Any, **named: Any) -> Any:
        result = function(*map(copied_array, arguments), **{name: copied_array(each) for name, each in named.items()})
        return copied_array(result)

    return called


def copied_array(value: Any) -> Any:
    """A copy of an array; anything else as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value
