"""The history of a training: a column of numbers for each quantity, a row for each epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chainrule.errors import UnknownKey

__all__ = ["History"]


class History(Mapping[str, list[Any]]):
    """Columns by name, such as ``history["J"]``; all have one entry for each finished epoch.

    ``epoch`` counts from 1. ``J`` is the mean of the batches' losses, each weighted by its number of rows, as they were
    before each update; ``penalty`` likewise, apart. ``learning_rate`` is that of the last step, ``seconds`` the time
    since the training began. Metrics of the training rows have their own names and are measured after the epoch, as is
    ``val_*`` on the validation rows. A column that a resumed training begins or ends is NaN in the epochs without it.

    It grows while its training does: a fit that is resumed adds its epochs to the history that the first one returned.

    Attributes
    ----------
    stopped : str
        Why the training ended before its last epoch; empty if it did not.
    interrupted : bool
        Whether a person ended it, with Ctrl-C.
    engine : str
        Name of what carried out the steps, the last ones where that changed; empty before the first.
    engine_reason : str
        Why NumPy carried out what the compiled engine was asked, or chosen, for; empty where nothing stood in the way.
    """

    def __init__(
        self,
        columns: Mapping[str, list[Any]] | None = None,
        stopped: str = "",
        *,
        interrupted: bool = False,
        engine: str = "",
        engine_reason: str = "",
    ) -> None:
        self._columns: dict[str, list[Any]] = {name: list(values) for name, values in (columns or {}).items()}
        self.stopped, self.interrupted = stopped, interrupted
        self.engine, self.engine_reason = engine, engine_reason

    def append(self, row: Mapping[str, Any]) -> None:
        """Add an epoch. A column that begins or ends here, where a training goes on otherwise, is NaN elsewhere."""
        self.extend({name: [value] for name, value in row.items()})

    def extend(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Add epochs, given by their columns, of equal length."""
        before = len(self._columns.get("epoch", next(iter(self._columns.values()), [])))
        epochs = len(next(iter(columns.values())))
        for name in columns.keys() - self._columns.keys():
            self._columns[name] = [math.nan] * before
        self._columns = {name: self._columns[name] for name in {**columns, **self._columns}}
        for name, column in self._columns.items():
            column.extend(columns[name] if name in columns else [math.nan] * epochs)

    def last(self) -> dict[str, Any]:
        """The row of the last epoch; empty before the first."""
        return {name: values[-1] for name, values in self._columns.items() if values}

    def __getitem__(self, name: str) -> list[Any]:
        if name not in self._columns:
            raise UnknownKey(f"There is no column {name!r}; there are {', '.join(self._columns) or 'none yet'}.")
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and (self._columns, self.stopped) == (other._columns, other.stopped)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        epochs = len(next(iter(self._columns.values()), []))
        last = ", ".join(f"{name} {value:.6g}" for name, value in self.last().items() if isinstance(value, int | float))
        by = f"; by the {self.engine} engine" if self.engine not in ("", "numpy") else ""
        end = "".join(f"; {sentence}" for sentence in (self.engine_reason, self.stopped) if sentence)
        return f"<History of {epochs} epochs: {last or 'none finished'}{by}{end}>"
