"""The scheduled values of each step, in the form in which optimizers and layers take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["dropout_factors", "values_by_network", "values_of_steps"]


def values_of_steps(
    schedule: Mapping[str, Array], names: Iterable[str], dtype: np.dtype[np.floating]
) -> list[tuple[Any, ...]] | None:
    """The learning rate and the values of these names, a tuple for each step that all networks can take at once.

    A value that all K networks share is a float. Where the learning rates differ, a step has an array of them of shape
    (K, 1): as a factor of the step, it may be rounded to the dtype of theta, as a float is when it meets the array.
    None where other values differ: what a rule makes of them, such as 1 - beta2^t, would lose digits there.
    """
    others = [_shared(schedule[name]) for name in names]
    rates = schedule["learning_rate"]
    own = _shared(rates)
    if own is None:
        own = list(rates.astype(dtype)[..., np.newaxis])
    known = [column for column in others if column is not None]
    return list(zip(own, *known, strict=True)) if len(known) == len(others) else None


def values_by_network(schedule: Mapping[str, Array], names: Iterable[str], k: int) -> list[list[tuple[float, ...]]]:
    """The same for each step as a list of K tuples of floats, one for each network."""
    columns = [schedule[name] for name in ("learning_rate", *names)]
    each = [np.broadcast_to(c[:, np.newaxis] if c.ndim == 1 else c, (len(c), k)).tolist() for c in columns]
    return [list(zip(*of_step, strict=True)) for of_step in zip(*each, strict=True)]


def dropout_factors(schedule: Mapping[str, Array]) -> list[Any]:
    """Each step's factor on the dropout rates: a float or, where the networks' differ, an array of shape (K, 1, 1)."""
    factors = schedule["dropout_factor"]
    own = _shared(factors)
    return list(factors[:, :, np.newaxis, np.newaxis]) if own is None else own


def _shared(values: Array) -> list[float] | None:
    """A value of each step, from an array (steps,) or (steps, K); None where the K networks' differ."""
    if values.ndim == 1:
        return list(values.tolist())
    return list(values[:, 0].tolist()) if (values == values[:, :1]).all() else None
