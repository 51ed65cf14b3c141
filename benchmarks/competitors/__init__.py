"""The competitors: the same work, written for each library as those who know it would write it.

Each module has two functions, or one of them:

- ``training(workload, setting)`` gives a job ``train(epochs)``, a training from new parameters that returns the number
  of its steps;
- ``prediction(workload, n_rows, setting)`` gives a job ``predict(times)``, which takes an array of NumPy and ends with
  one, of an output for each class and row, and returns how often it did so.

The rows are prepared as the library likes them before, which is not timed. What a function needs of its library is
imported there and not here, because each job runs in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from benchmarks.workload import Setting, Workload

__all__ = ["COMPETITORS", "OURS", "Job", "job_of", "settings_of"]

Job: TypeAlias = Callable[[int], int]

NUMPY_ENGINE, COMPILED_ENGINE = "chainrule, NumPy", "chainrule, compiled"

OURS = (NUMPY_ENGINE, COMPILED_ENGINE)

COMPETITORS = {
    NUMPY_ENGINE: "with_chainrule",
    COMPILED_ENGINE: "with_chainrule",
    "scikit-learn": "with_scikit_learn",
    "PyTorch": "with_pytorch",
    "JAX": "with_jax",
    "ONNX Runtime": "with_onnx_runtime",
}
"""The module of each."""

CORES = 0
"""As a number of threads: all cores are there, and the library's own rule says how many it takes."""

COMPILED_GAINS = ("wide",)
"""Workloads on which torch.compile gained anything (5 %) over the eager loop, with two threads; elsewhere it lost."""


def settings_of(name: str, kind: str, workload: Workload) -> list[Setting]:
    """In which settings a competitor is tried; ours has one, since it chooses its threads itself."""
    if name in OURS:
        return [Setting(name, CORES)]
    variant = "eager" if name == "PyTorch" else ""
    settings = [Setting(name, threads, variant) for threads in (1, 2)]
    if name == "PyTorch" and kind == "training" and workload.name in COMPILED_GAINS:
        settings.append(Setting(name, 2, "compiled"))
    return settings


def job_of(kind: str, setting: Setting, *of: Any) -> Job:
    """The job of that kind ("training" or "prediction") in a setting."""
    module = import_module(f"benchmarks.competitors.{COMPETITORS[setting.competitor]}")
    job: Job = getattr(module, kind)(*of, setting)
    return job
