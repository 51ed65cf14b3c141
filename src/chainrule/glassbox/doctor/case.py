"""A case: a network, the rows and the settings of its fit, as the doctor examines them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import LOSSES, Loss
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.doctor.learner_fit import LearnerFit
from chainrule.glassbox.learner_network import LearnerLoss, LearnerNetwork, is_learner_network
from chainrule.model import Network
from chainrule.network.layer import Layer
from chainrule.network.layers import Dense
from chainrule.network.sparse_rows import Inputs, SparseRows
from chainrule.optimizers import SGD, Optimizer
from chainrule.optimizers.schedules import Constant, Schedule
from chainrule.training.run import Run

__all__ = ["Case", "Recipe", "labels_of", "learner_copy", "network_with", "some_rows", "title"]


@dataclass(frozen=True)
class Recipe:
    """How the network was taught.

    Attributes
    ----------
    loss : Loss
        What was made small.
    epochs, batch_size : int
        As in `Network.fit`.
    schedules : mapping of str to Schedule
        Those of the learning rate and the optimizer's other values.
    optimizer : Optimizer
        The rule of a step.
    penalty : Penalty
        The L1 and L2 terms.
    shuffle : bool
        Whether each epoch took the rows in a new order.
    seed : int
        From which the network started.
    """

    loss: Loss
    epochs: int
    batch_size: int
    schedules: Mapping[str, Schedule]
    optimizer: Optimizer
    penalty: Penalty = field(default_factory=Penalty)
    shuffle: bool = True
    seed: int = 0

    @property
    def learning_rate(self) -> float | None:
        """The learning rate, where it is one number."""
        schedule = self.schedules.get("learning_rate")
        return float(schedule.value) if isinstance(schedule, Constant) else None

    def rate_times(self, factor: float) -> str:
        """The learning rate times a factor, as a person would type it."""
        if self.learning_rate is None:
            return f"{factor:g} times the learning rate, all along its schedule"
        return f"learning_rate={self.learning_rate * factor:.3g}"


@dataclass(frozen=True, eq=False)
class Case:
    """What is examined.

    Attributes
    ----------
    title : str
        What the network is called in the report.
    network : Network
        A copy with the numbers of the network, and without encoder: its x is what enters the first layer.
    rows : LabelledRows
        The training rows, encoded.
    validation : LabelledRows or None
        Rows that were held out, encoded.
    recipe : Recipe
        How it was taught.
    history : mapping of str to list
        The history of its fit, empty where there is none.
    diverged : bool
        Whether its numbers are known to have become NaN or infinite.
    stopped : str
        Why the fit ended before its last epoch, such as a validation that got no better; empty if it did not.
    learner : LearnerFit or None
        The learner's own class, which teaches itself.
    recipe_known : bool
        Whether the recipe is that of a fit, or guessed: then there is nothing that a rerun could be like.
    remarks : tuple of str
        What is to be known of a learner's functions, such as that they overwrite their arguments.
    class_names : sequence
        What the classes are called; empty for their numbers.
    """

    title: str
    network: Network
    rows: LabelledRows
    validation: LabelledRows | None
    recipe: Recipe
    history: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    diverged: bool = False
    stopped: str = ""
    learner: LearnerFit | None = None
    recipe_known: bool = True
    remarks: tuple[str, ...] = ()
    class_names: Sequence[str | int] = ()

    @classmethod
    def of_run(cls, run: Run, theta: Array, state: Array, class_names: Sequence[str | int] = ()) -> Case:
        """A fit under way, or just over, from what its callbacks see, with copies of these numbers."""
        problem = run.problem
        objective = problem.objective
        recipe = Recipe(
            objective.loss,
            max(1, run.training.epoch) if run.stopped else run.epochs,  # as long as it went
            problem.batch_size,
            run.schedules,
            problem.optimizer,
            objective.penalty,
            run.shuffle,
            run.training.streams.seed,
        )
        network = network_with(objective.architecture.layers, recipe.seed, theta, state)
        held_out = None if run.validation is None else run.validation.rows
        return cls(
            title(network),
            network,
            problem.rows,
            held_out,
            recipe,
            {name: list(column) for name, column in run.history.items()},
            run.divergence is not None or run.failed,
            run.history.stopped,
            class_names=class_names,
        )

    @classmethod
    def of_learner(
        cls, given: Any, x: Any, y: Any, loss: Any, epochs: int, batch_size: int, validation: Any, learning_rate: Any
    ) -> Case:
        """The learner's own class; where its numbers are not finite, a copy of it with its starting numbers."""
        if not is_learner_network(given):
            LearnerNetwork(given)  # says what is missing
        fit = LearnerFit.of(given, loss, epochs, batch_size, learning_rate)
        diverged = not fit.finite
        learner = LearnerNetwork(fit.started() if diverged else given, loss)
        rows = LabelledRows(*learner.rows(x, y))
        held_out = None if validation is None else LabelledRows(*learner.rows(*validation[:2]))
        rate = {"learning_rate": Constant(fit.learning_rate)}
        recipe = Recipe(_known_loss(learner), epochs, min(batch_size, len(rows)), rate, SGD())
        network = learner_copy(learner)
        return cls(
            title(network, learner.name),
            network,
            rows,
            held_out,
            recipe,
            diverged=diverged,
            learner=fit,
            remarks=learner.remarks,
        )

    @property
    def output(self) -> Activation:
        """The activation of the last layer."""
        return self.network.architecture.output_layer.activation

    @property
    def labels(self) -> Rows | None:
        """The class of each training row; None where y holds numbers."""
        return labels_of(self.rows.y, self.recipe.loss)

    def class_name(self, number: int) -> str:
        """What a class is called."""
        return str(self.class_names[number]) if self.class_names else str(number)


def title(network: Network, name: str = "Network") -> str:
    """The network in few words: its units and activations by layer."""
    activations = ", ".join(str(each) for each in network.activations.values())
    return f"{name} {'-'.join(map(str, network.dimensions))} ({activations})"


def network_with(layers: Sequence[Layer], seed: int, theta: Array, state: Array) -> Network:
    """A network of these layers with copies of these numbers."""
    network = Network(layers=layers, seed=seed, dtype=theta.dtype)
    network.theta, network.state = theta, state
    return network


def learner_copy(learner: LearnerNetwork) -> Network:
    """A chainrule network with the numbers of a learner's; its activations are chainrule's where they are the same."""
    pairs = zip(learner.w.values(), learner.activations.values(), strict=True)
    layers = [Dense(len(w), w.shape[1], each.known_as or each) for w, each in pairs]
    network = Network(layers=layers, seed=0, dtype=np.float64)
    network.theta = learner.theta
    return network


def labels_of(y: Array, loss: Loss) -> Rows | None:
    """The class of each row of encoded targets (n, k); None where they are no classes."""
    if loss.target == "levels" or not ((y == 0) | (y == 1)).all():
        return None
    if y.shape[1] == 1:
        return y[:, 0].astype(np.intp)
    one_hot = bool((y.sum(axis=1) == 1).all())
    return np.argmax(y, axis=1) if one_hot else None


def some_rows(rows: LabelledRows, most: int) -> LabelledRows:
    """At most so many of the rows, drawn by chance, always the same; dense rows stay dense, sparse ones sparse."""
    if len(rows) <= most:
        return rows
    chosen = np.sort(np.random.default_rng(0).permutation(len(rows))[:most])
    weights = None if rows.weights is None else rows.weights[chosen]
    return LabelledRows(_taken(rows.x, chosen), rows.y[chosen], weights)


def _taken(x: Inputs, chosen: Rows) -> Inputs:
    return x.of_rows(chosen) if isinstance(x, SparseRows) else x[chosen]


def _known_loss(learner: LearnerNetwork) -> Loss:
    """The loss of chainrule that the learner's has the values of; squared error, the post's, where there is none."""
    loss = learner.loss
    known = loss.known_as if isinstance(loss, LearnerLoss) else loss
    return known if known is not None else LOSSES.resolve("mse")
