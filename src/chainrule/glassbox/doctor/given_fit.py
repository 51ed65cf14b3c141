"""What a person gives of a fit: its rows and its settings, by the names of `Network.fit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from chainrule.errors import InvalidType
from chainrule.optimizers import OptimizerLike
from chainrule.optimizers.schedules import Schedule

__all__ = ["DEFAULT_EPOCHS", "FitSettings", "GivenRows"]

DEFAULT_EPOCHS = 10
"""As of `Network.fit`, where neither the caller nor the network says how many there were."""


class GivenRows(NamedTuple):
    """Rows as `Network.fit` takes them."""

    x: Any
    y: Any
    sample_weight: Any
    class_weight: Any
    validation: tuple[Any, ...] | None

    def check_validation(self) -> None:
        """Refuse a validation of another form.

        Raises
        ------
        InvalidType
            If it is no tuple of two or three.
        """
        if self.validation is not None and not (isinstance(self.validation, tuple) and len(self.validation) in (2, 3)):
            raise InvalidType("validation is a tuple (x, y) or (x, y, sample_weight).")


class FitSettings(NamedTuple):
    """Settings as `Network.fit` takes them; None for those of the network's last fit."""

    loss: Any
    epochs: int | None
    batch_size: int | None
    learning_rate: float | Schedule | None
    optimizer: OptimizerLike | None
    l1: float | None
    l2: float | None
    schedules: Mapping[str, Schedule] | None
    shuffle: bool
