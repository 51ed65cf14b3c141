"""``chainrule hand-check``: is a number right that was computed by hand, and if not, which mistake gives it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from chainrule.cli.output import AsJson, Debug, coloured, note, print_result
from chainrule.cli.traced_step import STEP_OPTIONS, StepOptions
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from chainrule.glassbox.hand_check import HandCheck

__all__ = ["hand_check"]


def hand_check(
    run_or_model: Path,
    quantity: str,
    value: Annotated[str, Parameter(allow_leading_hyphen=True)],
    table: str | None = None,
    *,
    step: StepOptions = STEP_OPTIONS,
    reading: ReadingOptions = READING_OPTIONS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Say whether a number of one step, computed by hand, is right, and if not, which mistake gives it.

    A mistake is named only where computing the step with it gives the number, to the digits given. Exits with 0 where
    the number is right, with 1 where it is wrong, and with 2 where there is nothing to check.

    Parameters
    ----------
    run_or_model: Path
        A run folder or a model file; demo is a small network on the four rows of XOR.
    quantity: str
        What was computed, in quotes: one number, such as 'delta[2][0,1]', or an array, such as 'dw[1]'.
    value: str
        What came out. Digits count: 0.35 is right for all that rounds to it. A fraction, 3/8, is meant exactly; an
        array is written in brackets, '[[0.5, -1], [3/8, 2]]'.
    table: str
        A table with the target; by default, the rows that the run held out.
    """
    from chainrule.cli.traced_step import traced_step
    from chainrule.glassbox.hand_check import GivenNumbers
    from chainrule.glassbox.hand_check import hand_check as checked
    from chainrule.glassbox.trace import Quantity

    asked, given = Quantity.parsed(quantity), GivenNumbers.read(value)  # refused before anything is read
    found = traced_step(run_or_model, table, step, reading)
    check = checked(found.trace, asked, given)
    if not as_json:
        note(found.told)
    print_result({**found.data(), **_data(check)} if as_json else {}, lambda: _text(check), as_json)
    return 0 if check.right else 1


def _text(check: HandCheck) -> str:
    """The check, its first word in green or red in a terminal."""
    word, colon, rest = str(check).partition(":")
    return f"{coloured(word, 'green' if check.right else 'red')}{colon}{rest}"


def _data(check: HandCheck) -> dict[str, Any]:
    return {
        "quantity": str(check.quantity),
        "given": check.given,
        "right": check.right,
        "value": check.value,
        "sentence": check.sentence,
        "mistakes": [
            {"names": list(each.names), "places": list(each.places), "value": each.value, "sentence": each.sentence}
            for each in check.mistakes
        ],
    }
