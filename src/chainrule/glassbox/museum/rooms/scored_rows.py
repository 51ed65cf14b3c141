"""Accuracy on the rows that were learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.glassbox.museum.measurements import Figure, Finding, Measured
from chainrule.glassbox.museum.program import Change, Recipe
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms.departures import ALL_RIGHT
from chainrule.glassbox.museum.rooms.published_program import AS_PUBLISHED, POST_RECIPE
from chainrule.glassbox.museum.rooms.right_program import RIGHT
from chainrule.glassbox.museum.training import LARGEST_PIXEL, Rows, seeded, split_rows

__all__ = ["ROOM"]

N_BY_HEART = 300
"""Rows whose answers are drawn at random, few enough to be learned by heart."""

BY_HEART = Recipe(dimensions=(64, 64, 10), epochs=200)
"""Units and epochs enough to learn those rows by heart."""


def score(nn: Any, learn: Rows, held_out: Rows) -> float:
    """The share of rows that are recognised, as the post measures it."""
    rows = learn
    return float(np.mean(nn.predict(rows.x).argmax(axis=1) == rows.truth))


def score_held_out(nn: Any, learn: Rows, held_out: Rows) -> float:
    """The share of rows that are recognised."""
    rows = held_out
    return float(np.mean(nn.predict(rows.x).argmax(axis=1) == rows.truth))


def by_heart(programs: Sequence[Measured], recipe: Recipe, seed: int) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """What each score says of the program, and of one whose answers are drawn at random."""
    learn, held_out = split_rows(recipe)
    nn = programs[0].training.network
    drawn = np.random.default_rng(seed).integers(0, 10, N_BY_HEART)
    nonsense = Rows(learn.x[:N_BY_HEART] / LARGEST_PIXEL, drawn)
    with seeded(seed):
        parrot = RIGHT.network(BY_HEART.dimensions, RIGHT.activations)
        parrot.fit(
            nonsense.x, np.eye(10)[drawn], RIGHT.loss, BY_HEART.epochs, BY_HEART.batch_size, BY_HEART.learning_rate
        )
    others = Rows(held_out.x / LARGEST_PIXEL, held_out.truth)
    wrong, right = score(nn, learn, held_out), score_held_out(nn, learn, held_out)
    wrong_parrot, right_parrot = score(parrot, nonsense, others), score_held_out(parrot, nonsense, others)
    return [], [
        Finding(
            f"Of the published program, the first score says {100 * wrong:.1f} % and the second {100 * right:.1f} %. "
            "The second is what to expect of new digits.",
            {"published_wrong": wrong, "published_right": right},
        ),
        Finding(
            f"A program that was taught {N_BY_HEART} digits with answers drawn at random has nothing to learn but "
            f"those rows by heart. The first score gives it {100 * wrong_parrot:.1f} %, the second "
            f"{100 * right_parrot:.1f} %.",
            {"by_heart_wrong": wrong_parrot, "by_heart_right": right_parrot},
        ),
    ]


ROOM = Room(
    name="scored-on-training-rows",
    title="The accuracy on the rows that were learned from",
    story=(
        "After training, the program is scored on the rows that are at hand: those that it was trained on. The number "
        "is high and is taken for what the network can do with digits that it has not seen. It says how well it "
        "remembers."
    ),
    lesson="Hold rows out before anything is learned, and give both numbers.",
    programs=(AS_PUBLISHED,),
    changes=(Change(score, score_held_out),),
    recipe=POST_RECIPE,
    evidence=(
        "ritchie46/vanilla-machine-learning",
        "Naresh1318/GenderClassifier#1",
        "jorgenkg/python-neural-network#27",
    ),
    effect="none",
    fails_at=(),
    checked=(ALL_RIGHT,),
    unseen="It is no mistake of the program, but of what is said about it.",
    look=by_heart,
)
