"""The schedules of one training, by the names of the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    rate = _rate(learning_rate)
    constants = {name: Constant(value) for name, value in {**scheduled, "dropout_factor": 1.0}.items()}
    _check_mapping(given)
    for name, schedule in (given or {}).items():
        if name == "learning_rate":
            raise InvalidArgument("The schedule of the learning rate is given by itself: fit(..., learning_rate=...).")
        if not isinstance(name, str) or name not in constants:
            raise InvalidArgument(f"There is no value {name!r} to schedule; {nearest_names(str(name), constants)}")
        if not isinstance(schedule, Schedule):
            raise InvalidType(f"{schedule!r} is not a schedule for {name}: give an instance, such as Constant(0.5).")
    return {"learning_rate": rate, **constants, **(given or {})}


def _rate(given: Any) -> Schedule:
    """The schedule of a learning rate, for which a number stands for a constant."""
    if isinstance(given, str | type):
        raise InvalidType(
            "learning_rate must be a finite number above 0, or a schedule with its settings, such as "
            f"schedules.Cosine(0.1), not {given!r}."
        )
    if isinstance(given, Schedule) and not isinstance(given, Constant):
        return given
    value = given.value if isinstance(given, Constant) else given
    return Constant(finite_number("learning_rate", value, above=0))


def _check_mapping(given: Any) -> None:
    if given is not None and not isinstance(given, Mapping):
        raise InvalidType(f"schedules is a mapping from names to schedules, not {given!r}.")
