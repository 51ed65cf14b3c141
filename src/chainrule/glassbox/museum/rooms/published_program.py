"""The first room: the published program, the right derivative, and the pair that belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import vanilla
from chainrule.glassbox.gradient_check import GradientCheck, check_gradients
from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.measurements import Figure, Finding, Measured
from chainrule.glassbox.museum.program import Change, Program, Recipe, with_function_of
from chainrule.glassbox.museum.room import Room
from chainrule.glassbox.museum.training import all_rows, seeded
from chainrule.model import Network

__all__ = ["AS_PUBLISHED", "POST_ACTIVATIONS", "POST_RECIPE", "ROOM"]

POST_ACTIVATIONS = (vanilla.Relu, vanilla.Sigmoid)
POST_RECIPE = Recipe("digits", "as it comes", (64, 15, 10), 100, 15, 1e-3, all_rows=True)
AS_PUBLISHED = Program("as published", vanilla.Network, vanilla.MSE, POST_ACTIVATIONS)

DERIVATIVE_AT_Z = with_function_of(vanilla.MSE, corrected.MSE, "delta", "DerivativeAtZ")


class CrossEntropyDelta(vanilla.MSE):
    """The delta of a cross-entropy after a sigmoid, and all else as published."""

    def delta(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred - y_true


def rates_of_chainrule(
    programs: Sequence[Measured], recipe: Recipe, seed: int
) -> tuple[Sequence[Figure], Sequence[Finding]]:
    """Why the same call on `chainrule.Network` needs another learning rate, from runs of both."""
    rows = all_rows(recipe.table)
    x, y = rows.x.copy(), np.eye(recipe.dimensions[-1])[rows.truth]
    n, k = recipe.batch_size, recipe.dimensions[-1]
    factors = (n * k / 2, k / 2)
    with seeded(seed):
        start = vanilla.Network(recipe.dimensions, POST_ACTIVATIONS)
    check = check_gradients(start, x[:n], y[:n], DERIVATIVE_AT_Z)
    ratios = _ratio(check, "w[1]"), _ratio(check, "b[2]")
    steps = [_largest_difference(start, x[:n], y[:n], recipe, seed, name) for name in ("w", "b")]
    plain, matched = (
        _accuracy_of_chainrule(start, x, y, recipe, seed, recipe.learning_rate * factor) for factor in (1, factors[0])
    )
    rate = recipe.learning_rate
    return (), (
        Finding(
            "chainrule's J is the mean over rows and outputs that the post prints, and its gradient is that of J. With "
            f"the derivative at z, the post's program still takes {ratios[0]:g} times that gradient for w and "
            f"{ratios[1]:g} times for b: n k / 2 = {factors[0]:g} for batches of n = {n} rows and k = {k} outputs, "
            f"since the factor 2 / (n k) is missing, and k / 2 = {factors[1]:g}, since b takes the mean over the rows.",
            {"ratio_w": ratios[0], "ratio_b": ratios[1]},
        ),
        Finding(
            f"So the post's learning rate {rate:g} is {rate * factors[0]:g} for w and {rate * factors[1]:g} for b on "
            f"chainrule.Network. After one step from the same weights, w with the first and b with the second differ "
            f"from the post's by {max(steps):.0e} at most.",
            {"step_difference_w": steps[0], "step_difference_b": steps[1]},
        ),
        Finding(
            f"The post's call on chainrule.Network, from the same weights: {100 * plain:.1f} % of all {len(x):,} "
            f"rows with the learning rate {rate:g}, {100 * matched:.1f} % with {rate * factors[0]:g}. The first is too "
            "small a rate for that J; the second is the right derivative again, with its saturated outputs.",
            {"chainrule_accuracy_same_rate": plain, "chainrule_accuracy_matched_rate": matched},
        ),
    )


def _ratio(check: GradientCheck, name: str) -> float:
    """How many times the numerical gradient is claimed, where it is the same in every entry."""
    (slot,) = [slot for slot in check.layout if slot.name == name]
    claimed, numerical = slot.view(check.backpropagated).ravel(), slot.view(check.numerical).ravel()
    large = np.abs(numerical) > 1e-3 * np.nanmax(np.abs(numerical))  # the others are rounding
    return round(float(np.median(claimed[large] / numerical[large])), 3)


def _copied(start: vanilla.Network, recipe: Recipe, seed: int) -> Network:
    network = Network(recipe.dimensions, ("relu", "sigmoid"), seed=seed, dtype=np.float64)
    for i in start.w:
        network.w[i], network.b[i] = start.w[i], start.b[i]
    return network


def _largest_difference(start: vanilla.Network, x: Any, y: Any, recipe: Recipe, seed: int, name: str) -> float:
    """The largest difference in w (or b) after one step of the post's program and of chainrule at the rate for it."""
    n, k = y.shape
    network = _copied(start, recipe, seed)
    factor = n * k / 2 if name == "w" else k / 2
    network.fit(x, y, "mse", 1, n, recipe.learning_rate * factor, verbose=False, engine="numpy")
    with seeded(seed):
        post = vanilla.Network(recipe.dimensions, POST_ACTIVATIONS)
        post.fit(x, y, DERIVATIVE_AT_Z, 1, n, recipe.learning_rate)
    ours, theirs = getattr(network, name), getattr(post, name)
    return max(float(np.abs(ours[i] - theirs[i]).max()) for i in start.w)


def _accuracy_of_chainrule(start: vanilla.Network, x: Any, y: Any, recipe: Recipe, seed: int, rate: float) -> float:
    network = _copied(start, recipe, seed)
    network.fit(x, y, "mse", recipe.epochs, recipe.batch_size, rate, verbose=False, engine="numpy")
    return float(np.mean(network.predict(x).argmax(axis=1) == y.argmax(axis=1)))


ROOM = Room(
    name="the-published-program",
    title="99.8, 69.0, 100: as published, the right derivative, the right pair",
    story=(
        "The post's program recognises nearly all digits that it was trained on. Its output error is multiplied by the "
        "derivative of the sigmoid taken at the activation a, where the chain rule has z. Correct that one line, and "
        "the program learns worse: where an output is close to 0 or 1, the true derivative a (1 - a) is close to 0, "
        "also where the output is wrong, and the error does not get through. The wrong derivative is always about 0.2, "
        "which makes the published delta a shrunken a - y. And a - y is the right delta of another loss: "
        "cross-entropy. With it, the program is right and learns best."
    ),
    lesson=(
        "Accuracy does not prove a gradient: check it. And give a sigmoid or a softmax that tells classes its "
        "cross-entropy, as chainrule does where no loss is given."
    ),
    programs=(
        AS_PUBLISHED,
        Program("derivative at z", vanilla.Network, DERIVATIVE_AT_Z, POST_ACTIVATIONS),
        Program("delta = a - y", vanilla.Network, CrossEntropyDelta, POST_ACTIVATIONS),
    ),
    changes=(
        Change(vanilla.MSE.delta, corrected.MSE.delta, "Derivative at z"),
        Change(vanilla.MSE.delta, CrossEntropyDelta.delta, "Cross-entropy"),
    ),
    recipe=POST_RECIPE,
    evidence=(
        "ritchie46/vanilla-machine-learning",
        "dcmocanu/sparse-evolutionary-artificial-neural-networks, which builds on it",
    ),
    effect="none",
    fails_at=("w[1]", "b[1]", "w[2]", "b[2]"),
    checked=(
        AS_PUBLISHED,
        Program("derivative at z", vanilla.Network, DERIVATIVE_AT_Z, POST_ACTIVATIONS),
        Program("all corrected", corrected.Network, corrected.MSE, (corrected.Relu, corrected.Sigmoid)),
        Program("cross-entropy", corrected.Network, corrected.BinaryCrossEntropy, (corrected.Relu, corrected.Sigmoid)),
    ),
    look=rates_of_chainrule,
)
