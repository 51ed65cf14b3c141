"""A room of the museum: one mistake, with the story, the code, and where it has been seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chainrule.glassbox.museum.checking import checked
from chainrule.glassbox.museum.measurements import Effect, Figure, Finding, Measured
from chainrule.glassbox.museum.program import Change, Program, Recipe
from chainrule.glassbox.museum.source_lines import changed_lines
from chainrule.glassbox.museum.training import all_rows, split_rows, trained
from chainrule.glassbox.museum.visit import Visit
from chainrule.validation import whole_number

__all__ = ["Look", "Room"]

Look = Callable[[Sequence[Measured], Recipe, int], tuple[Sequence[Figure], Sequence[Finding]]]
"""What a room measures besides, from the trained programs, the recipe and the seed."""


@dataclass(frozen=True)
class Room:
    """One mistake, beside what is right.

    Attributes
    ----------
    name : str
        Such as ``derivative-at-a``.
    title : str
        The same for people.
    story : str
        What was written, what is right, and why the mistake is tempting.
    lesson : str
        What to do.
    programs : tuple of Program
        The wrong one first, the right one last.
    changes : tuple of Change
        The functions in which these differ.
    recipe : Recipe
        How they are trained.
    evidence : tuple of str
        Public repositories in which it has been found, with the number of the issue or the file.
    effect : {"costs", "none", "helps", "stops"}
        What it does to the accuracy on held-out rows.
    fails_at : tuple of str
        The arrays at which the gradient check of the wrong program fails; none where the check cannot see it.
    checked : tuple of Program, optional
        What the gradient check is made of, by default the programs: for departures of the published program, the one
        in which all else is right.
    unseen : str
        Why the gradient check cannot see it, as a sentence.
    look : callable, optional
        What is measured besides.
    """

    name: str
    title: str
    story: str
    lesson: str
    programs: tuple[Program, ...]
    changes: tuple[Change, ...]
    recipe: Recipe
    evidence: tuple[str, ...]
    effect: Effect
    fails_at: tuple[str, ...]
    checked: tuple[Program, ...] = ()
    unseen: str = ""
    look: Look | None = field(default=None, repr=False)

    def run(self, seed: int = 1, epochs: int | None = None) -> Visit:
        """Train the programs, check their gradients, and say what came of it.

        Parameters
        ----------
        seed : int
            Of the starting weights and the order of the rows.
        epochs : int, optional
            Fewer or more than the recipe's.

        Returns
        -------
        Visit
            Printed, it is the whole explanation.

        Raises
        ------
        InvalidArgument, InvalidType
            If the seed is no whole number from 0 on, or the epochs none from 1 on.
        MissingExtra
            If scikit-learn, which brings the rows, is not installed.
        """
        whole_number("seed", seed, minimum=0, maximum=2**32 - 1)
        recipe = self.recipe
        if epochs is not None:
            recipe = dataclasses.replace(recipe, epochs=whole_number("epochs", epochs, minimum=1))
        programs = tuple(_measured(program, recipe, seed) for program in self.programs)
        more, findings = self.look(programs, recipe, seed) if self.look else ((), ())
        return Visit(
            self,
            seed,
            recipe,
            programs,
            checked(self.checked or self.programs, recipe, seed),
            tuple(changed_lines(change) for change in self.changes),
            tuple(more),
            tuple(findings),
        )


def _measured(program: Program, recipe: Recipe, seed: int) -> Measured:
    learn, held_out = split_rows(recipe)
    on_three_quarters = trained(program, recipe, seed, learn, held_out)
    if not recipe.all_rows:
        return Measured(program, on_three_quarters)
    return Measured(program, on_three_quarters, trained(program, recipe, seed, all_rows(recipe.table), held_out))
