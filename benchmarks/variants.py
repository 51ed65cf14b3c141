"""An engine as it is, or without one of its tricks, in a process of its own, since what is changed there stays changed.

The driver sends a line of JSON with the workload and the variant, and then an empty line for each measurement, which
is answered with microseconds a step.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from benchmarks.competitors.with_chainrule import activations
from benchmarks.worker import ROOT, thread_environment
from benchmarks.workload import WORKLOADS, Workload
from chainrule import Network
from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines import Engine, NumpyEngine
from chainrule.engines.choice import compiled_engine
from chainrule.engines.problem import Problem, Variables
from chainrule.functions.losses import MSE, CrossEntropy, Loss
from chainrule.network.architecture import Architecture
from chainrule.network.objective import Objective
from chainrule.optimizers import SGD, Adam
from chainrule.training.callback import Callback

__all__ = ["CHANGES", "EPOCHS", "ROWS", "Process", "Variant", "steps_of"]

ROWS = {"tabular": 16384, "mnist": 9600, "wide": 2048}
"""Of the workloads whose epochs are long: a step costs the same with fewer."""

EPOCHS = {"iris": 500, "digits": 40, "tabular": 1, "mnist": 1, "wide": 1, "expm": 30}
"""Of one measurement: about a tenth of a second."""


class Variant(NamedTuple):
    """How steps are done: by which engine, by how many threads, in which calls, and with which of `CHANGES`.

    `calls` is "epochs" (all epochs are one call of the engine), "steps" (each step is one), "fit" (`Network.fit`), or
    "watched fit" (with a callback that looks at the end of each epoch).
    """

    engine: str = "compiled"
    threads: int = 1
    calls: str = "epochs"
    change: str = ""


# --- the changes --------------------------------------------------------------------------------------------------


def put(owner: Any, name: str, value: Any) -> None:
    """Put a value in the place of what an owner must have had under this name."""
    getattr(owner, name)
    setattr(owner, name, value)


def products_by_blas() -> None:
    from chainrule.engines.compiled import table

    put(table, "LARGEST_RIGHT_FACTOR", 0)
    put(table, "LARGEST_TRANSPOSED", 0)


def gradient_the_other_way() -> None:
    from chainrule.engines.compiled import program

    rule = program.goes_by_rows
    put(program, "goes_by_rows", lambda problem: not rule(problem))


def blocks_of_rows(rows: int) -> None:
    from chainrule.engines.compiled import program

    put(program, "ROW_BLOCK", rows)


def update_after_the_gradient() -> None:
    from chainrule.engines.compiled import steps

    put(steps, "SLICE", 1 << 40)
    put(steps, "SLICE_OF_BLAS", 1 << 40)


def elementary_functions_of_the_c_library() -> None:
    from chainrule.engines.compiled import kernels

    put(kernels, "elementary_functions", lambda number_type: {})


def vectors_of_the_compilers_choice() -> None:
    from numba import njit

    from chainrule.engines.compiled import kernels

    put(kernels, "widest_vectors", njit(lambda: None))


def optimizer_on_whole_arrays() -> None:
    from chainrule.optimizers import optimizer

    put(optimizer, "CACHED_BYTES", 1 << 40)


def rows_all_at_once() -> None:
    from chainrule.engines import numpy_engine

    put(numpy_engine, "blocks_of_batch", lambda architecture, n, dtype: [slice(0, n)])


def general_path() -> None:
    from chainrule.engines.dense_stack import DenseStack

    put(DenseStack, "fits", staticmethod(lambda problem, variables: False))


def new_arrays_in_every_step() -> None:
    from chainrule.network.workspace import Workspace

    put(Workspace, "array", lambda self, name, shape, dtype: np.empty(shape, dtype))


def gather_for_each_step() -> None:
    from chainrule.engines import dense_stack, numpy_engine

    put(dense_stack, "GATHERED_BYTES", 0)
    put(numpy_engine, "GATHERED_BYTES", 0)


CHANGES: Mapping[str, Callable[[], None]] = {
    "products by BLAS": products_by_blas,
    "gradient the other way": gradient_the_other_way,
    "blocks of 64 rows": partial(blocks_of_rows, 64),
    "blocks of 1,024 rows": partial(blocks_of_rows, 1024),
    "all rows in one block": partial(blocks_of_rows, 1 << 40),
    "update after the gradient": update_after_the_gradient,
    "elementary functions of the C library": elementary_functions_of_the_c_library,
    "vectors of the compiler's choice": vectors_of_the_compilers_choice,
    "optimizer on whole arrays": optimizer_on_whole_arrays,
    "rows all at once": rows_all_at_once,
    "general path": general_path,
    "new arrays in every step": new_arrays_in_every_step,
    "gather for each step": gather_for_each_step,
}
"""What takes a trick away from the engine of this process."""

CHANGED_CODE = {
    "update after the gradient",
    "elementary functions of the C library",
    "vectors of the compiler's choice",
}
"""Those that have to be compiled anew, and must not be kept among the engine's own code."""


# --- the steps ----------------------------------------------------------------------------------------------------


def steps_of(name: str, variant: Variant) -> Callable[[], float]:
    """What does the steps of one measurement and returns microseconds a step; the variant's change is in force."""
    workload = replace(WORKLOADS[name], n_rows=ROWS.get(name, WORKLOADS[name].n_rows))
    if variant.change:
        CHANGES[variant.change]()
    do = _fit(workload, variant) if "fit" in variant.calls else _engine_steps(workload, variant)
    n_steps = EPOCHS[name] * workload.steps_per_epoch

    def measured() -> float:
        began = time.perf_counter()
        do(EPOCHS[name])
        return (time.perf_counter() - began) / n_steps * 1e6

    return measured


def _engine_steps(workload: Workload, variant: Variant) -> Callable[[int], None]:
    problem, variables = _training(workload)
    engine: Engine = NumpyEngine()
    if variant.engine == "compiled":
        engine = compiled_engine()
        engine.prepare(problem, variables)
    steps, n = problem.steps_per_epoch, problem.n_rows
    orders = np.stack([np.random.default_rng(seed).permutation(n) for seed in range(EPOCHS[workload.name])])
    constants = {"learning_rate": workload.learning_rate, "dropout_factor": 1.0, **problem.optimizer.scheduled}
    schedule = {name: np.full(steps * len(orders), value) for name, value in constants.items()}
    of_a_step = {name: values[:1] for name, values in schedule.items()}

    def do(epochs: int) -> None:
        with engine.using_threads(variant.threads):
            if variant.calls == "epochs":
                J = engine.run_epochs(problem, variables, orders[:epochs], schedule).J
            else:
                for order in orders[:epochs]:
                    for step in range(steps):
                        J = engine.run(problem, variables, order, step, step + 1, of_a_step).J
        assert np.isfinite(J).all()

    return do


def _training(workload: Workload) -> tuple[Problem, Variables]:
    """What the engine learns, and from where."""
    x, y = workload.rows()
    loss: Loss = MSE()
    if workload.target == "classes":
        y, loss = np.eye(workload.dimensions[-1], dtype=np.float32)[y], CrossEntropy()
    rng = np.random.default_rng(1)
    architecture = Architecture.dense(workload.dimensions, activations(workload))
    theta = architecture.initial_theta(rng, np.dtype(np.float32))
    optimizer = {"adam": Adam, "sgd": SGD}[workload.optimizer]()
    problem = Problem(Objective(architecture, loss), optimizer, LabelledRows(x, y), workload.batch_size)
    return problem, Variables.started(problem, theta, architecture.initial_state(theta.dtype), rng)


class _Watching(Callback):
    """Looks at the end of each epoch, so that each is a call of its own."""

    def on_epoch(self, run: Any) -> None:
        pass


def _fit(workload: Workload, variant: Variant) -> Callable[[int], None]:
    x, y = workload.rows()
    callbacks = [_Watching()] if variant.calls == "watched fit" else []

    def do(epochs: int) -> None:
        nn = Network(workload.dimensions, activations(workload))
        fit = {"batch_size": workload.batch_size, "optimizer": workload.optimizer, "engine": variant.engine}
        nn.fit(x, y, epochs=epochs, callbacks=callbacks, verbose=False, **fit)

    return do


# --- the processes ------------------------------------------------------------------------------------------------


class Process:
    """The driver's end: a variant's process, which lives through all rounds."""

    def __init__(self, name: str, variant: Variant) -> None:
        self._folder = tempfile.TemporaryDirectory()
        own = {"CHAINRULE_CACHE_DIR": self._folder.name} if variant.change in CHANGED_CODE else {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.variants"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if own else None,  # says that it compiles
            text=True,
            cwd=ROOT,
            env=os.environ | thread_environment(1) | own,  # the engine's own threads are others
            start_new_session=True,  # Ctrl-C is for the driver alone; a process ends with its input
        )
        self._ask([name, *variant])

    def __call__(self) -> float:
        """Microseconds a step."""
        return self._ask("")

    def __enter__(self) -> Process:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def _ask(self, question: Any) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process of {question or 'a variant'} ended.")
        return float(answer)


def serve() -> None:
    """The other end."""
    name, *variant = json.loads(sys.stdin.readline())
    steps = steps_of(name, Variant(*variant))
    print(steps(), flush=True)  # the first ones, not counted: code is loaded, or compiled
    for _ in sys.stdin:
        print(steps(), flush=True)


if __name__ == "__main__":
    serve()
