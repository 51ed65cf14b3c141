"""One call of fit for a rerun: a network without encoder, encoded rows, and the settings of a case."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.data.labelled_rows import EncodedRows, LabelledRows
from chainrule.errors import TrainingDiverged
from chainrule.functions.arrays import Array
from chainrule.functions.losses import Loss, Quantile
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.doctor.recipe import Recipe
from chainrule.model import Network
from chainrule.optimizers import LBFGS
from chainrule.optimizers.schedules import Constant, Horizon, Schedule
from chainrule.training.callback import Callback

__all__ = ["teach"]


@dataclass(frozen=True)
class _Times(Schedule):
    """Another schedule, times a factor."""

    name = "times"
    formula = r"c \eta_s"
    tier = 2

    schedule: Schedule
    factor: float

    @property
    def watched(self) -> tuple[str, ...]:
        return self.schedule.watched

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        return self.factor * self.schedule.values(start, stop, horizon, state)

    def observe(self, row: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
        return self.schedule.observe(row, state)


def teach(
    network: Network,
    recipe: Recipe,
    rows: LabelledRows,
    epochs: int,
    *,
    loss: Loss,
    held_out: LabelledRows | None = None,
    penalty: Penalty | None = None,
    rate_factor: float = 1.0,
    balanced: bool = False,
    callbacks: Sequence[Callback] = (),
) -> bool:
    """Teach a network by a recipe, in the NumPy engine and without a word; whether its numbers stayed finite.

    Parameters
    ----------
    network : Network
        Is changed.
    recipe : Recipe
        How; what is given besides takes the place of what it says.
    rows, held_out : LabelledRows
        Encoded rows.
    epochs : int
        How long.
    loss : Loss
        What to make small.
    penalty : Penalty, optional
        The penalty in place of the recipe's.
    rate_factor : float
        By what the learning rate is multiplied.
    balanced : bool
        Whether each class counts alike.
    callbacks : sequence of Callback
        What else happens.
    """
    chosen = recipe.penalty if penalty is None else penalty
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the fit itself has warned of the same
            network.fit(
                EncodedRows(rows.x),
                _as_given(rows.y, loss),
                loss,
                epochs,
                optimizer=recipe.optimizer,
                l1=chosen.l1,
                l2=chosen.l2,
                sample_weight=rows.weights,
                class_weight="balanced" if balanced else None,
                validation=_validation(held_out, loss),
                shuffle=recipe.shuffle,
                callbacks=callbacks,
                verbose=False,
                engine="numpy",
                **_steps(recipe, len(rows), rate_factor),
            )
    except TrainingDiverged:
        return False
    if network.history.interrupted:  # Ctrl-C is of the whole examination
        raise KeyboardInterrupt
    return True


def _validation(held_out: LabelledRows | None, loss: Loss) -> tuple[Any, ...] | None:
    if held_out is None:
        return None
    parts = (EncodedRows(held_out.x), _as_given(held_out.y, loss), held_out.weights)
    return tuple(part for part in parts if part is not None)


def _steps(recipe: Recipe, n: int, factor: float) -> dict[str, Any]:
    """The settings of steps, which L-BFGS has none of."""
    if isinstance(recipe.optimizer, LBFGS):
        return {}
    schedules = dict(recipe.schedules)
    rate = schedules.pop("learning_rate")
    return {
        "learning_rate": _times(rate, factor),
        "schedules": schedules,
        "batch_size": min(recipe.batch_size, n),
    }


def _times(schedule: Schedule, factor: float) -> Schedule:
    if factor == 1:
        return schedule
    return Constant(schedule.value * factor) if isinstance(schedule, Constant) else _Times(schedule, factor)


def _as_given(y: Array, loss: Loss) -> Array:
    """Encoded targets as `Network.fit` takes them: of quantiles, each column once."""
    return y[:, :: len(loss.levels)] if isinstance(loss, Quantile) else y
