"""Early stopping: no more epochs once a watched number has not become better for a while."""

from __future__ import annotations

from chainrule.training.callback import Callback
from chainrule.training.monitor import Mode, Monitor
from chainrule.training.run import Run
from chainrule.training.state import Best
from chainrule.validation import finite_number, whole_number

__all__ = ["EarlyStopping"]


class EarlyStopping(Callback):
    """Stop when `monitor` has not become better for `patience` epochs, and put the best parameters back.

    The best parameters (and running statistics) are kept aside from epoch to epoch. When the training ends, whatever
    ended it but a failure, the network has them. What it watches is the history, so a resumed training stops at the
    same epoch as an uninterrupted one. Prechelt, "Early stopping - but when?", 1998, section 2.1, third class.

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
        If a setting is out of its range. When a training starts: if it has no such column.

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
        mode: Mode | None = None,
        restore_best: bool = True,
    ) -> None:
        self.monitor = Monitor(monitor, mode, finite_number("min_delta", min_delta, minimum=0))
        self.patience = None if patience is None else whole_number("patience", patience, minimum=1)
        self.restore_best = restore_best
        self.best_epoch = 0

    def on_start(self, run: Run) -> None:
        self.monitor.check(run.columns)
        run.ends_with_best = run.ends_with_best or self.restore_best
        if run.training.variables.step == 0:
            self.best_epoch, run.training.best = 0, None
        else:
            self._look(run)  # a training that had ended here must not go on when it is resumed

    def on_epoch(self, run: Run) -> None:
        self._look(run)
        epoch = run.training.epoch
        if self.restore_best and self.best_epoch == epoch:
            theta, state = run.parameters()
            value = float(run.history[self.monitor.column][-1])
            run.training.best = Best(theta.copy(), state.copy(), value, epoch)

    def _look(self, run: Run) -> None:
        if not run.training.epoch:
            return
        self.best_epoch = self.monitor.best_epoch(run.history[self.monitor.column])
        waited = run.training.epoch - self.best_epoch
        if self.patience is not None and waited >= self.patience:
            run.stop(
                f"Stopped in epoch {run.training.epoch}: {self.monitor.column} was best in epoch {self.best_epoch}."
            )
