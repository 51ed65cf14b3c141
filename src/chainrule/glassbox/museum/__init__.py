"""The museum of bugs: the published program beside each single correction, and classic mistakes, to be run."""

from chainrule.glassbox.museum.catalogue import room, rooms, visit
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.visit import Visit

__all__ = ["Room", "Visit", "room", "rooms", "visit"]
