"""An instance of every optimizer and every schedule, for tests that go over the catalogues."""

from __future__ import annotations

from chainrule.optimizers import OPTIMIZERS, Adam, Clip, Momentum, MovingAverage, Muon, StepOptimizer
from chainrule.optimizers.schedules import SCHEDULES, Cosine, OneCycle, WarmUp

_WITH_ARGUMENTS = {
    "clip": lambda: Clip(MovingAverage(Adam()), norm=0.5, value=0.3),
    "moving_average": lambda: MovingAverage(Momentum(0.8), decay=0.7),
    "muon": lambda: Muon(arrays=("w[1]",)),  # most networks of the tests have no hidden matrix
    "warm_up": lambda: WarmUp(Cosine(0.2, period=3.0), epochs=2, start=0.3),
    "one_cycle": lambda: OneCycle(0.3),
}

EVERY_OPTIMIZER = [_WITH_ARGUMENTS.get(member.name, member)() for member in OPTIMIZERS]

EVERY_STEP_OPTIMIZER = [optimizer for optimizer in EVERY_OPTIMIZER if isinstance(optimizer, StepOptimizer)]

EVERY_SCHEDULE = [_WITH_ARGUMENTS.get(member.name, lambda member=member: member(0.2))() for member in SCHEDULES]
