"""How far a worksheet goes, and which blanks that leaves."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.errors import InvalidArgument, nearest_names

__all__ = ["LEVELS", "Level", "Step", "level_named", "steps_of"]


@dataclass(frozen=True)
class Level:
    """A level of difficulty.

    Attributes
    ----------
    name : str
        ``"easy"``, ...
    number : int
        The same as a number, from 1.
    dimensions : tuple of int
        Units by layer, where none are asked for.
    asks : str
        What is asked, in a few words.
    backward, gradients, update : bool
        Whether loss and delta, dw and db, and the new weights and biases are asked, besides z and a.
    """

    name: str
    number: int
    dimensions: tuple[int, ...]
    asks: str
    backward: bool = False
    gradients: bool = False
    update: bool = False


LEVELS = (
    Level("easy", 1, (2, 3, 1), "z and a"),
    Level("medium", 2, (2, 3, 1), "z, a, the loss and delta", backward=True),
    Level("hard", 3, (2, 2, 1), "a whole step, to the new weights", backward=True, gradients=True, update=True),
    Level("deep", 4, (2, 2, 2, 1), "z, a, the loss, delta, dw and db", backward=True, gradients=True),
)


@dataclass(frozen=True)
class Step:
    """A part of a sheet: the arrays that are asked for together.

    Attributes
    ----------
    title : str
        Its heading.
    arrays : tuple of str
        Names of arrays of the trace, in the order of the computing.
    """

    title: str
    arrays: tuple[str, ...]


def level_named(level: str | int) -> Level:
    """A level by its name or its number.

    Raises
    ------
    InvalidArgument
        If there is none.
    """
    wanted = str(level).strip().lower()
    for each in LEVELS:
        if wanted in (each.name, str(each.number)):
            return each
    names = [each.name for each in LEVELS]
    raise InvalidArgument(
        f"{level!r} is no level; {nearest_names(wanted, names)} The numbers 1 to {len(LEVELS)} stand for them too."
    )


def steps_of(level: Level, n_layers: int, n_rows: int) -> tuple[Step, ...]:
    """What is asked at a level, in the order of the computing.

    Parameters
    ----------
    level : Level
        The level.
    n_layers : int
        Layers of the network, the input counted.
    n_rows : int
        Rows of the batch: of more than one, J is asked besides the loss of each.
    """
    forward = tuple(f"{letter}[{i}]" for i in range(2, n_layers + 1) for letter in ("z", "a"))
    steps = [Step("Forward", forward)]
    if level.backward:
        steps.append(Step("Loss", ("loss", "J") if n_rows > 1 else ("loss",)))
        steps.append(Step("Backward", tuple(f"delta[{i}]" for i in range(n_layers, 1, -1))))
    if level.gradients:
        gradients = tuple(f"{letter}[{i}]" for i in range(n_layers - 1, 0, -1) for letter in ("dw", "db"))
        steps.append(Step("Gradients", gradients))
    if level.update:
        new = tuple(f"new {letter}[{i}]" for i in range(1, n_layers) for letter in ("w", "b"))
        steps.append(Step("Update", new))
    return tuple(steps)
