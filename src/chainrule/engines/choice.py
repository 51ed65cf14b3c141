"""Which engine carries out a training: the one asked for, or by a fixed rule from the sizes alone."""

from __future__ import annotations

from typing import Any, NamedTuple

from chainrule.engines.engine import Engine
from chainrule.engines.numpy_engine import NumpyEngine
from chainrule.engines.problem import Problem, Variables
from chainrule.errors import InvalidArgument, InvalidType, nearest_names

__all__ = ["ENGINE_NAMES", "EngineChoice", "engine_for"]

ENGINE_NAMES = ("auto", "numpy")
"""What `engine_for` takes."""


class EngineChoice(NamedTuple):
    """An engine, and a sentence on why it is not the one that was asked for; empty where it is."""

    engine: Engine
    reason: str = ""


def engine_for(name: Any, problem: Problem, epochs: int, variables: Variables) -> EngineChoice:
    """The engine for a training of so many epochs.

    Raises
    ------
    InvalidArgument, InvalidType
        For what is not the name of an engine.
    """
    if not isinstance(name, str):
        raise InvalidType(f"engine is a name, one of {', '.join(ENGINE_NAMES)}, not {name!r}.")
    if name not in ENGINE_NAMES:
        raise InvalidArgument(f"{name!r} is not the name of an engine; {nearest_names(name, ENGINE_NAMES)}")
    return EngineChoice(NumpyEngine())
