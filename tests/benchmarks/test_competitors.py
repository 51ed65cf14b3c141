"""Every competitor does the work that it is said to do: the steps, the batches, a new order in each epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.competitors import COMPETITORS, NUMPY_ENGINE, job_of, settings_of
from benchmarks.workload import WORKLOADS, Setting, Workload

SMALL = Workload("small", (6, 5, 4, 3), 32, 15, optimizer="adam", learning_rate=0.01)
VALUES = replace(SMALL, dimensions=(4, 5, 4), activation="tanh", target="values", batch_size=32)
BATCHES = [15, 15, 2] * 3


def one_thread(name: str, kind: str) -> Setting:
    return settings_of(name, kind, SMALL)[0]


@pytest.fixture(autouse=True)
def _torch_threads() -> Iterator[None]:
    """PyTorch's number of threads belongs to the process."""
    import sys

    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(2)


def job(kind: str, name: str, *of: Any) -> Any:
    try:
        return job_of(kind, one_thread(name, kind), *of)
    except ImportError as missing:
        pytest.skip(str(missing))


def test_the_rows_are_repeatable_in_float32_and_have_every_class() -> None:
    digits = WORKLOADS["digits"]
    (x, y), again = digits.rows(), digits.rows()
    assert (x.shape, x.dtype, y.shape) == ((1797, 64), np.float32, (1797,))
    assert set(y.tolist()) == set(range(10))
    assert np.array_equal(x, again[0])
    assert np.array_equal(y, again[1])


def test_values_are_matrix_exponentials() -> None:
    x, y = VALUES.rows()
    m, term, total = x.astype(float).reshape(-1, 2, 2), np.eye(2), np.eye(2)
    for k in range(1, 60):
        term = term @ m / k
        total = total + term
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, total.reshape(-1, 4), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("workload", [SMALL, replace(SMALL, optimizer="sgd"), VALUES], ids=["adam", "sgd", "values"])
@pytest.mark.parametrize("name", [name for name in COMPETITORS if name != "ONNX Runtime"])
def test_a_training_does_the_steps_that_the_workload_claims(name: str, workload: Workload) -> None:
    train = job("training", name, workload)
    assert train(2) == 2 * workload.steps_per_epoch
    assert train(1) == workload.steps_per_epoch  # and again: every run is a new training


@pytest.mark.parametrize("name", [name for name in COMPETITORS if name != "chainrule, compiled"])
def test_a_prediction_is_done_so_many_times(name: str) -> None:
    assert job("prediction", name, SMALL, 7)(3) == 3


def test_peers_are_tried_with_both_numbers_of_threads_and_we_choose_ours() -> None:
    assert settings_of(NUMPY_ENGINE, "training", SMALL) == [Setting(NUMPY_ENGINE, 0)]
    assert {setting.threads for setting in settings_of("JAX", "training", SMALL)} == {1, 2}
    assert {s.variant for s in settings_of("PyTorch", "training", WORKLOADS["wide"])} == {"eager", "compiled"}


def test_chainrule_sees_every_row_of_every_epoch_in_a_new_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.engines import NumpyEngine

    chunks: list[tuple[bytes, int]] = []
    whole = NumpyEngine.run

    def watched(self: Any, problem: Any, variables: Any, order: Any, start: int, stop: int, schedule: Any) -> Any:
        rows = order[problem.batch_rows(start, stop)]
        chunks.append((rows.tobytes(), len(rows)))
        return whole(self, problem, variables, order, start, stop, schedule)

    monkeypatch.setattr(NumpyEngine, "run", watched)
    job("training", NUMPY_ENGINE, SMALL)(3)
    assert sum(n for _, n in chunks) == 3 * SMALL.n_rows
    assert len({rows for rows, _ in chunks}) == len(chunks)


def test_scikit_learn_takes_the_batches_claimed_in_a_new_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.neural_network import MLPClassifier

    batches: list[Any] = []
    whole = MLPClassifier._backprop

    def watched(self: Any, x: Any, *others: Any) -> Any:
        batches.append(np.array(x))
        return whole(self, x, *others)

    monkeypatch.setattr(MLPClassifier, "_backprop", watched)
    job("training", "scikit-learn", SMALL)(3)
    assert [len(batch) for batch in batches] == BATCHES
    assert {batch.dtype for batch in batches} == {np.dtype(np.float32)}
    assert not np.array_equal(batches[0], batches[3])


@pytest.mark.parametrize("gathered_at_once", [True, False])
def test_pytorch_takes_the_batches_claimed_in_a_new_order(
    monkeypatch: pytest.MonkeyPatch, gathered_at_once: bool
) -> None:
    torch = pytest.importorskip("torch")
    from benchmarks.competitors import with_pytorch

    monkeypatch.setattr(with_pytorch, "GATHERED_BYTES", 1 << 20 if gathered_at_once else 0)
    batches: list[Any] = []
    updates: list[bool] = []
    forward, step = torch.nn.Sequential.forward, torch.optim.Adam.step

    def watched(self: Any, x: Any) -> Any:
        batches.append(x.numpy().copy())
        return forward(self, x)

    def counted(self: Any) -> Any:
        updates.append(bool(self.defaults["fused"]))
        return step(self)

    monkeypatch.setattr(torch.nn.Sequential, "forward", watched)
    monkeypatch.setattr(torch.optim.Adam, "step", counted)
    job("training", "PyTorch", SMALL)(3)
    assert updates == [True] * 9
    assert [len(batch) for batch in batches] == BATCHES
    assert not np.array_equal(batches[0], batches[3])


def test_jax_and_chainrule_take_the_same_step() -> None:
    jax = pytest.importorskip("jax")
    from benchmarks.competitors.with_jax import jitted_step, new_parameters
    from chainrule import Network

    rng = np.random.default_rng(0)
    x, y = SMALL.rows()
    parameters = new_parameters(SMALL, rng)
    nn = Network(SMALL.dimensions, ("relu", "relu", "softmax"))
    for i, (w, b) in enumerate(parameters, start=1):
        nn.w[i], nn.b[i] = np.asarray(w), np.asarray(b)
    zeros = jax.tree.map(jax.numpy.zeros_like, parameters)
    carry = parameters, (zeros, zeros), jax.numpy.zeros((), int)
    for _ in range(3):
        carry, J = jitted_step(SMALL)(carry, (x, y))
    history = nn.fit(x, y, epochs=3, batch_size=32, learning_rate=SMALL.learning_rate, optimizer="adam", verbose=False)
    assert history["J"][-1] == pytest.approx(float(J), rel=1e-5)
    for i, (w, _) in enumerate(carry[0], start=1):
        np.testing.assert_allclose(nn.w[i], w, rtol=1e-4, atol=1e-5)
