"""``chainrule museum``: the published program beside each single correction, and classic mistakes, to be run."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from chainrule.cli.output import AsJson, Debug, coloured, note, print_result

if TYPE_CHECKING:
    from chainrule.glassbox.museum import Room

__all__ = ["museum"]

VISIT = Group("Visit", sort_key=20)

EFFECTS = {"costs": "falls", "none": "as good", "helps": "rises", "stops": "stops"}
"""What becomes of the accuracy, in the list of rooms."""


def museum(
    room: str | None = None,
    *,
    plot: Annotated[Path | None, Parameter(group=VISIT, alias="-p")] = None,
    seed: Annotated[int, Parameter(group=VISIT)] = 1,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Run the published program beside each single correction, and classic mistakes.

    Without a room, lists them all.

    Parameters
    ----------
    room: str
        The name of a mistake: it is trained beside what is right, both gradients are checked, and the code that makes
        the difference is shown.
    plot: Path
        A file for the picture, ending in .png, .svg or .pdf: loss, accuracy and gradient check of both programs.
    seed: int
        Of the starting weights and the order of the rows.
    """
    from chainrule.glassbox.museum import rooms

    if room is None:
        _refuse_options_of_a_visit(plot, seed)
        listed = rooms()
        print_result({"rooms": [_room_data(each) for each in listed]}, lambda: _list_text(listed), as_json)
        return
    _visit(room, plot, seed, as_json)


def _refuse_options_of_a_visit(plot: Path | None, seed: int) -> None:
    from chainrule.errors import InvalidArgument

    if plot is not None or seed != 1:
        option = "--plot" if plot is not None else "--seed"
        raise InvalidArgument(f"{option} is of a visit: name a room, such as `chainrule museum derivative-at-a`.")


def _visit(name: str, plot: Path | None, seed: int, as_json: bool) -> None:
    from chainrule.errors import require
    from chainrule.glassbox import museum
    from chainrule.glassbox.museum.visit_text import visit_text

    if plot is not None:
        from chainrule.plots.figure_file import figure_format

        figure_format(plot)
        require("matplotlib", "plot")
    visited = museum.visit(name, seed)
    data: dict[str, Any] = visited.data()
    if plot is not None:
        from chainrule.plots import plot_visit, save_figure

        save_figure(plot_visit(visited), plot)
        data["plot"] = str(plot)
        note(f"the picture is in {plot}")
    styles = [lambda text, style=style: coloured(text, style) for style in ("bold", "red", "green")]
    print_result(data, lambda: visit_text(visited, *styles), as_json)


def _room_data(room: Room) -> dict[str, Any]:
    return {
        "room": room.name,
        "title": room.title,
        "story": room.story,
        "effect": room.effect,
        "fails_at": room.fails_at,
        "evidence": room.evidence,
    }


def _list_text(rooms: Sequence[Room]) -> str:
    width = max(len(room.name) for room in rooms)
    heading = f"{'room':<{width}}  {'accuracy':<8}  {'check':<8}  mistake"
    lines = [coloured(heading, "bold")]
    for room in rooms:
        seen = "sees it" if room.fails_at else "blind" if room.effect != "stops" else "says why"
        lines.append(f"{room.name:<{width}}  {EFFECTS[room.effect]:<8}  {seen:<8}  {room.title}")
    explanation = (
        "accuracy: what becomes of it with the mistake, on held-out rows. check: whether the gradient check sees it. "
        "`chainrule museum ROOM` runs a room and explains it."
    )
    return "\n".join([*lines, "", *textwrap.wrap(explanation, 100)])
