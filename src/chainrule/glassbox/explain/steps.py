"""The steps in which mathematics shows a number: with names, with numbers, the result."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.glassbox.explain.explanation import Explanation
from chainrule.glassbox.explain.notation import name_of
from chainrule.glassbox.explain.text import number_text
from chainrule.glassbox.explain.text import with_numbers as text_with_numbers
from chainrule.glassbox.explain.text import with_symbols as text_with_symbols
from chainrule.glassbox.explain.typesetting import Run, Typesetter

__all__ = ["steps"]


def steps(typesetter: type[Typesetter], explanation: Explanation, digits: int, most_terms: int) -> Iterator[Run]:
    """The lines behind the equals signs, each a run; a line that would repeat the one before is left out."""
    expression = explanation.shown(most_terms)
    named, numbered = typesetter(True, digits), typesetter(False, digits)
    as_text = ""
    if expression is not None:
        as_text = text_with_numbers(expression, digits)
        if text_with_symbols(expression, digits) != as_text:
            yield named.run(expression)
        yield numbered.run(expression)
    if as_text != number_text(explanation.value, digits):
        yield [numbered.number_piece(explanation.value, name_of(explanation.quantity).kind)]
