"""A network written as in the post, for a gradient check: its own code runs, on copies."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.more_rows import more_rows
from chainrule.glassbox.gradient_check.one_pass import OnePass, derivative_of_each, slopes, trusted_slopes
from chainrule.glassbox.learner_network import LearnerActivation, LearnerLoss, LearnerNetwork
from chainrule.glassbox.learner_network.on_copies import OnCopies
from chainrule.glassbox.learner_network.own_code import (
    copied,
    draw_from_the_start,
    left_alone,
    named_attribute,
    own_code,
)
from chainrule.glassbox.learner_network.step import (
    CANNOT_BE_SET,
    NO_RATE,
    check_reaches_output,
    parameters_after,
    without_rate,
)
from chainrule.network.layout import ArraySpec, Layout

__all__ = ["LearnerSubject", "goes_entry_by_entry"]


class LearnerSubject:
    """A learner's network on a batch: its J is what its own loss gives, its gradient what one of its steps takes away.

    Parameters
    ----------
    network : LearnerNetwork
        A copy of it, with its loss.
    x, y : array of shape (n, d_1), (n, k)
        Rows.
    of_rows : tuple of str
        What was made of the rows before its code gets them, a sentence each.
    on_copies : bool
        Whether its functions get copies of all that they are given, so that none can overwrite what another needs.

    Raises
    ------
    InvalidType
        With what of the class is missing or fails.
    """

    def __init__(
        self, network: LearnerNetwork, x: Array, y: Array, of_rows: tuple[str, ...] = (), *, on_copies: bool = False
    ) -> None:
        self.network, self.x, self.y, self.of_rows, self.on_copies = network, x, y, of_rows, on_copies
        given = network.given
        for name in ("_feed_forward", "_back_prop"):
            if not callable(named_attribute(given, name)):
                raise InvalidType(
                    f"{network.name} has no `{name}`, so there is no gradient of its own to check. In the post, "
                    "_feed_forward(x) gives z and a by layer, and _back_prop(z, a, y_true) takes a step."
                )
        if not isinstance(network.required_loss, LearnerLoss):
            raise InvalidType(
                f"{network.name} takes a step with a loss of its own, and knows none of chainrule's: give your class, "
                "check_gradients(network, x, y, MSE)."
            )
        for i, activation in network.activations.items():
            if not activation.has_prime and i < network.n_layers:  # the delta of an output may do without one
                activation.derivative(np.zeros((1, 1)), np.zeros((1, 1)))  # which says what is missing
        self.loss: LearnerLoss = network.required_loss
        self._shapes = {i: (np.shape(given.w[i]), np.shape(given.b[i])) for i in network.w}
        specs: list[tuple[str, ArraySpec]] = []
        for i, (w, b) in self._shapes.items():
            specs.append((f"w[{i}]", ArraySpec("w", w, "weight")))
            specs.append((f"b[{i}]", ArraySpec("b", b, "bias")))
        self.layout = Layout.of(specs)
        self.theta = network.theta

    @property
    def knows_its_kinks(self) -> bool:
        return False

    @property
    def numbers_per_theta(self) -> int:
        return int(self.x.size)

    def guarded(self) -> LearnerSubject:
        """The same, with copies for every function."""
        return LearnerSubject(self.network, self.x, self.y, self.of_rows, on_copies=True)

    def runnable(self, learning_rate: float = 1.0) -> Any:
        """A copy of the network, to run."""
        on_copies = self.on_copies
        network = copied(self.network.given)
        activations = {i: each.given for i, each in self.network.activations.items()}
        if on_copies:
            activations = {i: OnCopies(each) for i, each in activations.items()}
        loss = LearnerLoss(self.loss.given, LearnerActivation(activations[self.network.n_layers])).instance
        with own_code(CANNOT_BE_SET.format(self.network.name)):
            network.activations = activations
            network.loss = OnCopies(loss) if on_copies else loss
            network.learning_rate = learning_rate
            if named_attribute(network, "n_layers") is None:
                network.n_layers = self.network.n_layers
            self._set(network, self.theta)
        return network

    def claimed_gradient(self) -> Array:
        return self.theta - self._stepped()

    def check_repeatable(self) -> None:
        """See that J is a number, and the same again, and that a step is proportional to the gradient.

        Raises
        ------
        InvalidArgument, InvalidType
            If not, with what is in the way.
        """
        one, other = (float(self.J(self.theta[np.newaxis])[0][0]) for _ in range(2))
        if np.isfinite(one) and one != other:
            raise InvalidArgument(
                f"{self.network.name} gives J = {one:.9g} and then {other:.9g} for the same w, b and rows: something "
                "in its code draws anew, or keeps count from call to call, such as a dropout or a moving mean. Leave "
                "that out of the check."
            )
        moves = self.claimed_gradient(), self.theta - self._stepped(NO_RATE)
        sentence = without_rate(
            self.network.name, {slot.name: (slot.view(moves[0]), slot.view(moves[1])) for slot in self.layout}
        )
        if sentence is not None:
            raise InvalidArgument(sentence)

    def step(self, network: Any) -> None:
        """Let a runnable copy take a step.

        Raises
        ------
        InvalidType
            If its code fails, with its own words.
        """
        with own_code(f"{self.network.name} cannot take a step: its code says"):
            try:
                z, a = network._feed_forward(self.x.copy())
                network._back_prop(z, a, self.y.copy())
            except AttributeError as error:
                output = self.network.activations[self.network.n_layers]
                if error.name == "prime" and not output.has_prime:
                    output.derivative(np.zeros((1, 1)), np.zeros((1, 1)))
                raise

    def _stepped(self, learning_rate: float = 1.0) -> Array:
        network = self.runnable(learning_rate)
        self.step(network)
        w, b = parameters_after(network, self.network.w, self.network.b)
        return np.concatenate([np.ravel(array) for i in w for array in (w[i], b[i])])

    @cached_property
    def _evaluating(self) -> Any:
        return self.runnable()

    def J(self, thetas: Array) -> tuple[Array, Array]:
        with left_alone():  # once for all: entering it takes longer than a small network does
            return np.array([self._J(theta) for theta in thetas]), np.empty((len(thetas), 0), bool)

    def _J(self, theta: Array) -> float:
        network = self._evaluating
        draw_from_the_start()
        with own_code(f"{self.network.name}._feed_forward fails, or gives something else than z and a by layer:"):
            self._set(network, theta)
            _, a = network._feed_forward(self.x.copy())
            check_reaches_output(network, a, self.network.n_layers)
            output = np.array(a[self.network.n_layers], np.float64)
        if output.shape != self.y.shape:
            raise InvalidType(
                f"{self.network.name}._feed_forward gives outputs of the shape {output.shape} for {len(self.x)} rows "
                f"and {self.y.shape[1]} units: {self.y.shape} is needed."
            )
        return self.loss.J(self.y, output)

    def _set(self, network: Any, theta: Array) -> None:
        network.w = {i: self.layout[f"w[{i}]"].view(theta).copy() for i in self._shapes}
        network.b = {i: self.layout[f"b[{i}]"].view(theta).copy() for i in self._shapes}

    # --- what the diagnosis computes with ------------------------------------------------------------------------

    def with_more_rows(self) -> LearnerSubject:
        """The same network on the rows given and some more like them."""
        return LearnerSubject(self.network, *more_rows(self.x, self.y), on_copies=self.on_copies)

    def one_pass(self, numerical: Array | None = None) -> OnePass | None:
        """A pass, with derivatives found by differences; None if a hidden layer does not go entry by entry."""
        network, last, y = self.network, self.network.n_layers, self.y
        z, a = network.forward(self.x)
        f = network.activations
        own_at_z = {i: _own_slopes(f[i], each, a[i]) for i, each in z.items()}
        g = derivative_of_each(lambda outputs: self.loss.J(y, outputs), a[last])
        elementwise = [i for i in z if goes_entry_by_entry(f[i].f, z[i])]
        if not {*range(2, last)} <= {*elementwise}:
            return None
        slopes = {i: trusted_slopes(f[i].f, z[i], own_at_z[i]) for i in elementwise}
        delta = (
            g * slopes[last]
            if last in slopes
            else derivative_of_each(lambda at: self.loss.J(y, f[last].f(at)), z[last])
        )
        claimed = self.claimed_gradient()
        if numerical is not None:
            claimed = np.where(np.isnan(numerical), np.nan, claimed)
        named = {slot.name: slot.view(claimed) for slot in self.layout}
        return OnePass(
            x=self.x,
            y=y,
            w=network.w,
            w_after={i: w - np.nan_to_num(named[f"w[{i}]"]) for i, w in network.w.items()},
            received={i: a[i] for i in network.w},
            z=z,
            a=a,
            g=g,
            delta=delta,
            slopes=slopes,
            own_at_z=own_at_z,
            own_at_a={i: _own_slopes(f[i], a[i], f[i].f(a[i])) for i in z},
            own_output=g * own_at_z[last] if last in slopes else None,
            claimed={name: array.reshape(-1) if name.startswith("b") else array for name, array in named.items()},
        )

    def with_more_outputs(self) -> LearnerSubject:
        """The same code with two outputs more, whose weights and targets are like the others'."""
        given, last = copied(self.network.given), self.network.n_layers - 1
        columns = np.arange(self.y.shape[1] + 2) % self.y.shape[1]
        shift = 0.1 * np.random.default_rng(0).normal(size=len(columns))
        w, b = np.asarray(given.w[last]), np.asarray(given.b[last])
        given.w = {**given.w, last: w[:, columns] + shift}
        given.b = {**given.b, last: b[..., columns] + shift}
        return LearnerSubject(
            LearnerNetwork(given, self.loss.given), self.x, self.y[:, columns], on_copies=self.on_copies
        )


def _own_slopes(activation: LearnerActivation, z: Array, a: Array) -> Array:
    """What a learner's ``prime`` gives; of an output without one, which its program does not need, the slopes of f."""
    return activation.derivative(z, a) if activation.has_prime else slopes(activation.f, z)


def goes_entry_by_entry(f: Callable[[Array], Array], z: Array) -> bool:
    """Whether each output depends on its own z alone, seen by moving one z of each row and one row."""
    moved = z.copy()
    moved[0, 0] += 0.5
    changed = f(moved) != f(z)
    changed[0, 0] = False
    return not changed.any()
