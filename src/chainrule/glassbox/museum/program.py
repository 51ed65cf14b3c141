"""What a room runs: programs in the post's style, and the recipe by which they are trained."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chainrule.data.rows import counted
from chainrule.functions.arrays import Array

__all__ = ["Change", "Program", "Recipe", "with_function_of"]

Scale = Literal["as it comes", "0 to 1", "0 to 255", "standardised"]


@dataclass(frozen=True)
class Program:
    """A network written as in the post, with the loss that it is trained with.

    Attributes
    ----------
    label : str
        What it is called in tables and pictures.
    network, loss : type
        Classes with the post's functions.
    activations : tuple of type
        One for each layer after the input.
    prepare : callable, optional
        What it does to rows of pixels before anything else, in the place of the recipe's scale.
    stops : type of Exception, optional
        With what it is known to stop; anything else that it raises is an error of the museum.
    """

    label: str
    network: type[Any]
    loss: type[Any]
    activations: tuple[type[Any], ...]
    prepare: Callable[[Array], Array] | None = None
    stops: type[Exception] | None = None


@dataclass(frozen=True)
class Recipe:
    """How the programs of a room are trained.

    Attributes
    ----------
    table : str
        One of chainrule's example sets.
    scale : {"as it comes", "0 to 1", "0 to 255", "standardised"}
        Of the inputs; standardised by the mean and the deviation of the rows to learn from.
    dimensions : tuple of int
        Units of each layer, the input first.
    epochs, batch_size, learning_rate
        As the post's `fit` takes them.
    all_rows : bool
        Whether the programs are also trained and scored on all rows, as the post measures them.
    shape : {"one-hot", "column", "row"}
        What y is: a column for each class; or numbers, of shape (n, 1) or (n,).
    sorted_by_class : bool
        Whether the rows to learn from are put in the order of their classes, as many files have them.
    """

    table: str = "digits"
    scale: Scale = "0 to 1"
    dimensions: tuple[int, ...] = (64, 15, 10)
    epochs: int = 20
    batch_size: int = 15
    learning_rate: float = 0.1
    all_rows: bool = False
    shape: Literal["one-hot", "column", "row"] = "one-hot"
    sorted_by_class: bool = False

    @property
    def measure(self) -> str:
        """What is measured of the predictions: accuracy of classes, R2 of numbers."""
        return "accuracy" if self.shape == "one-hot" else "R2"

    def __str__(self) -> str:
        layers = "-".join(map(str, self.dimensions))
        order = ", sorted by class" if self.sorted_by_class else ""
        return (
            f"{self.table} ({self.scale}{order}), {layers}, {counted(self.epochs, 'epoch')}, "
            f"batches of {self.batch_size}, learning rate {self.learning_rate:g}"
        )


@dataclass(frozen=True)
class Change:
    """The function that is wrong in one program, and the one that is in its place in the other.

    Attributes
    ----------
    wrong : callable, optional
        None where the wrong program has no such function.
    right : callable
        What is in its place.
    called : str
        What the right one is called above its lines.
    """

    wrong: Callable[..., Any] | None
    right: Callable[..., Any]
    called: str = "Right"

    @classmethod
    def of(cls, wrong: type[Any], right: type[Any], name: str) -> Change:
        """The function of this name in both classes."""
        return cls(getattr(wrong, name), getattr(right, name))


def with_function_of(kind: type[Any], other: type[Any], names: str | Sequence[str], called: str = "") -> type[Any]:
    """A class like `kind`, in which the functions of these names are those of `other`.

    Parameters
    ----------
    kind, other : type
        Classes with functions of the same names and arguments.
    names : str or sequence of str
        Which functions are exchanged: the very same objects, so that what runs is what is shown.
    called : str
        The name of the new class, by default that of `kind`.
    """
    chosen = [names] if isinstance(names, str) else names
    return type(called or kind.__name__, (kind,), {name: inspect.getattr_static(other, name) for name in chosen})
