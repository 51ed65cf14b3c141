"""When numbers become NaN or infinite: back to the last finite parameters, and a sentence that says where and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.engines.engine import StepLosses
from chainrule.engines.problem import Variables
from chainrule.errors import TrainingDiverged
from chainrule.functions.arrays import Array
from chainrule.network import sequence
from chainrule.network.layer import Mode
from chainrule.network.records import ForwardRecord
from chainrule.network.sparse_rows import largest_magnitude
from chainrule.training.lockstep import Lockstep, mask_streams
from chainrule.training.run import Run

__all__ = ["Snapshot", "not_finite"]

LARGE_INPUT = 30.0
"""Inputs beyond this are named as the likely cause: standardised columns stay well within it."""


@dataclass(frozen=True)
class Snapshot:
    """The variables as they were before some steps."""

    theta: Array
    state: Array
    remembered: dict[str, Array]
    masks: object
    step: int

    @classmethod
    def of(cls, variables: Variables, before: Snapshot | None = None) -> Snapshot:
        """Copy everything that steps change, into the arrays of an earlier snapshot where there is one that fits.

        Fresh memory for millions of parameters takes longer to get than to fill.
        """
        v, old = variables, {} if before is None else before.arrays
        copies = {name: _copied(array, old.get(name)) for name, array in _arrays(v).items()}
        remembered = {name: copies[f"remembered {name}"] for name in v.remembered}
        return cls(copies["theta"], copies["state"], remembered, _positions(v), v.step)

    @property
    def arrays(self) -> dict[str, Array]:
        """All copies, by name."""
        remembered = {f"remembered {name}": array for name, array in self.remembered.items()}
        return {"theta": self.theta, "state": self.state, **remembered}

    def restore(self, variables: Variables) -> None:
        """Set the variables back, in place."""
        variables.theta[...], variables.state[...] = self.theta, self.state
        for name, array in self.remembered.items():
            variables.remembered[name][...] = array
        for stream, position in zip(mask_streams(variables), self.masks, strict=True):  # type: ignore[call-overload]
            stream.bit_generator.state = position
        variables.step = self.step

    def diverged(self, lockstep: Lockstep, losses: StepLosses, start: int, stop: int) -> dict[int, TrainingDiverged]:
        """What the steps from `start` up to `stop`, done since this snapshot, made of the numbers of the runs.

        Where all are finite, the steps are counted. Else they are repeated one by one, which gives the same bits, up to
        the first that has a J or an update that is not finite; the variables are those before it.

        Returns
        -------
        dict of int to TrainingDiverged
            What to raise, or tell, for each run whose numbers are not finite; empty where all are.
        """
        if np.isfinite(losses.J[-1]).all() and not not_finite(lockstep):
            lockstep.finish_steps(losses, stop - start)
            return {}
        self.restore(lockstep.variables)
        for step in range(start, stop):
            if found := _repeated(lockstep, step):
                return found
        raise AssertionError(
            f"Steps {start} to {stop} gave other bits when they were repeated: the engine broke its word."
        )


def _repeated(lockstep: Lockstep, step: int) -> dict[int, TrainingDiverged]:
    """Do one step again, and find out for whom it spoils the numbers; then it is taken back."""
    variables = lockstep.variables
    before, outside = Snapshot.of(variables), not_finite(lockstep)
    values = lockstep.values(step, step + 1)
    losses = lockstep.engine.run(lockstep.problem, variables, lockstep.order, step, step + 1, values)
    numbers = range(len(lockstep.runs))
    without_J = [number for number in numbers if not np.isfinite(lockstep.own(losses.J[0], number)).all()]
    spoilt = without_J or not_finite(lockstep)
    if not spoilt:
        lockstep.finish_steps(losses, 1)
        return {}
    bad = before if without_J else Snapshot.of(variables)
    before.restore(variables)
    found = {}
    for number in spoilt:
        run, theta, state = lockstep.runs[number], lockstep.own(bad.theta, number), lockstep.own(bad.state, number)
        found[number] = _diverged(run, _first_bad_layer(run, theta, state, step), step, outside=number in outside)
    return found


def not_finite(lockstep: Lockstep) -> list[int]:
    """The runs that have a number that is not finite."""
    theta, state = lockstep.variables.theta, lockstep.variables.state
    if np.isfinite(theta).all() and np.isfinite(state).all():
        return []
    each = ((lockstep.own(theta, number), lockstep.own(state, number)) for number in range(len(lockstep.runs)))
    return [number for number, own in enumerate(each) if not all(np.isfinite(array).all() for array in own)]


def _diverged(run: Run, layer: int | None, step: int, *, outside: bool) -> TrainingDiverged:
    epoch, batch = run.training.epoch + 1, step + 1
    output = max(run.problem.objective.architecture.dense_layers) + 1
    what = f"J, the loss of a[{output}]," if layer is None else f"z[{layer}]"
    where = f"Training diverged: {what} is not finite in epoch {epoch}, batch {batch}."
    if outside:
        message = f"{where} The parameters were not finite before it: something else, such as a callback, has set them."
    else:
        kept = "The network holds the last finite parameters, which may be huge: to try again, make a new one."
        message = f"{where} {_likely_cause(run, step)} {kept}"
    return TrainingDiverged(message, layer=output if layer is None else layer, epoch=epoch, batch=batch)


def _first_bad_layer(run: Run, theta: Array, state: Array, step: int) -> int | None:
    """The first layer whose z is not finite for the batch of this step; None where all are."""
    assert run.training.order is not None
    architecture = run.problem.objective.architecture
    x = run.problem.rows.x[run.training.order[run.problem.batch_rows(step, step + 1)]]
    bound = architecture.bind_parameters(theta), architecture.bind_statistics(state)
    with np.errstate(all="ignore"):
        _, caches = sequence.forward(architecture.layers, *bound, x, Mode(training=len(x) > 1))
    z = ForwardRecord.of(architecture, caches).z
    return next((i for i, values in z.items() if not np.isfinite(values).all()), None)


def _likely_cause(run: Run, step: int) -> str:
    largest = largest_magnitude(run.problem.rows.x)
    rate = float(run.values_of("learning_rate", step, step + 1)[0])
    if largest > LARGE_INPUT:
        return (
            f"Likely cause: the inputs are as large as {largest:.3g}; bring every column to about -1 to 1 first, or "
            f"lower the learning rate ({rate:g})."
        )
    targets = float(np.abs(run.problem.rows.y).max())
    if targets > LARGE_INPUT:
        counts = run.problem.objective.loss.needs == "positive"
        remedy = "divide them by their mean" if counts else "bring them to about -1 to 1"
        return (
            f"Likely cause: the targets are as large as {targets:.3g}; {remedy} first, or lower the learning rate "
            f"({rate:g})."
        )
    return f"Likely cause: the learning rate of {rate:g} is too large; try {rate / 10:g}."


def _arrays(variables: Variables) -> dict[str, Array]:
    remembered = {f"remembered {name}": array for name, array in variables.remembered.items()}
    return {"theta": variables.theta, "state": variables.state, **remembered}


def _copied(array: Array, into: Array | None) -> Array:
    if into is None or into.shape != array.shape or into.dtype != array.dtype:
        return array.copy()
    into[...] = array
    return into


def _positions(variables: Variables) -> tuple[object, ...]:
    return tuple(stream.bit_generator.state for stream in mask_streams(variables))  # a new dict at every call
