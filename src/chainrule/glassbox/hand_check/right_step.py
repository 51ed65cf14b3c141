"""The right values of a traced step, and how near a given number must come to them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.calculation import Calculation
from chainrule.glassbox.hand_check.candidates import Candidates
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers
from chainrule.glassbox.hand_check.operations import OwnLoss, Values
from chainrule.glassbox.hand_check.own_activation import OwnActivation
from chainrule.glassbox.hand_check.step_operations import step_operations
from chainrule.glassbox.trace import Quantity, Trace

__all__ = ["RightStep"]

SLACK = {"float64": (1e-9, 1e-12), "float32": (2e-6, 1e-6), "by differences": (1e-7, 1e-9)}
"""By what the numbers were computed in: how far two right ways to compute a number may come out apart, as a share of
the number, and of the largest of its array."""

CANCELLED = 1e4
"""Terms have cancelled where they add up to so many times what is left."""


class RightStep:
    """A step computed anew in float64, as the mathematics has it.

    Parameters
    ----------
    trace : Trace
        The step.
    own : mapping of Quantity to array, optional
        Numbers of a person, right or wrong, from which the step goes on: what is right is what follows from them.

    Attributes
    ----------
    trace : Trace
        The same.
    operations : dict of str to Operation
        How every array follows from others.
    values : Calculation
        The right arrays, by name.

    Raises
    ------
    InvalidType
        If it is no trace.
    """

    def __init__(self, trace: Trace, own: Mapping[Quantity, Array] | None = None) -> None:
        if not isinstance(trace, Trace):
            raise InvalidType(
                f"A number is checked against a trace, which chainrule.trace(network, x, y) gives, not against "
                f"{type(trace).__name__}."
            )
        self.trace = trace
        self.operations = step_operations(trace)
        self._is_traced = own is None
        right = Calculation(self.operations)
        self.values = right if own is None else right.going_on_from(own)
        self._candidates: dict[str, Candidates] = {}
        self._sizes: dict[str, float] = {}
        self._slack = SLACK[self._computed_in()]

    def _computed_in(self) -> str:
        operations = self.operations.values()
        has_own_loss = any(isinstance(getattr(each, "loss", None), OwnLoss) for each in operations)
        by_differences = has_own_loss or self._has_own_activation
        is_float32 = any(np.asarray(self.trace[name]).dtype == np.float32 for name in self.trace)
        return "by differences" if by_differences else "float32" if is_float32 else "float64"

    @property
    def _has_own_activation(self) -> bool:
        operations = self.operations.values()
        return any(isinstance(getattr(each, "activation", None), OwnActivation) for each in operations)

    def candidates(self, target: str) -> Candidates:
        """What each mistake would give for an array."""
        if target not in self._candidates:
            self._candidates[target] = Candidates(self.operations, self.values, target)
        return self._candidates[target]

    def value(self, quantity: Quantity) -> Array:
        """What is right.

        Raises
        ------
        InvalidArgument
            If there is no such quantity.
        """
        quantity.check(self.operations)
        quantity.value_in(self.values[quantity.name])  # or says that there is no such entry
        return self.entries(self.values, quantity)

    @staticmethod
    def entries(values: Values, quantity: Quantity) -> Array:
        """The quantity among these arrays, with mistakes or without."""
        array = values[quantity.name]
        return np.asarray(array[quantity.index]) if quantity.index else array

    def slack(self, quantity: Quantity, value: Array) -> Array:
        """By how much a number that is computed rightly may be off `value`."""
        relative, of_largest = self._slack
        slack: Array = relative * np.abs(value) + of_largest * self._size(quantity.name)
        return slack

    def _size(self, name: str) -> float:
        """The largest of an array or, where the terms of its sums all but cancel, of what these add up to.

        So a gradient that is 0 by its nature, and 1e-18 by rounding, may be given as 0.
        """
        if name not in self._sizes:
            operation = self.operations[name]
            largest = float(np.abs(self.values[name]).max(initial=0.0))
            with np.errstate(all="ignore"):  # a person's own numbers may be as large as floats are
                added_up = float(np.abs(operation.added_up(self.values)).max(initial=0.0))
            own = added_up if added_up > CANCELLED * largest else largest
            before = (self._cancelled(each) for each in operation.ingredients)
            self._sizes[name] = own * max(before, default=1.0)
        return self._sizes[name]

    def _cancelled(self, name: str) -> float:
        """How many times its largest number an array's size is: 1 where nothing cancels."""
        largest = float(np.abs(self.values[name]).max(initial=0.0))
        return max(self._size(name) / largest, 1.0) if largest > 0 else 1.0

    def fits(self, quantity: Quantity, given: GivenNumbers) -> Array:
        """Which entries are right: those of the mathematics, or of the trace.

        The two differ by rounding alone, which is much in float32 where large terms cancel. Not so where a learner's
        own code is in the trace, which may be wrong.
        """
        right = self.value(quantity)
        low = high = right
        if self._is_traced and not self.trace.is_learners and not self._has_own_activation:
            traced = np.asarray(self.trace[quantity.name], np.float64)
            traced = traced[quantity.index] if quantity.index else traced
            low, high = np.minimum(right, traced), np.maximum(right, traced)
        return given.fit_between(low, high, self.slack(quantity, right))

    def program_gives(self, quantity: Quantity, given: GivenNumbers) -> bool | None:
        """Whether a learner's own program gives these numbers; None where there is none."""
        if not self.trace.is_learners or quantity.name not in self.trace:
            return None
        value = np.asarray(self.trace[quantity], np.float64)
        return bool(given.fit(value, self.slack(quantity, value)).all())
