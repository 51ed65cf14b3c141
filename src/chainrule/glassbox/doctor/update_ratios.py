"""The update-to-weight ratio: by how much of its size one step moves the weights of a layer."""

from __future__ import annotations

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.arrays import Array
from chainrule.glassbox.doctor.case import Case
from chainrule.glassbox.doctor.taught import teach
from chainrule.model import Network
from chainrule.optimizers import LBFGS
from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["STEPS", "update_ratios"]

STEPS = 20
"""Steps from the start that are looked at: the ratio falls as the network learns, and is telling where it begins."""


class _Steps(Callback):
    """Keeps theta after each step."""

    def __init__(self, theta: Array) -> None:
        self.thetas = [theta.copy()]

    def on_batch(self, run: Run) -> None:
        self.thetas.append(run.training.variables.theta.copy())


def update_ratios(case: Case, start: Network | None) -> dict[int, float]:
    """The median over some steps of |change of w[i]| / |w[i]|, in root mean squares, by i; 0 / 0 is left out.

    Empty for L-BFGS, which has no steps of one size, for rates that wait for what an epoch gives, and for the learner's
    own class, whose steps are its own.
    """
    recipe = case.recipe
    measured = any(schedule.watched for schedule in recipe.schedules.values())  # a rate that waits for epochs
    if (
        not case.recipe_known
        or start is None
        or case.learner is not None
        or isinstance(recipe.optimizer, LBFGS)
        or measured
    ):
        return {}
    network = start.copy()
    n = min(len(case.rows), STEPS * recipe.batch_size)
    n -= n > 1 and n % recipe.batch_size == 1  # a batch of one row has no statistics for a norm
    weights = None if case.rows.weights is None else case.rows.weights[:n]
    steps = _Steps(network.theta)
    teach(
        network, recipe, LabelledRows(case.rows.x[:n], case.rows.y[:n], weights), 1, loss=recipe.loss, callbacks=[steps]
    )
    return _medians(network, steps.thetas)  # of a network that diverges, the steps until then


def _medians(network: Network, thetas: list[Array]) -> dict[int, float]:
    path = np.stack(thetas).astype(np.float64)
    found = {}
    for i in network.architecture.dense_layers:
        slot = network.architecture.parameters[f"w[{i}]"]
        w = path[:, slot.start : slot.stop]
        sizes = np.sqrt((w[:-1] ** 2).mean(axis=1))
        moves = np.sqrt((np.diff(w, axis=0) ** 2).mean(axis=1))
        if len(sizes) and (sizes > 0).all():
            found[i] = float(np.median(moves / sizes))
    return found
