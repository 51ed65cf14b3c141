"""``network.w`` and ``network.b``: arrays by layer number, each a view of theta."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import numpy as np

from chainrule.errors import InvalidArgument, UnknownKey
from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout, Slot

__all__ = ["ParameterViews", "assign", "checked_values"]

K = TypeVar("K", int, str)


class ParameterViews(Mapping[K, Array], Generic[K]):
    """A mapping of views into a vector that its owner may replace at any time.

    A view is made when it is asked for, so it is never one of a vector that was current before a copy or a change of
    dtype. ``views[key] = array`` copies the numbers in after a check of their shape; ``views[key] -= step`` works in
    place.

    Parameters
    ----------
    layout : Layout
        Where the arrays are.
    vector : callable
        Gives the current vector.
    slots : mapping of key to str
        The full name of each key's array.
    """

    def __init__(self, layout: Layout, vector: Callable[[], Array], slots: Mapping[K, str]) -> None:
        self._layout, self._vector = layout, vector
        self._slots: Mapping[K, str] = slots

    def _slot(self, key: K) -> Slot:
        if key not in self._slots:
            raise UnknownKey(f"There is no array {key!r}; there are {', '.join(map(repr, self._slots))}.")
        return self._layout[self._slots[key]]

    def __getitem__(self, key: K) -> Array:
        return self._slot(key).view(self._vector())

    def __setitem__(self, key: K, values: Any) -> None:
        slot = self._slot(key)
        assign(slot.name, slot.view(self._vector()), values)

    def __iter__(self) -> Iterator[K]:
        return iter(self._slots)

    def __len__(self) -> int:
        return len(self._slots)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[K, Array]:
        """Arrays of their own, which stay as they are when the network learns on."""
        return {key: array.copy() for key, array in self.items()}

    def __copy__(self) -> dict[K, Array]:
        return self.__deepcopy__({})

    def __reduce__(self) -> tuple[type[dict[K, Array]], tuple[dict[K, Array]]]:
        return dict, (self.__deepcopy__({}),)

    def update_all(self, arrays: Mapping[K, Any]) -> None:
        """Copy the numbers of every array in.

        Raises
        ------
        InvalidArgument
            If the keys differ, or a shape; then nothing was changed.
        """
        if set(arrays) != set(self):
            raise InvalidArgument(f"Arrays are needed for {list(self)}; those given are for {list(arrays)}.")
        checked = {key: checked_values(self._slot(key).name, self[key], values) for key, values in arrays.items()}
        for key, values in checked.items():
            self[key][...] = values


def assign(name: str, target: Array, values: Any) -> None:
    """Copy `values` into `target`, after the check of `checked_values`."""
    target[...] = checked_values(name, target, values)


def checked_values(name: str, target: Array, values: Any) -> Array:
    """`values` as an array that `target` can take.

    Raises
    ------
    InvalidArgument
        If the shapes differ, or the values are not real numbers, or too large for the dtype of `target`.
    """
    try:
        array = np.asarray(values)
    except ValueError:
        raise InvalidArgument(f"{name} takes an array of the shape {target.shape}; the rows given differ.") from None
    if array.dtype.kind not in "fiub":
        raise InvalidArgument(f"{name} takes real numbers, not {array.dtype}.")
    if array.shape != target.shape:
        raise InvalidArgument(f"{name} has the shape {target.shape}; the values given have {array.shape}.")
    with np.errstate(over="ignore"):
        converted: Array = array.astype(target.dtype)
    if (np.isfinite(array) & ~np.isfinite(converted)).any():
        raise InvalidArgument(f"A value given for {name} is too large for {target.dtype}.")
    return converted
