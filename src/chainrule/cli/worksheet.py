"""``chainrule worksheet``: exercises on one step of a small network, to print, and the answers marked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from chainrule.cli.output import AsJson, Debug, note, print_result

if TYPE_CHECKING:
    from chainrule.glassbox.worksheets import Worksheets

__all__ = ["worksheet"]

SHEETS = Group("Sheets", sort_key=20)
GRADING = Group("Grading", sort_key=30)

MOST_BYTES = 1_000_000
"""Of a file with names, one a line."""


def worksheet(
    *,
    seed: Annotated[int | None, Parameter(group=SHEETS)] = None,
    students: Annotated[int | None, Parameter(group=SHEETS)] = None,
    level: Annotated[str | None, Parameter(group=SHEETS)] = None,
    dimensions: Annotated[str | None, Parameter(group=SHEETS)] = None,
    activation: Annotated[str | None, Parameter(group=SHEETS)] = None,
    loss: Annotated[str | None, Parameter(group=SHEETS)] = None,
    rows: Annotated[int | None, Parameter(group=SHEETS)] = None,
    names: Annotated[Path | None, Parameter(group=SHEETS)] = None,
    grade: Annotated[Path | None, Parameter(group=GRADING)] = None,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write exercises on one step of a small network: each student computes another, equally hard one by hand.

    The new folder holds a page for each student, the solutions, and answers.csv, into which the answers go. Then
    --grade marks them: each is right, follows rightly from the student's own earlier numbers, or is wrong with the
    likely mistake.

    Parameters
    ----------
    seed: int
        Of the numbers: the same seed and options give the same sheets. By default 0.
    students: int
        How many sheets; by default as many as names, or 1.
    level: str
        easy or 1: z and a; medium or 2: the loss and delta besides (the default); hard or 3: a whole step, to the new
        weights; deep or 4: two hidden layers, up to dw and db.
    dimensions: str
        Units by layer, the input first, such as 2,3,1; by default those of the level.
    activation: str
        Of the hidden layers, or one for each, such as relu,sigmoid: relu (the default), sigmoid, tanh or identity.
    loss: str
        mse, mae, binary_cross_entropy or cross_entropy; by default what goes with the output.
    rows: int
        Rows of the batch; by default 1.
    names: Path
        A text file with the students' names, one a line.
    grade: Path
        The filled-in answers.csv, or the folder of the sheets. The sheets are known from the folder that it lies in, or
        else by the options that they were made with.
    output: Path
        Where to write: the new folder (by default worksheets-SEED), or the folder for marks.csv and marks.html (by
        default that of the answers).
    """
    asked = {
        "seed": seed,
        "students": students,
        "level": level,
        "dimensions": dimensions,
        "activation": activation,
        "loss": loss,
        "rows": rows,
        "names": names,
    }
    if grade is None:
        _hand_out(_made(asked), output, as_json=as_json)
    else:
        _mark(grade, asked, output, as_json=as_json)


def _hand_out(sheets: Worksheets, output: Path | None, *, as_json: bool) -> None:
    """Write sheets, and say where."""
    folder = sheets.write(output)
    result = {"folder": str(folder), "students": len(sheets), "blanks": sheets.settings.n_questions}
    print_result(result | {"settings": sheets.settings.data()}, lambda: _written(sheets, folder), as_json)


def _mark(grade: Path, asked: dict[str, Any], output: Path | None, *, as_json: bool) -> None:
    """Mark the answers in a file or a folder, write the marks, and print them."""
    from chainrule.glassbox.worksheets import grade as graded
    from chainrule.glassbox.worksheets.folder import ANSWERS

    answers = grade / ANSWERS if grade.is_dir() else grade
    marks = graded(_handed_out(asked, answers), answers)
    table, page = marks.write(answers.parent if output is None else output)
    note(*marks.notes)
    result = {**marks.data(), "table": str(table), "page": str(page)}
    print_result(result, lambda: f"{marks}\n{'written':30} {table}, {page}", as_json)


def _handed_out(asked: dict[str, Any], answers: Path) -> Worksheets:
    """The sheets that are answered: those of the folder, if it is one of worksheets, or those asked for."""
    from chainrule.errors import InvalidArgument
    from chainrule.glassbox.worksheets import read_worksheets
    from chainrule.glassbox.worksheets.folder import SETTINGS

    if not (answers.parent / SETTINGS).is_file():
        if asked["seed"] is None:
            raise InvalidArgument(
                f"{answers} does not lie in a folder of worksheets: give --seed and the other options that these were "
                "made with."
            )
        return _made(asked)
    sheets = read_worksheets(answers.parent)
    given = {name: value for name, value in asked.items() if value is not None}
    if given:
        wanted = _made(given | {"seed": given.get("seed", sheets.settings.seed)}).settings.data()
        for name in given:
            told = "activations" if name == "activation" else name
            if wanted[told] != sheets.settings.data()[told]:
                raise InvalidArgument(
                    f"The sheets in {answers.parent} were made with another --{name}: leave it out, since the folder "
                    "knows how they were made."
                )
    return sheets


def _made(asked: dict[str, Any]) -> Worksheets:
    from chainrule.errors import InvalidArgument
    from chainrule.glassbox.worksheets import worksheet as made

    given = {name: value for name, value in asked.items() if value is not None}
    if "dimensions" in given:
        sizes = given["dimensions"].split(",")
        if not all(each.strip().isdecimal() for each in sizes):
            raise InvalidArgument(
                f"--dimensions is whole numbers with commas between, such as 2,3,1, not {given['dimensions']!r}."
            )
        given["dimensions"] = [int(each) for each in sizes]
    if "names" in given:
        given["names"] = _names(given["names"])
    return made(**given)


def _names(path: Path) -> list[str]:
    """The lines of a file that are not empty."""
    from chainrule.errors import FileFormatError, FileMissing

    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise FileMissing(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(content) > MOST_BYTES:
        raise FileFormatError(f"{path} is too large for a list of names, one a line.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileFormatError(f"{path} is no text in UTF-8; it lists the students' names, one a line.") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def _written(sheets: Worksheets, folder: Path) -> str:
    settings = sheets.settings
    sizes = "-".join(map(str, settings.dimensions))
    lines = [
        f"{'sheets':30} {len(sheets)}, each {sizes} with {settings.n_questions} blanks ({settings.level}: "
        f"{settings.how_far.asks})",
        f"{'to hand out':30} {folder}/student-*.html",
        f"{'solutions':30} {folder}/solutions.html",
        f"{'for the answers':30} {folder}/answers.csv",
        f"{'then':30} chainrule worksheet --grade {folder}",
    ]
    return "\n".join(lines)
