"""A traced step as operations: what its arrays are computed from, by the trace's names.

A trace knows what came out. Here is how each array follows from others, right, so that a mistake can be put in the
place of one operation and carried forward through all that comes after it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.hand_check.operations import (
    Activate,
    BatchLoss,
    BiasGradient,
    DropoutBackward,
    DropoutForward,
    Given,
    HiddenDelta,
    InputError,
    KnownLoss,
    LossOfBatch,
    Normalise,
    NormBackward,
    NormMean,
    NormVariance,
    Operation,
    OutputDelta,
    OwnLoss,
    PenaltyTerm,
    RowLosses,
    Rule,
    ScaleAndShift,
    ScaleGradient,
    ShiftGradient,
    SkipBackward,
    SkipForward,
    Update,
    WeightedSum,
    WeightGradient,
)
from chainrule.glassbox.hand_check.own_activation import in_mathematics
from chainrule.glassbox.learner_network import LearnerLoss
from chainrule.glassbox.trace import Trace
from chainrule.glassbox.trace.learner_program import LearnerProgramStep
from chainrule.glassbox.trace.network_step import derivative_name
from chainrule.glassbox.trace.wiring import Place, Wiring
from chainrule.network.architecture import Architecture
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual
from chainrule.network.objective import row_shares
from chainrule.optimizers import SGD

__all__ = ["step_operations"]


def step_operations(trace: Trace) -> dict[str, Operation]:
    """Every array of the step by its name, as an operation on others, in float64."""
    return _Step(trace).operations


class _Step:
    """The operations, collected layer by layer."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.architecture: Architecture = trace.architecture
        self.layout = self.architecture.parameters
        self.places = Wiring(self.architecture).places
        self.operations: dict[str, Operation] = {}
        step = trace.step
        self.weights: Array | None = None
        self.penalty, self.training = Penalty(), True
        if isinstance(step, LearnerProgramStep):
            self.rule = Rule(SGD(), (step.learning_rate,), {}, self.layout)
        else:
            self.weights, self.penalty, self.training = step.rows.weights, step.objective.penalty, step.training
            self.rule = Rule(step.optimizer, step.values, step.remembered, self.layout)
        self.loss = self._loss()
        self._givens()
        self._forward(self.places)
        self._costs()
        self._backward(self.places, None, None)
        self._updates()

    def _add(self, operation: Operation) -> None:
        self.operations[operation.result] = operation

    def _loss(self) -> LossOfBatch:
        activation = in_mathematics(self.architecture.output_layer.activation)
        loss, n = self.trace.loss, self.trace.n_rows
        if isinstance(loss, LearnerLoss):
            if loss.known_as is None:
                return OwnLoss(activation, loss)
            loss = loss.known_as
        shares = row_shares(n, self.weights, np.dtype(np.float64))
        return KnownLoss(activation, loss, np.full(n, shares) if isinstance(shares, float) else shares)

    def _value(self, name: str) -> Array:
        return np.array(self.trace[name], np.float64)

    def _givens(self) -> None:
        first = self.places[0].input
        for name in dict.fromkeys(("x", "y", first)):
            self._add(Given(name, self._value("x" if name == first else name)))
        for slot in self.layout:
            self._add(Given(slot.name, self._value(slot.name), f"new {slot.name}"))

    # --- forward ----------------------------------------------------------------------------------------------

    def _forward(self, places: Sequence[Place]) -> None:
        for place in places:
            layer = place.layer
            if isinstance(layer, Residual):
                self._forward(place.inside)
                self._add(SkipForward(place.output, place.input, place.inside[-1].output))
            elif isinstance(layer, Dense):
                self._dense(place, layer)
            elif isinstance(layer, Dropout):
                factor = f"{layer.label}.factor"
                self._add(Given(factor, self._value(factor)))
                self._add(DropoutForward(place.output, place.input, factor))
            elif isinstance(layer, BatchNorm | LayerNorm):
                self._norm(place, layer)

    def _dense(self, place: Place, layer: Dense) -> None:
        i = place.number
        z = f"z[{(i or 0) + 1}]"
        bias = f"b[{i}]" if f"b[{i}]" in self.layout else None
        self._add(WeightedSum(z, place.input, f"w[{i}]", bias))
        self._add(Activate(place.output, z, in_mathematics(layer.activation)))

    def _norm(self, place: Place, layer: BatchNorm | LayerNorm) -> None:
        label, axis = layer.label, 0 if isinstance(layer, BatchNorm) else 1
        mean, variance, normalised = (f"{label}.{part}" for part in ("mean", "variance", "normalised"))
        if axis == 1 or self.training:
            shares = self._batch_shares() if axis == 0 else None
            self._add(NormMean(mean, place.input, axis, shares))
            self._add(NormVariance(variance, place.input, axis, shares, mean))
        else:  # the running averages
            self._add(Given(mean, self._value(mean)))
            self._add(Given(variance, self._value(variance)))
        self._add(Normalise(normalised, place.input, mean, variance, axis, layer.epsilon))
        self._add(ScaleAndShift(place.output, normalised, f"{label}.scale", f"{label}.shift"))

    def _batch_shares(self) -> Array:
        n = self.trace.n_rows
        weights = np.ones(n) if self.weights is None else np.asarray(self.weights, np.float64)
        shares: Array = (weights / weights.sum())[:, np.newaxis]
        return shares

    def _costs(self) -> None:
        m = len(self.architecture.dense_layers) + 1
        names = ("y", f"z[{m}]", f"a[{m}]")
        self._add(RowLosses("loss", *names, self.loss))
        self._add(BatchLoss("J", "loss", "y", f"a[{m}]", self.loss))
        weights = tuple(slot.name for slot in self.layout if slot.kind == "weight")
        biases = tuple(slot.name for slot in self.layout if slot.kind != "weight")
        self._add(PenaltyTerm("penalty", weights, biases, self.penalty))

    # --- backward ---------------------------------------------------------------------------------------------

    def _backward(self, places: Sequence[Place], d_output: str | None, d_input: str | None) -> None:
        """From dJ/d(output of the last) to dJ/d(input of the first), where those have names."""
        for i in reversed(range(len(places))):
            place, layer = places[i], places[i].layer
            result = derivative_name(place.input) if i > 0 else d_input
            if isinstance(layer, Dense):
                self._dense_backward(place, layer, d_output, result)
            elif isinstance(layer, Residual):
                assert d_output is not None
                inside = None if result is None else f"d({layer.label}.inside)"
                self._backward(place.inside, d_output, inside)
                if result is not None and inside is not None:
                    self._add(SkipBackward(result, d_output, inside))
            elif isinstance(layer, Dropout):
                if result is not None and d_output is not None:
                    self._add(DropoutBackward(result, d_output, f"{layer.label}.factor"))
            elif isinstance(layer, BatchNorm | LayerNorm):
                assert d_output is not None
                self._norm_backward(layer, d_output, result)
            d_output = result

    def _dense_backward(self, place: Place, layer: Dense, d_output: str | None, result: str | None) -> None:
        i = place.number or 0
        delta, z, a = f"delta[{i + 1}]", f"z[{i + 1}]", place.output
        if d_output is None:
            self._add(OutputDelta(delta, "y", z, a, self.loss))
        else:
            self._add(HiddenDelta(delta, d_output, z, a, in_mathematics(layer.activation)))
        maker = self.operations.get(place.input)
        before = maker.z if isinstance(maker, Activate) else None
        self._add(WeightGradient(f"dw[{i}]", place.input, before, delta, f"w[{i}]", self.penalty))
        if f"b[{i}]" in self.layout:
            self._add(BiasGradient(f"db[{i}]", delta))
        if result is not None:
            self._add(InputError(result, delta, f"w[{i}]", self.rule.is_plain))

    def _norm_backward(self, layer: BatchNorm | LayerNorm, d_output: str, result: str | None) -> None:
        label = layer.label
        normalised, variance = f"{label}.normalised", f"{label}.variance"
        self._add(ScaleGradient(f"d({label}.scale)", d_output, normalised))
        self._add(ShiftGradient(f"d({label}.shift)", d_output))
        if result is None:
            return
        axis = 0 if isinstance(layer, BatchNorm) else 1
        shares = self._batch_shares() if axis == 0 and self.training else None
        scale = f"{label}.scale"
        self._add(NormBackward(result, d_output, scale, normalised, variance, axis, shares, layer.epsilon))

    def _updates(self) -> None:
        pairs = tuple((slot.name, derivative_name(slot.name)) for slot in self.layout)
        for parameter, gradient in pairs:
            self._add(Update(f"new {parameter}", parameter, gradient, self.rule, pairs))
