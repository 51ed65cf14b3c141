"""The doctor's report."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chainrule.glassbox.doctor.finding import Finding

__all__ = ["Diagnosis"]

WIDTH = 100
"""Columns of the printed report."""


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What was looked at, and what was found; printed, a short report.

    Attributes
    ----------
    title : str
        What was examined.
    findings : tuple of Finding
        Causes, the deepest first.
    effects : tuple of Finding
        What those causes explain, and what would need no remedy of its own.
    looked_at : tuple of str
        What was looked at.
    remarks : tuple of str
        What could not be looked at and why, and what a learner's functions do to their arguments; a sentence each.

    Examples
    --------
    >>> import numpy as np, chainrule
    >>> from chainrule import Network, Relu, Softmax
    >>> rng = np.random.default_rng(1)
    >>> x, y = np.concatenate([rng.normal(0, 30, (80, 2)), rng.normal(60, 30, (80, 2))]), np.repeat([0, 1], 80)
    >>> nn = Network((2, 8, 2), (Relu, Softmax), seed=1)
    >>> history = nn.fit(x, y, epochs=20, learning_rate=0.1, verbose=False)
    >>> diagnosis = chainrule.diagnose(nn, x, y)
    >>> diagnosis.findings[0].kind, diagnosis.findings[0].trial.helped
    ('unscaled inputs', True)
    """

    title: str
    findings: tuple[Finding, ...]
    effects: tuple[Finding, ...]
    looked_at: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything was found."""
        return bool(self.findings)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the findings."""
        return tuple(finding.kind for finding in self.findings)

    def data(self) -> dict[str, Any]:
        """All of it, as data that JSON can hold."""
        return {
            "examined": self.title,
            "findings": [finding.data() for finding in self.findings],
            "effects": [effect.data() for effect in self.effects],
            "looked_at": list(self.looked_at),
            "remarks": list(self.remarks),
        }

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield from _wrapped("", self.title)
        if not self.findings:
            yield from _wrapped("Nothing was found. Looked at: ", f"{', '.join(self.looked_at)}.")
        for number, finding in enumerate(self.findings, 1):
            yield ""
            yield from self._of_finding(number, finding)
        if self.remarks:
            yield ""
            for sentence in self.remarks:
                yield from _wrapped("", sentence)

    def _of_finding(self, number: int, finding: Finding) -> Iterator[str]:
        yield f"{number}. {finding.heading}"
        yield from _wrapped("   ", finding.sentence)
        yield from _wrapped("   Remedy  ", finding.remedy)
        yield from _wrapped("   Tried   ", _tried(finding))
        effects = [_in_short(each) for each in self.effects if each.explained_by == finding.kind]
        if effects:
            yield from _wrapped("   Brings  ", f"{'; '.join(effects)}.")


def _tried(finding: Finding) -> str:
    if finding.trial is not None:
        return str(finding.trial)
    return "nothing: no rerun can show what it gives." if finding.change is None else "nothing."


def _in_short(effect: Finding) -> str:
    """The beginning of its sentence."""
    beginning = re.split("[:;]", effect.sentence, maxsplit=1)[0].rstrip(".")
    return beginning if beginning[:2].isupper() else beginning[0].lower() + beginning[1:]


def _wrapped(start: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start) if len(start) < 12 else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
