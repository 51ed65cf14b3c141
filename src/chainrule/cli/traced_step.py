"""The step that a command looks into: which rows of which table, by which network, under which rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from chainrule.cli.known_names import OPTIMIZER_NAMES, one_of
from chainrule.cli.output import note
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions, TrainingOptions
from chainrule.errors import InvalidArgument

if TYPE_CHECKING:
    from chainrule.cli.run_or_model import RunOrModel
    from chainrule.glassbox.trace import Quantity, Trace
    from chainrule.model import Network

__all__ = ["DEMO", "STEP_OPTIONS", "StepOptions", "TracedStep", "chosen_rows", "traced_step"]

STEP = Group("Step", sort_key=20)

DEMO = Path("demo")
"""In place of a run: a small network on the four rows of XOR, where nothing of that name is there."""

FIRST_ROWS = "0:4"
"""The rows of a step where none are asked for."""

MOST_NAMED = 8
"""So many rows or inputs are named one by one."""


@Parameter(name="*")
@dataclass(frozen=True)
class StepOptions:
    """Which step is looked into."""

    rows: Annotated[
        str | None,
        Parameter(
            group=STEP,
            help="The rows of the step, its batch: from:to, as in 0:4, or their numbers, as in 3,8,5. Counted from 0, "
            "among those whose target is known; by default, the first 4.",
        ),
    ] = None
    target: Annotated[
        str | None,
        Parameter(group=STEP, alias="-t", help="What the target is called in the table, where not as in learning."),
    ] = None
    member: Annotated[int, Parameter(group=STEP, help="Which network of an ensemble, counted from 1.")] = 1
    optimizer: Annotated[
        str | None,
        Parameter(
            group=STEP,
            validator=one_of("--optimizer", OPTIMIZER_NAMES),
            help="Rule of the step; by default that of the run, and sgd for a model file.",
        ),
    ] = None
    learning_rate: Annotated[
        float | None,
        Parameter(group=STEP, alias="--lr", help="Size of the step; by default that of the run, or the rule's own."),
    ] = None
    prediction: Annotated[
        bool,
        Parameter(group=STEP, negative="", help="Show layers as in prediction: nothing dropped, statistics kept up."),
    ] = False


STEP_OPTIONS = StepOptions()


@dataclass(frozen=True)
class TracedStep:
    """A step, and where its rows are from.

    Attributes
    ----------
    trace : Trace
        Every number of it.
    network : Network
        The network; of an ensemble, the member.
    table : str
        What the table is called.
    rows : tuple of int
        The numbers of the rows in the table.
    told : str
        The same as a sentence.
    """

    trace: Trace
    network: Network
    table: str
    rows: tuple[int, ...]
    told: str

    @property
    def input_names(self) -> tuple[str, ...]:
        """What the inputs are called, one for each column of x; empty where that is not known."""
        from chainrule.data.tables import TableEncoding

        encoder = self.network.encoder
        return tuple(encoder.output_names) if isinstance(encoder, TableEncoding) else ()

    @property
    def output_names(self) -> tuple[str, ...]:
        """The classes that the outputs are for, one each; empty where they are for numbers, or one for two classes."""
        classes = self.network.classes
        known = classes is not None and len(classes) == self.trace.y.shape[1]
        return tuple(map(str, classes)) if classes is not None and known else ()

    @property
    def named_columns(self) -> list[str]:
        """Lines that say which input and which output is which."""
        lines = []
        for what, names in (("inputs a[1]", self.input_names), ("outputs and targets", self.output_names)):
            if any(name != str(i) for i, name in enumerate(names)):
                lines.append(f"Columns of {what}: {_named(range(len(names)), names)}.")
        return lines

    def inputs_in(self, quantities: Iterable[Quantity]) -> str:
        """Which inputs are among these numbers, as a sentence; empty where there are none, or they have no names."""
        names = self.input_names
        used = {each.index[1] for each in quantities if each.name in ("x", "a[1]") and len(each.index) == 2}
        return f"Inputs: {_named(sorted(used), names)}." if names and used else ""

    def data(self) -> dict[str, Any]:
        """Where the numbers are from, as JSON can hold it."""
        return {
            "table": self.table,
            "rows": list(self.rows),
            "inputs": list(self.input_names),
            "outputs": list(self.output_names),
            "learning_rate": self.trace.learning_rate,
        }


def traced_step(place: Path, table: str | None, options: StepOptions, reading: ReadingOptions) -> TracedStep:
    """Take the step that is asked for, on a copy; of `DEMO`, that of XOR.

    Raises
    ------
    InvalidArgument
        If there is no such row or member, or the network and the table do not fit.
    FileMissing, FileFormatError, MissingExtra
        If the run or the table cannot be read.
    """
    from chainrule.cli.ensemble_member import chosen_member
    from chainrule.cli.labelled_table import given_or_held_out
    from chainrule.cli.run_or_model import open_run_or_model
    from chainrule.data.tables.table import Table
    from chainrule.glassbox.trace import trace

    if place == DEMO and not place.exists():
        return _demo_step(table, options, reading)
    model = open_run_or_model(place)
    network = chosen_member(model.network, options.member)
    found = given_or_held_out(model, table, reading, target=options.target)
    chosen = chosen_rows(options.rows, len(found.rows))
    x = found.inputs.take(chosen) if isinstance(found.inputs, Table) else found.inputs[chosen]
    y = found.truth[chosen].astype(float)  # whole numbers would be taken for names of classes
    step = trace(network, x, y, training=not options.prediction, **_rule(model, options))
    numbers = tuple(int(found.rows[i]) for i in chosen)
    members = model.network.n_members
    whose = "" if members is None else f", by member {options.member} of {members}"
    return TracedStep(step, network, found.name, numbers, f"{_told_rows(numbers)} of {found.name}{whose}.")


def _demo_step(table: str | None, options: StepOptions, reading: ReadingOptions) -> TracedStep:
    """The step of XOR, on some of its rows and under some rule.

    Raises
    ------
    InvalidArgument
        If something is given that it has of its own.
    """
    from chainrule.glassbox.step.xor_step import ROWS, xor_network, xor_step

    if table is not None or options.target is not None or options.member != 1 or reading != READING_OPTIONS:
        raise InvalidArgument(
            "The demo has its own table and its own network: leave out the table, --target, --member and the options "
            "of reading, or give a run."
        )
    rule: dict[str, Any] = {} if options.optimizer is None else {"optimizer": options.optimizer}
    if options.learning_rate is not None or options.optimizer not in (None, "sgd"):
        rule["learning_rate"] = options.learning_rate
    chosen = chosen_rows(options.rows, len(ROWS))
    step = xor_step(chosen, training=not options.prediction, **rule)
    told = "A small network on the four rows of XOR, before its first step."
    if chosen != list(range(len(ROWS))):
        told += f" {_told_rows(tuple(chosen))} of them."
    return TracedStep(step, xor_network(), "XOR", tuple(chosen), told)


def _named(columns: Sequence[int], names: Sequence[str]) -> str:
    shown = ", ".join(f"{i} {names[i]}" for i in columns[:MOST_NAMED])
    return shown + (f", and {len(columns) - MOST_NAMED} more" if len(columns) > MOST_NAMED else "")


def _told_rows(numbers: tuple[int, ...]) -> str:
    """Which rows of the table the rows of the step are."""
    if len(numbers) == 1:
        return f"Row 0 is row {numbers[0]}"
    return f"Rows 0 to {len(numbers) - 1} are rows {_listed(numbers)}"


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers[:MOST_NAMED])) + (", ..." if len(numbers) > MOST_NAMED else "")


def _rule(model: RunOrModel, asked: StepOptions) -> dict[str, Any]:
    """How the step is taken: as in the run, where nothing else is asked for."""
    from chainrule.cli.network_for_table import ADAM_RATE

    if model.run is None:
        return {"optimizer": asked.optimizer or "sgd", "learning_rate": asked.learning_rate}
    options = TrainingOptions.from_data(model.run.settings.get("options", {}))
    optimizer, rate = asked.optimizer or options.optimizer, asked.learning_rate
    if asked.optimizer is None and optimizer == "lbfgs":
        note("lbfgs moves by all rows at once, and takes no step of a batch: the update that is shown is that of sgd")
        optimizer = "sgd"
    elif rate is None and optimizer == options.optimizer:
        rate = options.learning_rate
    if rate is None and optimizer in ("adam", "adamw"):
        rate = ADAM_RATE
    return {"optimizer": optimizer, "learning_rate": rate, "l2": options.l2}


def chosen_rows(asked: str | None, n: int, default: str = FIRST_ROWS) -> list[int]:
    """The rows that ``--rows`` asks for, of so many.

    Parameters
    ----------
    asked : str or None
        From:to, or numbers with commas between, counted from 0.
    n : int
        How many there are.
    default : str
        Which are taken where none are asked for.

    Raises
    ------
    InvalidArgument
        If it asks for none, or for one that is not there.
    """
    text = default if asked is None else asked.strip()
    if found := re.fullmatch(r"(\d{0,9}):(\d{0,9})", text):
        chosen = list(range(n)[int(found[1] or 0) : int(found[2] or n)])
    elif re.fullmatch(r"\d{1,9}( *, *\d{1,9})*", text):
        chosen = [int(each) for each in text.split(",")]
    else:
        raise InvalidArgument(f"--rows takes from:to, such as 0:4, or numbers of rows, such as 3,8,5, not {text!r}.")
    if not chosen:
        raise InvalidArgument(f"--rows {text} has no row in it, and a step needs one; there are {n}, counted from 0.")
    beyond = next((row for row in chosen if row >= n), None)
    if beyond is not None:
        raise InvalidArgument(f"There is no row {beyond} for --rows: there are {n}, counted from 0.")
    return chosen
