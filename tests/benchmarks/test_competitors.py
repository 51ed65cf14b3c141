"""Every competitor does the work that it is said to do: the steps, the batches, a new order in each epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from benchmarks.competitors import COMPETITORS
from benchmarks.training_step import SETTINGS
from benchmarks.workload import DIGITS, Setting, Workload

SMALL = Workload(n_rows=32, batch_size=15, epochs=3)
BATCHES = [15, 15, 2] * 3


def test_steps_count_the_short_batch() -> None:
    assert SMALL.steps == 9
    assert Workload(n_rows=30).steps == 20
    assert DIGITS.steps == 10 * 120


def test_the_rows_are_repeatable_in_float32_and_have_every_class() -> None:
    (x, y), again = DIGITS.rows(), DIGITS.rows()
    assert (x.shape, x.dtype, y.shape) == ((1797, 64), np.float32, (1797,))
    assert set(y.tolist()) == set(range(10))
    assert np.array_equal(x, again[0])
    assert np.array_equal(y, again[1])


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.competitor != "PyTorch" and s.threads == 1], ids=str)
def test_a_job_does_the_steps_that_the_workload_claims(setting: Setting) -> None:
    train = COMPETITORS[setting.competitor](SMALL, setting)
    assert train() == SMALL.steps
    assert train() == SMALL.steps  # and again: every round is a new training


def test_every_setting_has_its_competitor() -> None:
    assert {setting.competitor for setting in SETTINGS} == set(COMPETITORS)
    assert {setting.threads for setting in SETTINGS} == {1, 2}


def test_chainrule_sees_every_row_of_every_epoch_in_a_new_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.engines import NumpyEngine

    chunks: list[tuple[bytes, int]] = []
    whole = NumpyEngine.run

    def watched(self: Any, problem: Any, variables: Any, order: Any, start: int, stop: int, schedule: Any) -> Any:
        rows = order[problem.batch_rows(start, stop)]
        chunks.append((rows.tobytes(), len(rows)))
        return whole(self, problem, variables, order, start, stop, schedule)

    monkeypatch.setattr(NumpyEngine, "run", watched)
    COMPETITORS["chainrule"](SMALL, Setting("chainrule", 1))()
    assert sum(n for _, n in chunks) == SMALL.epochs * SMALL.n_rows
    assert len({rows for rows, _ in chunks}) == len(chunks)


def test_scikit_learn_takes_the_batches_claimed_in_a_new_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.neural_network import MLPClassifier

    batches: list[Any] = []
    whole = MLPClassifier._backprop

    def watched(self: Any, x: Any, *others: Any) -> Any:
        batches.append(np.array(x))
        return whole(self, x, *others)

    monkeypatch.setattr(MLPClassifier, "_backprop", watched)
    COMPETITORS["scikit-learn"](SMALL, Setting("scikit-learn", 1))()
    assert [len(batch) for batch in batches] == BATCHES
    assert {batch.dtype for batch in batches} == {np.dtype(np.float32)}
    assert not np.array_equal(batches[0], batches[3])


@pytest.fixture
def _one_torch_thread() -> Iterator[None]:
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("_one_torch_thread")
@pytest.mark.parametrize("variant", ["loop", "foreach", "fused"])
def test_pytorch_takes_the_batches_claimed_in_a_new_order(monkeypatch: pytest.MonkeyPatch, variant: str) -> None:
    torch = pytest.importorskip("torch")
    batches: list[Any] = []
    updates: list[bool] = []
    forward, step = torch.nn.Sequential.forward, torch.optim.SGD.step

    def watched(self: Any, x: Any) -> Any:
        batches.append(x.numpy().copy())
        return forward(self, x)

    def counted(self: Any) -> Any:
        updates.append(bool(self.defaults[variant]) if variant != "loop" else True)
        return step(self)

    monkeypatch.setattr(torch.nn.Sequential, "forward", watched)
    monkeypatch.setattr(torch.optim.SGD, "step", counted)
    assert COMPETITORS["PyTorch"](SMALL, Setting("PyTorch", 1, variant))() == SMALL.steps
    assert updates == [True] * SMALL.steps
    assert [len(batch) for batch in batches] == BATCHES
    assert not np.array_equal(batches[0], batches[3])
