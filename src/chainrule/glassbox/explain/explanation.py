"""One number explained: its rule, its arithmetic as symbols and as numbers, the line of code, what it is made of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chainrule.errors import InvalidType
from chainrule.glassbox.explain.code_line import CodeLine
from chainrule.glassbox.explain.expression import Expression, Symbol
from chainrule.glassbox.explain.shortened import shortened
from chainrule.glassbox.trace import Quantity
from chainrule.validation import whole_number

__all__ = ["Explanation"]

MOST_TERMS = 6
DIGITS = 6
WIDEST = 110


@dataclass(frozen=True, repr=False)
class Explanation:
    """How one number of a trace came about.

    Attributes
    ----------
    quantity : Quantity
        Which number.
    value : float
        What it is in the trace.
    rule : str
        The rule for its whole array, in the post's notation.
    expression : Expression or None
        Its arithmetic, whose value is the traced number but for rounding; None of a number that was given (an input, a
        parameter), and of one whose arithmetic is not known.
    code : tuple of CodeLine
        The lines that computed it.
    remark : str
        What else is to be said; may be empty.
    is_given : bool
        Whether it is an input, a target or a parameter, which nothing computed.
    """

    quantity: Quantity
    value: float
    rule: str
    expression: Expression | None
    code: tuple[CodeLine, ...] = ()
    remark: str = ""
    is_given: bool = False
    _explain: Callable[[Quantity], Explanation] | None = field(default=None, compare=False)

    def shown(self, most_terms: int = MOST_TERMS) -> Expression | None:
        """The arithmetic with long sums shortened to so many terms."""
        return None if self.expression is None else shortened(self.expression, most_terms)

    def parts(self, most_terms: int = MOST_TERMS) -> tuple[Explanation, ...]:
        """The explanations of the numbers in it, of those terms that are shown."""
        expression = self.shown(most_terms)
        if expression is None or self._explain is None:
            return ()
        symbols = [each for each in expression.walk() if isinstance(each, Symbol)]
        quantities = dict.fromkeys(each.quantity for each in symbols if each.quantity is not None)
        return tuple(self._explain(quantity) for quantity in quantities)

    def walk(self, depth: int, most_terms: int = MOST_TERMS) -> Iterator[tuple[int, Explanation]]:
        """The explanation itself and those below it, each number once, with how far below it is."""
        seen = {self.quantity}
        yield 0, self
        yield from self._below(1, depth, most_terms, seen)

    def _below(self, level: int, depth: int, most_terms: int, seen: set[Quantity]) -> Iterator[tuple[int, Explanation]]:
        if level > depth:
            return
        for part in self.parts(most_terms):
            if part.quantity not in seen:
                seen.add(part.quantity)
                yield level, part
                yield from part._below(level + 1, depth, most_terms, seen)

    def text(
        self, depth: int = 0, *, digits: int = DIGITS, most_terms: int = MOST_TERMS, width: int | None = None
    ) -> str:
        """The explanation as text.

        Parameters
        ----------
        depth : int
            How many levels of the numbers in it are explained too; 100 goes down to the input.
        digits : int
            Significant digits of the numbers, 1 to 17.
        most_terms : int
            Terms of a sum that are written out, at least 2; the largest are, and the others added up.
        width : int, optional
            Characters of a line, at least 1; by default those of the terminal, up to 110.
        """
        from chainrule.glassbox.explain.text import explanation_text

        _check(depth, digits, most_terms)
        columns = min(WIDEST, shutil.get_terminal_size().columns) if width is None else width
        columns = whole_number("width", columns, minimum=1)
        return explanation_text(self, depth, digits, most_terms, columns)

    def latex(self, depth: int = 0, *, digits: int = DIGITS, most_terms: int = MOST_TERMS) -> str:
        """The explanation as LaTeX, for a document that uses amsmath: an ``align*`` for every number that is explained.

        Parameters
        ----------
        depth, digits, most_terms
            As for `text`.
        """
        from chainrule.glassbox.explain.latex import explanation_latex

        _check(depth, digits, most_terms)
        return explanation_latex(self, depth, digits, most_terms)

    def html(
        self,
        depth: int = 2,
        *,
        digits: int = DIGITS,
        most_terms: int = MOST_TERMS,
        page: bool = True,
        caption: str = "",
    ) -> str:
        """The explanation as HTML with MathML, that needs no script and fetches nothing.

        The numbers in it can be opened up in turn, each where it stands nearest to the top.

        Parameters
        ----------
        depth, digits, most_terms
            As for `text`.
        page : bool
            Whether it is a page of its own, or a part to be put into one.
        caption : str
            Text below the heading of a page, such as where the network is from.
        """
        from chainrule.glassbox.explain.html import explanation_fragment, explanation_page

        _check(depth, digits, most_terms)
        _check_caption(caption)
        if page:
            return explanation_page(self, depth, digits, most_terms, caption)
        return explanation_fragment(self, depth, digits, most_terms)

    def save(
        self,
        path: str | os.PathLike[str],
        depth: int = 2,
        *,
        digits: int = DIGITS,
        most_terms: int = MOST_TERMS,
        caption: str = "",
    ) -> None:
        """Write the explanation to a file, whole or not at all.

        Parameters
        ----------
        path : path-like
            Ends in ``.html``, ``.tex`` (a document of its own), ``.md`` or ``.txt``.
        depth, digits, most_terms
            As for `text`.
        caption : str
            As for `html`, for a file that ends so.

        Raises
        ------
        InvalidArgument
            If it ends otherwise.
        FileNotWritten
            With the reason of the system.
        """
        from chainrule.glassbox.explain.saving import save_explanation

        _check(depth, digits, most_terms)
        _check_caption(caption)
        save_explanation(self, path, depth, digits, most_terms, caption)

    def _repr_html_(self) -> str:
        """The notebook's view."""
        return self.html(page=False)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Explanation of {self.quantity} = {self.value:.6g}>"


def _check(depth: int, digits: int, most_terms: int) -> None:
    whole_number("depth", depth, minimum=0)
    whole_number("digits", digits, minimum=1, maximum=17)
    whole_number("most_terms", most_terms, minimum=2)


def _check_caption(caption: str) -> None:
    if not isinstance(caption, str):
        raise InvalidType(f"caption is a text, not {caption!r:.60}.")
