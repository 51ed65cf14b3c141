"""Starting numbers that are not random: one number everywhere, or an array of one's own."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.functions.initializers.initializer import Initializer
from chainrule.validation import finite_number

__all__ = ["Constant", "Given"]


@dataclass(frozen=True)
class Constant(Initializer):
    """One number everywhere. Good for biases; units whose weights are all equal stay equal for ever.

    Parameters
    ----------
    value : float
        The number.

    Raises
    ------
    InvalidArgument, InvalidType
        If it is not a finite number.
    """

    name = "constant"
    variance = "0"
    distribution = "the value"

    value: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", finite_number("The value of Constant", self.value))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], n_in: int, n_out: int) -> Array:
        return np.full(shape, self.value)


@dataclass(frozen=True)
class Given(Initializer):
    """An array, as it is. A layer takes the array itself too, and makes this of it.

    A model file keeps the parameters of a network, not what they started from: read from one, this has no array.

    Parameters
    ----------
    array : array-like, optional
        Finite numbers, of the shape that the layer needs; they are copied.

    Raises
    ------
    InvalidArgument, InvalidType
        If it does not hold finite real numbers.
    """

    name = "given"
    variance = r"\text{its own}"
    distribution = "the array"

    array: Array | None = field(default=None, repr=False, compare=False, metadata={"kept": False})

    def __post_init__(self) -> None:
        if self.array is None:
            return
        try:
            array = np.array(self.array)
            numbers = array.astype(np.float64) if array.dtype.kind in "fiub" else None
        except (TypeError, ValueError):
            numbers = None
        if numbers is None:
            raise InvalidType("An array to start from must hold real numbers, in rows of equal length.")
        if not np.isfinite(numbers).all():
            bad = tuple(int(i) for i in np.argwhere(~np.isfinite(numbers))[0])
            raise InvalidArgument(f"An array to start from must be finite; it is {numbers[bad]:g} at {bad}.")
        numbers.flags.writeable = False
        object.__setattr__(self, "array", numbers)

    def check_shape(self, what: str, shape: tuple[int, ...]) -> None:
        if self.array is not None and self.array.shape != shape:
            raise InvalidArgument(
                f"The {what} of this layer have the shape {shape}, and the array given to start them has the shape "
                f"{self.array.shape}."
            )

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], n_in: int, n_out: int) -> Array:
        if self.array is None:
            raise InvalidArgument(
                "Given has no array to start from; a model file does not keep it. Make the layer with the array again."
            )
        self.check_shape("numbers", shape)
        return self.array.copy()
