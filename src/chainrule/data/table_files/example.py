"""The example sets as tables."""

from __future__ import annotations

from typing import ClassVar

from chainrule.data.example_sets import load_example_set
from chainrule.data.table_files.table_file import TableFile
from chainrule.functions.arrays import Array

__all__ = ["ExampleTable"]


class ExampleTable(TableFile):
    """An example set, whose column to learn is called target."""

    default_target: ClassVar[str | None] = "target"

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self) -> dict[str, Array]:
        example = load_example_set(self.name)
        columns = dict(zip(example.columns, example.x.T, strict=True))
        return {**columns, "target": example.labels}
