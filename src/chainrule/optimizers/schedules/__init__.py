"""Schedules: how a value, such as the learning rate, changes from step to step."""

from chainrule.catalogue import Catalogue
from chainrule.optimizers.schedules.constant import Constant
from chainrule.optimizers.schedules.cos_log import CosLog
from chainrule.optimizers.schedules.cosine import Cosine
from chainrule.optimizers.schedules.exponential import Exponential
from chainrule.optimizers.schedules.flat_cosine import FlatCosine
from chainrule.optimizers.schedules.one_cycle import OneCycle
from chainrule.optimizers.schedules.plateau import Plateau
from chainrule.optimizers.schedules.polynomial import Polynomial
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.optimizers.schedules.step_decay import StepDecay
from chainrule.optimizers.schedules.step_schedules import step_schedules
from chainrule.optimizers.schedules.warm_up import WarmUp

__all__ = [
    "SCHEDULES",
    "Constant",
    "CosLog",
    "Cosine",
    "Exponential",
    "FlatCosine",
    "Horizon",
    "OneCycle",
    "Plateau",
    "Polynomial",
    "Schedule",
    "StepDecay",
    "WarmUp",
    "step_schedules",
]

SCHEDULES: Catalogue[Schedule] = Catalogue(
    "schedule",
    Schedule,  # type: ignore[type-abstract]
    [Constant, StepDecay, Exponential, Polynomial, Cosine, WarmUp, OneCycle, Plateau, CosLog, FlatCosine],
)
"""Every schedule by name."""
