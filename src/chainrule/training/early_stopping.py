"""Early stopping: no more epochs once a watched number has not become better for a while."""

from __future__ import annotations

from chainrule.errors import InvalidArgument
from chainrule.training.callback import Callback
from chainrule.training.monitor import Direction, Monitor
from chainrule.training.run import Run
from chainrule.training.state import Best
from chainrule.validation import finite_number, whole_number

__all__ = ["EarlyStopping"]


class EarlyStopping(Callback):
    """Stop when `monitor` has not become better for `patience` epochs, and put the best parameters back.

    The best parameters (and running statistics) are kept aside from epoch to epoch. When the training ends, whatever
    ended it but a failure, the network has them. What it watches is the history, so a resumed training stops at the
    same epoch as an uninterrupted one. Goodfellow, Bengio and Courville, "Deep learning", 2016, algorithm 7.1.

    Parameters
    ----------
    monitor : str
        A column of the history: ``"val_J"``, ``"val_accuracy"``, ``"J"`` or any metric, with ``val_`` in front for the
        validation rows.
    patience : int or None
        Epochs without a better value after which to stop, at least 1; None for never: then the best parameters are put
        back and nothing else.
    min_delta : float
        What is better by no more than this is no better; at least 0.
    mode : {"min", "max"}, optional
        Whether low or high is good; by default what the column's name says.
    restore_best : bool
        Whether the network ends with the best parameters or the last.

    Raises
    ------
    InvalidArgument, InvalidType
        If a setting is out of its range. When a training starts: if it has no such column, or if another one is to put
        its best parameters back, too.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from chainrule import EarlyStopping, Network
    >>> x, y = load_iris(return_X_y=True)
    >>> nn = Network((4, 8, 3), ("tanh", "softmax"), seed=1)
    >>> stopping = EarlyStopping(patience=5)
    >>> history = nn.fit(x[::2], y[::2], epochs=500, validation=(x[1::2], y[1::2]), callbacks=[stopping], verbose=False)
    >>> len(history["val_J"]) - stopping.best_epoch
    5
    >>> nn.evaluate(x[1::2], y[1::2])["J"] == min(history["val_J"])
    True
    """

    def __init__(
        self,
        monitor: str = "val_J",
        *,
        patience: int | None = 10,
        min_delta: float = 0.0,
        mode: Direction | None = None,
        restore_best: bool = True,
    ) -> None:
        self.monitor = Monitor(monitor, mode, finite_number("min_delta", min_delta, minimum=0))
        self.patience = None if patience is None else whole_number("patience", patience, minimum=1)
        self.restore_best = restore_best
        self.best_epoch = 0
        self._best: float | None = None
        self._first = 0

    def on_start(self, run: Run) -> None:
        self.monitor.check(run.columns)
        self._first = 0
        if self.restore_best:
            self._claim_best(run)
        seen = run.history.get(self.monitor.column, [])[self._first :]
        best = self.monitor.best_epoch(seen)
        self.best_epoch, self._best = (self._first + best, float(seen[best - 1])) if best else (0, None)
        self._stop_if_waited(run)  # a training that had ended here must not go on when it is resumed

    def _claim_best(self, run: Run) -> None:
        if run.ends_with_best:
            raise InvalidArgument(
                "Two early stoppings cannot both put their best parameters back: give restore_best=False to one."
            )
        run.ends_with_best = True
        training, column = run.training, self.monitor.column
        kept, best_epoch = training.best, self.monitor.best_epoch(run.history.get(column, []))
        if kept is not None and (kept.column, kept.epoch) == (column, best_epoch):
            return
        if best_epoch == training.epoch > 0 and not training.position:
            self._keep(run, float(run.history[column][-1]))  # its parameters are the ones that there are now
            return
        training.best = None
        if best_epoch:  # whose parameters were not kept: it looks at the epochs from here on
            self._first = training.epoch

    def _keep(self, run: Run, value: float) -> None:
        theta, state = run.parameters()
        run.training.best = Best(theta.copy(), state.copy(), self.monitor.column, value, run.training.epoch)

    def on_epoch(self, run: Run) -> None:
        epoch, column = run.training.epoch, self.monitor.column
        value = run.history[column][-1]
        if self.monitor.better(value, self._best):
            self.best_epoch, self._best = epoch, float(value)
            if self.restore_best:
                self._keep(run, float(value))
        self._stop_if_waited(run)

    def _stop_if_waited(self, run: Run) -> None:
        epoch, column = run.training.epoch, self.monitor.column
        if self.patience is None or epoch - max(self.best_epoch, self._first) < self.patience or epoch == 0:
            return
        best = f"was best in epoch {self.best_epoch}" if self.best_epoch else "was never a number"
        run.stop(f"Stopped in epoch {epoch}: {column} {best}.")
