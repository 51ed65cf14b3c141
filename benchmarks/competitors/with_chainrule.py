"""chainrule: the calls that everybody makes."""

from __future__ import annotations

import numpy as np

from benchmarks.competitors import COMPILED_ENGINE, Job
from benchmarks.workload import Setting, Workload

__all__ = ["prediction", "training"]


def training(workload: Workload, setting: Setting) -> Job:
    """`Network.fit`, with the engine that the competitor's name says."""
    from chainrule import Network

    engine = _engine(setting)
    x, y = workload.rows()

    def train(epochs: int) -> int:
        nn = Network(workload.dimensions, activations(workload))
        history = nn.fit(
            x,
            y,
            epochs=epochs,
            batch_size=workload.batch_size,
            learning_rate=workload.learning_rate,
            optimizer=workload.optimizer,
            verbose=False,
            engine=engine,
        )
        if history.engine != engine:
            raise RuntimeError(f"The {history.engine} engine has done the steps of {setting}. {history.engine_reason}")
        return nn.training.variables.step

    return train


def prediction(workload: Workload, n_rows: int, setting: Setting) -> Job:
    """`Network.predict`, likewise."""
    from chainrule import Network

    engine = _engine(setting)
    nn = Network(workload.dimensions, activations(workload))
    x = np.random.default_rng(1).standard_normal((n_rows, workload.dimensions[0]), dtype=np.float32)

    def predict(times: int) -> int:
        for _ in range(times):
            a = nn.predict(x, engine=engine)
        assert a.shape == (n_rows, workload.dimensions[-1])
        return times

    return predict


def _engine(setting: Setting) -> str:
    """The engine that the competitor's name says; what it needs may not be installed."""
    from chainrule.engines import engine_named

    engine = "compiled" if setting.competitor == COMPILED_ENGINE else "numpy"
    engine_named(engine)
    return engine


def activations(workload: Workload) -> tuple[str, ...]:
    """Each layer's activation by name."""
    hidden = [workload.activation] * (len(workload.dimensions) - 2)
    return (*hidden, "softmax" if workload.target == "classes" else "identity")
