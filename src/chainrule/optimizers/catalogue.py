"""Every optimizer by name."""

from __future__ import annotations

from chainrule.catalogue import Catalogue
from chainrule.optimizers.adagrad import Adagrad
from chainrule.optimizers.adam import Adam
from chainrule.optimizers.adamw import AdamW
from chainrule.optimizers.clip import Clip
from chainrule.optimizers.lbfgs import LBFGS
from chainrule.optimizers.lion import Lion
from chainrule.optimizers.momentum import Momentum
from chainrule.optimizers.moving_average import MovingAverage
from chainrule.optimizers.muon import Muon
from chainrule.optimizers.nadam import NAdam
from chainrule.optimizers.nesterov import Nesterov
from chainrule.optimizers.optimizer import Optimizer
from chainrule.optimizers.radam import RAdam
from chainrule.optimizers.rmsprop import RMSprop
from chainrule.optimizers.sgd import SGD

__all__ = ["OPTIMIZERS"]

OPTIMIZERS: Catalogue[Optimizer] = Catalogue(
    "optimizer",
    Optimizer,
    [
        SGD,
        Momentum,
        Nesterov,
        RMSprop,
        Adam,
        AdamW,
        LBFGS,
        Adagrad,
        NAdam,
        RAdam,
        Lion,
        Muon,
        Clip,
        MovingAverage,
    ],
)
"""Every optimizer by name."""
