"""How do parameters move? Rules and schedules; they know arrays, not networks."""

from chainrule.catalogue import Catalogue
from chainrule.optimizers.momentum import Momentum
from chainrule.optimizers.optimizer import Optimizer, OptimizerLike
from chainrule.optimizers.sgd import SGD

__all__ = ["OPTIMIZERS", "SGD", "Momentum", "Optimizer", "OptimizerLike"]

OPTIMIZERS: Catalogue[Optimizer] = Catalogue("optimizer", Optimizer, [SGD, Momentum])
"""Every optimizer by name."""
