"""``chainrule plot``: a training, the predictions or the weights of a network as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from chainrule.cli.output import AsJson, Debug, note, print_result
from chainrule.cli.picture_kind import PictureKind
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from chainrule.cli.labelled_table import LabelledTable
    from chainrule.cli.run_or_model import RunOrModel

__all__ = ["plot"]

PICTURE = Group("Picture", sort_key=20)


def plot(
    run_or_model: Path,
    kind: PictureKind | None = None,
    *,
    output: Annotated[Path | None, Parameter(group=PICTURE, alias="-o")] = None,
    file_format: Annotated[Literal["png", "svg", "pdf"], Parameter(name="--format", group=PICTURE)] = "png",
    table: Annotated[str | None, Parameter(group=PICTURE)] = None,
    target: Annotated[str | None, Parameter(group=PICTURE, alias="-t")] = None,
    image: Annotated[str | None, Parameter(group=PICTURE)] = None,
    member: Annotated[int, Parameter(group=PICTURE)] = 1,
    reading: ReadingOptions = READING_OPTIONS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draw a training, its predictions or its weights.

    Without a kind, draws all that there are for the model. Pictures are written into the run folder, or, of a model
    file, beside it.

    Parameters
    ----------
    run_or_model: Path
        A run folder or a model file.
    kind: str
        curves: loss and metrics by epoch. confusion: which classes were taken for which. calibration: how often what
        was given a probability came true. predicted: predicted numbers against true ones. residuals: what is left
        between them. weights: the first layer's units as images, where the columns are pixels; others as maps.
    output: Path
        The file to write one kind to, ending in .png, .svg or .pdf.
    file_format: str
        The format of files that are not named.
    table: str
        A table whose target is known, for confusion, calibration, predicted and residuals; by default, the rows that
        the run held out.
    target: str
        What the target is called in that table, where it is not called as in learning.
    image: str
        Height and width of the images whose pixels the columns are, such as 8x8; by default, square ones where all
        columns are called alike but for a number.
    member: int
        Whose weights to draw of an ensemble, counted from 1.
    """
    from chainrule.cli.labelled_table import held_out_table, labelled_table
    from chainrule.cli.pictures import PICTURES, Subject
    from chainrule.cli.run_or_model import open_run_or_model
    from chainrule.errors import require
    from chainrule.plots import save_figure

    require("matplotlib", "plot")
    model = open_run_or_model(run_or_model)

    def rows() -> LabelledTable:
        if table is None:
            return held_out_table(model)
        return labelled_table(model, table, reading.reading, target=target)

    files = _files(model, kind, output, file_format, has_rows=table is not None or model.run is not None)
    subject = Subject(model, rows, None if image is None else _image_shape(image), member)
    for each, file in files.items():
        save_figure(PICTURES[each](subject), file)
    result = {"pictures": [{"kind": each, "file": str(file)} for each, file in files.items()]}
    print_result(result, lambda: "\n".join(f"{each:<12} {file}" for each, file in files.items()), as_json)


def _files(
    model: RunOrModel, kind: PictureKind | None, output: Path | None, file_format: str, *, has_rows: bool
) -> dict[PictureKind, Path]:
    """Which pictures to draw, and the file for each.

    Raises
    ------
    InvalidArgument
        If the kind cannot be drawn of this model, or one file is named for all kinds.
    """
    from chainrule.cli.pictures import fitting_kinds
    from chainrule.errors import InvalidArgument
    from chainrule.plots.figure_file import figure_format

    reasons = fitting_kinds(model, has_rows=has_rows)
    if kind is not None and reasons[kind]:
        raise InvalidArgument(f"{kind} cannot be drawn of {model.file}: {reasons[kind]}.")
    if output is not None:
        figure_format(output)
        if kind is None:
            raise InvalidArgument(f"--output names one file: say which picture, of {', '.join(reasons)}.")
        return {kind: output}
    if kind is None:
        for each, reason in reasons.items():
            if reason.startswith(("there is no", "it needs")):
                note(f"{each} is left out: {reason}")
    kinds = [each for each, reason in reasons.items() if not reason] if kind is None else [kind]
    if model.run is not None:
        return {each: model.run.path / f"{each}.{file_format}" for each in kinds}
    return {each: model.file.with_name(f"{model.file.stem}-{each}.{file_format}") for each in kinds}


def _image_shape(text: str) -> tuple[int, int]:
    from chainrule.errors import InvalidArgument

    height, _, width = text.lower().partition("x")
    if not (height.isdecimal() and width.isdecimal() and int(height) * int(width) > 0):
        raise InvalidArgument(f"--image takes height and width in pixels, such as 8x8, not {text!r}.")
    return int(height), int(width)
