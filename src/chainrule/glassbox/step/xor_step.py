"""A step to walk over for who has no network yet: the post's (2, 3, 1) on the four rows of XOR."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.glassbox.trace import Trace, trace
from chainrule.model import Network
from chainrule.optimizers import SGD, OptimizerLike

__all__ = ["ROWS", "xor_network", "xor_step"]

ROWS = ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0))
EITHER_OR = (0.0, 1.0, 1.0, 0.0)


LEARNING_RATE = 0.5
"""Large enough for a step that is seen in the first digits."""


def xor_network() -> Network:
    """The network, in float64, with the starting weights of seed 1."""
    return Network((2, 3, 1), ("relu", "sigmoid"), seed=1, dtype=float)


def xor_step(
    rows: Sequence[int] = range(len(ROWS)),
    *,
    optimizer: OptimizerLike = SGD,
    learning_rate: float | None = LEARNING_RATE,
    training: bool = True,
) -> Trace:
    """One step on the squared error.

    Parameters
    ----------
    rows : sequence of int
        Which of the four, counted from 0; by default all.
    optimizer, learning_rate, training
        As for `chainrule.trace`; by default gradient descent by 0.5.
    """
    x, y = [ROWS[i] for i in rows], [EITHER_OR[i] for i in rows]
    return trace(xor_network(), x, y, "mse", optimizer=optimizer, learning_rate=learning_rate, training=training)
