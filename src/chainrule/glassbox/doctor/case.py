"""A case: a network, the rows and the settings of its fit, as the doctor examines them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainrule.data.labelled_rows import LabelledRows
from chainrule.data.tables.excerpt import excerpt
from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array, Rows
from chainrule.glassbox.doctor.encoded_rows import labels_of
from chainrule.glassbox.doctor.learner_fit import LearnerFit
from chainrule.glassbox.doctor.recipe import Recipe
from chainrule.model import Network
from chainrule.network.layer import Layer
from chainrule.training.run import Run

__all__ = ["Case", "network_with", "title"]


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

    @property
    def output(self) -> Activation:
        """The activation of the last layer."""
        return self.network.architecture.output_layer.activation

    @property
    def labels(self) -> Rows | None:
        """The class of each training row; None where y holds numbers."""
        return labels_of(self.rows.y, self.recipe.loss)

    def class_name(self, number: int) -> str:
        """What a class is called, on one line and not endless."""
        return excerpt(str(self.class_names[number])) if self.class_names else str(number)


def title(network: Network, name: str = "Network") -> str:
    """The network in few words: its units and activations by layer."""
    activations = ", ".join(str(each) for each in network.activations.values())
    return f"{name} {'-'.join(map(str, network.dimensions))} ({activations})"


def network_with(layers: Sequence[Layer], seed: int, theta: Array, state: Array) -> Network:
    """A network of these layers with copies of these numbers."""
    network = Network(layers=layers, seed=seed, dtype=theta.dtype)
    network.theta, network.state = theta, state
    return network
