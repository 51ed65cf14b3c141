"""The contract of a callback: what else happens while a network learns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from chainrule.errors import InvalidArgument, InvalidType

if TYPE_CHECKING:
    from chainrule.training.run import Run

__all__ = ["Callback", "checked_callbacks"]


class Callback:
    """Five moments, each with the run at hand; override those that you need.

    A callback may read everything and stop the run with ``run.stop(reason)``. Overriding `on_batch` makes the engine do
    one step at a time, which costs speed and changes no number; `on_progress` costs nothing.

    Attributes
    ----------
    after_others : bool
        Whether it is called after the callbacks that are not, whatever their order: one that keeps what they did.
    """

    after_others: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """What its state is kept under: the name of its class; give two of one class different ones."""
        return type(self).__name__

    def on_start(self, run: Run) -> None:
        """Before the first step."""

    def on_batch(self, run: Run) -> None:
        """After each step."""

    def on_progress(self, run: Run) -> None:
        """After some steps, about ten times a second."""

    def on_epoch(self, run: Run) -> None:
        """After each epoch, when its row is in the history."""

    def on_end(self, run: Run) -> None:
        """After the last step, also where the training stopped early or failed, if `on_start` was called."""

    def state(self) -> dict[str, Any]:
        """What it must remember to go on in another process, as data that JSON can hold."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""


def checked_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """The callbacks that a person gives, those that are called after others last.

    Raises
    ------
    InvalidType
        If one is not an instance of `Callback`.
    InvalidArgument
        If two that have a state have one name.
    """
    given = (callbacks,) if isinstance(callbacks, Callback) else callbacks
    if not isinstance(given, Iterable):
        raise InvalidType(f"callbacks takes a list of callbacks, not {given!r}.")
    checked = tuple(given)
    for callback in checked:
        if not isinstance(callback, Callback):
            advice = (
                f"give an instance, {callback.__name__}()" if isinstance(callback, type) else "derive it from Callback"
            )
            raise InvalidType(f"{callback!r} is not a callback: {advice}.")
    if len({id(callback) for callback in checked}) < len(checked):
        raise InvalidArgument("A callback is given twice; each needs to be called once.")
    names = Counter(callback.name for callback in checked if type(callback).state is not Callback.state)
    if repeated := [name for name, times in names.items() if times > 1]:
        raise InvalidArgument(f"Two callbacks are called {repeated[0]!r}, and each keeps a state under its name.")
    return tuple(sorted(checked, key=lambda callback: callback.after_others))
