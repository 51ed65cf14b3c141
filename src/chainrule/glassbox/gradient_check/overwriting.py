"""Functions of a learner that overwrite what they are given, where that changes the gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.finding import Finding, line_of
from chainrule.glassbox.gradient_check.learner_subject import LearnerSubject
from chainrule.glassbox.gradient_check.search import EXPLAINED
from chainrule.glassbox.gradient_check.sentences import and_joined
from chainrule.glassbox.learner_network.own_code import own_code

__all__ = ["overwriting", "overwriting_functions"]


def overwriting(subject: LearnerSubject) -> tuple[list[Finding], LearnerSubject]:
    """What changes when every function gets copies; and the subject with these copies, to look at further."""
    guarded = subject.guarded()
    claimed, on_copies = subject.claimed_gradient(), guarded.claimed_gradient()
    largest = max(float(np.abs(claimed).max()), float(np.abs(on_copies).max()))
    difference = np.abs(claimed - on_copies)
    if largest == 0 or difference.max() <= EXPLAINED * largest:
        return [], subject
    names = tuple(slot.name for slot in subject.layout if slot.view(difference).max() > EXPLAINED * largest)
    functions = overwriting_functions(subject)
    who = and_joined(list(functions)) if functions else "Something"
    return [
        Finding(
            "overwritten",
            f"{who} overwrites the array that it is given, which is needed afterwards. With copies in its place, "
            f"{and_joined(names)} come out differently.",
            names,
            float(difference.max() / largest),
            next((line for line in map(line_of, functions.values()) if line is not None), None),
            "return a new array, such as np.maximum(z, 0) or np.where(z > 0, 1.0, 0.0), and leave z as it is.",
        )
    ], guarded


def overwriting_functions(subject: LearnerSubject) -> dict[str, Callable[..., Any]]:
    """The functions that write to their arguments, by name, each called with a copy of what it gets in this pass."""
    z, a = subject.network.forward(subject.x)
    found: dict[str, Callable[..., Any]] = {}
    for i, activation in subject.network.activations.items():
        for name in ("activation", "prime"):
            function = getattr(activation.given, name, None)
            if callable(function) and _writes(function, z[i]):
                found[f"{activation.name}.{name}"] = function
    last = subject.network.n_layers
    for name in ("loss", "prime", "delta"):
        function = getattr(subject.loss.instance, name, None)
        if callable(function) and _writes_pair(function, subject.y, a[last]):
            found[f"{subject.loss.name}.{name}"] = function
    return found


def _writes(function: Callable[..., Any], z: Array) -> bool:
    given = z.copy()
    with own_code("A function that a gradient check calls fails:"):
        function(given)
    return not np.array_equal(given, z)


def _writes_pair(function: Callable[..., Any], y: Array, a: Array) -> bool:
    given = y.copy(), a.copy()
    try:
        with own_code(""):
            function(*given)
    except InvalidType:  # it takes something else than y_true and y_pred, and is left alone
        return False
    return not (np.array_equal(given[0], y) and np.array_equal(given[1], a))
