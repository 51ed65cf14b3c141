"""What each mistake gives, each written out here as a person would compute it: (name, quantity, wrong, right).

The names are those by which the hand check calls them.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

import chainrule
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual
from tests.glassbox.hand_check.drawn_steps import HIDDEN, drawn

MSE = [("identity", "mse"), ("sigmoid", "mse"), ("tanh", "mse")]
SOFTMAX = [("softmax", "cross_entropy"), ("softmax", "mse")]
SMOOTH = [name for name in HIDDEN if name not in ("relu", "leaky_relu", "hard_sigmoid", "hard_tanh")]
DISTANCES = [*MSE, ("identity", "mae"), ("identity", "huber")]
NOT_QUANTILE = [
    *DISTANCES,
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "cross_entropy"),
    ("exponential", "poisson"),
]


def any_hidden(rng, s):
    return int(rng.integers(2, s.m))


def deltas_and_after(rng, s, i, delta):
    """A wrong delta of layer i itself, or what follows from it: dw, db, a delta below."""
    found = [
        (f"delta[{i}]", delta, s.delta[i]),
        (f"dw[{i - 1}]", s.a[i - 1].T @ delta + s.l2 * s.w[i - 1], s.dw[i - 1]),
        (f"db[{i - 1}]", delta.sum(axis=0), s.db[i - 1]),
    ]
    if i > 2:
        j = int(rng.integers(2, i))
        below = s.below(i, delta, j)
        found += [(f"delta[{j}]", below, s.delta[j]), (f"dw[{j - 1}]", s.a[j - 1].T @ below, s.dw[j - 1])]
    return found[rng.integers(len(found))]


def forward_and_after(rng, s, i, z):
    """A wrong z of layer i itself, or what follows from it: a, a later z, J."""
    a = s.f[i](z)
    later, outputs = s.above(i, a)
    found = [(f"z[{i}]", z, s.z[i]), (f"a[{i}]", a, s.a[i])]
    found += [(f"z[{j}]", later[j], s.z[j]) for j in later]
    found.append(("J", s.rows(outputs[s.m]).mean(), s.rows(s.a[s.m]).mean()))
    return s, *found[rng.integers(len(found))]


def derivative_forgotten(rng):
    s = drawn(rng)
    i = any_hidden(rng, s) if rng.random() < 0.6 or s.names[-1] == "identity" else s.m
    return s, *deltas_and_after(rng, s, i, s.da[i])


def derivative_at_a(rng):
    s = drawn(rng, hidden=SMOOTH, outputs=[*MSE, ("exponential", "poisson"), ("sigmoid", "binary_cross_entropy")])
    i = any_hidden(rng, s) if rng.random() < 0.6 or s.names[-1] == "identity" else s.m
    return s, *deltas_and_after(rng, s, i, s.da[i] * s.prime[i](s.a[i]))


def derivative_twice(rng):
    s = drawn(rng, hidden=SMOOTH)
    i = any_hidden(rng, s)
    return s, *deltas_and_after(rng, s, i, s.da[i] * s.prime[i](s.z[i]) ** 2)


def formula_of_z(rng):
    s = drawn(rng, hidden=["sigmoid", "tanh"])
    i = any_hidden(rng, s)
    slope = s.z[i] * (1 - s.z[i]) if s.names[i - 2] == "sigmoid" else 1 - s.z[i] ** 2
    return s, *deltas_and_after(rng, s, i, s.da[i] * slope)


def softmax_diagonal(rng):
    s = drawn(rng, outputs=SOFTMAX)
    a = s.a[s.m]
    return s, *deltas_and_after(rng, s, s.m, s.da[s.m] * a * (1 - a))


def cross_entropy_delta(rng):
    s = drawn(rng, outputs=[("sigmoid", "mse"), ("tanh", "mse"), ("softmax", "mse")], k=int(rng.integers(3, 5)))
    return s, *deltas_and_after(rng, s, s.m, (s.a[s.m] - s.y) / s.n)


def summed_not_averaged(rng):
    s = drawn(rng)
    if rng.random() < 0.2:
        rows = s.rows(s.a[s.m])
        return s, "J", rows.sum(), rows.mean()
    return s, *deltas_and_after(rng, s, s.m, s.delta[s.m] * s.n)


def averaged_again(rng):
    s = drawn(rng)
    i = int(rng.integers(1, s.m))
    if rng.random() < 0.5:
        return s, f"db[{i}]", s.delta[i + 1].mean(axis=0), s.db[i]
    return s, f"dw[{i}]", s.a[i].T @ s.delta[i + 1] / s.n, s.dw[i]


def one_row(rng):
    s = drawn(rng)
    i = int(rng.integers(1, s.m))
    if rng.random() < 0.3:
        return s, f"db[{i}]", s.delta[i + 1][0], s.db[i]
    return s, f"dw[{i}]", np.outer(s.a[i][0], s.delta[i + 1][0]), s.dw[i]


def transposed(rng):
    s = drawn(rng, square=rng.random() < 0.5, n_hidden=2)
    i = int(rng.integers(1, s.m))
    name, right = [(f"dw[{i}]", s.dw[i]), (f"new w[{i}]", s.new_w(i)), (f"w[{i}]", s.w[i])][rng.integers(3)]
    return s, name, right.T, right


def back_not_transposed(rng):
    s = drawn(rng, square=True, n_hidden=int(rng.integers(2, 4)))
    i = int(rng.integers(2, s.m - 1))
    d_a = s.delta[i + 1] @ s.w[i]
    return s, *deltas_and_after(rng, s, i, s.through(i, d_a))


def sign(rng):
    s = drawn(rng, hidden=SMOOTH)
    i = any_hidden(rng, s)
    names = [f"z[{i}]", f"new w[{i}]", "loss", "J", f"new b[{i}]"]  # that of a delta is y - a
    rows = s.rows(s.a[s.m])
    values = [s.z[i], s.new_w(i), rows, rows.mean(), s.b[i] - s.rate * s.db[i]]
    which = rng.integers(5)
    return s, names[which], -np.asarray(values[which]), values[which]


def target_minus_output(rng):
    s = drawn(rng, outputs=NOT_QUANTILE)
    return s, *deltas_and_after(rng, s, s.m, -s.delta[s.m])


def old_for_new(rng):
    s = drawn(rng)
    i = int(rng.integers(1, s.m))
    return s, f"new w[{i}]", s.w[i], s.new_w(i)


def new_for_old(rng):
    s = drawn(rng)
    i = int(rng.integers(1, s.m))
    return forward_and_after(rng, s, i + 1, s.a[i] @ s.new_w(i) + s.b[i])


def back_with_new_weights(rng):
    s = drawn(rng)
    i = any_hidden(rng, s)
    return s, *deltas_and_after(rng, s, i, s.through(i, s.delta[i + 1] @ s.new_w(i).T))


def factor_2_missing(rng):
    s = drawn(rng, outputs=MSE, n=int(rng.integers(3, 7)))  # with 2 rows, 1/n is the half too
    return s, *deltas_and_after(rng, s, s.m, s.delta[s.m] / 2)


def factor_2_too_much(rng):
    s = drawn(rng, n=int(rng.integers(3, 7)), k=int(rng.integers(3, 5)))  # with 2 rows or outputs, n or k is 2 too
    return s, *deltas_and_after(rng, s, s.m, s.delta[s.m] * 2)


def outputs_summed(rng):
    s = drawn(rng, outputs=DISTANCES, n=int(rng.integers(5, 8)), k=int(rng.integers(2, 5)))  # n and k are told apart
    if rng.random() < 0.3:
        return s, "loss", s.rows(s.a[s.m]) * s.k, s.rows(s.a[s.m])
    return s, *deltas_and_after(rng, s, s.m, s.delta[s.m] * s.k)


def all_factors_forgotten(rng):
    s = drawn(rng, outputs=MSE, n=int(rng.integers(3, 7)), k=int(rng.integers(3, 5)))  # n k / 2 is neither n nor k
    slope = s.prime[s.m](s.z[s.m])
    return s, *deltas_and_after(rng, s, s.m, (s.a[s.m] - s.y) * slope)


def bias_forgotten(rng):
    s = drawn(rng)
    i = int(rng.integers(1, s.m))
    return forward_and_after(rng, s, i + 1, s.a[i] @ s.w[i])


def bias_subtracted(rng):
    s = drawn(rng)
    i = int(rng.integers(1, s.m))
    return forward_and_after(rng, s, i + 1, s.a[i] @ s.w[i] - s.b[i])


def activation_forgotten(rng):
    s = drawn(rng)
    i = any_hidden(rng, s)
    z, _ = s.above(i, s.z[i])
    found = [(f"a[{i}]", s.z[i], s.a[i]), (f"z[{i + 1}]", z[i + 1], s.z[i + 1])]
    return s, *found[rng.integers(2)]


def activation_twice(rng):
    s = drawn(rng, hidden=[*SMOOTH, "hard_sigmoid"])
    i = any_hidden(rng, s)
    twice = s.f[i](s.f[i](s.z[i]))
    z, _ = s.above(i, twice)
    found = [(f"a[{i}]", twice, s.a[i]), (f"z[{i + 1}]", z[i + 1], s.z[i + 1])]
    return s, *found[rng.integers(2)]


def softmax_over_rows(rng):
    return _softmax(rng, lambda e: e.sum(axis=0))


def softmax_over_batch(rng):
    return _softmax(rng, lambda e: e.sum())


def _softmax(rng, total):
    s = drawn(rng, outputs=[("softmax", "cross_entropy")])
    e = np.exp(s.z[s.m])
    a = e / total(e)
    found = [
        (f"a[{s.m}]", a, s.a[s.m]),
        (f"delta[{s.m}]", (a - s.y) / s.n, s.delta[s.m]),
        ("J", -(s.y * np.log(a)).sum() / s.n, s.rows(s.a[s.m]).mean()),
    ]
    return s, *found[rng.integers(3)]


def rounded_early(rng):
    """z, a and the deltas are each rounded before they are used."""
    s = drawn(rng, hidden=["relu", "sigmoid", "tanh", "leaky_relu"], outputs=[("identity", "mse"), ("sigmoid", "mse")])
    places = int(rng.integers(1, 5))
    z, a, slopes = (
        {},
        {1: s.x},
        {"relu": lambda a: a > 0, "sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a},
    )
    slopes |= {"leaky_relu": lambda a: np.where(a > 0, 1, 0.01), "identity": np.ones_like}
    for i in range(1, s.m):
        z[i + 1] = np.round(a[i] @ s.w[i] + s.b[i], places)
        a[i + 1] = np.round(s.f[i + 1](z[i + 1]), places)
    if rng.random() < 0.3:
        return s, f"z[{s.m}]", a[s.m - 1] @ s.w[s.m - 1] + s.b[s.m - 1], s.z[s.m]
    delta = 2 * (a[s.m] - s.y) / (s.n * s.k) * slopes[s.names[-1]](a[s.m])
    i = s.m
    while i > 2 and rng.random() < 0.5:
        i -= 1
        delta = (np.round(delta, places) @ s.w[i].T) * slopes[s.names[i - 2]](a[i])
    if rng.random() < 0.5:
        return s, f"dw[{i - 1}]", a[i - 1].T @ np.round(delta, places), s.dw[i - 1]
    return s, f"delta[{i}]", delta, s.delta[i]


def learning_rate_forgotten(rng):
    s = drawn(rng)
    i = int(rng.integers(1, s.m))
    return s, f"new w[{i}]", s.w[i] - s.dw[i], s.new_w(i)


def added(rng):
    s = drawn(rng)
    i = int(rng.integers(1, s.m))
    return s, f"new b[{i}]", s.b[i] + s.rate * s.db[i], s.b[i] - s.rate * s.db[i]


def penalty_forgotten(rng):
    s = drawn(rng, l2=float(rng.choice([0.01, 0.1, 0.5])))
    i = int(rng.integers(1, s.m))
    dw = s.a[i].T @ s.delta[i + 1]
    return (s, f"dw[{i}]", dw, s.dw[i]) if rng.random() < 0.5 else (s, f"new w[{i}]", s.new_w(i, dw), s.new_w(i))


def another_entry(rng):
    s = drawn(rng)
    i = any_hidden(rng, s)
    name, right = [(f"z[{i}]", s.z[i]), (f"delta[{i}]", s.delta[i]), (f"dw[{i}]", s.dw[i])][rng.integers(3)]
    return s, name, np.roll(right, 1, axis=int(rng.integers(2))), right


def z_in_product(rng):
    s = drawn(rng)
    i = any_hidden(rng, s)
    return s, f"dw[{i}]", s.z[i].T @ s.delta[i + 1], s.dw[i]


def base_10(rng):
    s = drawn(rng, outputs=[("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")])
    rows = s.rows(s.a[s.m]) / np.log(10)
    return (s, "loss", rows, s.rows(s.a[s.m])) if rng.random() < 0.5 else (s, "J", rows.mean(), s.rows(s.a[s.m]).mean())


# --- layers besides dense ones: the right arrays are the trace's, the wrong ones are written out -----------------


class Traced:
    """A step of other layers, whose right arrays are those of its trace."""

    def __init__(self, step):
        self.step = step

    def trace(self):
        return self.step


def _layered(rng, inside, loss="mse", width=None):
    d = width or int(rng.integers(2, 5))
    layers = [Dense(3, d, "tanh"), inside(d), Dense(d, 2)]
    nn = chainrule.Network(layers=layers, seed=int(rng.integers(1000)), dtype=float)
    nn.theta = rng.normal(size=nn.theta.shape)
    n = int(rng.integers(3, 7))
    return chainrule.trace(nn, rng.normal(size=(n, 3)), rng.normal(size=(n, 2)), loss, learning_rate=0.1)


def _first_layer(rng, step, d_a):
    """What follows in the first layer from a wrong da[2]: a tanh, whose slope is 1 - a^2."""
    delta = d_a * (1 - np.tanh(step.z[2]) ** 2)
    if rng.random() < 0.5:
        return Traced(step), "delta[2]", delta, step.delta[2]
    return Traced(step), "dw[1]", step.x.T @ delta, step.dw[1]


def dropout_mask_forgotten(rng):
    step = _layered(rng, lambda d: Dropout(0.4))
    return _first_layer(rng, step, step["da[2]"])


def dropout_factor_forgotten(rng):
    step = _layered(rng, lambda d: Dropout(0.4))
    kept = np.tanh(step.z[2]) * (step["dropout_1.factor"] > 0)
    if rng.random() < 0.5:
        return Traced(step), "a[2]", kept, step.a[2]
    return Traced(step), "z[3]", kept @ step.w[2] + step.b[2], step.z[3]


def batch_norm_constants(rng):
    step = _layered(rng, lambda d: BatchNorm())
    scale, variance = step["batch_norm_1.scale"], step["batch_norm_1.variance"]
    return _first_layer(rng, step, step["da[2]"] * scale / np.sqrt(variance + 1e-5))


def layer_norm_constants(rng):
    step = _layered(rng, lambda d: LayerNorm(), width=4)
    scale, variance = step["layer_norm_1.scale"], step["layer_norm_1.variance"]
    return _first_layer(rng, step, step["da[2]"] * scale / np.sqrt(variance[:, np.newaxis] + 1e-5))


def sample_variance(rng):
    step = _layered(rng, lambda d: BatchNorm())
    value = np.tanh(step.z[2])
    variance = ((value - value.mean(axis=0)) ** 2).sum(axis=0) / (len(value) - 1)
    return Traced(step), "batch_norm_1.variance", variance, step["batch_norm_1.variance"]


def skip_forgotten(rng):
    step = _layered(rng, lambda d: Residual([Dense(d, d, "sigmoid")]))
    inside = expit(step.z[3])
    if rng.random() < 0.5:
        return Traced(step), "z[4]", inside @ step.w[3] + step.b[3], step.z[4]
    return _first_layer(rng, step, step["d(residual_1.inside)"])


MISTAKES = {
    "the derivative f' forgotten": derivative_forgotten,
    "the derivative taken at a instead of z": derivative_at_a,
    "the sum instead of the mean over the rows": summed_not_averaged,
    "the mean instead of the sum over the rows": averaged_again,
    "transposed": transposed,
    "the wrong sign": sign,
    "y - a for a - y": target_minus_output,
    "the old weights instead of the new": old_for_new,
    "the new weights instead of the old": new_for_old,
    "the error taken back through the new weights": back_with_new_weights,
    "the factor 2 missing": factor_2_missing,
    "a factor 2 too much": factor_2_too_much,
    "the sum instead of the mean over the outputs": outputs_summed,
    "the whole factor 2 / (n k) forgotten": all_factors_forgotten,
    "the bias forgotten": bias_forgotten,
    "the bias subtracted": bias_subtracted,
    "softmax over the wrong axis, the rows of the batch": softmax_over_rows,
    "softmax over the whole batch": softmax_over_batch,
    "only the diagonal of softmax's derivative": softmax_diagonal,
    "rounded too early": rounded_early,
    "the activation forgotten": activation_forgotten,
    "the activation applied twice": activation_twice,
    "the derivative f' multiplied in twice": derivative_twice,
    "the formula of f' that takes a, filled in with z": formula_of_z,
    "the delta of cross-entropy, a - y, for another loss": cross_entropy_delta,
    "w not transposed on the way back": back_not_transposed,
    "the learning rate forgotten": learning_rate_forgotten,
    "the step added instead of subtracted": added,
    "the penalty forgotten": penalty_forgotten,
    "another entry of the same array": another_entry,
    "the first row of the batch alone": one_row,
    "z in the place of a": z_in_product,
    "the logarithm to the base 10": base_10,
    "the dropout mask forgotten": dropout_mask_forgotten,
    "dropout without its factor 1 / (1 - rate)": dropout_factor_forgotten,
    "mean and variance of a norm taken as constants": batch_norm_constants,
    "mean and variance of a layer norm taken as constants": layer_norm_constants,
    "the variance divided by n - 1": sample_variance,
    "the skip forgotten": skip_forgotten,
}
"""By the name with which the hand check calls it (of a layer norm, it is called as of a batch norm)."""
