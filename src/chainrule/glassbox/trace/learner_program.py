"""One step as a learner's own program takes it, all of it kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.learner_network import LearnerLoss, LearnerNetwork, LearnerStep
from chainrule.glassbox.learner_network.own_forward import forward_remark

__all__ = ["LearnerProgramStep"]


@dataclass(frozen=True)
class LearnerProgramStep:
    """What the program computed, whether it is right or not.

    Its z and a are those of w, b and activations. Its delta, dw, db and new parameters are those of its own
    ``_back_prop`` and ``_update_w_b`` where it has them. Where it has none, or keeps its deltas to itself, they are the
    post's: delta from its loss and its prime, dw and db their sums over the rows.

    Attributes
    ----------
    network : LearnerNetwork
        A copy of the network.
    loss : LearnerLoss
        Its loss.
    x, y : array of shape (n, d_1) and (n, k)
        The batch.
    learning_rate : float
        Size of the step.
    own : LearnerStep or None
        What its own code did.
    of_rows : tuple of str
        What was made of the rows before its code got them, a sentence each.
    """

    network: LearnerNetwork
    loss: LearnerLoss
    x: Array
    y: Array
    learning_rate: float
    own: LearnerStep | None
    of_rows: tuple[str, ...] = ()

    @classmethod
    def taken(
        cls,
        network: LearnerNetwork,
        loss: LearnerLoss,
        x: Array,
        y: Array,
        learning_rate: float,
        of_rows: tuple[str, ...] = (),
    ) -> LearnerProgramStep:
        """Take it, with all rows as one batch."""
        return cls(network, loss, x, y, learning_rate, network.step(x, y, learning_rate), of_rows)

    @cached_property
    def departures(self) -> tuple[str, ...]:
        """Where its code does something else than is taken for granted here, a sentence each."""
        if self.own is None:
            return ()
        forward = forward_remark(self.network, self.x)
        return (*self.own.remarks, *([forward] if forward else []))

    def arrays(self) -> dict[str, Array | float]:
        """Every array by its name, in the order of the computing."""
        network = self.network
        z, a = network.forward(self.x)
        found: dict[str, Array | float] = {"x": self.x, "y": self.y}
        for i in network.w:
            found |= {f"w[{i}]": network.w[i], f"b[{i}]": network.b[i]}
        found["a[1]"] = a[1]
        for i in z:
            found |= {f"z[{i}]": z[i], f"a[{i}]": a[i]}
        output = a[network.n_layers]
        found |= {"loss": self.loss.rows(self.y, output), "J": self.loss.J(self.y, output), "penalty": 0.0}
        found |= self._backward(z, a)
        return found | self._after(found)

    def _backward(self, z: dict[int, Array], a: dict[int, Array]) -> dict[str, Array | float]:
        network, handed = self.network, {} if self.own is None else self.own.delta
        last = network.n_layers
        own = _handed(handed.get(last), z[last])
        delta = {last: self.loss.delta(self.y, a[last], z[last]) if own is None else own}
        found: dict[str, Array | float] = {}
        for i in range(last - 1, 0, -1):
            found[f"delta[{i + 1}]"] = delta[i + 1]
            found[f"dw[{i}]"] = a[i].T @ delta[i + 1] if self.own is None else self.own.dw[i]
            found[f"db[{i}]"] = delta[i + 1].sum(axis=0) if self.own is None else self.own.db[i]
            if i > 1:
                d_a = delta[i + 1] @ network.w[i].T
                found[f"da[{i}]"] = d_a
                known = _handed(handed.get(i), z[i])
                delta[i] = network.activations[i].backward(d_a, z[i], a[i]) if known is None else known
        return found

    def _after(self, found: dict[str, Array | float]) -> dict[str, Array | float]:
        """The parameters after the step: those that its own code made or, where it has none, of gradient descent."""
        after: dict[str, Array | float] = {}
        for i in self.network.w:
            if self.own is not None:
                after |= {f"new w[{i}]": self.own.w[i], f"new b[{i}]": self.own.b[i]}
                continue
            for name in (f"w[{i}]", f"b[{i}]"):
                after[f"new {name}"] = np.asarray(found[name]) - self.learning_rate * np.asarray(found[f"d{name}"])
        return after


def _handed(delta: Array | None, z: Array) -> Array | None:
    """A delta that the program handed on, where it has the shape of one."""
    return delta if delta is not None and delta.shape == z.shape else None
