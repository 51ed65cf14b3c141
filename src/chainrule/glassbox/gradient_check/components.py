"""Each part of a network by itself: an activation, a loss and a layer against the differences of their own values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.functions.activations import Activation, Elementwise
from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.differences import STEP
from chainrule.glassbox.gradient_check.finding import Finding, line_of
from chainrule.glassbox.gradient_check.learner_subject import LearnerSubject, goes_entry_by_entry
from chainrule.glassbox.gradient_check.network_subject import NetworkSubject
from chainrule.glassbox.gradient_check.one_pass import derivative_of_rows, slopes, smooth
from chainrule.network.layer import Arrays, Layer, Mode
from chainrule.network.layers import Dense
from chainrule.network.records import ForwardRecord

__all__ = ["wrong_components"]

WRONG = 1e-6
"""Share of the largest value from which on a derivative is wrong."""

BESIDE_A_KINK = 1e-4
"""How far an output must be from a kink of the loss, so that both sides of a difference lie on one side of it."""

SMALLEST = 1e-3
"""Where all values are smaller, a difference is measured against this: beside less, its rounding would look wrong."""


def wrong_components(subject: NetworkSubject | LearnerSubject) -> list[Finding]:
    """The parts whose derivatives are wrong, each found without the others."""
    if isinstance(subject, LearnerSubject):
        return list(_of_learner(subject))
    return [*_of_network(subject), *_layers(subject)]


def _of_learner(subject: LearnerSubject) -> Iterator[Finding]:
    z, a = subject.network.forward(subject.x)
    for i, activation in subject.network.activations.items():
        if not activation.has_prime or not goes_entry_by_entry(activation.f, z[i]):
            continue  # it has no f'(z) to compare with
        finding = _activation(
            f"{activation.name}.prime",
            i,
            activation.f,
            lambda at, f=activation: f.derivative(at, at),  # type: ignore[misc]
            z[i],
            a[i],
            getattr(activation.given, "prime", None),
        )
        if finding is not None:
            yield finding


def _of_network(subject: NetworkSubject) -> Iterator[Finding]:
    architecture = subject.objective.architecture
    record = ForwardRecord.of(architecture, subject.caches)
    last = max(record.z)
    for i, layer in architecture.dense_layers.items():
        f, z = layer.activation, record.z[i + 1]
        if isinstance(f, Elementwise):
            finding = _activation(
                f"The derivative of {f}",
                i + 1,
                f.f,
                lambda at, f=f: f.derivative(at, f.f(at)),  # type: ignore[misc]
                z,
                f.f(z),
                getattr(f, "given_derivative", None) or f.derivative_expression,
            )
            if finding is not None:
                yield finding
    finding = _output(subject, record.z[last], last)
    if finding is not None:
        yield finding


def _output(subject: NetworkSubject, z: Array, last: int) -> Finding | None:
    """The loss and the output activation together, whose delta a loss gives in one piece."""
    loss, output, y = subject.objective.loss, subject.objective.architecture.output_layer.activation, subject.rows.y
    true = derivative_of_rows(lambda at: loss.rows(y, at, output.f(at), output), z)
    claimed = loss.delta(y, z, output.f(z), output)
    known = np.ones_like(z, bool)
    for kink in loss.kinks:
        known &= np.abs(output.f(z) - y - kink) > BESIDE_A_KINK
    error = _largest(claimed - true, true, known)
    if error <= WRONG or (isinstance(output, Elementwise) and _wrong_output(output, z)):
        return None  # that of the activation is said by itself
    names = tuple(slot.name for slot in subject.layout)
    if not isinstance(output, Elementwise) and (how := _wrong_backward(output, z)) is not None:
        kind = "softmax diagonal only" if "diagonal" in how else "prime is wrong"
        sentence = f"The backward pass of {output}, layer {last}, is wrong by itself{how}."
        return Finding(kind, sentence, names, error, line_of(output.backward), layer=last)
    index = _worst_index(claimed - true, known)
    on_logits = getattr(loss, "logit_output", None) == output.name
    place = "logit_derivative_expression" if on_logits else "derivative_expression"
    function = getattr(loss, "given_derivative", None) or getattr(loss, place, None)
    return Finding(
        "loss is wrong",
        f"{loss}'s derivative is wrong by itself{_how(claimed[known], true[known])}: in row {index[0]}, output "
        f"{index[1]}, it gives delta {claimed[index]:.6g}, and J of that row changes by {true[index]:.6g}.",
        names,
        error,
        line_of(function or loss.delta),
        layer=last,
    )


def _wrong_backward(f: Activation, z: Array) -> str | None:
    """What is wrong with the backward pass of an activation whose outputs depend on every z of a row; None if right."""
    a = f.f(z)
    v = np.random.default_rng(0).normal(size=z.shape)
    true = derivative_of_rows(lambda at: (v * f.f(at)).sum(axis=-1), z)
    own = f.backward(v, z, a)
    if _near(own, true):
        return None
    if _near(own, v * a * (1 - a)):
        return (
            ": it is the diagonal alone, a_j (1 - a_j). But each output depends on every z of its row: "
            "a_j (g_j - sum_m g_m a_m), with g = dJ/da"
        )
    return _how(own, true)


def _wrong_output(f: Elementwise, z: Array) -> bool:
    own = f.derivative(z, f.f(z))
    return _largest(own - slopes(f.f, z), own, smooth(f.f, z)) > WRONG


def _activation(
    name: str,
    i: int,
    f: Callable[[Array], Array],
    derivative: Callable[[Array], Array],
    z: Array,
    a: Array,
    function: Callable[..., Any] | None,
) -> Finding | None:
    """What is wrong with the derivative of layer i's activation, at the z of this pass."""
    true, own, known = slopes(f, z), derivative(z), smooth(f, z)
    if not known.any() or (error := _largest(own - true, true, known)) <= WRONG:
        return None
    index = _worst_index(own - true, known)
    how = _how(own[known], true[known])
    kind = "prime is wrong"
    if not how and _largest(derivative(a) - true, true, known) <= WRONG:
        how, kind = ": it is right for a in the place of z, as if it were written for f(z)", "prime takes a"
    return Finding(
        kind,
        f"{name} of layer {i} is wrong by itself{how}. At z = {z[index]:.6g} it gives {own[index]:.6g}, and f(z) "
        f"changes by {true[index]:.6g}.",
        tuple(f"{each}[{j}]" for j in range(1, i) for each in "wb"),
        error,
        None if function is None else line_of(function),
        "write a (1 - a) as f(z) (1 - f(z)), and so on: f'(z) is asked for with z." if kind == "prime takes a" else "",
        layer=i,
    )


def _how(own: Array, true: Array) -> str:
    """How one derivative comes from the other, if by something simple; found by trying."""
    if not own.any():
        return ": it is 0"
    if _near(own, np.ones_like(own)):
        return ": it is 1 everywhere, as if it were forgotten"
    if _near(own, -true):
        return ": its sign is wrong"
    c = float(own @ true) / float(true @ true) if true.any() else 0.0
    if c and _near(own, c * true):
        return f": it is {c:.6g} times what it should be"
    if _near(own, true * true):
        return ": it is taken twice"
    return ""


def _layers(subject: NetworkSubject) -> Iterator[Finding]:
    """Layers of other kinds, such as norms, whose backward pass does not fit their forward pass."""
    architecture, mode = subject.objective.architecture, subject.mode
    bound = architecture.bind_parameters(subject.theta), architecture.bind_statistics(subject.state)
    x = subject.inputs
    for layer, parameters, state in zip(architecture.layers, *bound, strict=True):
        output, _ = layer.forward(parameters, state, x, mode)
        if not (isinstance(layer, Dense) or layer.draws or layer.inside):
            finding = _layer(layer, parameters, state, x, mode)
            if finding is not None:
                yield finding
        x = output


def _layer(layer: Layer, parameters: Arrays, state: Arrays, x: Array, mode: Mode) -> Finding | None:
    """One layer, along a random direction of everything that it takes."""
    rng = np.random.default_rng(0)
    output, cache = layer.forward(parameters, state, x, mode)
    v = rng.normal(size=output.shape)
    gradient = layer.backward(parameters, cache, v)
    taken = (x, *parameters)
    directions = [rng.normal(size=each.shape) for each in taken]

    def moved(h: float) -> float:
        at = [each + h * direction for each, direction in zip(taken, directions, strict=True)]
        return float((v * layer.forward(tuple(at[1:]), state, at[0], mode)[0]).sum())

    true = (moved(STEP) - moved(-STEP)) / (2 * STEP)
    claims = (np.zeros_like(x) if gradient.input is None else gradient.input, *gradient.parameters)
    own = float(sum((claim * direction).sum() for claim, direction in zip(claims, directions, strict=True)))
    error = abs(own - true) / (abs(own) + abs(true) + SMALLEST)
    if error <= 10 * WRONG:  # a sum over all that the layer takes, with the rounding of each
        return None
    return Finding(
        "layer is wrong",
        f"The backward pass of {layer.label} is wrong by itself: along a random direction of all that it takes, it "
        f"claims a change of {own:.6g}, and what it gives changes by {true:.6g}.",
        (layer.label,),
        error,
        line_of(layer.backward),
    )


def _largest(difference: Array, beside: Array, where: Array) -> float:
    """The largest difference over the largest value, where there is a derivative."""
    if not where.any():
        return 0.0
    largest = float(np.abs(beside[where]).max())
    found = float(np.abs(difference[where]).max())
    return found / max(largest, SMALLEST)


def _worst_index(difference: Array, where: Array) -> tuple[int, int]:
    index = np.unravel_index(int(np.argmax(np.where(where, np.abs(difference), -1.0))), difference.shape)
    return int(index[0]), int(index[1])


def _near(one: Array, other: Array) -> bool:
    return bool(np.abs(one - other).max(initial=0.0) <= WRONG * max(float(np.abs(other).max(initial=0.0)), SMALLEST))
