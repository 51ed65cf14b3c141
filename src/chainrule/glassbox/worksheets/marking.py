"""Marking: each answer right, right from the student's own earlier numbers, or wrong with the likely mistake."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.hand_check import GivenNumbers, likely_mistake
from chainrule.glassbox.trace import Quantity
from chainrule.glassbox.worksheets.answers import GivenAnswer
from chainrule.glassbox.worksheets.number_words import MINUS, as_written
from chainrule.glassbox.worksheets.settings import PLACES
from chainrule.glassbox.worksheets.sheet import Question, Sheet
from chainrule.glassbox.worksheets.substitution import with_values

__all__ = ["VERDICTS", "MarkedAnswer", "StudentMarks", "marked_sheet"]

Verdict = Literal["right", "follow-on", "wrong", "unreadable", "blank"]

VERDICTS: tuple[Verdict, ...] = ("right", "follow-on", "wrong", "unreadable", "blank")
"""Of which the first two earn the point."""

HALF = 0.5 * 10.0**-PLACES * (1 + 1e-6)
"""Half a unit of the last decimal that is asked for."""


@dataclass(frozen=True)
class MarkedAnswer:
    """One blank, marked.

    Attributes
    ----------
    question : Question
        What was asked.
    given : str
        What was answered; empty for a blank.
    verdict : str
        ``"right"``; ``"follow-on"``: not the number on the key, but what follows rightly from the student's own earlier
        answers; ``"wrong"``; ``"unreadable"``: no number; ``"blank"``.
    mistake : str
        Name of the likely mistake; empty where nothing is wrong, or no mistake gives the number.
    sentence : str
        What is to be said to the student; empty of what is right.
    """

    question: Question
    given: str
    verdict: Verdict
    mistake: str = ""
    sentence: str = ""

    @property
    def points(self) -> int:
        """1 or 0."""
        return int(self.verdict in ("right", "follow-on"))


@dataclass(frozen=True)
class StudentMarks:
    """The marks of one student.

    Attributes
    ----------
    sheet : Sheet
        The sheet.
    answers : tuple of MarkedAnswer
        In the order of the questions.
    handed_in : bool
        Whether there is any answer.
    """

    sheet: Sheet
    answers: tuple[MarkedAnswer, ...]
    handed_in: bool

    @property
    def points(self) -> int:
        """One for each answer that is right, or follows rightly."""
        return sum(each.points for each in self.answers)

    @property
    def out_of(self) -> int:
        """The most there are."""
        return len(self.answers)

    @property
    def counts(self) -> dict[str, int]:
        """How many answers there are of each verdict."""
        counted = Counter(each.verdict for each in self.answers)
        return {verdict: counted[verdict] for verdict in VERDICTS}


def marked_sheet(sheet: Sheet, given: Mapping[int, GivenAnswer]) -> StudentMarks:
    """Mark the answers of one student, by number of the question."""
    marking = _Marking(sheet, given)
    return StudentMarks(sheet, tuple(map(marking.marked, sheet.questions)), any(each.text for each in given.values()))


class _Marking:
    """What is known of one student's answers, from question to question."""

    def __init__(self, sheet: Sheet, given: Mapping[int, GivenAnswer]) -> None:
        self.sheet, self.given = sheet, given
        self.numbers: dict[Quantity, GivenNumbers] = {}
        self.faults: dict[Quantity, str] = {}
        for question in sheet.questions:
            self._read(question)
        self.own = {quantity: float(each.values) for quantity, each in self.numbers.items()}

    def _read(self, question: Question) -> None:
        answer = self.given.get(question.number)
        if answer is None or not answer.text:
            return
        try:
            numbers = GivenNumbers.read(answer.text)
        except (InvalidArgument, InvalidType, OverflowError):
            numbers = None
        if numbers is not None and numbers.is_one:
            self.numbers[question.quantity] = numbers
            return
        self.faults[question.quantity] = (
            f"Line {answer.line}: {answer.text[:60]!r} is not one number; write it like -0.031, 0,35 or 3/8."
        )

    def marked(self, question: Question) -> MarkedAnswer:
        """The mark of one answer."""
        quantity = question.quantity
        text = self.given[question.number].text if question.number in self.given else ""
        if not text:
            return MarkedAnswer(question, "", "blank", sentence=f"Nothing was answered; {self._right(question)}.")
        if quantity in self.faults:
            return MarkedAnswer(question, text, "unreadable", sentence=self.faults[quantity])
        value = self.own[quantity]
        if self._agrees(value, question.answer) or self._agrees(value, question.exact):
            return MarkedAnswer(question, text, "right")
        if self._follows(question, value):
            followed = f"It follows rightly from the answers before it; {self._right(question)}."
            return MarkedAnswer(question, text, "follow-on", sentence=followed)
        own = {quantity: each.values for quantity, each in self.numbers.items()}
        mistake = likely_mistake(self.sheet.instance.trace, quantity, self.numbers[quantity], own)
        sentence = f"{self._right(question)}. {_with_da(mistake.sentence)}"
        return MarkedAnswer(question, text, "wrong", mistake.name if mistake.is_known else "", sentence)

    def _agrees(self, value: float, right: float) -> bool:
        """Whether it is that number, to the decimals asked for; one more unit where numbers were rounded on the way."""
        return abs(value - right) <= HALF * (1 if self.sheet.settings.is_exact else 2)

    def _right(self, question: Question) -> str:
        return f"{question.quantity} is {as_written(question.answer).replace(MINUS, '-')}"

    def _before(self, question: Question) -> dict[Quantity, float]:
        """What the student had in hand: their own numbers, and where there is none the right one."""
        earlier = self.sheet.questions[: question.number - 1]
        return {each.quantity: self.own.get(each.quantity, each.answer) for each in earlier}

    def _follows(self, question: Question, value: float) -> bool:
        """Whether it follows from all of the student's numbers, or from one of them and the right others."""
        before = self._before(question)
        differing = {quantity: own for quantity, own in before.items() if own != self._key(quantity)}
        choices = [before, *({quantity: own} for quantity, own in differing.items())]
        right = {each.quantity: each.answer for each in self.sheet.questions}
        return any(self._agrees(value, with_values(question.symbols, right | choice).value) for choice in choices)

    def _key(self, quantity: Quantity) -> float:
        return self.sheet.by_quantity[quantity].answer


def _with_da(sentence: str) -> str:
    """With what da is, where it is spoken of: no sheet asks for it."""
    layers = sorted({int(each) for each in re.findall(r"\bda\[(\d+)\]", sentence)})
    said = ", ".join(f"da[{i}] = delta[{i + 1}] @ w[{i}].T" for i in layers)
    return f"{sentence} ({said}.)" if said else sentence
