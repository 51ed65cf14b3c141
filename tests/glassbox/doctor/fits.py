"""Fits that are healthy, and fits with one fault, drawn from seeds: real tables and made ones, many kinds of network.

Thresholds were chosen on the seeds of TUNING; what is reported is of those of REPORTING, which nothing was chosen on.
Run as a script, it examines all of them: ``python -m tests.glassbox.doctor.fits reporting``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.metrics import r2_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from chainrule import (
    MSE,
    SGD,
    Adam,
    AdamW,
    BatchNorm,
    Dense,
    Dropout,
    EarlyStopping,
    Elu,
    Gelu,
    Identity,
    Momentum,
    Nesterov,
    Network,
    Relu,
    Residual,
    RMSprop,
    Sigmoid,
    Silu,
    Softmax,
    Tanh,
    TrainingDiverged,
)
from chainrule.functions.initializers import Constant
from chainrule.glassbox.doctor import Diagnosis, diagnose

TUNING, REPORTING = 1_000, 2_000
"""The first seed of each."""

HEALTHY, INSTANCES = 50, 6
"""How many healthy fits there are, and how many of each fault."""


@dataclass
class Table:
    """Rows, standardised by the training rows, and the same as they were."""

    name: str
    x: np.ndarray
    y: np.ndarray
    k: int
    raw: np.ndarray
    n_train: int

    @property
    def training(self) -> tuple[np.ndarray, np.ndarray]:
        return self.x[: self.n_train], self.y[: self.n_train]

    @property
    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        return self.x[self.n_train :], self.y[self.n_train :]


@dataclass
class Fit:
    """A network that was fitted, with what it was fitted on, and how."""

    name: str
    network: Network
    x: np.ndarray
    y: np.ndarray
    validation: tuple[np.ndarray, np.ndarray] | None
    settings: dict[str, Any] = field(default_factory=dict)
    fault: str = ""
    diverged: bool = False

    def diagnosis(self, *, trials: bool = False) -> Diagnosis:
        return diagnose(self.network, self.x, self.y, validation=self.validation, trials=trials, **self.settings)


@cache
def _loaded(name: str) -> tuple[np.ndarray, np.ndarray]:
    return getattr(datasets, f"load_{name}")(return_X_y=True)


def table(rng: np.random.Generator, kind: str = "any", most: int = 500, names: tuple[str, ...] = ()) -> Table:
    """A table of classes ("classes"), of numbers ("numbers") or of either."""
    classes = ("digits", "iris", "wine", "breast_cancer", "moons", "circles", "blobs", "made_classes")
    numbers = ("diabetes", "made_numbers", "friedman1", "sine")
    choices = names or {"classes": classes, "numbers": numbers, "any": classes + numbers}[kind]
    name = str(rng.choice(choices))
    seed = int(rng.integers(2**31))
    made: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {
        "moons": lambda: datasets.make_moons(400, noise=0.15, random_state=seed),
        "circles": lambda: datasets.make_circles(400, noise=0.08, factor=0.5, random_state=seed),
        "blobs": lambda: datasets.make_blobs(400, centers=4, cluster_std=1.5, random_state=seed),
        "made_classes": lambda: datasets.make_classification(
            500, 12, n_informative=6, n_classes=3, class_sep=1.5, random_state=seed
        ),
        "made_numbers": lambda: datasets.make_regression(400, 10, n_informative=6, noise=10, random_state=seed),
        "friedman1": lambda: datasets.make_friedman1(400, noise=0.5, random_state=seed),
        "sine": lambda: _sine(rng),
    }
    x, y = made[name]() if name in made else _loaded(name)
    order = rng.permutation(len(x))[:most]
    x, y = x[order], y[order]
    n = int(0.75 * len(x))
    deviation = x[:n].std(axis=0)
    scaled = (x - x[:n].mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    if name in numbers:
        y, k = (y - y[:n].mean()) / y[:n].std(), 0
    else:
        k = int(y.max()) + 1
    return Table(name, np.clip(scaled, -8, 8), y, k, x, n)


def _sine(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = rng.uniform(-3, 3, (400, 2))
    return x, np.sin(x[:, 0]) + 0.3 * x[:, 1] + 0.1 * rng.normal(size=400)


HIDDEN = (Relu, Tanh, Gelu, Elu, Silu, Sigmoid)


def hidden_layers(rng: np.random.Generator, n_in: int, activations=HIDDEN) -> tuple[list[Any], int]:
    """One to three hidden layers, some with a norm, dropout or a residual connection; and the width of the last."""
    activation = activations[rng.integers(len(activations))]
    depth = 1 if activation is Sigmoid else int(rng.integers(1, 4))
    layers: list[Any] = []
    for _ in range(depth):
        width = int(rng.choice((12, 16, 24, 32)))
        if rng.random() < 0.15:
            layers += [Dense(n_in, width), BatchNorm(), Dense(width, width, activation)]
        else:
            layers.append(Dense(n_in, width, activation))
        if rng.random() < 0.15:
            layers.append(Dropout(0.1))
        if rng.random() < 0.1:
            layers.append(Residual([Dense(width, width, activation)]))
        n_in = width
    return layers, n_in


def output_layer(rng: np.random.Generator, n_in: int, k: int) -> Dense:
    if k == 0:
        return Dense(n_in, 1, Identity)
    return Dense(n_in, 1, Sigmoid) if k == 2 and rng.random() < 0.5 else Dense(n_in, k, Softmax)


def steps(rng: np.random.Generator) -> dict[str, Any]:
    """An optimizer with a learning rate that suits it."""
    choices = (
        (SGD(), (0.05, 0.1, 0.2)),
        (Momentum(0.9), (0.01, 0.02, 0.05)),
        (Nesterov(0.9), (0.01, 0.02)),
        (Adam(), (0.003, 0.005, 0.01)),
        (AdamW(), (0.003, 0.005)),
        (RMSprop(), (0.003, 0.005)),
    )
    optimizer, rates = choices[rng.integers(len(choices))]
    return {"optimizer": optimizer, "learning_rate": float(rng.choice(rates))}


def fitted(
    name: str,
    layers: list[Any],
    t: Table,
    settings: dict[str, Any],
    rng: np.random.Generator,
    *,
    fault: str = "",
    x: np.ndarray | None = None,
    y: np.ndarray | None = None,
    stop_early: bool = False,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
) -> Fit:
    """Fit a network; of one that diverges, the last finite numbers are what there is."""
    network = Network(layers=layers, seed=int(rng.integers(1_000)))
    train_x, train_y = t.training
    train_x, train_y = train_x if x is None else x, train_y if y is None else y
    held_out = t.validation if validation is None else validation
    callbacks = [EarlyStopping(patience=8)] if stop_early else []
    diverged = False
    try:
        network.fit(
            train_x, train_y, validation=held_out, callbacks=callbacks, verbose=False, engine="numpy", **settings
        )
    except TrainingDiverged:
        diverged = True
    return Fit(f"{name} of {t.name}", network, train_x, train_y, held_out, settings, fault, diverged)


def some_settings(rng: np.random.Generator, n: int, batches: int = 1_000) -> dict[str, Any]:
    """Steps, a batch size, and so many epochs that there are about as many batches."""
    batch = int(rng.choice((8, 16, 32, 64)))
    return {**steps(rng), "batch_size": batch, "epochs": int(np.clip(batches * batch // n, 20, 60))}


def healthy(seed: int) -> Fit:
    """A fit as it should be: scaled rows, the usual start, a suitable rate, and an end before it overfits.

    Some recipes, drawn by chance, do not go together all the same. Whether a fit is healthy is decided by scikit-learn's
    nearest neighbours, and by nothing that the doctor looks at: on the held-out rows it must be about as good as they
    are; else another one is drawn.
    """
    rng = np.random.default_rng(seed)
    while True:
        t = table(rng)
        settings = some_settings(rng, t.n_train)
        layers, width = hidden_layers(rng, t.x.shape[1])
        layers.append(output_layer(rng, width, t.k))
        noisy = t.name in ("diabetes", "made_classes", "friedman1", "breast_cancer", "iris")  # which overfit without
        fit = fitted("healthy", layers, t, settings, rng, stop_early=bool(noisy or rng.random() < 0.5))
        if not fit.diverged and _as_good_as_neighbours(fit, t):
            return fit


WORSE = 0.1
"""By how much less of the held-out rows a healthy fit may get right, or less of their variance explain."""


def _as_good_as_neighbours(fit: Fit, t: Table) -> bool:
    (x, y), (new, truth) = t.training, t.validation
    if t.k:
        reference = KNeighborsClassifier(5).fit(x, y).score(new, truth)
        return bool(np.mean(fit.network.predict_classes(new) == truth) >= reference - WORSE)
    reference = KNeighborsRegressor(5).fit(x, y).score(new, truth)
    return bool(r2_score(truth, fit.network.predict(new)[:, 0]) >= reference - WORSE)


# --- faults ------------------------------------------------------------------------------------------------------


def unscaled_inputs(rng: np.random.Generator) -> Fit:
    t = table(rng, names=("wine", "breast_cancer", "digits", "diabetes", "moons", "made_numbers", "sine"))
    raw = t.raw.copy()
    if t.name == "digits":
        raw *= 16  # pixels from 0 to 255, as pictures mostly have
    if t.name in ("moons", "made_numbers", "sine"):
        raw[:, int(rng.integers(raw.shape[1]))] *= float(rng.choice((100.0, 1000.0)))
    layers, width = hidden_layers(rng, raw.shape[1], (Relu, Tanh, Sigmoid))
    layers = [layer for layer in layers if not isinstance(layer, BatchNorm)]
    settings = some_settings(rng, t.n_train) | {"optimizer": SGD(), "learning_rate": float(rng.choice((0.05, 0.1)))}
    n = t.n_train
    layers.append(output_layer(rng, width, t.k))
    return fitted(
        "unscaled", layers, t, settings, rng, fault="unscaled inputs", x=raw[:n], validation=(raw[n:], t.y[n:])
    )


def unscaled_targets(rng: np.random.Generator) -> Fit:
    t = table(rng, "numbers")
    y = t.y * float(rng.choice((200, 500, 1_000))) + float(rng.choice((0, 150)))
    layers, width = hidden_layers(rng, t.x.shape[1], (Relu, Tanh))
    settings = some_settings(rng, t.n_train) | {"optimizer": SGD(), "learning_rate": float(rng.choice((0.05, 0.1)))}
    n = t.n_train
    layers.append(Dense(width, 1, Identity))
    return fitted("large y", layers, t, settings, rng, fault="unscaled targets", y=y[:n], validation=(t.x[n:], y[n:]))


def deep(rng: np.random.Generator, t: Table, depth: int, width: int, activation, start=None) -> list[Any]:
    """`depth` hidden layers of one width; start gives the weights of each."""
    layers, n_in = [], t.x.shape[1]
    for _ in range(depth):
        w = None if start is None else start((n_in, width))
        layers.append(Dense(n_in, width, activation, w))
        n_in = width
    return [*layers, output_layer(rng, width, t.k)]


def dead_units(rng: np.random.Generator) -> Fit:
    t = table(rng)
    low = Constant(-float(rng.choice((6.0, 10.0, 20.0))))
    width = int(rng.choice((12, 16, 24)))
    d = t.x.shape[1]
    layers = [Dense(d, width, Relu, bias_initializer=low), output_layer(rng, width, t.k)]
    if rng.random() < 0.5:
        layers = [Dense(d, width, Relu), Dense(width, 16, Relu, bias_initializer=low), output_layer(rng, 16, t.k)]
    return fitted("dead", layers, t, some_settings(rng, t.n_train), rng, fault="dead units")


def saturated_units(rng: np.random.Generator) -> Fit:
    t = table(rng, names=("digits", "iris", "wine", "breast_cancer", "made_classes", "diabetes", "friedman1"))
    size = float(rng.choice((5.0, 10.0, 30.0)))
    activation = (Tanh, Sigmoid)[rng.integers(2)]
    layers = deep(rng, t, int(rng.integers(2, 4)), 16, activation, lambda shape: rng.normal(0, size, shape))
    return fitted("saturated", layers, t, some_settings(rng, t.n_train, 400), rng, fault="saturated units")


def exploding(rng: np.random.Generator) -> Fit:
    t = table(rng, names=("digits", "breast_cancer", "circles", "made_classes", "diabetes", "friedman1"))
    size = float(rng.choice((0.7, 1.0, 1.5)))
    layers = deep(rng, t, int(rng.integers(4, 7)), 24, (Relu, Elu)[rng.integers(2)], lambda s: rng.normal(0, size, s))
    settings = some_settings(rng, t.n_train, 400) | {"optimizer": SGD(), "learning_rate": 0.05}
    return fitted("exploding", layers, t, settings, rng, fault="exploding gradients")


def vanishing(rng: np.random.Generator) -> Fit:
    t = table(rng)
    settings = some_settings(rng, t.n_train, 400) | {"optimizer": SGD(), "learning_rate": 0.1}
    if rng.random() < 0.5:
        layers = deep(rng, t, int(rng.integers(5, 9)), 16, Sigmoid)
    else:
        layers = deep(
            rng, t, int(rng.integers(4, 6)), 16, (Relu, Tanh)[rng.integers(2)], lambda s: rng.normal(0, 0.02, s)
        )
    return fitted("vanishing", layers, t, settings, rng, fault="vanishing gradients")


def rate_too_high(rng: np.random.Generator) -> Fit:
    t = table(rng)
    rates = {SGD: (3.0, 10.0), Momentum: (1.0, 3.0), Adam: (0.5, 1.0), RMSprop: (0.3, 1.0)}
    rule = list(rates)[rng.integers(len(rates))]
    settings = some_settings(rng, t.n_train, 500) | {
        "optimizer": rule(),
        "learning_rate": float(rng.choice(rates[rule])),
    }
    layers, width = hidden_layers(rng, t.x.shape[1], (Relu, Tanh, Gelu))
    layers.append(output_layer(rng, width, t.k))
    return fitted("high rate", layers, t, settings, rng, fault="learning rate too high")


def rate_too_low(rng: np.random.Generator) -> Fit:
    t = table(rng)
    rates = {SGD: (1e-5, 1e-4), Momentum: (1e-6, 1e-5), Adam: (1e-6, 1e-5), RMSprop: (1e-6, 1e-5)}
    rule = list(rates)[rng.integers(len(rates))]
    settings = some_settings(rng, t.n_train, 500) | {
        "optimizer": rule(),
        "learning_rate": float(rng.choice(rates[rule])),
    }
    layers, width = hidden_layers(rng, t.x.shape[1])
    layers.append(output_layer(rng, width, t.k))
    return fitted("low rate", layers, t, settings, rng, fault="learning rate too low")


def wrong_output(rng: np.random.Generator) -> Fit:
    which = rng.integers(3)
    if which == 0:  # numbers that the output cannot give
        t = table(rng, "numbers")
        layers, width = hidden_layers(rng, t.x.shape[1])
        layers.append(Dense(width, 1, (Relu, Sigmoid, Tanh)[rng.integers(3)]))
        settings = some_settings(rng, t.n_train) | {"loss": MSE()}
        return fitted("out of reach", layers, t, settings, rng, fault="wrong output or loss")
    if which == 1:  # classes by their numbers
        t = table(rng, names=("digits", "blobs"))
        layers, width = hidden_layers(rng, t.x.shape[1], (Relu, Tanh))
        layers.append(Dense(width, 1, Identity))
        settings = some_settings(rng, t.n_train) | {"optimizer": SGD(), "learning_rate": 0.01, "loss": MSE()}
        return fitted("classes as numbers", layers, t, settings, rng, fault="wrong output or loss")
    t = table(rng, names=("digits",))  # squared error on one-hot rows
    layers, width = hidden_layers(rng, t.x.shape[1], (Relu, Tanh))
    layers.append(Dense(width, t.k, (Sigmoid, Softmax)[rng.integers(2)]))
    settings = some_settings(rng, t.n_train) | {
        "optimizer": SGD(),
        "learning_rate": 0.05,
        "loss": MSE(),
        "batch_size": 32,
    }
    settings["epochs"] = 15
    one_hot = np.eye(t.k)[t.y]
    n = t.n_train
    return fitted(
        "squared error on classes",
        layers,
        t,
        settings,
        rng,
        fault="wrong output or loss",
        y=one_hot[:n],
        validation=(t.x[n:], one_hot[n:]),
    )


def shuffled_labels(rng: np.random.Generator) -> Fit:
    t = table(rng)
    t.y = rng.permutation(t.y)
    layers, width = hidden_layers(rng, t.x.shape[1])
    layers.append(output_layer(rng, width, t.k))
    return fitted("shuffled", layers, t, some_settings(rng, t.n_train), rng, fault="shuffled labels")


def imbalanced(rng: np.random.Generator) -> Fit:
    n, share = 800, float(rng.choice((0.02, 0.03, 0.05)))
    seed, rare = int(rng.integers(2**31)), int(800 * share)
    which = rng.integers(3)
    if which == 0:
        x, y = datasets.make_blobs([n - rare, rare], 3, cluster_std=2.0, centers=[[0] * 3, [2] * 3], random_state=seed)
    elif which == 1:
        x, y = datasets.make_moons((n - rare, rare), noise=0.5, random_state=seed)
    else:
        x, y = datasets.make_classification(
            n, 8, n_informative=4, weights=[1 - share], flip_y=0, class_sep=0.4, random_state=seed
        )
    order = rng.permutation(n)
    x, y = x[order], y[order]
    n_train = int(0.75 * n)
    scaled = (x - x[:n_train].mean(axis=0)) / x[:n_train].std(axis=0)
    t = Table("rare class", scaled, y, 2, x, n_train)
    layers, width = hidden_layers(rng, x.shape[1], (Relu, Tanh))
    layers.append(output_layer(rng, width, 2))
    settings = some_settings(rng, n_train, 400)
    return fitted("imbalanced", layers, t, settings, rng, fault="imbalanced classes", stop_early=True)


def constant_output(rng: np.random.Generator) -> Fit:
    t = table(rng)
    settings = some_settings(rng, t.n_train)
    if rng.random() < 0.5:
        layers, width = hidden_layers(rng, t.x.shape[1], (Relu, Tanh))
        layers = [layer for layer in layers if not isinstance(layer, BatchNorm)]
        layers.append(output_layer(rng, width, t.k))
        settings |= {"l2": float(rng.choice((2.0, 5.0))), "optimizer": SGD(), "learning_rate": 0.05}
    else:
        layers = deep(rng, t, int(rng.integers(2, 4)), 16, Tanh, np.zeros)
        last = layers[-1]
        layers[-1] = Dense(last.n_in, last.n_out, last.activation, np.zeros((last.n_in, last.n_out)))
    return fitted("constant", layers, t, settings, rng, fault="constant output")


def overfitting(rng: np.random.Generator) -> Fit:
    t = table(rng, names=("made_classes", "diabetes", "friedman1", "breast_cancer", "moons", "made_numbers"))
    n = int(rng.choice((50, 80, 120)))
    x, y = t.x[:n].copy(), t.y[:n].copy()
    x = np.concatenate([x, rng.normal(size=(n, 10))], axis=1)  # columns that say nothing
    held_out = np.concatenate([t.validation[0], rng.normal(size=(len(t.validation[0]), 10))], axis=1)
    if t.k:
        wrong = rng.random(n) < 0.1
        y[wrong] = rng.integers(t.k, size=int(wrong.sum()))
    else:
        y = y + 0.5 * rng.normal(size=n)
    layers: list[Any] = [Dense(x.shape[1], 100, Relu), Dense(100, 100, Relu), output_layer(rng, 100, t.k)]
    settings = {"optimizer": Adam(), "learning_rate": 0.003, "batch_size": 16, "epochs": 60}
    return fitted(
        "overfitted", layers, t, settings, rng, fault="overfitting", x=x, y=y, validation=(held_out, t.validation[1])
    )


def duplicated_rows(rng: np.random.Generator) -> Fit:
    t = table(rng)
    settings = some_settings(rng, t.n_train)
    layers, width = hidden_layers(rng, t.x.shape[1])
    layers.append(output_layer(rng, width, t.k))
    n, m = t.n_train, len(t.x) - t.n_train
    copied = rng.choice(n, size=int(m * rng.choice((0.1, 0.2, 0.5))), replace=False)
    x, y = t.x.copy(), t.y.copy()
    x[n : n + len(copied)], y[n : n + len(copied)] = x[copied], y[copied]
    return fitted(
        "repeated", layers, t, settings, rng, fault="duplicated rows", validation=(x[n:], y[n:]), stop_early=True
    )


FAULTS: dict[str, Callable[[np.random.Generator], Fit]] = {
    "unscaled inputs": unscaled_inputs,
    "unscaled targets": unscaled_targets,
    "wrong output or loss": wrong_output,
    "shuffled labels": shuffled_labels,
    "saturated units": saturated_units,
    "dead units": dead_units,
    "exploding gradients": exploding,
    "vanishing gradients": vanishing,
    "learning rate too high": rate_too_high,
    "learning rate too low": rate_too_low,
    "imbalanced classes": imbalanced,
    "constant output": constant_output,
    "overfitting": overfitting,
    "duplicated rows": duplicated_rows,
}
"""What makes a fit with each fault; the update-to-weight ratio alone is none, but tells of others."""


def faulty(kind: str, instance: int, first_seed: int) -> Fit:
    """The fit with this fault and number."""
    return FAULTS[kind](np.random.default_rng([first_seed, list(FAULTS).index(kind), instance]))


def main(which: str, kinds: list[str]) -> None:
    """Examine all fits of the tuning or the reporting seeds, and print what was found."""
    first = {"tuning": TUNING, "reporting": REPORTING}[which]
    began, alarms, named, found = time.perf_counter(), 0, 0, 0
    if not kinds:
        for i in range(HEALTHY):
            fit = healthy(first + i)
            diagnosis = fit.diagnosis()
            if diagnosis:
                alarms += 1
                print(f"healthy {i}: {fit.name}\n{diagnosis}\n")
    for kind in kinds or FAULTS:
        own = []
        for i in range(INSTANCES):
            fit = faulty(kind, i, first)
            kinds_found = fit.diagnosis().kinds
            own.append(kinds_found[:1] == (kind,))
            named, found = named + own[-1], found + (kind in kinds_found)
            if not own[-1]:
                print(f"  {kind} {i}, {fit.name}: {', '.join(kinds_found) or 'nothing'}")
        print(f"{kind}: {sum(own)} of {INSTANCES} named first")
    total = INSTANCES * len(kinds or FAULTS)
    print(
        f"{alarms} of {HEALTHY} healthy fits with a finding; of {total} faulty ones {named} named first, {found} at all"
    )
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
