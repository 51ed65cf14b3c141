"""What a set of worksheets is made from: with the same settings, the same sheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.glassbox.worksheets.levels import Level, Step, level_named, steps_of
from chainrule.validation import whole_number

__all__ = ["ACTIVATION_NAMES", "LOSS_NAMES", "WorksheetSettings", "worksheet_settings"]

ACTIVATION_NAMES = ("relu", "sigmoid", "tanh", "identity")
"""Activations that a person can compute with a pocket calculator; softmax besides, as the output."""

LOSS_NAMES = ("mse", "mae", "binary_cross_entropy", "cross_entropy")

OUTPUT_OF_LOSS = {"mse": "identity", "mae": "identity", "binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
LOSS_OF_OUTPUT = {"sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}

MOST_UNITS = 4
MOST_LAYERS = 5
MOST_ROWS = 4
MOST_STUDENTS = 1000
MOST_QUESTIONS = 48
"""So many fit on two pages, with room to calculate."""

MOST_NAME = 60

EXACT = ("relu", "identity")
PLACES = 3


@dataclass(frozen=True)
class WorksheetSettings:
    """What a set of worksheets is made from. `worksheet_settings` fills in and checks.

    Attributes
    ----------
    seed : int
        Of the numbers.
    students : int
        How many sheets.
    level : str
        Name of the level.
    dimensions : tuple of int
        Units by layer, the input first.
    activations : tuple of str
        By layer from 2, the output last.
    loss : str
        Name of the loss.
    rows : int
        Rows of the batch.
    names : tuple of str
        The students' names, one a sheet; empty where they go by number.
    """

    seed: int
    students: int
    level: str
    dimensions: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    rows: int
    names: tuple[str, ...] = ()

    @property
    def how_far(self) -> Level:
        """The level."""
        return level_named(self.level)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is asked."""
        return steps_of(self.how_far, len(self.dimensions), self.rows)

    @property
    def is_exact(self) -> bool:
        """Whether results have few decimals, so that nothing needs to be rounded."""
        shares = self.rows * (self.dimensions[-1] if self.loss in ("mse", "mae") else 1)
        divides = self.how_far.backward and shares > 2
        return all(each in EXACT for each in self.activations) and not divides

    @property
    def learning_rate(self) -> float:
        """Size of the step: large enough that the weights move by more than what is rounded away."""
        return 0.1 if self.is_exact else 0.5

    @property
    def n_questions(self) -> int:
        """Blanks of a sheet."""
        return sum(self._size(name) for step in self.steps for name in step.arrays)

    def _size(self, name: str) -> int:
        if name in ("loss", "J"):
            return self.rows if name == "loss" else 1
        letter, _, rest = name.removeprefix("new ").partition("[")
        i = int(rest.rstrip("]"))
        if letter in ("z", "a", "delta"):
            return self.rows * self.dimensions[i - 1]
        return self.dimensions[i] * (self.dimensions[i - 1] if letter in ("w", "dw") else 1)

    def student_name(self, student: int) -> str:
        """What the student of a number, from 1, is called in the table of answers."""
        return self.names[student - 1] if self.names else str(student)

    def data(self) -> dict[str, Any]:
        """As plain data, for a file."""
        return asdict(self)


def worksheet_settings(
    seed: int = 0,
    students: int | None = None,
    level: str | int = "medium",
    *,
    dimensions: Sequence[int] | None = None,
    activation: str | Sequence[str] | None = None,
    loss: str | None = None,
    rows: int = 1,
    names: Sequence[str] = (),
) -> WorksheetSettings:
    """Settings with all that is not said filled in.

    Parameters
    ----------
    seed : int
        Of the numbers, 0 or more.
    students : int, optional
        How many sheets; by default as many as names, or 1.
    level : str or int
        ``"easy"`` (1): z and a; ``"medium"`` (2): the loss and delta besides; ``"hard"`` (3): dw, db and the new
        weights and biases besides; ``"deep"`` (4): two hidden layers, up to dw and db.
    dimensions : sequence of int, optional
        Units by layer, the input first; by default those of the level.
    activation : str or sequence of str, optional
        Of the hidden layers, or one for each layer from 2, with commas between: ``"relu"``, ``"relu,sigmoid"``. By
        default relu, and at the output what goes with the loss.
    loss : str, optional
        By default what goes with the output: squared error, or the cross-entropy of a sigmoid or softmax.
    rows : int
        Rows of the batch.
    names : sequence of str
        The students' names.

    Raises
    ------
    InvalidArgument, InvalidType
        With what is wrong, and what there is to choose from.
    """
    chosen = level_named(level)
    activation = _listed_names(activation)
    called = _names(names)
    n_students = _n_students(students, len(called))
    if called and n_students != len(called):
        raise InvalidArgument(f"There are {len(called)} names for {n_students} students; leave the number out.")
    if loss is not None and loss not in LOSS_NAMES:
        raise InvalidArgument(f"{loss!r} is no loss of a worksheet; {nearest_names(str(loss), LOSS_NAMES)}")
    units = _dimensions(dimensions, chosen, loss, activation)
    activations = _activations(activation, len(units) - 1, loss)
    found = WorksheetSettings(
        seed=whole_number("seed", seed, minimum=0),
        students=n_students,
        level=chosen.name,
        dimensions=units,
        activations=activations,
        loss=loss or LOSS_OF_OUTPUT.get(activations[-1], "mse"),
        rows=whole_number("rows", rows, minimum=1, maximum=MOST_ROWS),
        names=called,
    )
    _check_output(found)
    if found.n_questions > MOST_QUESTIONS:
        raise InvalidArgument(
            f"That makes {found.n_questions} blanks, and {MOST_QUESTIONS} fit on two pages: take fewer units or rows, "
            "or an easier level."
        )
    return found


def _listed_names(activation: str | Sequence[str] | None) -> str | Sequence[str] | None:
    if activation is None or isinstance(activation, str):
        return activation
    if not isinstance(activation, Sequence) or not all(isinstance(each, str) for each in activation):
        raise InvalidType(f"activation is a name, or a list of names, not {activation!r:.60}.")
    return activation


def _n_students(students: int | None, named: int) -> int:
    wanted = (named or 1) if students is None else students
    return whole_number("students", wanted, minimum=1, maximum=MOST_STUDENTS)


def _names(names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(names, str) or not isinstance(names, Iterable) or not all(isinstance(each, str) for each in names):
        raise InvalidType("names is a list of texts, one for each student.")
    called = tuple(" ".join(each.split()) for each in names)
    for name in called:
        if not name or len(name) > MOST_NAME or not name.isprintable():
            raise InvalidArgument(f"{name[:80]!r} is no name: give 1 to {MOST_NAME} characters that can be printed.")
        if name.isdigit():
            raise InvalidArgument(f"{name!r} is a number, which stands for a sheet's own; give the students' names.")
    twice = next((name for name in called if [each.casefold() for each in called].count(name.casefold()) > 1), None)
    if twice is not None:
        raise InvalidArgument(f"The name {twice!r} is there twice; the answers could not be told apart.")
    return called


def _dimensions(
    dimensions: Sequence[int] | None, level: Level, loss: str | None, activation: str | Sequence[str] | None
) -> tuple[int, ...]:
    if dimensions is None:
        classes = loss == "cross_entropy" or (activation is not None and "softmax" in activation)
        return (*level.dimensions[:-1], 2) if classes else level.dimensions
    if not isinstance(dimensions, list | tuple | np.ndarray):
        raise InvalidType(f"dimensions is a list of whole numbers, such as (2, 3, 1), not {dimensions!r:.60}.")
    if not 3 <= len(dimensions) <= MOST_LAYERS:
        raise InvalidArgument(
            f"dimensions names {len(dimensions)} layers; a worksheet has 3 to {MOST_LAYERS}, the input first."
        )
    return tuple(whole_number("A layer of dimensions", each, minimum=1, maximum=MOST_UNITS) for each in dimensions)


def _activations(activation: str | Sequence[str] | None, computed: int, loss: str | None) -> tuple[str, ...]:
    given = "relu" if activation is None else activation
    listed = [each.strip().lower() for each in (given.split(",") if isinstance(given, str) else given)]
    output = OUTPUT_OF_LOSS[loss] if loss else "identity"
    if len(listed) == 1 and listed[0] != "softmax":
        listed = [*listed * (computed - 1), output]
    if len(listed) != computed:
        raise InvalidArgument(
            f"activation names {len(listed)}, and there are {computed} layers after the input: name one for the hidden "
            "layers, or one for each."
        )
    for i, name in enumerate(listed):
        known = (*ACTIVATION_NAMES, "softmax") if i == computed - 1 else ACTIVATION_NAMES
        if name not in known:
            where = "the output" if i == computed - 1 else "a hidden layer"
            raise InvalidArgument(f"{name!r} is no activation for {where} of a worksheet; {nearest_names(name, known)}")
    return tuple(listed)


def _check_output(settings: WorksheetSettings) -> None:
    output, wanted = settings.activations[-1], OUTPUT_OF_LOSS[settings.loss]
    if settings.loss in ("binary_cross_entropy", "cross_entropy") and output != wanted:
        raise InvalidArgument(f"The loss {settings.loss} goes with {wanted} as the output's activation, not {output}.")
    if output == "softmax" and settings.loss != "cross_entropy":
        raise InvalidArgument(f"A softmax output goes with the loss cross_entropy, not {settings.loss}.")
    if output == "softmax" and settings.dimensions[-1] < 2:
        raise InvalidArgument("A softmax needs two outputs or more: end dimensions with 2.")
    if output == "relu":
        raise InvalidArgument(
            "A relu as the output gives no negative number, and no slope where it is 0: take identity."
        )
