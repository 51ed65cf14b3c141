"""What a command is given as RUN or model: a run folder or a model file, opened alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.errors import FileMissing
from chainrule.files.run_folder import CHECKPOINT_FILE, MODEL_FILE, RunFolder
from chainrule.model import Network, load

__all__ = ["RunOrModel", "open_run_or_model"]


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
    if not place.is_dir():
        if not place.exists():
            raise FileMissing(
                f"There is no run folder or model file {place}. `chainrule runs` lists the runs, and `chainrule train "
                "digits` makes one."
            )
        return RunOrModel(load(place), place, None)
    run = RunFolder.opened(place)
    file = run.path / MODEL_FILE
    if not file.exists() and (run.path / CHECKPOINT_FILE).exists():
        file = run.path / CHECKPOINT_FILE
    return RunOrModel(load(file), file, run)
