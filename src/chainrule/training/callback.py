"""The contract of a callback: what else happens while a network learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.training.run import Run

__all__ = ["Callback"]


class Callback:
    """Four moments, each with the run at hand; override those that you need.

    A callback may read everything and stop the run with ``run.stop(reason)``. Overriding `on_batch` makes the engine do
    one step at a time, which costs speed and changes no number.
    """

    def on_start(self, run: Run) -> None:
        """Before the first step."""

    def on_batch(self, run: Run) -> None:
        """After each step."""

    def on_epoch(self, run: Run) -> None:
        """After each epoch, when its row is in the history."""

    def on_end(self, run: Run) -> None:
        """After the last step, also where the training stopped early or failed."""

    def state(self) -> dict[str, Any]:
        """What it must remember to go on in another process, as data that JSON can hold."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
