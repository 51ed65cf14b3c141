"""The doctor beside a fit: it looks now and then, and says at the end what it found."""

from __future__ import annotations

from typing import TextIO

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.doctor.case import Case
from chainrule.glassbox.doctor.diagnosis import Diagnosis
from chainrule.glassbox.doctor.encoded_rows import some_rows
from chainrule.glassbox.doctor.examination import examined
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.signals import Signals, signals
from chainrule.training.callback import Callback
from chainrule.training.run import Run
from chainrule.validation import yes_or_no

__all__ = ["Doctor"]

WATCHED_ROWS = 256
"""Rows that are passed through the network when it is looked at."""

TIMES_THE_START = 10.0
"""How many times the J of its first epoch J must be for it to be said at once. An epoch's J is a mean over its batches,
and in no healthy fit of the tuning seeds has it ever been above that of the first."""


class Doctor(Callback):
    """Watches a fit, and says what is wrong.

    It looks at the network after the epochs 1, 2, 4, 8 and so on, at a sample of rows, which costs next to nothing, and
    says at once what is beyond doubt: J that runs away, and layers all of whose units are dead. At the end it examines
    the fit as `chainrule.diagnose` does, with exactly its settings, and prints the report.

    Parameters
    ----------
    trials : bool
        Whether the remedies of what it finds are tried, which takes seconds for each.
    stream : file, optional
        Where it is printed to; standard output by default.

    Attributes
    ----------
    diagnosis : Diagnosis or None
        What it found; None before the end, and where Ctrl-C ended the fit.

    Examples
    --------
    >>> import numpy as np
    >>> import chainrule
    >>> from chainrule import Network, Relu, Softmax
    >>> x, y = np.random.default_rng(1).normal(size=(200, 2)), np.arange(200) % 2
    >>> x[:, 0] += 3 * y
    >>> nn = Network((2, 8, 2), (Relu, Softmax), seed=1)
    >>> history = nn.fit(x, y, epochs=20, callbacks=[chainrule.Doctor()], verbose=False)  # doctest: +ELLIPSIS
    Network 2-8-2 (Relu, Softmax), 200 rows: no findings.
    Nothing was found. Looked at: ...
    """

    after_others = True

    def __init__(self, *, trials: bool = True, stream: TextIO | None = None) -> None:
        self.trials = yes_or_no("trials", trials)
        if stream is not None and not callable(getattr(stream, "write", None)):
            raise InvalidType(f"stream is something to print to, such as an open file, not {type(stream).__name__}.")
        self.diagnosis: Diagnosis | None = None
        self._stream = stream
        self._said: set[str] = set()

    def on_start(self, run: Run) -> None:
        if run.training.variables.theta.ndim == 2:
            raise InvalidArgument("The doctor watches one network: fit without n_members, or diagnose a member.")
        self.diagnosis, self._said = None, set()

    def on_epoch(self, run: Run) -> None:
        epoch = run.training.epoch
        self._watch_J(run)
        if epoch & (epoch - 1) == 0:  # 1, 2, 4, 8, ...
            self._watch_units(run)

    def on_end(self, run: Run) -> None:
        if run.history.interrupted or not run.began:
            return
        theta, state = run.result()
        if not np.isfinite(theta).all():
            theta, state = run.training.variables.theta, run.training.variables.state
        self.diagnosis = examined(Case.of_run(run, theta, state), trials=self.trials)
        self._print(repr(self.diagnosis))

    def _watch_J(self, run: Run) -> None:
        J, epoch = run.history["J"], run.training.epoch
        if J[-1] > TIMES_THE_START * J[0]:
            self._say_once(
                "J",
                f"Doctor, epoch {epoch}: J is {J[-1]:.3g}, and was {J[0]:.3g} in the first epoch: this fit runs away. "
                "Steps that are too long do that, and it does not come back by itself.",
            )

    def _watch_units(self, run: Run) -> None:
        epoch = run.training.epoch
        for layer in self._signals(run).layers:
            if layer.dead.all():
                self._say_once(
                    f"layer {layer.number}",
                    f"Doctor, epoch {epoch}: all {len(layer.dead)} units of layer {layer.number} are dead: for every "
                    f"row, z is where {layer.activation} is flat, so that nothing before that layer learns any more.",
                )

    def _signals(self, run: Run) -> Signals:
        theta, state = run.parameters()
        case = Case.of_run(run, theta, state)
        rows = Measurements(case).sample
        return signals(case.network, some_rows(rows, WATCHED_ROWS), case.recipe.loss)

    def _say_once(self, about: str, sentence: str) -> None:
        if about not in self._said:
            self._said.add(about)
            self._print(sentence)

    def _print(self, text: str) -> None:
        print(text, file=self._stream, flush=True)
