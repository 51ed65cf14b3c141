"""Visits that several tests look at, each made once."""

from __future__ import annotations

import pytest

from chainrule.glassbox import museum

SAMPLE = 3
"""Epochs of the rooms that are not trained in full; with --proof, all are."""

IN_FULL = {
    "updated-before-used",
    "bias-never-updated",
    "softmax-twice",
    "exp-overflow",
    "log-of-0",
    "column-against-row",
    "batch-larger-than-the-table",
    "shuffle-that-duplicates",
}


@pytest.fixture(scope="session")
def visits(request):
    """Visits by room."""
    proof, made = request.config.getoption("--proof"), {}

    def visited(name: str) -> museum.Visit:
        if name not in made:
            made[name] = museum.visit(name, epochs=None if proof or name in IN_FULL else SAMPLE)
        return made[name]

    return visited
