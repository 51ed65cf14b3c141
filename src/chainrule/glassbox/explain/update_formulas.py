"""The formulas of the update, made by running the optimizer's own rule on symbols."""

from __future__ import annotations

import numpy as np

from chainrule.glassbox.explain.code_line import lines_that_return
from chainrule.glassbox.explain.expression import Expression, NotTraceable, Symbol, applied, as_expression
from chainrule.glassbox.explain.formula import Formula
from chainrule.glassbox.explain.numbers import TracedNumbers
from chainrule.glassbox.trace import Quantity
from chainrule.glassbox.trace.network_step import NetworkStep, derivative_name
from chainrule.optimizers import Clip
from chainrule.optimizers.optimizer import ElementwiseOptimizer, StepOptimizer
from chainrule.optimizers.wrapper import Wrapper

__all__ = ["update_formula"]

RULES = {
    "sgd": "{new} = {old} - learning_rate * {gradient}",
    "momentum": "{new} = {old} - learning_rate * velocity, velocity = momentum * velocity + {gradient}",
    "nesterov": "{new} = {old} - learning_rate * ({gradient} + momentum * velocity), the velocity moved first",
    "rmsprop": "{new} = {old} - learning_rate * {gradient} / (sqrt(v) + epsilon), v the mean of {gradient}^2",
    "adam": "{new} = {old} - learning_rate * m^ / (sqrt(v^) + epsilon), means of {gradient} and its square",
    "adamw": "{new} = Adam's step from {old}, less learning_rate * decay * {old} of weights",
}
"""The rules of tier 1 in a line."""


def update_formula(numbers: TracedNumbers, step: NetworkStep, quantity: Quantity) -> Formula:
    """One parameter after the step."""
    name = quantity.name.removeprefix("new ")
    gradient_name = derivative_name(name)
    old, gradient = numbers(name, *quantity.index), numbers(gradient_name, *quantity.index)
    moving, optimizer, remark = _clipped(numbers, step, gradient)
    rule = RULES.get(optimizer.name, "{new} = a step of " + type(optimizer).__name__ + " from {old} along {gradient}")
    told = rule.format(new=f"new {name}", old=name, gradient=gradient_name)
    if not isinstance(optimizer, ElementwiseOptimizer):
        return Formula(told, [], remark=f"{type(optimizer).__name__} moves whole arrays, so no number has its own sum.")
    rate = Symbol("learning_rate", step.values[0])
    remembered = _remembered(step, optimizer, name, quantity.index)
    settings = [Symbol(each, float(value)) for each, value in optimizer.scheduled.items()]
    try:
        moved = optimizer.rule(old, moving, *remembered, 1, rate, *settings)[0]
    except NotTraceable:  # a rule that decides by its settings gets them as plain numbers
        moved = optimizer.rule(old, moving, *remembered, 1, rate, *optimizer.scheduled.values())[0]
    code = lines_that_return(type(optimizer).rule)
    first = "It is the first step, so that what the rule remembers begins at 0." if optimizer.remembers else ""
    if "decays" in optimizer.remembers:
        first += " decays is 1 of a weight, and 0 of a bias or a scale, which does not decay."
    return Formula(told, [as_expression(moved)], code, " ".join(each for each in (remark, first) if each))


def _remembered(step: NetworkStep, optimizer: ElementwiseOptimizer, name: str, index: tuple[int, ...]) -> list[Symbol]:
    """What the rule remembers of one parameter; a number that it remembers for all of them, as it is."""
    slot = step.objective.architecture.parameters[name]
    entry = slot.start + int(np.ravel_multi_index(index, slot.shape))
    arrays = [(each, np.ravel(step.remembered[each])) for each in optimizer.remembers]
    return [Symbol(each, float(a[entry] if a.size == step.theta.size else a[0])) for each, a in arrays]


def _clipped(numbers: TracedNumbers, step: NetworkStep, gradient: Expression) -> tuple[Expression, StepOptimizer, str]:
    """The gradient as the rule inside gets it, that rule, and what is to be said of it."""
    optimizer, remark = step.optimizer, ""
    while isinstance(optimizer, Wrapper):
        if isinstance(optimizer, Clip):
            gradient, remark = _clip(optimizer, step, gradient)
        optimizer = optimizer.optimizer
    return gradient, optimizer, remark


def _clip(optimizer: Clip, step: NetworkStep, gradient: Expression) -> tuple[Expression, str]:
    remark = ""
    norm = float(np.linalg.norm(step.gradient.astype(np.float64)))
    if optimizer.norm is not None and norm > optimizer.norm:
        gradient = gradient * Symbol("norm", optimizer.norm) / Symbol("|gradient|", norm)
        remark = f"The whole gradient has the norm {norm:.6g}, and is shortened to {optimizer.norm:g}."
    if optimizer.value is not None:
        bound = Symbol("value", optimizer.value)
        gradient = applied("min", applied("max", gradient, -bound), bound)
    return gradient, remark
