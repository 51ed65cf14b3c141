"""L-BFGS: whole batches, and the curvature learned from the last steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, require
from chainrule.functions.arrays import Array
from chainrule.optimizers.optimizer import Optimizer
from chainrule.validation import finite_number, whole_number

__all__ = ["LBFGS"]


@dataclass(frozen=True, kw_only=True)
class LBFGS(Optimizer):
    """theta <- theta - alpha * H * g, where H is built from the last steps and the line search finds alpha.

    Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989, Algorithm 2.1, as SciPy
    carries it out (Byrd et al., 1995). An iteration takes J and its gradient over all rows, more than once where the
    first length of a step is not good, so J must be the same each time: no batches, and no dropout. Where that is so,
    on a few thousand rows, nothing else here comes as near to a minimum.

    There is no learning rate.

    Parameters
    ----------
    memory : int
        Steps from which the curvature is estimated, at least 1.
    tolerance : float
        Where no entry of the gradient is larger than this, it has converged; at least 0.
    line_search_steps : int
        Lengths to try for a step, at least 1.
    gain_tolerance : float
        Where an iteration lowers J by no more than this share of it (of 1, where J is smaller), it has converged, too;
        at least 0. SciPy's own default is 2.2e-9.
    evaluations : int, optional
        Evaluations of J at most, at least 1, after which the iteration under way is the last; by default as many as
        the iterations need.

    Raises
    ------
    InvalidArgument, InvalidType
        If one is out of its range or of the wrong kind.
    """

    name = "lbfgs"
    formula = r"\theta \leftarrow \theta - \alpha H g, \quad H \approx (\partial^2 J / \partial \theta^2)^{-1}"
    default_learning_rate = 1.0

    memory: int = 10
    tolerance: float = 1e-5
    line_search_steps: int = 20
    gain_tolerance: float = 0.0
    evaluations: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "memory", whole_number("memory", self.memory, minimum=1))
        object.__setattr__(self, "tolerance", finite_number("tolerance", self.tolerance, minimum=0))
        steps = whole_number("line_search_steps", self.line_search_steps, minimum=1)
        object.__setattr__(self, "line_search_steps", steps)
        object.__setattr__(self, "gain_tolerance", finite_number("gain_tolerance", self.gain_tolerance, minimum=0))
        if self.evaluations is not None:
            object.__setattr__(self, "evaluations", whole_number("evaluations", self.evaluations, minimum=1))

    @property
    def scheduled(self) -> dict[str, float]:
        return {}

    def minimize(
        self,
        value_and_gradient: Callable[[Array], tuple[float, Array]],
        theta: Array,
        iterations: int,
        on_iteration: Callable[[Array, float], bool],
    ) -> str:
        """Look for a minimum, from `theta` on.

        Parameters
        ----------
        value_and_gradient : callable
            J, penalty included, and its gradient, at parameters (P,) in float64, which it must not modify.
        theta : array of shape (P,)
            Where to start; not modified.
        iterations : int
            Iterations at most, at least 1.
        on_iteration : callable
            Called after each iteration with the parameters, in an array of their own, and their J; True ends it.

        Returns
        -------
        str
            Why it ended before its last iteration, as a sentence; empty where it did not, or `on_iteration` ended it.

        Raises
        ------
        InvalidArgument
            If theta, or J there, is not finite, or theta holds more than one network.
        MissingExtra
            If SciPy is not installed.
        """
        optimize = require("scipy.optimize", "fast")
        start = np.array(theta, dtype=np.float64)
        if start.ndim != 1:
            raise InvalidArgument(f"L-BFGS moves one network at a time, not parameters of shape {start.shape}.")
        if not np.isfinite(start).all():
            raise InvalidArgument("L-BFGS needs finite parameters to start from, and these hold NaN or infinity.")
        function = _Finite(value_and_gradient, start)

        def after_iteration(intermediate_result: Any) -> None:
            if on_iteration(np.array(intermediate_result.x), float(intermediate_result.fun)):
                raise StopIteration

        found = optimize.minimize(
            function, start, method="L-BFGS-B", jac=True, callback=after_iteration, options=self._options(iterations)
        )
        return self._why(found, iterations, function.was_left)

    def _options(self, iterations: int) -> dict[str, float]:
        enough = iterations * (self.line_search_steps + 2) + 2  # more than the iterations can take
        return {
            "maxiter": whole_number("iterations", iterations, minimum=1),
            "maxfun": enough if self.evaluations is None else self.evaluations,
            "maxcor": self.memory,
            "maxls": self.line_search_steps,
            "gtol": self.tolerance,
            "ftol": self.gain_tolerance,
        }

    def _why(self, found: Any, iterations: int, left_finite: bool) -> str:
        """Why the search ended, from SciPy's result and whether J was not finite on the way."""
        if found.status == LIMIT_REACHED and found.nit < iterations:
            return f"L-BFGS stopped: {found.nfev} evaluations of J were made, of {self.evaluations} at most."
        if found.status in (LIMIT_REACHED, ENDED_BY_CALLBACK):
            return ""
        if np.abs(found.jac).max(initial=0.0) <= self.tolerance:
            return f"L-BFGS converged: no entry of the gradient is above {self.tolerance:g}."
        if found.status == CONVERGED and self.gain_tolerance > 0:
            return f"L-BFGS converged: its last iteration lowered J by no more than {self.gain_tolerance:g} of it."
        if left_finite:
            return "L-BFGS stopped: on the way down, J left the finite numbers."
        return (
            "L-BFGS stopped: its line search found no lower J, most likely since rounding hides what is left to gain."
        )


CONVERGED, LIMIT_REACHED, ENDED_BY_CALLBACK = 0, 1, 99
"""What SciPy's status says; the limit is that of iterations or that of evaluations."""


class _Finite:
    """J and its gradient as the line search can use them, which interpolates: finite, whatever they are.

    Where they are not, it meets a wall that it can go back from, higher than anything before.

    Attributes
    ----------
    was_left : bool
        Whether the finite numbers were left on the way.
    """

    def __init__(self, value_and_gradient: Callable[[Array], tuple[float, Array]], start: Array) -> None:
        self.was_left = False
        self._value_and_gradient = value_and_gradient
        self._start = start.copy()
        self._highest = -math.inf

    def __call__(self, parameters: Array) -> tuple[float, Array]:
        value, gradient = self._value_and_gradient(parameters)
        if math.isfinite(value) and np.isfinite(gradient).all():
            self._highest = max(self._highest, float(value))
            return float(value), np.asarray(gradient, dtype=np.float64)
        if not self.was_left and np.array_equal(parameters, self._start):
            raise InvalidArgument(f"L-BFGS needs a finite J and gradient to start from, and J is {float(value)!r}.")
        self.was_left = True
        return 2 * abs(self._highest) + 1, np.zeros_like(parameters)
