"""The right program that most rooms put one mistake into."""

from __future__ import annotations

from typing import Any

from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.program import Program

__all__ = ["ALL", "OUTPUT", "RIGHT", "wrong_program"]

RIGHT = Program("right", corrected.Network, corrected.CrossEntropy, (corrected.Relu, corrected.Softmax))

ALL = ("w[1]", "b[1]", "w[2]", "b[2]")
"""Every array of a network with one hidden layer."""

OUTPUT = ("w[2]", "b[2]")


def wrong_program(
    network: type[Any] = corrected.Network,
    loss: type[Any] = corrected.CrossEntropy,
    activations: tuple[type[Any], ...] = (corrected.Relu, corrected.Softmax),
    **more: Any,
) -> Program:
    """The right program but for what is given."""
    return Program("wrong", network, loss, activations, **more)
