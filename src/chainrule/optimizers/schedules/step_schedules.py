"""The schedules of one training, by the names of the values."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.optimizers.schedules.constant import Constant
from chainrule.optimizers.schedules.schedule import Schedule
from chainrule.validation import finite_number

__all__ = ["step_schedules"]


def step_schedules(
    learning_rate: float | Schedule, scheduled: Mapping[str, float], given: Mapping[str, Schedule] | None = None
) -> dict[str, Schedule]:
    """The schedules of a training: of the learning rate, the optimizer's other values, and the factor on dropout.

    Parameters
    ----------
    learning_rate : float or Schedule
        A number stands for a constant.
    scheduled : mapping of str to float
        The optimizer's other values, constant where `given` has no schedule for them.
    given : mapping of str to Schedule, optional
        Schedules by the names of `scheduled`, or for ``dropout_factor``.

    Raises
    ------
    InvalidArgument, InvalidType
        If the learning rate is no finite number above 0, or a name is unknown.
    """
    if not isinstance(learning_rate, Schedule) or isinstance(learning_rate, Constant):
        value = learning_rate.value if isinstance(learning_rate, Constant) else learning_rate
        learning_rate = Constant(finite_number("learning_rate", value, above=0))
    constants = {name: Constant(value) for name, value in {**scheduled, "dropout_factor": 1.0}.items()}
    for name, schedule in (given or {}).items():
        if name not in constants:
            raise InvalidArgument(f"There is no value {name!r} to schedule; {nearest_names(name, constants)}")
        if not isinstance(schedule, Schedule):
            raise InvalidType(f"{schedule!r} is not a schedule for {name}: give an instance, such as Constant(0.5).")
    return {"learning_rate": learning_rate, **constants, **(given or {})}
