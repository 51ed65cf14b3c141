"""Schedules: how a value, such as the learning rate, changes from step to step."""

from chainrule.optimizers.schedules.constant import Constant
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.optimizers.schedules.step_schedules import step_schedules

__all__ = ["Constant", "Horizon", "Schedule", "step_schedules"]
