"""The quantile loss: below which number does a given share of the y lie?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array
from chainrule.functions.losses.loss import ElementwiseLoss
from chainrule.validation import finite_number

__all__ = ["Quantile"]


@dataclass(frozen=True)
class Quantile(ElementwiseLoss):
    r"""The pinball loss of one level q or several at once: q (y - a) where y is above a, (1 - q) (a - y) where below.

    It is smallest where the share q of the y lies below a. With m levels, each column of y has m outputs, one for each
    level, side by side: the network has (columns of y) * m outputs. A row's loss is averaged over all of them.

    Parameters
    ----------
    levels : iterable of float
        Each between 0 and 1, ascending; a single number will do for one.

    Raises
    ------
    InvalidArgument, InvalidType
        If there are none, one is not between 0 and 1, or they do not ascend.

    References
    ----------
    Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978), eq. 1.1.
    """

    name = "quantile"
    formula = r"\frac{1}{k} \sum_j \max \left( q_j (y_j - a_j), (q_j - 1) (y_j - a_j) \right)"
    derivative_formula = r"\frac{1}{k} \left( [a_j > y_j] - q_j \right)"
    reduction = "mean"
    target = "levels"
    default_output = "identity"
    kinks = (0.0,)

    levels: tuple[float, ...] = (0.5,)

    def __post_init__(self) -> None:
        several = isinstance(self.levels, Iterable) and not isinstance(self.levels, str | bytes)
        given = tuple(self.levels) if several else (self.levels,)
        levels = tuple(finite_number("A level of Quantile", level, above=0, below=1) for level in given)
        if not levels:
            raise InvalidArgument("Quantile needs at least one level, such as levels=(0.1, 0.5, 0.9).")
        if any(low >= high for low, high in itertools.pairwise(levels)):
            raise InvalidArgument(f"The levels of Quantile must ascend, each one once; got {levels}.")
        object.__setattr__(self, "levels", levels)

    @property
    def central(self) -> int:
        """The place of the level next to a half, which is the prediction where one number is asked for."""
        return min(range(len(self.levels)), key=lambda i: abs(self.levels[i] - 0.5))

    @staticmethod
    def expression(y: Any, a: Any, level: Any) -> Any:
        return np.maximum(level * (y - a), (level - 1) * (y - a))

    @staticmethod
    def derivative_expression(y: Any, a: Any, level: Any) -> Any:
        return (np.sign(a - y) + 1) / 2 - level

    def settings_for(self, a: Array) -> tuple[Any, ...]:
        """The level of each output: all levels of the first value, then all of the next."""
        return (np.tile(np.asarray(self.levels, a.dtype), a.shape[-1] // len(self.levels)),)

    def check_output(self, output: Activation, n_outputs: int) -> None:
        super().check_output(output, n_outputs)
        m = len(self.levels)
        if n_outputs % m:
            raise InvalidArgument(
                f"Quantile with {m} levels needs {m} outputs for each column of y, so {m}, {2 * m} or {3 * m} and so "
                f"on in all; the network has {n_outputs}."
            )
