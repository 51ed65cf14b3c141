"""A visit as text for people, and as data for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chainrule.glassbox.gradient_check import AGREEMENT
from chainrule.glassbox.museum.measurements import Figure
from chainrule.glassbox.museum.source_lines import SourceLines

if TYPE_CHECKING:
    from chainrule.glassbox.museum.visit import Visit

__all__ = ["visit_data", "visit_text"]

WIDTH = 88
INDENT = "    "

Style = Callable[[str], str]


def visit_text(visit: Visit, heading: Style = str, wrong: Style = str, right: Style = str) -> str:
    """The whole explanation.

    Parameters
    ----------
    visit : Visit
        What was measured.
    heading, wrong, right : callable
        Put a text into a style, for terminals with colours.
    """
    room = visit.room
    blocks = [heading(f"{room.name}: {room.title}"), _wrapped(room.story)]
    for i, change in enumerate(visit.lines):
        if i == 0 or change.wrong != visit.lines[i - 1].wrong:
            blocks.append(f"{heading('Wrong')}  {_place(change.wrong)}\n{_code(change.wrong, wrong)}")
        blocks.append(f"{heading(change.called)}  {_place(change.right)}\n{_code(change.right, right)}")
    blocks.append(f"{heading('What it does')}  seed {visit.seed}\n{_wrapped(f'Recipe: {visit.recipe}.')}")
    blocks.append(_table([_names(visit.programs), *map(_row, visit.figures)]))
    if any(check.check for check in visit.checks):
        blocks.append(
            f"{heading('Gradient check')}  relative error by array; from {AGREEMENT:g} on it is wrong\n"
            + _table(_check_rows(visit))
        )
    if reading := visit.checks[0].reading:
        blocks.append("It says why:\n" + "\n".join(_wrapped(each, "  - ", "    ") for each in reading))
    blocks += [_wrapped(finding.sentence) for finding in visit.findings]
    blocks.append(heading("Verdict") + "\n" + "\n".join(_wrapped(sentence) for sentence in visit.verdict))
    if room.evidence:
        blocks.append(_wrapped(f"Seen in: {'; '.join(room.evidence)}."))
    return "\n\n".join(blocks)


def visit_data(visit: Visit) -> dict[str, Any]:
    """The same as dicts, lists, strings and numbers."""
    room = visit.room
    return {
        "room": room.name,
        "title": room.title,
        "story": room.story,
        "seed": visit.seed,
        "recipe": str(visit.recipe),
        "changes": [{"wrong": _source_data(each.wrong), "right": _source_data(each.right)} for each in visit.lines],
        "programs": [each.program.label for each in visit.programs],
        "figures": {figure.name: list(figure.values) for figure in visit.figures},
        "curves": [
            {
                "program": e.program.label,
                "J": e.training.J,
                "learned": e.training.learned,
                "held_out": e.training.held_out,
            }
            for e in visit.programs
        ],
        "gradient_check": [
            {
                "program": each.label,
                "relative_error": each.errors,
                "fails_at": each.fails_at,
                "reading": each.reading,
                "stopped": each.stopped,
            }
            for each in visit.checks
        ],
        "findings": [{"sentence": finding.sentence, **finding.numbers} for finding in visit.findings],
        "effect": visit.effect,
        "verdict": list(visit.verdict),
        "evidence": list(room.evidence),
    }


def _source_data(source: SourceLines) -> dict[str, Any]:
    return {"function": source.function, "place": source.place, "lines": list(source.lines)}


def _place(source: SourceLines) -> str:
    return f"{source.function}, {source.place}" if source.place else source.function


def _code(source: SourceLines, style: Style) -> str:
    lines = source.lines or (f"(there is no such {'line' if source.place else 'function'})",)
    return "\n".join(INDENT + style(line) for line in lines)


def _names(programs: Sequence[Any]) -> tuple[str, ...]:
    return ("", *(each.program.label for each in programs))


def _row(figure: Figure) -> tuple[str, ...]:
    return (figure.name, *(_cell(value, figure.unit) for value in figure.values))


def _cell(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.1f} %" if unit == "%" else f"{value:.4g}"


def _check_rows(visit: Visit) -> list[tuple[str, ...]]:
    names = dict.fromkeys(name for check in visit.checks for name in check.errors)
    rows = [("", *(check.label for check in visit.checks))]
    for name in names:
        rows.append((name, *(f"{c.errors[name]:.1e}" if name in c.errors else "-" for c in visit.checks)))
    return rows


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        lines.append(INDENT + "  ".join(cells).rstrip())
    return "\n".join(lines)


def _wrapped(text: str, first: str = "", others: str = "") -> str:
    together = text.replace(" %", "\0%")  # a number and its sign stay in one line
    lines = textwrap.wrap(
        together, WIDTH, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines).replace("\0%", " %")
