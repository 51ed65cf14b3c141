"""The project's gradient check on the programs of a room, on a small network of the same depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.errors import InvalidType
from chainrule.glassbox.gradient_check import AGREEMENT, GradientCheck, check_gradients
from chainrule.glassbox.museum.program import Program, Recipe
from chainrule.glassbox.museum.training import seeded

__all__ = ["CheckedProgram", "checked"]

N_ROWS = 8
N_INPUTS, N_HIDDEN, N_CLASSES = 4, 5, 3
"""Each parameter costs two evaluations of J, and a mistake is in every entry or in none: a small network will do."""


@dataclass(frozen=True)
class CheckedProgram:
    """The gradient check of a program.

    Attributes
    ----------
    label : str
        Of the program.
    check : GradientCheck, optional
        None where the program stopped.
    stopped : str
        Why it cannot be checked.
    """

    label: str
    check: GradientCheck | None
    stopped: str = ""

    @property
    def errors(self) -> dict[str, float]:
        """The relative error of each array of parameters, by its name."""
        return {} if self.check is None else {array.name: array.relative_error for array in self.check.arrays}

    @property
    def reading(self) -> tuple[str, ...]:
        """What the check itself says that the mistake is."""
        return () if self.check is None else tuple(finding.sentence for finding in self.check.reading)

    @property
    def fails_at(self) -> tuple[str, ...]:
        """The arrays whose gradient is wrong."""
        return tuple(name for name, error in self.errors.items() if not error < AGREEMENT)


def checked(programs: Sequence[Program], recipe: Recipe, seed: int) -> tuple[CheckedProgram, ...]:
    """Check the gradient of each program as it starts, on the same made rows."""
    return tuple(_checked(program, recipe, seed) for program in programs)


def _checked(program: Program, recipe: Recipe, seed: int) -> CheckedProgram:
    hidden = (N_HIDDEN,) * (len(recipe.dimensions) - 2)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(N_ROWS, N_INPUTS))
    if recipe.shape == "one-hot":
        y = np.eye(N_CLASSES)[np.arange(N_ROWS) % N_CLASSES]
    else:
        y = rng.normal(size=(N_ROWS, 1) if recipe.shape == "column" else N_ROWS)
    dimensions = (N_INPUTS, *hidden, N_CLASSES if recipe.shape == "one-hot" else 1)
    with seeded(seed):
        try:
            network = program.network(dimensions, program.activations)
            return CheckedProgram(program.label, check_gradients(network, x, y, program.loss))
        except InvalidType as error:
            if program.stops is None:
                raise
            return CheckedProgram(program.label, None, str(error))
