"""What a command is given as RUN or model: a run folder or a model file, opened alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.errors import FileMissing, InvalidArgument
from chainrule.files.run_folder import CHECKPOINT_FILE, MODEL_FILE, RunFolder
from chainrule.model import Network, load

__all__ = ["RunOrModel", "check_place", "open_run_or_model"]

TABLE_ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".parquet", ".pq", ".npz")
"""A model is called otherwise."""

PROGRAM_ENDINGS = (".py", ".ipynb")
"""So are these, which are looked into from Python."""


@dataclass(frozen=True)
class RunOrModel:
    """A network, and where it comes from.

    Attributes
    ----------
    network : Network
        The network.
    file : Path
        The model file that it was in.
    run : RunFolder or None
        The run folder, if it was one that was given.
    """

    network: Network
    file: Path
    run: RunFolder | None

    @property
    def table(self) -> dict[str, Any]:
        """What the training knew of its table, such as its target; empty for a network made in Python."""
        return dict(self.network.notes.get("table", {}))


def open_run_or_model(place: Path) -> RunOrModel:
    """The network of a run folder or a model file; of a run that is not finished, what it has learned so far.

    Raises
    ------
    FileMissing
        If there is neither.
    FileFormatError
        If it is damaged or something else.
    """
    check_place(place)
    if not place.is_dir():
        return RunOrModel(load(place), place, None)
    run = RunFolder.opened(place)
    file = run.path / MODEL_FILE
    if not file.exists() and (run.path / CHECKPOINT_FILE).exists():
        file = run.path / CHECKPOINT_FILE
    return RunOrModel(load(file), file, run)


def check_place(place: Path) -> None:
    """Refuse what cannot be a run or a model, with what was probably meant.

    Raises
    ------
    InvalidArgument
        If it is a table or a program.
    FileMissing
        If nothing is there.
    """
    if not place.is_dir() and Path(place.name.removesuffix(".gz")).suffix.lower() in TABLE_ENDINGS:
        raise InvalidArgument(
            f"{place} is a table: give the run or the model first, as in `chainrule predict RUN {place}`."
        )
    if not place.is_dir() and place.suffix.lower() in PROGRAM_ENDINGS:
        what = "Python program" if place.suffix.lower() == ".py" else "notebook"
        raise InvalidArgument(
            f"{place} is a {what}: look into it from Python, chainrule.trace(network, x, y, MSE); docs/glassbox.md "
            "shows how."
        )
    if place.exists():
        return
    in_runs = Path("runs") / place
    if in_runs.is_dir():
        raise FileMissing(f"There is no run folder or model file {place}; did you mean {in_runs}?")
    raise FileMissing(
        f"There is no run folder or model file {place}. `chainrule runs` lists the runs, and `chainrule train digits` "
        "makes one."
    )
