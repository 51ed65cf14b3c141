"""The learning-rate finder: a step with each of many rates, from low to high, and what J made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.engines.numpy_engine import NumpyEngine
from chainrule.engines.problem import Problem, Variables
from chainrule.errors import InvalidArgument, require
from chainrule.functions.arrays import Array
from chainrule.validation import finite_number, whole_number

__all__ = ["LearningRates", "try_learning_rates"]

SMOOTHING = 0.9
"""Share of the running mean of J that a step keeps."""

SAFETY = 5.0
"""The rate at which J is lowest is so many times the suggestion, which then stands where J falls steeply."""

DIVERGED = 4.0
"""Times the lowest J so far, beyond which higher rates are not tried."""


@dataclass(frozen=True, eq=False)
class LearningRates:
    """What J was after a step with each learning rate.

    Attributes
    ----------
    rates : array of shape (m,)
        The rates tried, ascending.
    J : array of shape (m,)
        J of the next batch after the step with each.
    smoothed : array of shape (m,)
        Its running mean, which batches make less noisy.
    """

    rates: Array
    J: Array
    smoothed: Array

    @property
    def best(self) -> float:
        """The rate at which the smoothed J is lowest: already at the edge of what works."""
        return float(self.rates[int(np.argmin(self.smoothed))])

    @property
    def suggestion(self) -> float:
        """A fifth of `best`: a rate to begin with."""
        return self.best / SAFETY

    def __repr__(self) -> str:
        return (
            f"<LearningRates: {len(self.rates)} from {self.rates[0]:.3g} to {self.rates[-1]:.3g}; J is lowest at "
            f"{self.best:.3g}, try {self.suggestion:.2g}>"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw J over the rates, with the suggestion.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        """
        pyplot = require("matplotlib.pyplot", "plot")
        if ax is None:
            _, ax = pyplot.subplots(figsize=(7, 4), layout="constrained")
        ax.plot(self.rates, self.J, color="0.8", linewidth=1, label="J of each batch")
        ax.plot(self.rates, self.smoothed, color="tab:blue", linewidth=2, label="smoothed")
        ax.axvline(self.best, color="tab:red", linestyle=":", label=f"lowest at {self.best:.2g}")
        ax.axvline(self.suggestion, color="tab:green", linestyle="--", label=f"suggestion {self.suggestion:.2g}")
        low, high = float(self.smoothed.min()), float(self.smoothed[0])
        margin = 0.15 * max(high - low, 1e-12)
        ax.set(xscale="log", xlabel="learning rate", ylabel="J", ylim=(low - margin, high + 4 * margin))
        ax.set_title("J after a step with each learning rate")
        ax.legend(loc="lower left", frameon=False)
        ax.spines[["top", "right"]].set_visible(False)
        return ax


def try_learning_rates(
    problem: Problem, variables: Variables, order: np.random.Generator, lowest: float, highest: float, steps: int
) -> LearningRates:
    """Take a step with each of `steps` rates, in a geometric series, until J is several times its lowest.

    Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3, with rates that grow by a
    factor instead of a summand.

    Parameters
    ----------
    problem, variables : Problem and Variables
        What to learn; the variables are changed.
    order : numpy.random.Generator
        Draws the order of the rows.
    lowest, highest : float
        The first rate and the last.
    steps : int
        How many, at least 20.

    Raises
    ------
    InvalidArgument
        If the range is none, or J is not finite from the start.
    """
    first = finite_number("lowest", lowest, above=0)
    last = finite_number("highest", highest, above=first)
    m = whole_number("steps", steps, minimum=20)
    rates = np.geomspace(first, last, m)
    J = _losses(problem, variables, order, rates)
    if len(J) == 0:
        raise InvalidArgument("J is not finite at the parameters to start from: make a new network.")
    if len(J) == 1:
        raise InvalidArgument(f"J is not finite after a single step with the lowest rate, {first:g}: give a lower one.")
    after = J[1:]  # a step's J is the one before its update
    smoothed = _running_mean(after)
    lowest_so_far = np.minimum.accumulate(smoothed)
    gained = np.maximum(np.abs(lowest_so_far), smoothed[0] - lowest_so_far)  # J may be below 0
    beyond = np.flatnonzero(smoothed - lowest_so_far > (DIVERGED - 1) * gained)
    end = int(beyond[0]) + 1 if len(beyond) else len(after)
    return LearningRates(rates[:end], after[:end], smoothed[:end])


def _losses(problem: Problem, variables: Variables, order: np.random.Generator, rates: Array) -> Array:
    """J of each step, and of one more; shorter where it became infinite."""
    engine, per_epoch = NumpyEngine(), problem.steps_per_epoch
    wanted = np.append(rates, rates[-1])
    found: list[float] = []
    for start in range(0, len(wanted), per_epoch):
        now = wanted[start : start + per_epoch]
        constants = {**problem.optimizer.scheduled, "dropout_factor": 1.0}
        schedule = {name: np.full(len(now), value) for name, value in constants.items()} | {"learning_rate": now}
        rows = order.permutation(problem.n_rows)
        J = engine.run(problem, variables, rows, 0, len(now), schedule).J
        J = J.reshape(len(J), -1).mean(axis=1)  # K networks count by their mean
        found.extend(J[np.isfinite(J)].tolist())
        if len(found) < start + len(now):
            break
    return np.array(found)


def _running_mean(J: Array) -> Array:
    """An exponential running mean, corrected for its start at 0."""
    mean, smoothed = 0.0, np.empty_like(J)
    for step, value in enumerate(J):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * value
        smoothed[step] = mean / (1 - SMOOTHING ** (step + 1))
    return smoothed
