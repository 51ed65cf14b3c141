"""The state of a training: everything that the next step depends on, in one place.

Two trainings with equal states go on alike to the last bit. That is what makes a checkpoint a checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.engines.engine import StepLosses
from chainrule.engines.problem import Variables
from chainrule.errors import WRONG_DATA, FileFormatError
from chainrule.functions.arrays import Array, Rows
from chainrule.streams import Streams
from chainrule.training.history import History

__all__ = ["Best", "TrainingState"]


@dataclass
class Best:
    """The parameters and statistics with the best value so far of a column of the history.

    Attributes
    ----------
    theta, state : array of shape (P,) and (S,)
        As they were after that epoch.
    column : str
        What was watched, such as ``"val_J"``.
    value : float
        Its value then.
    epoch : int
        The epoch, counted from 1.
    """

    theta: Array
    state: Array
    column: str
    value: float
    epoch: int


@dataclass
class TrainingState:
    """Where a training stands.

    Attributes
    ----------
    variables : Variables
        theta, the layers' statistics, the optimizer's arrays, the stream of masks and the number of steps.
    streams : Streams
        The random streams.
    epoch : int
        Finished epochs.
    position : int
        Finished steps of the epoch under way.
    order : array of shape (n,) or None
        The order of the rows in the epoch under way; None before an epoch's first step.
    J, penalty : list
        What the finished steps of the epoch under way cost; of K networks the mean.
    best : Best or None
        The best parameters so far, where a callback asked to keep them.
    callbacks : dict of str to dict
        What each callback remembers, by its name.
    schedules : dict of str to dict
        What each schedule remembers, by the value that it gives.
    history : History
        The finished epochs.
    engine : str
        Name of the engine.
    threads : int
        Threads of the linear algebra library; 0 where it was left alone.
    recipe : dict of str to str
        What was learned and how, setting by setting, so that a training is not taken up with others by mistake.
    """

    variables: Variables
    streams: Streams
    epoch: int = 0
    position: int = 0
    order: Rows | None = None
    J: list[Any] = field(default_factory=list)
    penalty: list[Any] = field(default_factory=list)
    best: Best | None = None
    callbacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    schedules: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: History = field(default_factory=History)
    engine: str = "numpy"
    threads: int = 0
    recipe: dict[str, str] = field(default_factory=dict)

    def finish_steps(self, losses: StepLosses, steps: int) -> None:
        """Count the first so many steps of those that cost `losses` as finished; K networks count by their mean."""
        for kept, values in ((self.J, losses.J), (self.penalty, losses.penalty)):
            kept.extend(self.step_values(values[:steps]).tolist())
        self.position += steps

    def step_values(self, values: Array) -> Array:
        """One value for each step (steps,), from (steps,), or from (steps, K) as the mean of K networks."""
        each: Array = values if values.ndim == 1 else values.reshape(len(values), -1).mean(axis=1)
        return each

    def arrays(self) -> dict[str, Array]:
        """All arrays, by name; with `description`, the whole state."""
        arrays = {"theta": self.variables.theta, "state": self.variables.state}
        arrays |= {f"optimizer.{name}": array for name, array in self.variables.remembered.items()}
        arrays |= {"J": np.asarray(self.J, np.float64), "penalty": np.asarray(self.penalty, np.float64)}
        arrays |= {f"history.{name}": np.asarray(column) for name, column in self.history.items()}
        if self.order is not None:
            arrays["order"] = self.order
        if self.best is not None:
            best = self.best
            arrays |= {"best.theta": best.theta, "best.state": best.state, "best.value": np.array([best.value])}
        return arrays

    def description(self) -> dict[str, Any]:
        """Everything else, as data that JSON can hold."""
        return {
            "step": self.variables.step,
            "epoch": self.epoch,
            "position": self.position,
            "seed": str(self.streams.seed),  # up to 128 bits, more than many readers of JSON can hold as a number
            "streams": self.streams.positions(),
            "best": None if self.best is None else {"column": self.best.column, "epoch": self.best.epoch},
            "callbacks": self.callbacks,
            "schedules": self.schedules,
            "columns": list(self.history),
            "stopped": self.history.stopped,
            "interrupted": self.history.interrupted,
            "engine": self.engine,
            "engine_reason": self.history.engine_reason,
            "threads": self.threads,
            "recipe": self.recipe,
        }

    @classmethod
    def from_parts(cls, description: Mapping[str, Any], arrays: Mapping[str, Array]) -> TrainingState:
        """The state with this `description` and these `arrays`, which are copied.

        Raises
        ------
        FileFormatError
            If something is missing or of the wrong kind.
        """
        try:
            return cls._from_parts(json.loads(json.dumps(description)), {k: np.array(v) for k, v in arrays.items()})
        except WRONG_DATA as error:
            raise FileFormatError(f"The state of the training is incomplete or damaged: {repr(error)[:300]}.") from None

    @classmethod
    def _from_parts(cls, description: dict[str, Any], arrays: dict[str, Array]) -> TrainingState:
        streams = Streams(int(description["seed"]))
        streams.move_to(description["streams"])
        remembered = {
            name.removeprefix("optimizer."): array for name, array in arrays.items() if name.startswith("optimizer.")
        }
        epoch, position = _count(description, "epoch"), _count(description, "position")
        theta, state = _floats(arrays, "theta"), _floats(arrays, "state")
        columns = {name: _column(arrays[f"history.{name}"], epoch) for name in description["columns"]}
        step = _count(description, "step")
        if step < position or columns.get("epoch", [*range(1, epoch + 1)]) != [*range(1, epoch + 1)]:
            raise ValueError("steps and epochs do not fit together")
        return cls(
            variables=Variables(theta, state, remembered, streams["masks"], step),
            streams=streams,
            epoch=epoch,
            position=position,
            order=_order(arrays.get("order"), position),
            J=_column(arrays["J"], position),
            penalty=_column(arrays["penalty"], position),
            best=_best(description["best"], arrays, theta, state, epoch),
            callbacks=_states(description["callbacks"]),
            schedules=_states(description["schedules"]),
            history=History(
                columns,
                _text(description["stopped"]),
                interrupted=description.get("interrupted") is True,
                engine=_text(description["engine"]),
                engine_reason=_text(description.get("engine_reason", "")),  # format 1 began without it
            ),
            engine=_text(description["engine"]),
            threads=_count(description, "threads", most=MOST_THREADS),
            recipe={_text(name): _text(value) for name, value in description["recipe"].items()},
        )


MOST_THREADS = 1024
"""A number above it in a file is a damaged one."""


MOST_CHARACTERS = 2000


def _count(description: Mapping[str, Any], name: str, most: int = 2**62) -> int:
    value = description[name]
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{name} is {value!r}, which is no count")
    return value


def _floats(arrays: Mapping[str, Array], name: str, like: Array | None = None) -> Array:
    array = arrays[name]
    fits = like is None or (array.shape, array.dtype) == (like.shape, like.dtype)
    if array.dtype.kind != "f" or array.ndim < 1 or not fits:
        raise ValueError(f"{name} is an array of {array.dtype} and of the shape {array.shape}")
    return array


def _column(array: Array, length: int) -> list[Any]:
    if array.dtype.kind not in "fi" or array.shape != (length,):
        raise ValueError(f"a column has {array.shape} entries of {array.dtype}, not {length} numbers")
    column: list[Any] = array.tolist()
    return column


def _order(order: Array | None, position: int) -> Rows | None:
    if order is None:
        if position:
            raise ValueError("an epoch is under way without an order of its rows")
        return None
    if order.dtype.kind != "i" or order.ndim != 1 or (np.sort(order) != np.arange(len(order))).any():
        raise ValueError("the order of the rows is none")
    return order.astype(np.intp)


def _best(best: Any, arrays: Mapping[str, Array], theta: Array, state: Array, epoch: int) -> Best | None:
    if best is None:
        return None
    found = Best(
        theta=_floats(arrays, "best.theta", theta),
        state=_floats(arrays, "best.state", state),
        column=_text(best["column"]),
        value=float(_floats(arrays, "best.value")[0]),
        epoch=_count(best, "epoch", most=epoch),
    )
    if not (np.isfinite(found.theta).all() and np.isfinite(found.state).all()):
        raise ValueError("the best parameters are not finite")
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise ValueError(f"{repr(value)[:40]} is no text of at most {MOST_CHARACTERS} characters")
    return value


def _states(states: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(states, dict) or not all(isinstance(state, dict) for state in states.values()):
        raise TypeError("what callbacks or schedules remember is no mapping")
    return states
