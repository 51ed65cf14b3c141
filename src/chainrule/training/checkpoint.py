"""Checkpoints: the network with the whole state of its training, in a file, while it learns."""

from __future__ import annotations

import os
from pathlib import Path

from chainrule.errors import ChainruleError, FileNotWritten, InvalidArgument, InvalidType
from chainrule.files.network_file import TrainingParts, read_network, write_network
from chainrule.training.callback import Callback
from chainrule.training.monitor import Direction, Monitor
from chainrule.training.run import Run
from chainrule.training.state import TrainingState
from chainrule.validation import whole_number

__all__ = ["Checkpoint"]


class Checkpoint(Callback):
    """Write the network and all that the next step depends on to a file, every so many epochs or when it is best.

    The file is replaced whole or not at all, so there is always one that can be read. `chainrule.load` reads it as a
    network, and ``fit(..., resume=path)`` goes on from it as if nothing had happened, to the last bit. Parameters,
    running statistics, optimizer, random streams, order of the rows, the best parameters so far, callbacks, schedules
    and history are in it; the rows are not.

    Parameters
    ----------
    path : path-like
        The file. Its folder is made where it is missing.
    every : int, optional
        Epochs from one writing to the next, at least 1, the default. A training that is stopped writes at its end too.
    monitor : str, optional
        A column of the history: the file is then written after the epochs that are the best so far by it, and at no
        other time. For the last and the best, give two checkpoints.
    mode : {"min", "max"}, optional
        Whether low or high is good; by default what the column's name says.

    Raises
    ------
    InvalidArgument, InvalidType
        If a setting is out of its range. When a training starts: if it has no such column.
    FileNotWritten
        When a training starts: if the file is there already and holds what another one learned. Later: if it cannot be
        written; the one before is as it was, and ``fit(..., resume=True)`` goes on.

    Examples
    --------
    >>> from chainrule import Checkpoint, Network, load
    >>> x, y = [[0.0], [1.0]], [0, 1]
    >>> nn = Network((1, 2), ("softmax",), seed=1)
    >>> history = nn.fit(x, y, epochs=3, callbacks=[Checkpoint("three.safetensors")], verbose=False)
    >>> again = load("three.safetensors")
    >>> history = again.fit(x, y, epochs=5, resume=True, verbose=False)
    >>> history["epoch"]
    [1, 2, 3, 4, 5]
    """

    after_others = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        every: int | None = None,
        monitor: str | None = None,
        mode: Direction | None = None,
    ) -> None:
        if not isinstance(path, str | os.PathLike):
            raise InvalidType(f"path is where the checkpoint is to be written, not {path!r}.")
        if every is not None and monitor is not None:
            raise InvalidArgument(
                "A checkpoint is written every so many epochs or when monitor is best: give two for both."
            )
        if mode is not None and monitor is None:
            raise InvalidArgument(f"mode={mode!r} says which way monitor is better: give monitor, too.")
        self.path = Path(os.path.abspath(path))  # a callback may change the folder
        self.every = whole_number("every", 1 if every is None else every, minimum=1)
        self.monitor = None if monitor is None else Monitor(monitor, mode)
        self._written_at = -1
        self._best: float | None = None

    def on_start(self, run: Run) -> None:
        if self.monitor is not None:
            self.monitor.check(run.columns)
        earlier = self._earlier(run)
        self._written_at = -1
        if self.monitor is not None:
            # what the file has counts, not the history: the best epoch may not have come to be written
            seen = earlier.history.get(self.monitor.column, []) if earlier is not None else []
            best = self.monitor.best_epoch(seen)
            self._best = float(seen[best - 1]) if best else None
        elif not run.resumed:
            self._write(run)  # what stands in the way is found now, not after an hour

    def _earlier(self, run: Run) -> TrainingState | None:
        """The earlier stand of this training that is in the file; None where there is no file yet.

        Raises
        ------
        InvalidArgument, FileNotWritten
            If the place cannot be written to, or holds something else.
        """
        for other in run.callbacks:
            if isinstance(other, Checkpoint) and other is not self and other.path == self.path:
                raise InvalidArgument(f"Two checkpoints are to be written to {self.path}: give each its own file.")
        try:
            there = self.path.exists()
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise FileNotWritten(f"A checkpoint cannot be written to {str(self.path)[:200]!r}: {error}.") from error
        if not there:
            return None
        earlier = _training_in(self.path)
        if earlier is None:
            raise FileNotWritten(f"{self.path} is there already and is no checkpoint: choose another file.")
        if not _goes_on_to(earlier, run.training):
            raise FileNotWritten(
                f"{self.path} is there already, and what it holds would be lost: go on from it with "
                f"fit(..., resume={str(self.path)!r}), or choose another file."
            )
        return earlier

    def on_epoch(self, run: Run) -> None:
        epoch = run.training.epoch
        if self.monitor is not None:
            value = run.history[self.monitor.column][-1]
            if self.monitor.better(value, self._best):
                self._write(run)
                self._best = float(value)
        elif epoch % self.every == 0:
            self._write(run)

    def on_end(self, run: Run) -> None:
        if self.monitor is None and not run.failed and self._written_at != run.training.variables.step:
            self._write(run)

    def _write(self, run: Run) -> None:
        if run.network is None:
            raise InvalidType("A checkpoint is of a network: this training was started without one.")
        theta, state = run.parameters()
        parts = run.network()._replace(theta=theta, state=state, training=TrainingParts(*run.checkpoint()))
        write_network(self.path, parts)
        self._written_at = run.training.variables.step


def _training_in(path: Path) -> TrainingState | None:
    """The training in a checkpoint; None where the file is none, or is damaged."""
    try:
        parts = read_network(path)
        return None if parts.training is None else TrainingState.from_parts(*parts.training)
    except ChainruleError:
        return None


def _goes_on_to(earlier: TrainingState, now: TrainingState) -> bool:
    """Whether a training is a later stand of the same."""
    same = earlier.streams.seed == now.streams.seed and earlier.variables.step <= now.variables.step
    return same and earlier.history.get("J", []) == now.history.get("J", [])[: earlier.epoch]
