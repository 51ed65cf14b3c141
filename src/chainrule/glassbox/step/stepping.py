"""Opening a walk from Python."""

from __future__ import annotations

from typing import Any

from chainrule.errors import InvalidArgument
from chainrule.glassbox.step.terminal import opening, walk_in_terminal
from chainrule.glassbox.step.walk import Walk
from chainrule.glassbox.step.xor_step import xor_step
from chainrule.glassbox.trace import Trace, trace

__all__ = ["step"]


def step(step_or_network: Any = None, x: Any = None, y: Any = None, loss: Any = None, **settings: Any) -> None:
    """Walk over one step in the terminal: forward, loss, backward and update, number by number.

    Enter goes on, ``why?`` explains the number that is shown down to the input, ``help`` tells every word, ``quit``
    ends the walk, and so do the end of the input and Ctrl-C. Nothing that is given is changed.

    Parameters
    ----------
    step_or_network : Trace, Network, fitted estimator, or a network as in the post, optional
        What `chainrule.trace` gave, or what it takes; by default the post's (2, 3, 1) on four rows of XOR.
    x, y : array-like, optional
        The rows and targets of the step, where it is a network.
    loss, **settings
        As for `chainrule.trace`.

    Raises
    ------
    InvalidArgument, InvalidType
        As `chainrule.trace`; or if rows are given with a trace, or none with a network.
    """
    walk = Walk.begun(_traced(step_or_network, x, y, loss, settings))
    try:
        walk_in_terminal(walk, *opening(walk.trace))
    except KeyboardInterrupt:
        return  # which ends the walk, and not the program around it


def _traced(given: Any, x: Any, y: Any, loss: Any, settings: dict[str, Any]) -> Trace:
    takes_no_rows = given is None or isinstance(given, Trace)
    if takes_no_rows and (x is not None or y is not None or loss is not None or settings):
        what = "the rows of XOR" if given is None else "the rows of the trace"
        raise InvalidArgument(f"x, y, loss and the like go with a network; this walk goes over {what}.")
    if given is None:
        return xor_step()
    if isinstance(given, Trace):
        return given
    if x is None or y is None:
        raise InvalidArgument("A step needs rows and their targets: chainrule.step(network, x, y).")
    return trace(given, x, y, loss, **settings)
