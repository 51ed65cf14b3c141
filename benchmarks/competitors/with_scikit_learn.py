"""scikit-learn: MLPClassifier and MLPRegressor, kept from stopping early, without their checks of values.

Two classes are one logistic output for MLPClassifier, and not two outputs with softmax: it does a little less.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from benchmarks.competitors import Job
from benchmarks.workload import Setting, Workload

__all__ = ["prediction", "training"]


def training(workload: Workload, setting: Setting) -> Job:
    """`fit`."""
    from sklearn import config_context
    from sklearn.exceptions import ConvergenceWarning

    x, y = workload.rows()

    def train(epochs: int) -> int:
        model = new_model(workload, epochs)
        with config_context(assume_finite=True, skip_parameter_validation=True), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # to end after so many epochs is what we want
            model.fit(x, y)
        return int(model.n_iter_) * workload.steps_per_epoch

    return train


def prediction(workload: Workload, n_rows: int, setting: Setting) -> Job:
    """`predict_proba`."""
    from sklearn import config_context

    few = Workload("few", workload.dimensions, 20 * workload.dimensions[-1], 20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = new_model(few, 1).fit(*few.rows())
    x = np.random.default_rng(1).standard_normal((n_rows, workload.dimensions[0]), dtype=np.float32)

    def predict(times: int) -> int:
        with config_context(assume_finite=True, skip_parameter_validation=True):
            for _ in range(times):
                a = model.predict_proba(x)
        assert a.shape == (n_rows, workload.dimensions[-1])
        return times

    return predict


def new_model(workload: Workload, epochs: int) -> Any:
    """The perceptron of that workload."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    sgd = {"momentum": 0, "nesterovs_momentum": False}
    return (MLPClassifier if workload.target == "classes" else MLPRegressor)(
        hidden_layer_sizes=workload.dimensions[1:-1],
        activation=workload.activation,
        solver=workload.optimizer,
        alpha=0,
        batch_size=workload.batch_size,
        learning_rate_init=workload.learning_rate,
        max_iter=epochs,
        shuffle=True,
        tol=0,
        n_iter_no_change=10**9,
        **(sgd if workload.optimizer == "sgd" else {}),
    )
