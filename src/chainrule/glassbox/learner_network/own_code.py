"""Running what a learner wrote: its failures become sentences, and it leaves no trace.

It may print, warn, draw random numbers or end the program. A check calls it thousands of times, so all of that stays
inside, and what it draws is the same in every call.
"""

from __future__ import annotations

import contextlib
import copy
import io
import random
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.errors import ChainruleError, InvalidType

__all__ = ["copied", "draw_from_the_start", "in_words", "left_alone", "named_attribute", "own_code"]

MOST_WORDS = 300
"""Characters of an error's own words that are shown."""


class _Depth(threading.local):
    """How many `left_alone` are open in this thread."""

    value = 0


_ONE_AT_A_TIME = threading.RLock()  # standard output and NumPy's random numbers are shared by all threads
_depth = _Depth()


@contextlib.contextmanager
def own_code(sentence: str) -> Iterator[None]:
    """Let a learner's code run, left alone; where it fails, its own words end the sentence.

    Parameters
    ----------
    sentence : str
        The beginning, such as ``"Net cannot take a step: its code says"``.

    Raises
    ------
    InvalidType
        Where it fails. What chainrule itself says of it, and Ctrl-C, pass.
    """
    try:
        with left_alone():
            yield
    except ChainruleError:
        raise
    except (Exception, SystemExit) as error:
        raise InvalidType(f"{sentence} {in_words(error)}") from error


@contextlib.contextmanager
def left_alone() -> Iterator[None]:
    """What the learner's code prints, warns of and draws leaves no trace; it draws the same each time.

    Inside another one it does nothing. Of several threads, one at a time is inside.
    """
    with _ONE_AT_A_TIME:
        if _depth.value:
            yield
            return
        _depth.value += 1
        before, before_in_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  (the post draws from it)
        draw_from_the_start()
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                yield
        finally:
            _depth.value -= 1
            random.setstate(before)
            np.random.set_state(before_in_numpy)  # noqa: NPY002


def draw_from_the_start() -> None:
    """Let what is drawn next be the first draws again; for calls one after the other inside one `left_alone`."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002


def in_words(error: BaseException) -> str:
    """What an error says, in one line that ends with a full stop."""
    try:
        text = str(error)
    except Exception:  # it is the learner's own, and cannot even say what it is
        text = ""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:MOST_WORDS]
    return f"{type(error).__name__}: {words.rstrip('.')}." if words else f"{type(error).__name__}."


def copied(given: Any) -> Any:
    """A copy of a learner's object, with all that it holds.

    Raises
    ------
    InvalidType
        If it cannot be copied.
    """
    name = type(given).__name__
    with own_code(
        f"{name} cannot be copied, and the glass box works on copies. Keep out of its attributes what cannot "
        "be copied, such as open files, locks and generators. Python says"
    ):
        new = copy.deepcopy(given)
    if type(new) is not type(given):
        raise InvalidType(
            f"A copy of {name} is a {type(new).__name__}, and the glass box works on copies: look at its __deepcopy__, "
            "or at a __getattr__ that answers to every name."
        )
    return new


def named_attribute(given: Any, name: str) -> Any:
    """An attribute; None where there is none, or where asking for it fails."""
    try:
        return getattr(given, name, None)
    except Exception:  # a property or __getattr__ of theirs, which may raise whatever it likes
        return None
