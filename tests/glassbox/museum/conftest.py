"""Visits that several tests look at, each made once."""

from __future__ import annotations

import pytest

from chainrule.glassbox import museum

SAMPLE = 3
"""Epochs of the rooms that are trained by the post's recipe, which has 100."""


@pytest.fixture(scope="session")
def visits(request):
    """Visits by room, in full; those by the post's recipe in a sample of epochs, but for the first, and with --proof."""
    in_full, made = request.config.getoption("--proof"), {}

    def visited(name: str) -> museum.Visit:
        if name not in made:
            room = museum.room(name)
            sampled = room.recipe.all_rows and name != "the-published-program" and not in_full
            made[name] = room.run(epochs=SAMPLE if sampled else None)
        return made[name]

    return visited
