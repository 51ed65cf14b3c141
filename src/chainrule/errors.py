"""What can go wrong, as sentences: what is wrong, with its value, and what to do about it.

::

    ChainruleError
    ├── InvalidArgument (ValueError)        a value that cannot be used
    ├── InvalidType (TypeError)             a value of the wrong kind
    ├── UnknownKey (KeyError)               a key that a mapping does not have
    ├── TrainingDiverged (ArithmeticError)  numbers became NaN or infinite; the last finite parameters are kept
    │   └── FitDiverged (ValueError)        the same in an estimator's fit (chainrule.estimators.divergence)
    ├── FileFormatError (ValueError)        a file that is damaged, incomplete or of a newer format
    ├── FileMissing (FileNotFoundError)     a file or folder that is not there
    ├── FileNotWritten (OSError)            a file that could not be written; an earlier one is as it was
    └── MissingExtra (ImportError)          an optional dependency that is not installed
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable
from types import ModuleType

__all__ = [
    "WRONG_DATA",
    "ChainruleError",
    "FileFormatError",
    "FileMissing",
    "FileNotWritten",
    "InvalidArgument",
    "InvalidType",
    "MissingExtra",
    "TrainingDiverged",
    "UnknownKey",
    "nearest_names",
    "require",
]


class ChainruleError(Exception):
    """The root of every error that chainrule raises on purpose."""


class InvalidArgument(ChainruleError, ValueError):
    """A value that cannot be used."""


class InvalidType(ChainruleError, TypeError):
    """A value of the wrong kind."""


class UnknownKey(ChainruleError, KeyError):
    """A key that a mapping does not have."""

    __str__ = Exception.__str__  # KeyError would show the sentence in quotes


class TrainingDiverged(ChainruleError, ArithmeticError):
    """Training met NaN or infinity; the network holds the last finite parameters.

    Attributes
    ----------
    layer : int
        Number of the first layer with a value that is not finite, in the post's numbering (the first computed
        layer is 2); the output layer where only the loss is not finite.
    epoch : int
        Epoch, counted from 1.
    batch : int
        Batch in that epoch, counted from 1.
    """

    def __init__(self, message: str, *, layer: int, epoch: int, batch: int) -> None:
        super().__init__(message)
        self.layer, self.epoch, self.batch = layer, epoch, batch

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions are rebuilt from their positional arguments alone; processes hand them on by pickle.
        return _rebuild_diverged, (str(self), self.layer, self.epoch, self.batch)


def _rebuild_diverged(message: str, layer: int, epoch: int, batch: int) -> TrainingDiverged:
    return TrainingDiverged(message, layer=layer, epoch=epoch, batch=batch)


class FileFormatError(ChainruleError, ValueError):
    """A file that is damaged, incomplete or of a newer format."""


class FileMissing(ChainruleError, FileNotFoundError):
    """A file or folder that is not there."""


class FileNotWritten(ChainruleError, OSError):
    """A file that could not be written; what was there before is as it was."""


class MissingExtra(ChainruleError, ImportError):
    """An optional dependency that is not installed."""


MOST_NAMES = 50
"""So many names are listed in a sentence; the columns of a table can be thousands."""

WRONG_DATA: tuple[type[Exception], ...] = (
    ChainruleError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""What is raised where data from a file is not what it is taken for; readers turn it into a `FileFormatError`."""


def require(module: str, extra: str) -> ModuleType:
    """Import an optional dependency, or say in one line which extra brings it.

    Parameters
    ----------
    module : str
        Dotted name of the module, such as ``"rich.progress"``.
    extra : str
        The extra of chainrule that installs it.

    Raises
    ------
    MissingExtra
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise  # the package is there; something that it needs itself is not, and that message says which
        raise MissingExtra(f"{package} is not installed; it comes with: pip install 'chainrule[{extra}]'") from None


def nearest_names(name: str, names: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the nearest valid names, or else all, if not too many."""
    known = sorted(names)
    wanted = str(name).lower()
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    near = near or [each for each in known if wanted and (each.lower().startswith(wanted) or wanted.startswith(each))]
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    more = len(known) - MOST_NAMES
    return f"choose from {', '.join(known[:MOST_NAMES])}{f' and {more} more' if more > 0 else ''}."
