"""Runs in lockstep: what the engine works on where one call of it carries out the steps of several networks.

Every run keeps arrays of its own, on which callbacks, files and measurements rely. For the steps, those of several
runs become the rows of larger arrays, and the rows are brought home after them. One run has its own arrays worked on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from chainrule.engines.engine import StepLosses
from chainrule.engines.problem import Variables
from chainrule.functions.arrays import Array, Rows
from chainrule.training.run import Run

__all__ = ["Lockstep", "interruptible", "mask_streams", "stacked"]


class Lockstep:
    """Runs of one problem that stand at the same step of an epoch, from chunk to chunk of steps.

    Parameters
    ----------
    runs : sequence of Run
        At least one; each has the order of its epoch.

    Attributes
    ----------
    runs : tuple of Run
        Each with its place as its number here.
    variables : Variables
        What the engine changes: the only run's own, or theta of shape (K, P) and so on, a row for each.
    order : array of shape (n,), or (K, n) where the runs have different ones
        The orders of the rows.
    snapshot : Snapshot or None
        The last one of the variables, whose memory the next one takes.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = tuple(runs)
        self.problem, self.engine = runs[0].problem, runs[0].engine
        self.variables = stacked([run.training.variables for run in runs])
        self._orders = [run.training.order for run in runs]
        self.order = _orders(runs)
        self.snapshot: Any = None

    def is_of(self, runs: Sequence[Run]) -> bool:
        """Whether these are its runs."""
        return len(self.runs) == len(runs) and all(one is other for one, other in zip(self.runs, runs, strict=True))

    def fetch(self) -> None:
        """Take what the runs have now, into the arrays that there are: engines keep what they know of them."""
        orders = [run.training.order for run in self.runs]
        if any(one is not other for one, other in zip(orders, self._orders, strict=True)):
            self._orders, self.order = orders, _orders(self.runs)
        if len(self.runs) == 1:
            return
        for number, run in enumerate(self.runs):
            home = run.training.variables
            self.variables.theta[number], self.variables.state[number] = home.theta, home.state
            for name, array in self.variables.remembered.items():
                array[number] = home.remembered[name]
        self.variables.step = self.runs[0].training.variables.step

    @property
    def position(self) -> int:
        """Finished steps of the epoch."""
        return self.runs[0].training.position

    def values(self, start: int, stop: int) -> dict[str, Array]:
        """The scheduled values: of shape (steps,), or (steps, K) where the runs' own ones differ."""
        first = self.runs[0]
        if all(_same_schedules(first, run) for run in self.runs[1:]):
            return first.values(start, stop)
        each = [run.values(start, stop) for run in self.runs]
        columns = {name: np.stack([values[name] for values in each], axis=1) for name in each[0]}
        return {name: c[:, 0] if (c == c[:, :1]).all() else c for name, c in columns.items()}

    def own(self, array: Array, number: int) -> Array:
        """What belongs to one of the runs, of an array with a row for each."""
        own: Array = array if len(self.runs) == 1 else array[number]
        return own

    def finish_steps(self, losses: StepLosses, steps: int) -> None:
        """Count the first so many steps of those that cost `losses` as finished, in every run."""
        for number, run in enumerate(self.runs):
            run.training.finish_steps(StepLosses(*(self.own_column(each, number) for each in losses)), steps)

    def own_column(self, array: Array, number: int) -> Array:
        """What belongs to one of the runs, of an array with a row for each step."""
        own: Array = array if len(self.runs) == 1 else array[:, number]
        return own

    def bring_home(self) -> None:
        """Give every run its row of what the steps changed."""
        if len(self.runs) == 1:
            return
        for number, run in enumerate(self.runs):
            home = run.training.variables
            home.theta[...], home.state[...] = self.variables.theta[number], self.variables.state[number]
            for name, array in self.variables.remembered.items():
                home.remembered[name][...] = array[number]
            home.step = self.variables.step


def stacked(variables: Sequence[Variables]) -> Variables:
    """Those of K networks as one, with a leading axis; of a single network its own."""
    first = variables[0]
    if len(variables) == 1:
        return first
    return Variables(
        np.stack([each.theta for each in variables]),
        np.stack([each.state for each in variables]),
        {name: np.stack([each.remembered[name] for each in variables]) for name in first.remembered},
        tuple(stream for each in variables for stream in mask_streams(each)),
        first.step,
    )


def mask_streams(variables: Variables) -> tuple[np.random.Generator, ...]:
    """The streams of dropout masks: one, or one for each of K networks."""
    masks = variables.masks
    return (masks,) if isinstance(masks, np.random.Generator) else masks


def _same_schedules(one: Run, other: Run) -> bool:
    """Whether the schedules of two runs give the same values, told without asking for them."""
    stateless = not (one.training.schedules or other.training.schedules)
    return stateless and (one.schedules is other.schedules or one.schedules == other.schedules)


def _orders(runs: Sequence[Run]) -> Rows:
    orders: list[Any] = [run.training.order for run in runs]
    if len(orders) == 1 or not runs[0].shuffles:
        shared: Rows = orders[0]
        return shared
    return np.stack(orders)


@contextmanager
def interruptible(runs: Sequence[Run]) -> Iterator[None]:
    """As `Run.interruptible`, of all these runs."""
    with ExitStack() as all_of_them:
        for run in runs:
            all_of_them.enter_context(run.interruptible())
        yield
