"""Everything that a person can set about a training: the flags, the config file and the settings of a run."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from cyclopts import Group, Parameter, Token

from chainrule.cli.known_names import (
    ACTIVATION_NAMES,
    ENGINE_NAMES,
    LOSS_NAMES,
    MISSING_ENTRIES,
    OPTIMIZER_NAMES,
    SCHEDULE_NAMES,
    one_of,
)
from chainrule.errors import FileFormatError, InvalidArgument

if TYPE_CHECKING:
    from chainrule.data.table_files.reading import Reading

__all__ = ["READING_OPTIONS", "ReadingOptions", "Task", "TrainingOptions", "check_nothing_to_read", "names_of"]

Task: TypeAlias = Literal["classification", "regression"]

DATA, COLUMNS = Group("Table", sort_key=10), Group("Columns", sort_key=20)
NETWORK, LEARNING = Group("Network", sort_key=30), Group("Learning", sort_key=40)
MEASURING, RUN = Group("Measuring", sort_key=50), Group("Run", sort_key=60)


def names_of(texts: Sequence[str]) -> tuple[str, ...]:
    """The names in texts such as ``a,b`` and ``"a name, with a comma",c``."""
    return tuple(
        name.strip() for name in next(csv.reader([",".join(texts)], skipinitialspace=True), []) if name.strip()
    )


def _hidden_sizes(texts: Sequence[str]) -> tuple[int, ...]:
    names = names_of(texts)
    if names == ("none",):
        return ()
    try:
        return tuple(int(name) for name in names)
    except ValueError:
        raise InvalidArgument(
            f"--hidden takes the units of each hidden layer, such as 64,32 (or none), not {','.join(texts)!r}."
        ) from None


def _levels(texts: Sequence[str]) -> tuple[float, ...]:
    try:
        return tuple(float(name) for name in names_of(texts))
    except ValueError:
        raise InvalidArgument(f"--levels takes numbers between 0 and 1, not {','.join(texts)!r}.") from None


def _missing_entries(texts: Sequence[str]) -> tuple[str, ...]:
    """Those that are given, after those that always are."""
    if any(re.match("--?[A-Za-z]", text) for text in texts):
        raise InvalidArgument(
            f"--missing takes entries that mean that nothing is there, not {texts[0]!r}: of one that looks like an "
            "option, write --missing=',-x'."
        )
    return tuple(dict.fromkeys([*MISSING_ENTRIES, *names_of(texts)]))


def _pairs(texts: Sequence[str]) -> tuple[str, ...]:
    pairs = names_of(texts)
    if not all(name and kind for name, _, kind in (pair.rpartition("=") for pair in pairs)):
        raise InvalidArgument(
            f"--kinds takes columns and what they are, such as zip=category, not {','.join(texts)!r}."
        )
    return pairs


def _shown(value: Sequence[Any]) -> str | None:
    """A default in the help, as one would type it; none where there is nothing to type."""
    return ",".join(map(str, value)) or None


def _named(option: str, names: tuple[str, ...], *, group: Group, help: str) -> Parameter:  # noqa: A002
    """An option that takes one of these names."""
    return Parameter(group=group, validator=one_of(option, names), help=f"{help}. [choices: {', '.join(names)}]")


def _read_by(read: Callable[[Sequence[str]], Any]) -> Any:
    """The conversion of one option by a function of its texts; a list in a config file gives several."""

    def convert(kind: Any, tokens: Sequence[Token]) -> Any:
        return read([token.value for token in tokens])

    return {"converter": convert, "n_tokens": 1, "accepts_keys": False, "negative": (), "show_default": _shown}


@Parameter(name="*")
@dataclass(frozen=True)
class ReadingOptions:
    """How the table is to be read, where its name does not say it."""

    delimiter: Annotated[
        str | None, Parameter(group=DATA, help="What is between two columns of a text file: a character, or tab.")
    ] = None
    encoding: Annotated[
        str, Parameter(group=DATA, help="How a text file writes characters as bytes, such as latin-1.")
    ] = "utf-8"
    missing: Annotated[
        tuple[str, ...],
        Parameter(
            group=DATA,
            help="More entries of a text file that mean that nothing is there, besides an empty one and these.",
            allow_leading_hyphen=True,  # a lone - is such an entry
            **_read_by(_missing_entries),
        ),
    ] = MISSING_ENTRIES
    x: Annotated[str, Parameter(group=DATA, help="The array of rows in an NPZ file.")] = "x"
    y: Annotated[str, Parameter(group=DATA, help="The array of targets in an NPZ file.")] = "y"
    labels: Annotated[str | None, Parameter(group=DATA, help="The file of labels of an IDX file of pictures.")] = None

    @property
    def reading(self) -> Reading:
        """The same, as the readers take it."""
        from chainrule.data.table_files.reading import Reading

        return Reading(self.delimiter, self.encoding, ("", *self.missing), self.x, self.y, self.labels)

    @classmethod
    def from_data(cls, data: Any) -> ReadingOptions:
        """Those among the options of a run; what is not there is as by default.

        Raises
        ------
        FileFormatError
            If it is no options.
        """
        if not isinstance(data, dict):
            raise FileFormatError("The run does not say its options by their names.")
        return cls(**_values(data, {field.name for field in fields(cls)}))


READING_OPTIONS = ReadingOptions()


def check_nothing_to_read(reading: ReadingOptions) -> None:
    """Refuse options about a table where none is given, and the rows that a run held out are read as in learning.

    Raises
    ------
    InvalidArgument
        If one is not as by default.
    """
    given = [field.name for field in fields(reading) if getattr(reading, field.name) != field.default]
    if given:
        raise InvalidArgument(
            f"--{given[0]} says how a table is to be read, and none is given: leave it out, or give the table."
        )


@Parameter(name="*")
@dataclass(frozen=True)
class TrainingOptions:
    """How to make, teach and measure a network for a table.

    The defaults were chosen on the example sets.
    """

    target: Annotated[
        str | None,
        Parameter(
            group=DATA, alias="-t", help="The column to learn; example sets, NPZ and IDX files have one that is known."
        ),
    ] = None
    task: Annotated[
        Task | None, Parameter(group=DATA, help="Whether the target is a class or a number; by default, told from it.")
    ] = None
    reading: ReadingOptions = READING_OPTIONS

    columns: Annotated[
        tuple[str, ...],
        Parameter(group=COLUMNS, help="The only columns to learn from, such as age,job.", **_read_by(names_of)),
    ] = ()
    drop: Annotated[
        tuple[str, ...], Parameter(group=COLUMNS, help="Columns to leave out, such as id,name.", **_read_by(names_of))
    ] = ()
    kinds: Annotated[
        tuple[str, ...],
        Parameter(
            group=COLUMNS, help="What columns are, where they do not look it, such as zip=category.", **_read_by(_pairs)
        ),
    ] = ()
    max_categories: Annotated[
        int, Parameter(group=COLUMNS, help="Values of a text column that get an input of their own.")
    ] = 100
    weight: Annotated[
        str | None, Parameter(group=COLUMNS, help="The column that says how much a row counts in learning.")
    ] = None

    hidden: Annotated[
        tuple[int, ...],
        Parameter(group=NETWORK, help="Units of the hidden layers, such as 64,32, or none.", **_read_by(_hidden_sizes)),
    ] = (128,)
    activation: Annotated[
        str,
        _named("--activation", ACTIVATION_NAMES, group=NETWORK, help="Activation of the hidden layers"),
    ] = "relu"
    dropout: Annotated[
        float, Parameter(group=NETWORK, help="Share of each hidden layer's outputs to leave out at random.")
    ] = 0.2
    batch_norm: Annotated[
        bool, Parameter(group=NETWORK, negative="", help="Normalise what each hidden layer gets over the batch.")
    ] = False
    members: Annotated[
        int | None, Parameter(group=NETWORK, help="Networks to train at once, whose mean is the prediction.")
    ] = None
    dtype: Annotated[
        Literal["float32", "float64"], Parameter(group=NETWORK, help="Numbers that the network computes with.")
    ] = "float32"

    loss: Annotated[
        str | None,
        _named("--loss", LOSS_NAMES, group=LEARNING, help="What to make small; by default cross_entropy or mse"),
    ] = None
    levels: Annotated[
        tuple[float, ...],
        Parameter(
            group=LEARNING, help="Quantiles to predict, with --loss quantile, as 0.1,0.5,0.9.", **_read_by(_levels)
        ),
    ] = ()
    optimizer: Annotated[str, _named("--optimizer", OPTIMIZER_NAMES, group=LEARNING, help="Rule of a step")] = "adamw"
    learning_rate: Annotated[
        float | None,
        Parameter(
            group=LEARNING,
            alias="--lr",
            help="Size of a step; by default 0.003 for adam and adamw, else the optimizer's own.",
        ),
    ] = None
    schedule: Annotated[
        str, _named("--schedule", SCHEDULE_NAMES, group=LEARNING, help="How the size of a step changes")
    ] = "constant"
    batch_size: Annotated[
        int | None, Parameter(group=LEARNING, help="Rows of a step; by default more, the more rows there are.")
    ] = None
    epochs: Annotated[int, Parameter(group=LEARNING, help="How often every row is learned from, at most.")] = 200
    early_stopping: Annotated[
        bool,
        Parameter(group=LEARNING, help="Whether to stop, and go back, once the validation rows' loss gets no better."),
    ] = True
    patience: Annotated[
        int, Parameter(group=LEARNING, help="Epochs to wait for a better loss of the validation rows.")
    ] = 20
    l2: Annotated[float, Parameter(group=LEARNING, help="Penalty on the squares of the weights.")] = 1e-3
    class_weight: Annotated[
        Literal["balanced"] | None, Parameter(group=LEARNING, help="balanced: every class counts alike in learning.")
    ] = None
    seed: Annotated[
        int, Parameter(group=LEARNING, help="Makes split, starting weights and order of the rows repeatable.")
    ] = 1
    threads: Annotated[
        int | None, Parameter(group=LEARNING, help="Threads to compute with at most; by default told from the sizes.")
    ] = None
    engine: Annotated[
        str,
        _named(
            "--engine", ENGINE_NAMES, group=LEARNING, help="What computes the steps; auto for what the sizes ask for"
        ),
    ] = "auto"
    time_limit: Annotated[float | None, Parameter(group=LEARNING, help="Seconds after which to stop.")] = None

    held_out: Annotated[float, Parameter(group=MEASURING, help="Share of the rows to hold out for the report.")] = 0.25
    test: Annotated[
        str | None, Parameter(group=MEASURING, help="Another table for the report, in place of held-out rows.")
    ] = None
    validation: Annotated[
        float, Parameter(group=MEASURING, help="Share of the other rows that decides when to stop.")
    ] = 0.15

    checkpoint_every: Annotated[float, Parameter(group=RUN, help="Seconds from one checkpoint to the next.")] = 30.0

    @property
    def kinds_by_column(self) -> dict[str, str]:
        """What the columns that are named in `kinds` are."""
        return {name: kind for name, _, kind in (pair.rpartition("=") for pair in self.kinds)}

    def data(self) -> dict[str, Any]:
        """As JSON can hold it: a value for each flag, by its name with underscores."""
        flat = asdict(self)
        flat |= flat.pop("reading")
        return {name: list(value) if isinstance(value, tuple) else value for name, value in flat.items()}

    @classmethod
    def from_data(cls, data: Any) -> TrainingOptions:
        """The options that `data` once gave.

        Raises
        ------
        FileFormatError
            If it is no options, or has one that is not known here. What is not there is as by default.
        """
        reading = ReadingOptions.from_data(data)
        own = {field.name for field in fields(cls)} - {"reading"}
        unknown = set(data) - own - {field.name for field in fields(reading)}
        if unknown:
            raise FileFormatError(
                f"The run has the option {min(unknown)!r}, which this chainrule does not know: a newer one made it."
            )
        return cls(**_values(data, own), reading=reading)


def _values(data: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in data.items() if name in names}
