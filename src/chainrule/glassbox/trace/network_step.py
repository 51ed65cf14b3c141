"""One step of a network, all of it kept: forward, loss, backward, update."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.functions.losses import LOSSES, LossLike, default_loss
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.learner_network import LearnerNetwork
from chainrule.glassbox.trace.wiring import Place, Wiring
from chainrule.model import Network
from chainrule.network import sequence
from chainrule.network.layer import LayerGradient, Mode
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm
from chainrule.network.objective import BatchGradient, Objective, row_shares
from chainrule.network.sparse_rows import dense
from chainrule.optimizers.optimizer import StepOptimizer

__all__ = ["NetworkStep", "derivative_name", "learner_rows", "masks_of", "network_rows"]


@dataclass(frozen=True)
class NetworkStep:
    """A step that chainrule's own code takes, on copies.

    Attributes
    ----------
    objective : Objective
        Architecture, loss and penalty.
    theta, state : array of shape (P,) and (S,)
        Parameters and statistics before the step, copies.
    rows : LabelledRows
        The batch, encoded.
    optimizer : StepOptimizer
        Rule of the step.
    values : tuple of float
        The learning rate and the optimizer's scheduled values.
    remembered : dict of str to array
        What the optimizer remembers before the step.
    found : BatchGradient
        J and every layer's cache and gradients.
    gradient : array of shape (P,)
        With the penalty's part.
    new_theta, new_state : array
        After the step.
    training : bool
        Whether the layers behaved as in training.
    """

    objective: Objective
    theta: Array
    state: Array
    rows: LabelledRows
    optimizer: StepOptimizer
    values: tuple[float, ...]
    remembered: dict[str, Array]
    found: BatchGradient
    gradient: Array
    new_theta: Array
    new_state: Array
    training: bool

    @classmethod
    def taken(
        cls,
        objective: Objective,
        theta: Array,
        state: Array,
        rows: LabelledRows,
        optimizer: StepOptimizer,
        learning_rate: float,
        masks: np.random.Generator | None,
        *,
        training: bool,
    ) -> NetworkStep:
        """Take it, with all rows as one batch."""
        architecture, layout = objective.architecture, objective.architecture.parameters
        parameters, statistics = architecture.bind_parameters(theta), architecture.bind_statistics(state)
        gradient, new_theta = np.empty_like(theta), theta.copy()
        found = objective.value_and_gradient(
            parameters,
            statistics,
            dense(rows.x),
            rows.y,
            row_shares(len(rows), rows.weights, theta.dtype),
            Mode(training, masks if training else None, rows.weights),
            architecture.bind_parameters(gradient),
        )
        if objective.penalty:
            gradient += objective.penalty.gradient(theta, objective.penalised.astype(theta.dtype))
        remembered = optimizer.start(theta, layout)
        values = (learning_rate, *optimizer.scheduled.values())
        before = {name: array.copy() for name, array in remembered.items()}
        optimizer.step(new_theta, gradient, remembered, values, 0, layout)
        new_state = state.copy()
        if training and state.size:
            new = sequence.updated_statistics(architecture.layers, statistics, found.caches)
            for view, value in zip(architecture.statistics.views(new_state), new, strict=True):
                view[...] = value
        return cls(
            objective, theta, state, rows, optimizer, values, before, found, gradient, new_theta, new_state, training
        )

    @cached_property
    def wiring(self) -> Wiring:
        """Which value enters which layer."""
        return Wiring(self.objective.architecture)

    @property
    def penalty(self) -> float:
        """The L1 and L2 terms of J."""
        return float(self.objective.penalty.value(self.theta, self.objective.penalised.astype(self.theta.dtype)))

    def arrays(self) -> dict[str, Array | float]:
        """Every array by its name, in the order of the computing."""
        layout = self.objective.architecture.parameters
        before = {slot.name: slot.view(self.theta) for slot in layout}
        forward = _Forward(self).arrays()
        output = self.found.caches[-1]
        losses = self.objective.loss.rows(
            self.rows.y, output.z, output.a, self.objective.architecture.output_layer.activation
        )
        cost: dict[str, Array | float] = {"loss": losses, "J": float(self.found.J), "penalty": self.penalty}
        backward = _Backward(self).arrays()
        after = {f"new {slot.name}": slot.view(self.new_theta) for slot in layout}
        return {"x": dense(self.rows.x), "y": self.rows.y} | before | forward | cost | backward | after


class _Forward:
    """The arrays of the forward pass."""

    def __init__(self, step: NetworkStep) -> None:
        self.step = step
        self.found: dict[str, Array | float] = {}

    def arrays(self) -> dict[str, Array | float]:
        x = dense(self.step.rows.x)
        self.found[self.step.wiring.places[0].input] = x
        self._pass(self.step.wiring.places, self.step.found.caches, x)
        self.found.pop("x", None)  # it stands in front of everything already
        return self.found

    def _pass(self, places: tuple[Place, ...], caches: tuple[Any, ...], value: Array) -> Array:
        for place, cache in zip(places, caches, strict=True):
            value = self._through(place, cache, value)
            self.found[place.output] = value
        return value

    def _through(self, place: Place, cache: Any, x: Array) -> Array:
        layer, label = place.layer, place.layer.label
        if isinstance(layer, Dense):
            assert place.number is not None
            self.found[f"z[{place.number + 1}]"] = cache.z
            output: Array = cache.a
            return output
        if isinstance(layer, BatchNorm | LayerNorm):
            parameters = self.step.objective.architecture.parameters
            scale, shift = (parameters[f"{label}.{name}"].view(self.step.theta) for name in ("scale", "shift"))
            if isinstance(layer, BatchNorm):
                self.found |= {f"{label}.mean": cache.mean, f"{label}.variance": cache.variance}
            else:
                mean = x.mean(axis=-1)
                variance = ((x - mean[:, np.newaxis]) ** 2).mean(axis=-1)
                self.found |= {f"{label}.mean": mean, f"{label}.variance": variance}
            self.found[f"{label}.normalised"] = cache.normalised
            output = scale * cache.normalised + shift
            return output
        if isinstance(layer, Dropout):
            factor = np.ones_like(x) if cache is None else cache
            self.found[f"{label}.factor"] = factor
            return x * factor
        if place.inside:
            return x + self._pass(place.inside, cache, x)
        raise InvalidArgument(f"The glass box does not know layers of the kind {type(layer).__name__}.")


class _Backward:
    """The arrays of the backward pass, in its order."""

    def __init__(self, step: NetworkStep) -> None:
        self.step = step
        self.gradients = {slot.name: slot.view(step.gradient) for slot in step.objective.architecture.parameters}
        self.found: dict[str, Array | float] = {}

    def arrays(self) -> dict[str, Array | float]:
        self._pass(self.step.wiring.places, self.step.found.gradients)
        return self.found

    def _pass(self, places: tuple[Place, ...], gradients: tuple[LayerGradient, ...]) -> None:
        for place, gradient in zip(reversed(places), reversed(gradients), strict=True):
            self._through(place, gradient)

    def _through(self, place: Place, gradient: LayerGradient) -> None:
        layer, i = place.layer, place.number
        if place.inside:
            self._pass(place.inside, gradient.inner)
            inner = gradient.inner[0].input
            if inner is not None and gradient.input is not None:
                self.found[f"d({layer.label}.inside)"] = inner
        elif i is not None:
            assert gradient.delta is not None
            self.found[f"delta[{i + 1}]"] = gradient.delta
            self.found[f"dw[{i}]"] = self.gradients[f"w[{i}]"]
            if f"b[{i}]" in self.gradients:
                self.found[f"db[{i}]"] = self.gradients[f"b[{i}]"]
        else:
            for spec in layer.parameters():
                name = f"{layer.label}.{spec.name}"
                self.found[derivative_name(name)] = self.gradients[name]
        if gradient.input is not None and place.input != "x":
            self.found[derivative_name(place.input)] = gradient.input


def derivative_name(name: str) -> str:
    """What the derivative of J by an array is called: ``dw[1]`` of ``w[1]``, ``d(dense_1.output)`` of that output."""
    return f"d{name}" if name[1:2] == "[" else f"d({name})"


def network_rows(
    network: Network, x: Any, y: Any, loss: LossLike | None, penalty: Penalty, sample_weight: Any
) -> tuple[Objective, LabelledRows]:
    """What a step of this network makes small, and its rows, checked as by `Network.fit`.

    Raises
    ------
    InvalidArgument, InvalidType
        As `Network.fit`; also of an ensemble.
    """
    if network.n_members is not None:
        raise InvalidArgument("The glass box looks into one network: give a member, such as network.member(0).")
    network.check_finite()
    output = network.architecture.output_layer.activation
    chosen = LOSSES.resolve(loss) if loss is not None else network.loss or default_loss(output)
    objective = Objective(network.architecture, chosen, penalty)
    rows = LabelledRows.checked(
        x,
        y,
        sample_weight,
        architecture=network.architecture,
        loss=chosen,
        dtype=network.dtype,
        encoder=network.encoder,
        target_scaler=network.target_scaler,
        classes=network.classes,
    )
    return objective, rows


def learner_rows(
    network: LearnerNetwork, x: Any, y: Any, loss: LossLike, penalty: Penalty, sample_weight: Any
) -> tuple[Objective, LabelledRows]:
    """The same for a learner's network with a loss of chainrule."""
    architecture = network.architecture
    objective = Objective(architecture, LOSSES.resolve(loss), penalty)
    rows = LabelledRows.checked(
        x, y, sample_weight, architecture=architecture, loss=objective.loss, dtype=np.dtype(np.float64)
    )
    return objective, rows


def masks_of(network: Network) -> np.random.Generator | None:
    """A copy of the stream from which the network's next training step would draw; None of one that draws nothing."""
    return copy.deepcopy(network.streams["masks"]) if network.architecture.draws else None
