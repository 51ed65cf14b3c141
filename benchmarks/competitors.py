"""The competitors: the same training, written for each library as those who know it would write it.

Each function prepares the rows as its library likes them, which is not timed, and returns the job that is: a training
from new parameters to the last step, which returns the number of its steps. The libraries are imported here and not
above, because each job runs in a process of its own.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from benchmarks.workload import Setting, Workload

__all__ = ["COMPETITORS", "Job"]

Job: TypeAlias = Callable[[], int]


def chainrule(workload: Workload, setting: Setting) -> Job:
    """The call that everybody makes."""
    from chainrule import Network, Relu, Softmax

    x, y = workload.rows()

    def train() -> int:
        nn = Network(workload.dimensions, (Relu, Softmax))
        nn.fit(
            x,
            y,
            epochs=workload.epochs,
            batch_size=workload.batch_size,
            learning_rate=workload.learning_rate,
            verbose=False,
        )
        assert nn.training is not None
        return nn.training.variables.step

    return train


def scikit_learn(workload: Workload, setting: Setting) -> Job:
    """MLPClassifier, stripped to plain SGD and kept from stopping early; "unchecked" leaves out its checks."""
    from sklearn import config_context
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    x, y = workload.rows()
    unchecked = setting.variant == "unchecked"
    model = MLPClassifier(
        workload.dimensions[1:-1],
        solver="sgd",
        alpha=0,
        batch_size=workload.batch_size,
        learning_rate="constant",
        learning_rate_init=workload.learning_rate,
        max_iter=workload.epochs,
        shuffle=True,
        tol=0,
        momentum=0,
        nesterovs_momentum=False,
        n_iter_no_change=10**9,
    )

    def train() -> int:
        with config_context(assume_finite=unchecked, skip_parameter_validation=unchecked), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # to end after so many epochs is what we want
            model.fit(x, y)
        return int(model.n_iter_) * -(-len(x) // workload.batch_size)

    return train


def pytorch(workload: Workload, setting: Setting) -> Job:
    """The eager loop; it gathers an epoch's rows at once, which is faster than a gather for each batch."""
    import torch
    from torch import nn

    torch.set_num_threads(setting.threads)
    x, y = map(torch.from_numpy, workload.rows())
    n_in, n_hidden, k = workload.dimensions
    ways = {"foreach": setting.variant == "foreach", "fused": setting.variant == "fused"}

    def train() -> int:
        model = nn.Sequential(nn.Linear(n_in, n_hidden), nn.ReLU(), nn.Linear(n_hidden, k))
        loss_of = nn.CrossEntropyLoss()
        optimizer = torch.optim.SGD(model.parameters(), workload.learning_rate, **ways)
        steps = 0
        for _ in range(workload.epochs):
            order = torch.randperm(len(x))
            batches = x[order].split(workload.batch_size), y[order].split(workload.batch_size)
            for batch_x, batch_y in zip(*batches, strict=True):
                optimizer.zero_grad(set_to_none=True)
                loss_of(model(batch_x), batch_y).backward()
                optimizer.step()
                steps += 1
        return steps

    return train


def numpy_floor(workload: Workload, setting: Setting) -> Job:
    """No competitor but a floor: the NumPy calls that this one network needs, with nothing general around them."""
    x, classes = workload.rows()
    n_in, n_hidden, k = workload.dimensions
    y = np.eye(k, dtype=np.float32)[classes]
    cuts = np.cumsum([n_in * n_hidden, n_hidden, n_hidden * k])

    def views(vector: np.ndarray) -> tuple[np.ndarray, ...]:
        w1, b1, w2, b2 = np.split(vector, cuts)
        return w1.reshape(n_in, n_hidden), b1, w2.reshape(n_hidden, k), b2

    def train() -> int:
        rng = np.random.default_rng(1)
        theta = (rng.standard_normal(cuts[-1] + k) / 8).astype(np.float32)
        gradient = np.empty_like(theta)
        (w1, b1, w2, b2), (dw1, db1, dw2, db2) = views(theta), views(gradient)
        steps = 0
        for _ in range(workload.epochs):
            order = rng.permutation(len(x))
            rows, targets = x[order], y[order]
            J = 0.0  # nobody reads it, but the others compute it too
            for start in range(0, len(x), workload.batch_size):
                a1, t = rows[start : start + workload.batch_size], targets[start : start + workload.batch_size]
                a2 = np.maximum(a1 @ w1 + b1, 0)
                z3 = a2 @ w2 + b2
                e = np.exp(z3 - np.maximum.reduce(z3, axis=1, keepdims=True))
                a3 = e / np.add.reduce(e, axis=1, keepdims=True)
                J -= float(np.add.reduce(np.log(np.add.reduce(a3 * t, axis=1))))
                delta3 = (a3 - t) / len(t)
                delta2 = (delta3 @ w2.T) * (a2 > 0)
                np.matmul(a2.T, delta3, out=dw2)
                np.add.reduce(delta3, axis=0, out=db2)
                np.matmul(a1.T, delta2, out=dw1)
                np.add.reduce(delta2, axis=0, out=db1)
                theta -= workload.learning_rate * gradient
                steps += 1
        return steps

    return train


COMPETITORS: dict[str, Callable[[Workload, Setting], Job]] = {
    "chainrule": chainrule,
    "scikit-learn": scikit_learn,
    "PyTorch": pytorch,
    "NumPy floor": numpy_floor,
}
"""What prepares the job of each competitor."""
