"""Parameters of an estimator as data that JSON can hold, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from chainrule.catalogue import Catalogue
from chainrule.errors import FileFormatError, InvalidType
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.initializers import INITIALIZERS
from chainrule.functions.losses import LOSSES
from chainrule.optimizers import OPTIMIZERS
from chainrule.optimizers.schedules import SCHEDULES
from chainrule.training.metrics import METRICS

__all__ = ["CannotKeepError", "from_parameter_data", "to_parameter_data"]

CATALOGUES: dict[str, Catalogue[Any]] = {
    catalogue.family: catalogue for catalogue in (ACTIVATIONS, INITIALIZERS, LOSSES, METRICS, OPTIMIZERS, SCHEDULES)
}
"""Whose members may be parameters."""

DEEPEST = 20
"""Levels of data within data that are read; a parameter has a few."""


MOST_BYTES = 4000
"""Of an entry of an array whose values are shorter than that; else a small file could ask for all memory."""


class CannotKeepError(InvalidType):
    """A value that is no data, such as a function."""


def to_parameter_data(value: Any) -> Any:
    """A parameter as numbers, strings, lists, and mappings with one key that says what they are.

    Raises
    ------
    CannotKeepError
        If it is none of: a number, a string, a sequence or mapping of such, an array of numbers, strings or
        dates, a member of chainrule's catalogues.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.longdouble):
        return to_parameter_data(float(value))  # its item is itself again
    if isinstance(value, np.generic):
        return to_parameter_data(value.item())
    if isinstance(value, int | float):
        return value if math.isfinite(value) else {"number": str(value)}
    if isinstance(value, list):
        return [to_parameter_data(each) for each in value]
    if isinstance(value, tuple):
        return {"tuple": [to_parameter_data(each) for each in value]}
    if isinstance(value, dict):
        return {"items": [[to_parameter_data(key), to_parameter_data(each)] for key, each in value.items()]}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufUMm":
        values = value.astype(np.int64) if value.dtype.kind in "Mm" else value
        return {"array": [value.dtype.str, to_parameter_data(values.tolist())]}
    return _member_data(value)


def _member_data(value: Any) -> dict[str, Any]:
    for family, catalogue in CATALOGUES.items():
        if isinstance(value, type) and value in set(catalogue):
            return {"class": [family, value.name]}
        if type(value) in set(catalogue) and is_dataclass(value):
            settings = {f.name: to_parameter_data(getattr(value, f.name)) for f in fields(value)}
            return {"member": [family, catalogue.name_of(value), settings]}
    raise CannotKeepError(f"{value!r} is no data")


def from_parameter_data(data: Any, deepest: int = DEEPEST) -> Any:
    """The parameter that `data` tells of.

    Raises
    ------
    FileFormatError, or what a constructor raises
        If it is none.
    """
    if deepest == 0:
        raise FileFormatError("a parameter is nested too deeply.")
    if data is None or isinstance(data, bool | int | float | str):
        return data
    if isinstance(data, list):
        return _all(data, deepest)
    if not isinstance(data, dict) or len(data) != 1:
        raise FileFormatError(f"{repr(data)[:80]} is no parameter.")
    (kind, content), deeper = next(iter(data.items())), deepest - 1
    if kind == "number":
        return float(content)
    if kind == "tuple":
        return tuple(_all(content, deeper))
    if kind == "items":
        return {from_parameter_data(key, deeper): from_parameter_data(each, deeper) for key, each in content}
    if kind == "array":
        dtype, values = content
        return _array(dtype, values, deeper)
    if kind == "class":
        family, name = content
        return CATALOGUES[family][name]
    if kind == "member":
        family, name, settings = content
        return CATALOGUES[family][name](**{key: from_parameter_data(each, deeper) for key, each in settings.items()})
    raise FileFormatError(f"{str(kind)[:40]!r} is no kind of parameter.")


def _all(data: Iterable[Any], deepest: int) -> list[Any]:
    return [from_parameter_data(each, deepest - 1) for each in data]


def _array(dtype: str, values: Any, deepest: int) -> Any:
    kind, data = np.dtype(dtype).kind, from_parameter_data(values, deepest)
    longest = np.array(data).itemsize if kind == "U" else 0
    if kind not in "biufUMm" or np.dtype(dtype).itemsize > max(MOST_BYTES, longest):
        raise FileFormatError(f"{dtype!r} is no kind of array that parameters have.")
    return np.array(data, np.int64).astype(dtype) if kind in "Mm" else np.array(data, dtype)
