"""Streams of random numbers: one for each purpose, all from one seed.

Because each purpose has its own, adding dropout to a network does not change how its rows are shuffled.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.validation import whole_number

__all__ = ["Purpose", "Streams"]

Purpose: TypeAlias = Literal["initialisation", "split", "order", "masks"]
"""What random numbers are for. Append only: a purpose's place in this list is part of its stream's seed."""


class Streams:
    """A `numpy.random.Generator` for each purpose.

    Parameters
    ----------
    seed : int, optional
        At least 0; fresh entropy from the system by default.

    Attributes
    ----------
    seed : int
        The seed used, from which all can be made again.
    """

    def __init__(self, seed: int | None = None) -> None:
        given = None if seed is None else whole_number("seed", seed, minimum=0)
        entropy = np.random.SeedSequence(given).entropy
        assert isinstance(entropy, int)
        self.seed: int = entropy
        self._generators = {
            purpose: np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(place,)))
            for place, purpose in enumerate(get_args(Purpose))
        }

    def __getitem__(self, purpose: Purpose) -> np.random.Generator:
        return self._generators[purpose]

    def positions(self) -> dict[str, Any]:
        """Where every stream stands, as plain data."""
        return {purpose: stream.bit_generator.state for purpose, stream in self._generators.items()}

    def move_to(self, positions: dict[str, Any]) -> None:
        """Set every stream to where `positions` says.

        Raises
        ------
        InvalidArgument
            If these are not positions of such streams.
        """
        try:
            moved = {purpose: np.random.default_rng(0) for purpose in self._generators}
            for purpose, stream in moved.items():
                stream.bit_generator.state = positions[purpose]
            for purpose, stream in moved.items():
                self._generators[purpose].bit_generator.state = stream.bit_generator.state
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidArgument(f"These are not the positions of the random streams: {error!r}.") from None
