"""A step to walk over for who has no network yet: the post's (2, 3, 1) on the four rows of XOR."""

from __future__ import annotations

from chainrule.glassbox.trace import Trace, trace
from chainrule.model import Network

__all__ = ["xor_step"]

ROWS = ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0))
EITHER_OR = (0.0, 1.0, 1.0, 0.0)


def xor_step() -> Trace:
    """One step of gradient descent on the squared error, in float64, from the starting weights of seed 1."""
    network = Network((2, 3, 1), ("relu", "sigmoid"), seed=1, dtype=float)
    return trace(network, ROWS, EITHER_OR, "mse", learning_rate=0.5)
