"""Random networks of dense layers with their step, computed here with formulas of its own, none of them the package's."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
from scipy.special import erf, expit

import chainrule

SELU = 1.0507009873554805, 1.6732632423543772
ROOT_2_OVER_PI = np.sqrt(2 / np.pi)


def gelu_tanh_slope(z):
    t = np.tanh(ROOT_2_OVER_PI * (z + 0.044715 * z**3))
    return (1 + t) / 2 + z / 2 * (1 - t**2) * ROOT_2_OVER_PI * (1 + 3 * 0.044715 * z**2)


ACTIVATIONS = {
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
    "relu": (lambda z: np.where(z > 0, z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "elu": (lambda z: np.where(z > 0, z, np.exp(z) - 1), lambda z: np.where(z > 0, 1.0, np.exp(z))),
    "selu": (
        lambda z: SELU[0] * np.where(z > 0, z, SELU[1] * (np.exp(z) - 1)),
        lambda z: SELU[0] * np.where(z > 0, 1.0, SELU[1] * np.exp(z)),
    ),
    "softplus": (lambda z: np.log(1 + np.exp(z)), expit),
    "gelu": (
        lambda z: z / 2 * (1 + erf(z / np.sqrt(2))),
        lambda z: (1 + erf(z / np.sqrt(2))) / 2 + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
    ),
    "gelu_tanh": (lambda z: z / 2 * (1 + np.tanh(ROOT_2_OVER_PI * (z + 0.044715 * z**3))), gelu_tanh_slope),
    "silu": (lambda z: z * expit(z), lambda z: expit(z) * (1 + z * (1 - expit(z)))),
    "sigmoid": (expit, lambda z: expit(z) * (1 - expit(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "hard_sigmoid": (lambda z: np.clip((z + 3) / 6, 0, 1), lambda z: np.where(abs(z) < 3, 1 / 6, 0)),
    "hard_tanh": (lambda z: np.clip(z, -1, 1), lambda z: np.where(abs(z) < 1, 1.0, 0.0)),
    "exponential": (np.exp, np.exp),
    "softmax": (lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), None),
}
"""Each f beside its f', of tier 1."""

HIDDEN = [name for name in ACTIVATIONS if name not in ("identity", "exponential", "softmax")]

LOSSES = {  # per output: the loss and its derivative, and whether a row takes their mean or their sum
    "mse": (lambda y, a: (a - y) ** 2, lambda y, a: 2 * (a - y), "mean"),
    "mae": (lambda y, a: abs(a - y), lambda y, a: np.sign(a - y), "mean"),
    "huber": (
        lambda y, a: np.where(abs(a - y) <= 1, (a - y) ** 2 / 2, abs(a - y) - 0.5),
        lambda y, a: np.clip(a - y, -1, 1),
        "mean",
    ),
    "quantile": (lambda y, a: abs(a - y) / 2, lambda y, a: np.sign(a - y) / 2, "mean"),
    "poisson": (lambda y, a: a - y * np.log(a), lambda y, a: 1 - y / a, "sum"),
    "binary_cross_entropy": (
        lambda y, a: -(y * np.log(a) + (1 - y) * np.log(1 - a)),
        lambda y, a: (a - y) / (a * (1 - a)),
        "sum",
    ),
    "cross_entropy": (lambda y, a: -y * np.log(a), lambda y, a: -y / a, "sum"),
}

OUTPUTS = [
    ("identity", "mse"),
    ("identity", "mae"),
    ("identity", "huber"),
    ("identity", "quantile"),
    ("exponential", "poisson"),
    ("sigmoid", "mse"),
    ("tanh", "mse"),
    ("softmax", "mse"),
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "cross_entropy"),
]


@dataclass
class Drawn:
    """A network, its rows, and every array of the step, computed here.

    ``f[i]`` and ``slope[i]`` are those of layer i; `m` is the number of the output layer.
    """

    f: dict
    prime: dict
    names: list
    loss: str
    rate: float
    l2: float
    x: np.ndarray
    y: np.ndarray
    w: dict
    b: dict
    z: dict = field(default_factory=dict)
    a: dict = field(default_factory=dict)
    da: dict = field(default_factory=dict)
    delta: dict = field(default_factory=dict)
    dw: dict = field(default_factory=dict)
    db: dict = field(default_factory=dict)

    def __post_init__(self):
        self.m = len(self.w) + 1
        self.n, self.k = len(self.x), self.y.shape[1]
        self.a[1] = self.x
        for i in range(1, self.m):
            self.z[i + 1] = self.a[i] @ self.w[i] + self.b[i]
            self.a[i + 1] = self.f[i + 1](self.z[i + 1])
        self.da[self.m] = self.d_loss(self.a[self.m])
        self.delta[self.m] = self.through(self.m, self.da[self.m])
        for i in range(self.m - 1, 0, -1):
            self.dw[i] = self.a[i].T @ self.delta[i + 1] + self.l2 * self.w[i]
            self.db[i] = self.delta[i + 1].sum(axis=0)
            if i > 1:
                self.da[i] = self.delta[i + 1] @ self.w[i].T
                self.delta[i] = self.through(i, self.da[i])

    def rows(self, a):
        each = LOSSES[self.loss][0](self.y, a)
        return each.mean(axis=1) if LOSSES[self.loss][2] == "mean" else each.sum(axis=1)

    def d_loss(self, a):
        d = LOSSES[self.loss][1](self.y, a) / self.n
        return d / self.k if LOSSES[self.loss][2] == "mean" else d

    def through(self, i, d_a):
        """dJ/dz of layer i from dJ/da."""
        if self.names[i - 2] != "softmax":
            return d_a * self.prime[i](self.z[i])
        a = self.a[i]
        return np.stack([(np.diag(row) - np.outer(row, row)) @ d for row, d in zip(a, d_a, strict=True)])

    def below(self, i, delta, down_to):
        """delta of layer `down_to` from one of layer i."""
        for j in range(i - 1, down_to - 1, -1):
            delta = self.through(j, delta @ self.w[j].T)
        return delta

    def above(self, i, a):
        """z and a of the layers after i, from an a of layer i."""
        z, all_a = {}, {i: a}
        for j in range(i, self.m):
            z[j + 1] = all_a[j] @ self.w[j] + self.b[j]
            all_a[j + 1] = self.f[j + 1](z[j + 1])
        return z, all_a

    def new_w(self, i, dw=None):
        return self.w[i] - self.rate * (self.dw[i] if dw is None else dw)

    def trace(self):
        nn = chainrule.Network([self.w[1].shape[0], *(w.shape[1] for w in self.w.values())], self.names, dtype=float)
        for i, w in self.w.items():
            nn.w[i], nn.b[i] = w, self.b[i]
        y = self.y.argmax(axis=1) if self.loss == "cross_entropy" else self.y
        return chainrule.trace(nn, self.x, y, self.loss, learning_rate=self.rate, l2=self.l2)


def drawn(rng, *, outputs=None, hidden=None, square=False, n=None, k=None, l2=0.0, n_hidden=None) -> Drawn:
    """A random network with a batch."""
    output, loss = (outputs or OUTPUTS)[rng.integers(len(outputs or OUTPUTS))]
    depth = n_hidden or int(rng.integers(1, 4))
    k = k or int(rng.integers(2 if output == "softmax" else 1, 5))
    widths = [int(rng.integers(2, 5)) for _ in range(depth)]
    dimensions = [int(rng.integers(2, 5)), *widths, k]
    if square:
        dimensions = [dimensions[1]] * (depth + 1) + [k]
    names = [*(str(rng.choice(hidden or HIDDEN)) for _ in range(depth)), output]
    n = n or int(rng.integers(2, 7))
    y = {
        "poisson": lambda: rng.integers(0, 6, (n, k)).astype(float),
        "binary_cross_entropy": lambda: rng.integers(0, 2, (n, k)).astype(float),
        "cross_entropy": lambda: np.eye(k)[rng.integers(0, k, n)],
    }.get(loss, lambda: rng.normal(size=(n, k)))()
    pairs = list(enumerate(itertools.pairwise(dimensions), start=1))
    return Drawn(
        f={i: ACTIVATIONS[name][0] for i, name in enumerate(names, start=2)},
        prime={i: ACTIVATIONS[name][1] for i, name in enumerate(names, start=2)},
        names=names,
        loss=loss,
        rate=float(rng.choice([0.01, 0.05, 0.1, 0.5])),
        l2=l2,
        x=rng.normal(size=(n, dimensions[0])),
        y=y,
        w={i: rng.normal(size=shape) for i, shape in pairs},
        b={i: rng.normal(size=shape[1]) for i, shape in pairs},
    )
