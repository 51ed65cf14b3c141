"""How do parameters move? Rules and schedules; they know arrays, not networks."""

from chainrule.optimizers.adagrad import Adagrad
from chainrule.optimizers.adam import Adam
from chainrule.optimizers.adamw import AdamW
from chainrule.optimizers.catalogue import OPTIMIZERS
from chainrule.optimizers.clip import Clip
from chainrule.optimizers.lbfgs import LBFGS
from chainrule.optimizers.lion import Lion
from chainrule.optimizers.momentum import Momentum
from chainrule.optimizers.moving_average import MovingAverage
from chainrule.optimizers.muon import Muon
from chainrule.optimizers.nadam import NAdam
from chainrule.optimizers.nesterov import Nesterov
from chainrule.optimizers.optimizer import ElementwiseOptimizer, Optimizer, OptimizerLike, StepOptimizer
from chainrule.optimizers.radam import RAdam
from chainrule.optimizers.rmsprop import RMSprop
from chainrule.optimizers.sgd import SGD

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Clip",
    "ElementwiseOptimizer",
    "Lion",
    "Momentum",
    "MovingAverage",
    "Muon",
    "NAdam",
    "Nesterov",
    "Optimizer",
    "OptimizerLike",
    "RAdam",
    "RMSprop",
    "StepOptimizer",
]
