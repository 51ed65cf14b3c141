"""``chainrule explain``: how one number of a step came about."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from chainrule.cli.output import AsJson, Debug, coloured, note, print_result
from chainrule.cli.traced_step import STEP_OPTIONS, StepOptions
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from chainrule.cli.traced_step import TracedStep
    from chainrule.glassbox.explain import Explanation
    from chainrule.glassbox.trace import Quantity

__all__ = ["explain"]

EXPLANATION = Group("Explanation", sort_key=15)

IN_A_FILE = 2
"""So many levels below a number are explained too in a file, where nothing else is asked for."""


def explain(
    run_or_model: Path,
    quantity: str | None = None,
    table: str | None = None,
    *,
    depth: Annotated[int | None, Parameter(group=EXPLANATION, alias="-d")] = None,
    digits: Annotated[int, Parameter(group=EXPLANATION)] = 6,
    terms: Annotated[int, Parameter(group=EXPLANATION)] = 6,
    output: Annotated[Path | None, Parameter(group=EXPLANATION, alias="-o")] = None,
    step: StepOptions = STEP_OPTIONS,
    reading: ReadingOptions = READING_OPTIONS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tell how a number of one step of a network came about: as symbols, as numbers, and by which line of code.

    Without a quantity, lists the names of all numbers.

    Parameters
    ----------
    run_or_model: Path
        A run folder or a model file; demo is a small network on the four rows of XOR.
    quantity: str
        Which number, in quotes: 'z[2][0,1]' for row 0 and unit 1 of layer 2, 'delta[2][0,1]', 'dw[1][3,0]',
        'new w[1][3,0]', 'loss[0]' or J.
    table: str
        A table with the target; by default, the rows that the run held out.
    depth: int
        How many levels of the numbers in it are explained too; by default none, and 2 in a file. 100 goes down to the
        input.
    digits: int
        Significant digits of the numbers.
    terms: int
        Terms of a long sum that are written out, the largest; the others are added up.
    output: Path
        A file to write it to: a page for the browser ending in .html, or .tex, .md or .txt.
    """
    from chainrule.cli.traced_step import traced_step
    from chainrule.glassbox.explain import explain as explanation_of

    _check(quantity, depth, digits, terms, output)
    found = traced_step(run_or_model, table, step, reading)
    if quantity is None:
        print_result(_listed_data(found), lambda: _listed_text(found, run_or_model), as_json)
        return
    explanation = explanation_of(found.trace, quantity)
    below = depth if depth is not None else IN_A_FILE if output is not None else 0
    inputs = found.inputs_in(_quantities(explanation, below, terms))
    if output is not None:
        caption = f"{run_or_model}. {found.told} {inputs}".rstrip()
        explanation.save(output, below, digits=digits, most_terms=terms, caption=caption)
        print_result({"quantity": str(explanation.quantity), "file": str(output)}, lambda: str(output), as_json)
        return
    if not as_json:
        note(found.told)
    result = {**found.data(), **_data(explanation, below, digits, terms)} if as_json else {}
    print_result(result, lambda: f"{_text(explanation, below, digits, terms)}\n{inputs}".rstrip(), as_json)


def _check(quantity: str | None, depth: int | None, digits: int, terms: int, output: Path | None) -> None:
    from chainrule.errors import InvalidArgument
    from chainrule.glassbox.explain.saving import check_ending
    from chainrule.validation import whole_number

    if depth is not None:
        whole_number("--depth", depth, minimum=0)
    whole_number("--digits", digits, minimum=1, maximum=17)
    whole_number("--terms", terms, minimum=2)
    if output is not None:
        check_ending(output)
        if quantity is None:
            raise InvalidArgument("--output is for the explanation of one number: say which, such as 'z[2][0,1]'.")
    if quantity is not None:
        _check_name(quantity)


def _check_name(quantity: str) -> None:
    from chainrule.errors import InvalidArgument
    from chainrule.glassbox.trace import Quantity

    try:
        Quantity.parsed(quantity)
    except InvalidArgument:
        if _is_there(quantity):
            raise InvalidArgument(
                f"{quantity} is a file, and the name of a number comes before it, such as 'z[2][0,1]'; to list the "
                f"names, give it as --table {quantity}."
            ) from None
        raise


def _is_there(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # too long for a file's name, or with a null character
        return False


def _quantities(explanation: Explanation, depth: int, terms: int) -> set[Quantity]:
    """Every number that is named in it."""
    walked = [each for _, each in explanation.walk(depth, terms)]
    return {each.quantity for one in walked for each in (one, *one.parts(terms))}


def _text(explanation: Explanation, depth: int, digits: int, terms: int) -> str:
    """The explanation, with the name of every number in bold in a terminal."""
    names = {str(each.quantity) for _, each in explanation.walk(depth, terms)}
    lines = explanation.text(depth, digits=digits, most_terms=terms).splitlines()
    return "\n".join(_in_style(line, names) for line in lines)


def _in_style(line: str, names: set[str]) -> str:
    words = line.strip()
    if words in names:
        return line.replace(words, coloured(words, "bold"))
    is_code = words.partition(":")[0].endswith(".py") and " = " not in words.partition(":")[0]
    return line.replace(words, coloured(words, "dim")) if is_code else line


def _data(explanation: Explanation, depth: int, digits: int, terms: int) -> dict[str, Any]:
    first, *below = ({"level": level, **_one(each, digits, terms)} for level, each in explanation.walk(depth, terms))
    return {**first, "below": below}


def _one(explanation: Explanation, digits: int, terms: int) -> dict[str, Any]:
    from chainrule.glassbox.explain.text import with_numbers, with_symbols

    shown = explanation.shown(terms)
    return {
        "quantity": str(explanation.quantity),
        "value": explanation.value,
        "given": explanation.is_given,
        "rule": explanation.rule,
        "symbols": None if shown is None else with_symbols(shown, digits).replace("\N{NO-BREAK SPACE}", " "),
        "numbers": None if shown is None else with_numbers(shown, digits).replace("\N{NO-BREAK SPACE}", " "),
        "remark": explanation.remark,
        "code": [
            {"file": line.file, "line": line.number, "text": line.text, "function": line.function}
            for line in explanation.code
        ],
    }


def _listed_data(found: TracedStep) -> dict[str, Any]:
    import numpy as np

    quantities = [{"name": name, "shape": list(np.shape(value))} for name, value in found.trace.items()]
    return {**found.data(), "quantities": quantities}


def _listed_text(found: TracedStep, place: Path) -> str:
    """The names with their shapes and what they are, and what to type next."""
    import numpy as np

    from chainrule.cli.quantity_words import quantity_words

    shapes = {name: str(np.shape(value) or "one number") for name, value in found.trace.items()}
    names, widest = max(map(len, shapes)), max(map(len, shapes.values()))
    lines = [
        f"{name:{names}}  {shape:{widest}}  {quantity_words(name, found.trace)}".rstrip()
        for name, shape in shapes.items()
    ]
    example = f"chainrule explain {shlex.quote(str(place))} 'delta[2][0,1]'"
    if len(found.trace.dimensions) < 3:
        example = f"chainrule explain {shlex.quote(str(place))} 'z[2][0,0]'"
    return "\n".join([found.told, "", *lines, "", *found.named_columns, f"Explain one number: {example}"])
