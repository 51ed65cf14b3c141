"""The remedies for layers: the start that suits their activations, or activations that let gradients through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chainrule.functions.activations import Activation, LeakyRelu, Relu
from chainrule.functions.activations.activation import Elementwise
from chainrule.functions.initializers import Constant, resolved_initializer
from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.signals import shape_of
from chainrule.network.layer import Layer
from chainrule.network.layers import Dense, Residual

__all__ = ["has_usual_start", "usual_layers", "usual_start", "with_activation"]

FRESH = "w drawn with the standard deviation sqrt(2 / n_in), b = 0"


def has_usual_start(m: Measurements) -> bool:
    """Whether every dense layer starts as chainrule would have it."""
    return all(_usual(layer) == layer for layer in m.case.network.architecture.dense_layers.values())


def usual_start(m: Measurements) -> tuple[str, Change]:
    """Advice on the start, as words and as a change; on the learning rate where the start is the usual one."""
    if m.case.learner is not None:
        return f"Start with smaller weights and biases of 0: {FRESH}.", Change(FRESH, fresh_weights=True)
    if has_usual_start(m):
        recipe = m.case.recipe
        text = recipe.rate_times(0.1)
        return f"Take smaller steps, {text}, or put a BatchNorm() behind the layer.", Change(text, rate_factor=0.1)
    change = Change("the default initializers", layers=_each(m.case.network.architecture.layers, _usual))
    return "Leave the initializers out: by default, weights start at the size that suits each activation.", change


def usual_layers(m: Measurements) -> tuple[str, Change]:
    """Advice against vanishing gradients: the usual start or, where that is what it has, ReLU in the hidden layers."""
    if m.case.learner is not None:
        return (
            f"Use ReLU in the hidden layers, fewer of them, and start with {FRESH}.",
            Change(FRESH, fresh_weights=True),
        )
    if not has_usual_start(m):
        return usual_start(m)
    return (
        "Take Relu in the hidden layers, whose slope is 1, or fewer layers.",
        Change("Relu in the hidden layers", layers=with_activation(m, Relu())),
    )


def with_activation(m: Measurements, activation: Relu | LeakyRelu) -> tuple[Layer, ...]:
    """The layers with another activation wherever a hidden one is flat on some side."""

    def changed(layer: Dense) -> Dense:
        if not _is_flat(layer.activation):
            return layer
        return Dense(layer.n_in, layer.n_out, activation, bias=layer.bias, label=layer.label)

    layers = m.case.network.architecture.layers
    return (*_each(layers[:-1], changed), layers[-1])


def _is_flat(activation: Activation) -> bool:
    shape = shape_of(activation)
    return isinstance(activation, Elementwise) and (shape.flat_left or shape.flat_right)


def _usual(layer: Dense) -> Dense:
    """The layer, starting as by default."""
    default = resolved_initializer(layer.activation.default_initializer)
    if layer.initializer == default and layer.bias_initializer == Constant(0.0):
        return layer
    return Dense(layer.n_in, layer.n_out, layer.activation, bias=layer.bias, label=layer.label)


def _each(layers: tuple[Layer, ...], changed: Callable[[Dense], Dense]) -> tuple[Layer, ...]:
    """Every dense layer changed, those inside others too."""
    return tuple(
        changed(layer)
        if isinstance(layer, Dense)
        else replace(layer, layers=_each(layer.layers, changed))
        if isinstance(layer, Residual)
        else layer
        for layer in layers
    )
