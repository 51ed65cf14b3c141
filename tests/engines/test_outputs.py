"""Outputs for many rows, shared out among the cores."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from chainrule.engines import outputs as module
from chainrule.engines.outputs import outputs_of_rows
from chainrule.network.architecture import Architecture
from chainrule.network.layers import BatchNorm, Dense, Residual
from chainrule.network.prediction import BLOCK_ROWS, outputs, predict

ARCHITECTURE = Architecture.of([Dense(3, 4), BatchNorm(), Residual([Dense(4, 4, "tanh")]), Dense(4, 2, "softmax")])


def numbers(rng, n, leading=()):
    theta = rng.normal(size=(*leading, ARCHITECTURE.parameters.size)).astype(np.float32)
    state = np.ones((*leading, ARCHITECTURE.statistics.size), np.float32)
    return theta, state, rng.normal(size=(n, 3)).astype(np.float32)


def on_cores(monkeypatch, cores):
    monkeypatch.setattr(module, "allowed_cores", lambda: cores)
    monkeypatch.setattr(module, "MANY_OPERATIONS", 0)


@pytest.mark.parametrize("leading", [(), (3,)])
@pytest.mark.parametrize("cores", [2, 3, 7])
@pytest.mark.parametrize("n", [2 * BLOCK_ROWS, 3 * BLOCK_ROWS + 5])
def test_outputs_have_the_same_bits_on_any_number_of_cores(cores, n, leading, rng, monkeypatch):
    theta, state, x = numbers(rng, n, leading)
    on_cores(monkeypatch, cores)
    used = set()
    monkeypatch.setattr(module, "outputs", lambda *given: used.add(threading.get_ident()) or outputs(*given))
    found = outputs_of_rows(ARCHITECTURE, theta, state, x)
    assert used.isdisjoint({threading.get_ident()})
    np.testing.assert_array_equal(found, predict(ARCHITECTURE, theta, state, x).a)


@pytest.mark.parametrize("n", [1, 5, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_few_rows_are_passed_by_the_thread_that_asks(n, rng, monkeypatch):
    theta, state, x = numbers(rng, n)
    on_cores(monkeypatch, 2)
    monkeypatch.setattr(module, "ThreadPoolExecutor", None)
    np.testing.assert_array_equal(
        outputs_of_rows(ARCHITECTURE, theta, state, x), predict(ARCHITECTURE, theta, state, x).a
    )


def test_threads_of_the_library_and_the_callers_handling_of_errors_stay(rng, monkeypatch):
    theta, state, x = numbers(rng, 2 * BLOCK_ROWS)
    on_cores(monkeypatch, 2)
    before = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    x[:] = 3e38
    with np.errstate(all="ignore"):
        outputs_of_rows(ARCHITECTURE, theta, state, x)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        outputs_of_rows(ARCHITECTURE, theta, state, x)
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == before


def test_outputs_belong_to_the_caller(rng):
    for n in (4, BLOCK_ROWS + 1):
        theta, state, x = numbers(rng, n)
        first = outputs_of_rows(ARCHITECTURE, theta, state, x)
        copied = first.copy()
        outputs_of_rows(ARCHITECTURE, theta, state, -x)
        np.testing.assert_array_equal(first, copied)
