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
from chainrule.errors import FileFormatError
from chainrule.functions.arrays import Array, Rows
from chainrule.streams import Streams
from chainrule.training.history import History

__all__ = ["Best", "TrainingState"]


@dataclass
class Best:
    """The parameters and statistics with the best value of a monitored metric so far."""

    theta: Array
    state: Array
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
        What the finished steps of the epoch under way cost.
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

    def finish_steps(self, losses: StepLosses, steps: int) -> None:
        """Count the first so many steps of those that cost `losses` as finished."""
        self.J.extend(losses.J[:steps].tolist())
        self.penalty.extend(losses.penalty[:steps].tolist())
        self.position += steps

    def arrays(self) -> dict[str, Array]:
        """All arrays, by name; with `description`, the whole state."""
        arrays = {"theta": self.variables.theta, "state": self.variables.state}
        arrays |= {f"optimizer.{name}": array for name, array in self.variables.remembered.items()}
        arrays |= {"J": np.asarray(self.J, np.float64), "penalty": np.asarray(self.penalty, np.float64)}
        if self.order is not None:
            arrays["order"] = self.order
        if self.best is not None:
            arrays |= {"best.theta": self.best.theta, "best.state": self.best.state}
        return arrays

    def description(self) -> dict[str, Any]:
        """Everything else, as data that JSON can hold."""
        return {
            "step": self.variables.step,
            "epoch": self.epoch,
            "position": self.position,
            "seed": str(self.streams.seed),  # up to 128 bits, more than many readers of JSON can hold as a number
            "streams": self.streams.positions(),
            "best": None if self.best is None else {"value": self.best.value, "epoch": self.best.epoch},
            "callbacks": self.callbacks,
            "schedules": self.schedules,
            "history": dict(self.history),
            "stopped": self.history.stopped,
            "engine": self.engine,
            "threads": self.threads,
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
        except (KeyError, TypeError, ValueError) as error:
            raise FileFormatError(f"The state of the training is incomplete or damaged: {error!r}.") from None

    @classmethod
    def _from_parts(cls, description: dict[str, Any], arrays: dict[str, Array]) -> TrainingState:
        streams = Streams(int(description["seed"]))
        streams.move_to(description["streams"])
        remembered = {
            name.removeprefix("optimizer."): array for name, array in arrays.items() if name.startswith("optimizer.")
        }
        best = description["best"]
        return cls(
            Variables(arrays["theta"], arrays["state"], remembered, streams["masks"], description["step"]),
            streams,
            description["epoch"],
            description["position"],
            arrays.get("order"),
            list(arrays["J"]),
            list(arrays["penalty"]),
            None if best is None else Best(arrays["best.theta"], arrays["best.state"], best["value"], best["epoch"]),
            description["callbacks"],
            description["schedules"],
            History(description["history"], description["stopped"]),
            description["engine"],
            description["threads"],
        )
