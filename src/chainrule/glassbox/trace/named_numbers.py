"""A trace: every number of one step, by the post's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.functions.losses import Loss
from chainrule.glassbox.learner_network import LearnerLoss
from chainrule.glassbox.trace.comparison import Difference, first_difference
from chainrule.glassbox.trace.learner_program import LearnerProgramStep
from chainrule.glassbox.trace.network_step import NetworkStep
from chainrule.glassbox.trace.quantity import Quantity
from chainrule.network.architecture import Architecture
from chainrule.validation import finite_number, whole_number

__all__ = ["Trace"]


class Trace(Mapping[str, "Array | float"]):
    """Every number of one step, found by name: ``trace["z[2]"]``, ``trace["dw[1][3,0]"]``, ``trace.delta[3]``.

    Rows are counted from 0, layers from 1 (the input), as in the post. Iterated over, it gives the names of its arrays
    in the order of the computing. The arrays are not to be written to.

    Parameters
    ----------
    step : NetworkStep or LearnerProgramStep
        The step that was taken.

    Attributes
    ----------
    step : NetworkStep or LearnerProgramStep
        The same.
    """

    def __init__(self, step: NetworkStep | LearnerProgramStep) -> None:
        self.step = step

    @cached_property
    def _arrays(self) -> dict[str, Array | float]:
        with np.errstate(all="ignore"):
            arrays = self.step.arrays()
        for value in arrays.values():
            if isinstance(value, np.ndarray) and value.base is None:
                value.flags.writeable = False
        return arrays

    # --- by name -----------------------------------------------------------------------------------------------

    def __getitem__(self, name: str | Quantity) -> Array | float:
        quantity = Quantity.parsed(name)
        quantity.check(self._arrays)
        return quantity.value_in(self._arrays[quantity.name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __contains__(self, name: object) -> bool:
        return name in self._arrays

    def array(self, name: str) -> Array | float:
        """One array by its exact name, as iterating gives it.

        Raises
        ------
        InvalidArgument
            If there is none.
        """
        if name not in self._arrays:
            Quantity(name).check(self._arrays)
        return self._arrays[name]

    def layer(self, which: int | str) -> dict[str, Array | float]:
        """The arrays of one layer, by name.

        Parameters
        ----------
        which : int or str
            The number of a layer, from 1: its z, a and delta, and the w, b, dw, db and new ones that lead to it. Or a
            label, such as ``"batch_norm_1"``.

        Raises
        ------
        InvalidArgument
            If there is no such layer.
        """
        if isinstance(which, str):
            found = {name: value for name, value in self.items() if f"{which}." in name}
        else:
            number = whole_number("The number of a layer", which, minimum=1, maximum=len(self.dimensions))
            own = {f"{letter}[{number}]" for letter in ("z", "a", "da", "delta")}
            leading = {f"{letter}[{number - 1}]" for letter in ("w", "b", "dw", "db", "new w", "new b")}
            found = {name: value for name, value in self.items() if name in own | leading}
        if not found:
            raise InvalidArgument(
                f"There is no layer {which!r}: give a number up to {len(self.dimensions)} or a label."
            )
        return found

    def _numbered(self, letter: str) -> dict[int, Array]:
        quantities = [(Quantity(name), value) for name, value in self._arrays.items()]
        return {
            int(q.number): np.asarray(value)
            for q, value in sorted(quantities, key=lambda each: each[0].number or 0)
            if q.number is not None and q.name == f"{letter}[{q.number}]"
        }

    @property
    def x(self) -> Array:
        """The rows, encoded, of shape (n, d_1)."""
        return np.asarray(self._arrays["x"])

    @property
    def y(self) -> Array:
        """The targets, encoded, of shape (n, k)."""
        return np.asarray(self._arrays["y"])

    @cached_property
    def z(self) -> dict[int, Array]:
        """By layer from 2: ``z[i + 1] = a[i] @ w[i] + b[i]``, of shape (n, d)."""
        return self._numbered("z")

    @cached_property
    def a(self) -> dict[int, Array]:
        """By layer from 1: what dense layer i receives; the last is the output."""
        return self._numbered("a")

    @cached_property
    def da(self) -> dict[int, Array]:
        """By layer from 2: dJ/da[i], the error that arrives at the hidden units."""
        return self._numbered("da")

    @cached_property
    def delta(self) -> dict[int, Array]:
        """By layer from 2: ``delta[i] = dJ/dz[i]``, of shape (n, d)."""
        return self._numbered("delta")

    @cached_property
    def dw(self) -> dict[int, Array]:
        """By layer from 1: dJ/dw[i], the penalty's part included."""
        return self._numbered("dw")

    @cached_property
    def db(self) -> dict[int, Array]:
        """By layer from 1: dJ/db[i]."""
        return self._numbered("db")

    @cached_property
    def w(self) -> dict[int, Array]:
        """The weights before the step, by layer from 1."""
        return self._numbered("w")

    @cached_property
    def b(self) -> dict[int, Array]:
        """The biases before the step, by layer from 1."""
        return self._numbered("b")

    @cached_property
    def new_w(self) -> dict[int, Array]:
        """The weights after the step, by layer from 1."""
        return self._numbered("new w")

    @cached_property
    def new_b(self) -> dict[int, Array]:
        """The biases after the step, by layer from 1."""
        return self._numbered("new b")

    @property
    def loss_rows(self) -> Array:
        """The loss of each row, of shape (n,)."""
        return np.asarray(self._arrays["loss"])

    @property
    def J(self) -> float:
        """The loss of the batch, without the penalty."""
        return float(self._arrays["J"])

    @property
    def penalty(self) -> float:
        """The L1 and L2 terms."""
        return float(self._arrays["penalty"])

    # --- what was traced ---------------------------------------------------------------------------------------

    @property
    def architecture(self) -> Architecture:
        """The layers."""
        if isinstance(self.step, LearnerProgramStep):
            return self.step.network.architecture
        return self.step.objective.architecture

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Units by layer, the input first."""
        return self.architecture.dimensions

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.x)

    @property
    def is_learners(self) -> bool:
        """Whether it is what a learner's own program did."""
        return isinstance(self.step, LearnerProgramStep)

    @property
    def loss(self) -> Loss | LearnerLoss:
        """What J is."""
        return self.step.loss if isinstance(self.step, LearnerProgramStep) else self.step.objective.loss

    @property
    def learning_rate(self) -> float:
        """Size of the step."""
        return self.step.learning_rate if isinstance(self.step, LearnerProgramStep) else self.step.values[0]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to know: a learner's code that is unlike the post's, or overwrites, the first number not finite."""
        step = self.step
        own = (*step.departures, *step.of_rows, *step.network.remarks) if isinstance(step, LearnerProgramStep) else ()
        broken = self._first_not_finite()
        return own if broken is None else (*own, broken)

    def _first_not_finite(self) -> str | None:
        for name, value in self.items():
            bad = ~np.isfinite(value)
            if np.any(bad):
                first = Quantity(name).at(*(np.argwhere(bad)[0] if np.ndim(value) else ()))
                return f"{first} is the first number that is not finite: all that depends on it is lost."
        return None

    def first_difference(self, other: Trace, relative: float = 1e-6) -> Difference | None:
        """Where another trace parts from this one, in the order of the computing; None if nowhere.

        Parameters
        ----------
        other : Trace
            Of the same kind of network, perhaps of another program.
        relative : float
            Numbers differ that are further apart than this times the largest of their array; 0 for any difference.
        """
        if not isinstance(other, Trace):
            raise InvalidType(f"A trace is compared with another trace, not with {type(other).__name__}.")
        found = first_difference(self, other, finite_number("relative", relative, minimum=0))
        rates = self.learning_rate, other.learning_rate
        if found is None or not found.quantity.is_new or rates[0] == rates[1]:
            return found
        return found._replace(learning_rates=rates)

    def __repr__(self) -> str:
        sizes = "-".join(map(str, self.dimensions))
        whose = f" by {self.step.network.name}" if isinstance(self.step, LearnerProgramStep) else ""
        rows = "1 row" if self.n_rows == 1 else f"{self.n_rows} rows"
        return f"<Trace of a step of {sizes}{whose} on {rows}: J {self.J:.6g}, {len(self)} arrays>"

    def __str__(self) -> str:
        lines = [repr(self)[1:-1], *self.remarks]
        width = max(map(len, self))
        for name, value in self.items():
            lines.append(f"  {name:{width}}  {_summary(value)}")
        return "\n".join(lines)


def _summary(value: Array | float) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if value.size == 0:
        return f"{value.shape}"
    if value.size <= 6:
        return f"{value.shape!s:12} {np.array2string(value, precision=4, separator=', ').replace(chr(10), '')}"
    with np.errstate(all="ignore"):
        return f"{value.shape!s:12} from {value.min():.4g} to {value.max():.4g}, mean {value.mean():.4g}"
