"""How is a step carried out, fast? Each engine does what the NumPy engine specifies."""

from collections.abc import Callable

from chainrule.engines.choice import ENGINE_NAMES, EngineChoice, compiled_engine, engine_for
from chainrule.engines.engine import Engine
from chainrule.engines.numpy_engine import NumpyEngine
from chainrule.errors import InvalidArgument, nearest_names

__all__ = ["ENGINES", "ENGINE_NAMES", "Engine", "EngineChoice", "NumpyEngine", "engine_for", "engine_named"]

ENGINES: dict[str, Callable[[], Engine]] = {"numpy": NumpyEngine, "compiled": compiled_engine}
"""What makes each engine, by name."""


def engine_named(name: str) -> Engine:
    """A new engine.

    Raises
    ------
    InvalidArgument
        For an unknown name.
    MissingExtra
        For one that is not installed.
    """
    if name not in ENGINES:
        raise InvalidArgument(f"{name!r} is not the name of an engine; {nearest_names(str(name), ENGINES)}")
    return ENGINES[name]()
