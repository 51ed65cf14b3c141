"""Which engine carries out a training: the one asked for, or by a fixed rule from the sizes alone."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from chainrule.engines.coverage import not_compiled
from chainrule.engines.engine import Engine
from chainrule.engines.numpy_engine import NumpyEngine
from chainrule.engines.problem import Problem, Variables
from chainrule.errors import InvalidArgument, InvalidType, nearest_names, require

if TYPE_CHECKING:
    from chainrule.engines.compiled import CompiledEngine

__all__ = [
    "ENGINE_NAMES",
    "EngineChoice",
    "check_engine_name",
    "compiled_engine",
    "engine_for",
    "numpy_seconds",
    "require_compiled",
]

ENGINE_NAMES = ("auto", "numpy", "compiled")
"""What `engine_for` takes."""

FAST_PACKAGES = ("numba", "scipy", "threadpoolctl")
"""What the compiled engine needs, and the extra `fast` brings."""

WORTHWHILE_SECONDS = 1.0
"""Of the NumPy engine's time, about, from which loading compiled code pays."""

CALL_SECONDS, NUMBER_SECONDS, OPERATION_SECONDS = 5e-6, 1e-9, 1 / 60e9
"""A layer's calls in a step, a number that passes through, an operation of a product: benchmarks/results/training.json,
rounded. They decide alone, so that the choice is the same on every machine."""


class EngineChoice(NamedTuple):
    """An engine, and a sentence on why it is not the one that was asked for; empty where it is."""

    engine: Engine
    reason: str = ""


def engine_for(name: Any, problem: Problem, epochs: int, variables: Variables) -> EngineChoice:
    """The engine for a training of so many epochs.

    "auto" is the compiled engine where the extra `fast` is installed, it knows everything that the training has, and
    NumPy would take more than about a second.

    Raises
    ------
    InvalidArgument, InvalidType
        For what is not the name of an engine.
    MissingExtra
        For the compiled engine where it is not installed.
    """
    check_engine_name(name, ENGINE_NAMES)
    if name == "numpy":
        return EngineChoice(NumpyEngine())
    if name == "auto" and not (_installed() and numpy_seconds(problem, epochs, variables) >= WORTHWHILE_SECONDS):
        return EngineChoice(NumpyEngine())
    if unknown := not_compiled(problem):
        return EngineChoice(NumpyEngine(), f"The compiled engine has no {unknown}, so NumPy carried out the steps.")
    try:
        engine = compiled_engine()
    except ImportError as error:  # installed, and of no use: a numba that does not know this NumPy, say
        if name != "auto":
            raise
        reason = f"The compiled engine cannot be loaded ({str(error).splitlines()[0]}), so NumPy carried out the steps."
        return EngineChoice(NumpyEngine(), reason)
    try:
        engine.prepare(problem, variables)
    except KeyboardInterrupt:  # what numba was about to do is nobody's concern
        raise KeyboardInterrupt(
            "Interrupted while the compiled engine was made ready: nothing was learned, and the next training goes on "
            "compiling."
        ) from None
    return EngineChoice(engine)


def check_engine_name(name: Any, names: Sequence[str]) -> None:
    """Refuse what is none of these names.

    Raises
    ------
    InvalidArgument, InvalidType
        With the names.
    """
    if not isinstance(name, str):
        raise InvalidType(f"engine is a name, one of {', '.join(names)}, not {name!r}.")
    if name not in names:
        raise InvalidArgument(f"{name!r} is not the name of an engine; {nearest_names(name, names)}")


def require_compiled() -> None:
    """Make sure that the compiled engine can be had.

    Raises
    ------
    MissingExtra
        If the extra `fast` is not installed.
    """
    for package in FAST_PACKAGES:
        require(package, "fast")


def compiled_engine() -> CompiledEngine:
    """A new compiled engine.

    Raises
    ------
    MissingExtra
        If the extra `fast` is not installed.
    """
    require_compiled()
    from chainrule.engines.compiled import CompiledEngine

    return CompiledEngine()


@cache
def _installed() -> bool:
    return all(importlib.util.find_spec(package) is not None for package in FAST_PACKAGES)


def numpy_seconds(problem: Problem, epochs: int, variables: Variables) -> float:
    """About how long the NumPy engine takes for so many epochs, from the sizes alone."""
    layers = problem.objective.architecture.dense_layers.values()
    n, n_networks = problem.batch_size, variables.theta.size // variables.theta.shape[-1]
    products = sum(6 * n * layer.n_in * layer.n_out for layer in layers)
    numbers = 4 * sum(n * (layer.n_in + layer.n_out) for layer in layers) + 6 * variables.theta.shape[-1]
    step = CALL_SECONDS * len(layers) + n_networks * (NUMBER_SECONDS * numbers + OPERATION_SECONDS * products)
    return float(epochs * problem.steps_per_epoch * step)
