"""The contract of an engine: many steps in one call, or one gradient over all rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar, NamedTuple

import numpy as np

from chainrule.engines.problem import Problem, Variables
from chainrule.engines.threads import limited_threads, threads_for
from chainrule.functions.arrays import Array, Rows
from chainrule.network.layer import Randomness

__all__ = ["Engine", "FullGradient", "StepLosses"]


class StepLosses(NamedTuple):
    """What steps cost.

    Attributes
    ----------
    J : array of shape (steps, ...)
        Each step's J before its update, without the penalty. Shorter than the steps asked for where one was not
        finite: that one is the last, and the variables, which may have moved on, are of no more use.
    penalty : array of shape (steps, ...)
        Each step's penalty.
    """

    J: Array
    penalty: Array


class FullGradient(NamedTuple):
    """J over all rows and the penalty, each of shape (...,), and the gradient of their sum, of shape (..., P)."""

    J: Array
    penalty: Array
    gradient: Array


class Engine(ABC):
    """Carries out steps. The NumPy engine is the specification; the others agree with it, shown by the same tests."""

    name: ClassVar[str]

    def threads_for(self, problem: Problem, n_networks: int, cores: int) -> int:
        """How many threads a training by steps is worth, by a fixed rule from its sizes and the cores alone."""
        return threads_for(problem.objective.architecture, problem.batch_size, cores)

    @contextmanager
    def using_threads(self, threads: int) -> Iterator[int]:
        """Work with so many threads in this context, after which everything is as before.

        Yields their number, or 0 where the linear algebra library keeps its own, because it cannot be told.
        """
        with limited_threads(threads) as limited:
            yield limited

    @abstractmethod
    def run(
        self,
        problem: Problem,
        variables: Variables,
        order: Rows,
        start: int,
        stop: int,
        schedule: Mapping[str, Array],
    ) -> StepLosses:
        """Do the steps from `start` up to `stop` of an epoch, changing `variables` in place.

        How an epoch is cut into calls never changes a bit of the result.

        Parameters
        ----------
        problem : Problem
            What to learn.
        variables : Variables
            What the steps change.
        order : array of shape (n,), or (K, n)
            The epoch's order of all rows; step s takes the entries from ``s * batch_size`` on. K networks share one
            order, or have one each.
        start, stop : int
            The steps to do.
        schedule : mapping of str to array of shape (stop - start,), or (stop - start, K)
            The values of each step: ``learning_rate``, the optimizer's `scheduled` ones and ``dropout_factor``, by
            which every dropout rate is multiplied. K networks share a value, or have one each.
        """

    def run_epochs(
        self, problem: Problem, variables: Variables, orders: Rows, schedule: Mapping[str, Array]
    ) -> StepLosses:
        """Do whole epochs one after the other, which changes no bit of what `run` makes of each.

        Parameters
        ----------
        problem, variables
            As in `run`.
        orders : array of shape (epochs, n), or (epochs, K, n)
            Each epoch's order of the rows.
        schedule : mapping of str to array of shape (steps of all epochs,), or (steps, K)
            The values of each step.
        """
        steps, parts = problem.steps_per_epoch, []
        for epoch, order in enumerate(orders):
            own = {name: values[epoch * steps : (epoch + 1) * steps] for name, values in schedule.items()}
            parts.append(self.run(problem, variables, order, 0, steps, own))
            if not np.isfinite(parts[-1].J[-1]).all():
                break
        return StepLosses(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    @abstractmethod
    def value_and_gradient(
        self, problem: Problem, theta: Array, state: Array, *, training: bool = True, rng: Randomness | None = None
    ) -> FullGradient:
        """J, penalty and gradient over all rows at `theta` (..., P).

        The rows pass in blocks, unless the layers couple them. `training` and `rng` are as in `Mode`.
        """
