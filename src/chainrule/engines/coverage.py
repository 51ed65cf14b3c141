"""What the compiled engine knows: tier 1 of the catalogues. Whatever it does not know, NumPy carries out."""

from __future__ import annotations

from chainrule.engines.problem import Problem
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.losses import LOSSES
from chainrule.network.architecture import Architecture, walk
from chainrule.network.layers import LAYERS, Dense
from chainrule.network.sparse_rows import SparseRows
from chainrule.optimizers import OPTIMIZERS, Clip, MovingAverage
from chainrule.optimizers.optimizer import ElementwiseOptimizer, Optimizer
from chainrule.optimizers.wrapper import Wrapper

__all__ = ["layers_not_compiled", "not_compiled"]


def not_compiled(problem: Problem) -> str:
    """What of this training has no compiled form, as it is called; empty where everything has one."""
    objective = problem.objective
    if unknown := layers_not_compiled(objective.architecture):
        return unknown
    if type(objective.loss) not in LOSSES or objective.loss.tier != 1:
        return type(objective.loss).__name__
    if isinstance(problem.rows.x, SparseRows):
        return "sparse rows"
    return _optimizer_not_compiled(problem.optimizer)


def layers_not_compiled(architecture: Architecture) -> str:
    """What of these layers has no compiled form; empty where everything has one."""
    for layer in walk(architecture.layers):
        if type(layer) not in LAYERS or layer.tier != 1:
            return type(layer).__name__
        if isinstance(layer, Dense) and (type(layer.activation) not in ACTIVATIONS or layer.activation.tier != 1):
            return type(layer.activation).__name__
    return ""


def _optimizer_not_compiled(optimizer: Optimizer) -> str:
    while isinstance(optimizer, Wrapper):
        if type(optimizer) not in (Clip, MovingAverage):
            return type(optimizer).__name__
        optimizer = optimizer.optimizer
    known = type(optimizer) in OPTIMIZERS and optimizer.tier == 1 and isinstance(optimizer, ElementwiseOptimizer)
    return "" if known else type(optimizer).__name__
