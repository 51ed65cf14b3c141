"""The rooms of the museum in the order of a tour, and by name."""

from __future__ import annotations

from chainrule.errors import InvalidArgument, nearest_names
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.rooms import (
    departures,
    hidden_layers,
    overflow,
    published_program,
    relu,
    residual,
    rows_in_order,
    scored_rows,
    shapes_and_types,
    softmax,
    starting_weights,
    sums_and_means,
)
from chainrule.glassbox.museum.visit import Visit

__all__ = ["ROOMS", "room", "rooms", "visit"]

ROOMS: tuple[Room, ...] = (
    published_program.ROOM,
    *departures.ROOMS,
    scored_rows.ROOM,
    *relu.ROOMS,
    *hidden_layers.ROOMS,
    residual.ROOM,
    *sums_and_means.ROOMS,
    *softmax.ROOMS,
    *overflow.ROOMS,
    *shapes_and_types.ROOMS,
    *rows_in_order.ROOMS,
    *starting_weights.ROOMS,
)


def rooms() -> tuple[Room, ...]:
    """All rooms, in the order of a tour: the published program first."""
    return ROOMS


def room(name: str) -> Room:
    """The room of this name.

    Raises
    ------
    InvalidArgument
        If there is none, with the nearest names.
    """
    by_name = {each.name: each for each in ROOMS}
    if name not in by_name:
        raise InvalidArgument(f"The museum has no room {name!r}; {nearest_names(name, by_name)}")
    return by_name[name]


def visit(name: str, seed: int = 1, epochs: int | None = None) -> Visit:
    """Run a room: train the wrong program and the right one, check both gradients, say what came of it.

    Parameters
    ----------
    name : str
        Such as ``"derivative-at-a"``; `rooms` has them all.
    seed : int
        Of the starting weights and the order of the rows.
    epochs : int, optional
        Fewer or more than the room's.

    Returns
    -------
    Visit
        Printed, it is the whole explanation.

    Raises
    ------
    InvalidArgument, InvalidType
        For a name that no room has, a seed that is no whole number from 0 on, or epochs that are none from 1 on.
    MissingExtra
        If scikit-learn, which brings the rows, is not installed.
    """
    return room(name).run(seed, epochs)
