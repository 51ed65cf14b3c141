"""Threads: fits side by side, before and after a fork, interrupted, and what they leave behind."""

from __future__ import annotations

import _thread
import ctypes
import multiprocessing
import signal
import threading
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from chainrule import Callback, Network
from chainrule.engines.compiled import CompiledEngine, thread_team
from chainrule.engines.compiled.thread_team import ThreadTeam
from chainrule.functions.losses import MSE
from chainrule.network.architecture import Architecture
from chainrule.network.layers import BatchNorm, Dense, Dropout
from chainrule.optimizers import Adam, Clip
from tests.engines.compiled.steps import Way, arrays, problem, start, values

DOES_NOTHING = ctypes.cast(ctypes.CDLL(None).labs, ctypes.c_void_p).value
"""The address of a function of the system that takes a number, and does nothing that lasts."""

LAYERS = [Dense(6, 40, "tanh"), BatchNorm(), Dropout(0.2), Dense(40, 3, "softmax")]


@pytest.fixture
def two_threads(monkeypatch):
    """As if every training were worth a second thread."""
    monkeypatch.setattr(CompiledEngine, "threads_for", lambda self, problem, n_networks, cores: 2)


def network(seed=1):
    return Network(layers=LAYERS, seed=seed)


def fit(nn, epochs=3, n=100, **given):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(n, 6)), rng.integers(0, 3, n)
    given = {"optimizer": Clip(Adam(), norm=1.0), "engine": "compiled", "verbose": False, **given}
    history = nn.fit(x, y, epochs=epochs, batch_size=16, **given)
    assert history.engine == "compiled"
    return nn


def blas_threads():
    return sorted((pool["filepath"], pool["num_threads"]) for pool in threadpool_info())


def engine_threads():
    return [thread.name for thread in threading.enumerate() if "compiled engine" in thread.name]


@pytest.mark.usefixtures("two_threads")
def test_fits_side_by_side_are_each_the_fit_alone_to_the_last_bit():
    alone = {seed: fit(network(seed)).theta for seed in range(4)}
    together = {}
    threads = [
        threading.Thread(target=lambda seed=seed: together.update({seed: fit(network(seed)).theta})) for seed in alone
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, theta in alone.items():
        np.testing.assert_array_equal(together[seed], theta)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("by_rows", [False, True])
def test_results_repeat_to_the_last_bit_whatever_the_threads_do(threads, by_rows, rng):
    architecture = Architecture.dense((6, 40, 3), ("tanh", "identity"))
    task = problem(architecture, MSE(), rng, n=100, batch_size=33, optimizer=Clip(Adam(), 0.1))
    results = []
    with Way(by_rows=by_rows, row_block=5).taken():
        for _ in range(5):
            variables, engine = start(task), CompiledEngine()
            with engine.using_threads(threads):
                for _ in range(10):
                    engine.run(task, variables, np.arange(100), 0, 4, values(task, 4))
            results.append(variables)
    for other in results[1:]:
        for name, array in arrays(results[0]).items():
            np.testing.assert_array_equal(arrays(other)[name], array)


def fit_and_send(queue):
    queue.put(fit(network()).theta)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # a fork with threads, of which none is ours
def test_a_fit_after_a_fork_and_a_fork_after_a_fit():
    expected = fit(network()).theta
    assert engine_threads() == []
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    children = [fork.Process(target=fit_and_send, args=(queue,)) for _ in range(2)]
    for child in children:
        child.start()
    for _ in children:
        np.testing.assert_array_equal(queue.get(timeout=60), expected)
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    np.testing.assert_array_equal(fit(network()).theta, expected)


def run_in_child(queue, engine, task, variables):
    engine.run(task, variables, np.arange(23), 0, 5, values(task, 5))
    queue.put(variables.theta)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_in_the_middle_of_a_training_starts_threads_of_its_own(rng):
    task = problem(Architecture.dense((4, 9, 3), ("tanh", "identity")), MSE(), rng)
    variables, engine = start(task), CompiledEngine()
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    with engine.using_threads(3):
        engine.run(task, variables, np.arange(23), 0, 5, values(task, 5))
        child = fork.Process(target=run_in_child, args=(queue, engine, task, variables))
        child.start()
        theta = queue.get(timeout=60)
        child.join(60)
        assert child.exitcode == 0
        engine.run(task, variables, np.arange(23), 0, 5, values(task, 5))
    np.testing.assert_array_equal(theta, variables.theta)


class Interrupts(Callback):
    """Ctrl-C while the engine is at work, a little after the first chunk of steps."""

    timer = None

    def on_progress(self, run):
        if self.timer is None:
            self.timer = threading.Timer(0.05, _thread.interrupt_main, [signal.SIGINT])
            self.timer.start()


@pytest.mark.usefixtures("two_threads")
def test_ctrl_c_ends_a_fit_where_its_state_is_whole():
    nn, whole = network(), network()
    began = time.perf_counter()
    fit(nn, epochs=100_000, n=5000, callbacks=[Interrupts()])
    assert time.perf_counter() - began < 60
    history = nn.history
    assert history.interrupted
    steps = nn.training.variables.step
    assert 0 < steps < 100_000 * 313
    assert np.isfinite(nn.theta).all()
    assert engine_threads() == []
    epochs = steps // 313 + 1
    fit(nn, epochs=epochs, n=5000, resume=True)
    fit(whole, epochs=epochs, n=5000)
    np.testing.assert_array_equal(nn.theta, whole.theta)


class Fails(Callback):
    def on_progress(self, run):
        raise ZeroDivisionError


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("before", [1, 2])
def test_threads_of_linear_algebra_are_what_they_were_and_no_helper_is_left(before):
    fit(network(), epochs=1)  # every library is loaded
    with threadpool_limits(before):
        pools = blas_threads()
        fit(network())
        assert (blas_threads(), engine_threads()) == (pools, [])
        with pytest.raises(ZeroDivisionError):
            fit(network(), callbacks=[Fails()])
        assert (blas_threads(), engine_threads()) == (pools, [])


class Counts(Callback):
    """What NumPy and SciPy multiply with while the fit goes on, and who is there."""

    def __init__(self):
        self.seen = set()

    def on_progress(self, run):
        self.seen |= {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
        self.helpers = engine_threads()


@pytest.mark.usefixtures("two_threads")
def test_each_thread_calls_linear_algebra_for_itself():
    counts = Counts()
    fit(network(), callbacks=[counts])
    assert counts.seen == {1}
    assert len(counts.helpers) == 2


def test_pythons_lock_is_free_while_steps_are_done(rng):
    task = problem(Architecture.dense((50, 300, 3), ("tanh", "identity")), MSE(), rng, n=20000, batch_size=10)
    variables, engine, schedule, order = start(task), CompiledEngine(), values(task, 2000), np.arange(20000)
    engine.run(task, variables, order, 0, 200, {name: each[:200] for name, each in schedule.items()})
    counted, end = [0], threading.Event()

    def count():
        while not end.is_set():
            counted[0] += 1
            time.sleep(0.0005)

    counter = threading.Thread(target=count)
    with engine.using_threads(1):
        counter.start()
        first = counted[0]
        engine.run(task, variables, order, 0, 2000, schedule)  # a twentieth of a second
        meanwhile = counted[0] - first
        end.set()
        counter.join()
    assert meanwhile > 2


def test_an_interruption_of_the_calling_thread_waits_for_all(monkeypatch):
    done, interrupt = [], iter([True])

    def work(job):
        time.sleep(0.1)
        done.append(job)

    def interrupted(member, number):
        if next(interrupt, False):
            raise KeyboardInterrupt
        wait(member, number)

    wait = thread_team._Member.wait
    monkeypatch.setattr(thread_team._Member, "wait", interrupted)
    monkeypatch.setattr(thread_team, "_callable", lambda function: work)
    with ThreadTeam(3) as team:
        with pytest.raises(KeyboardInterrupt):
            team.run(0, [0, 1, 2])
        assert sorted(done) == [0, 1, 2]  # each once, though all were begun again
        team.run(0, [3, 4, 5])  # the team is of use still
    assert sorted(done) == [0, 1, 2, 3, 4, 5]
    assert engine_threads() == []


def test_what_goes_wrong_in_a_thread_is_raised_in_the_calling_one(monkeypatch):
    def work(job):
        if job == 1:
            raise OSError("job 1")

    monkeypatch.setattr(thread_team, "_callable", lambda function: work)
    with ThreadTeam(2) as team:
        with pytest.raises(OSError, match="job 1"):
            team.run(0, [0, 1])
        team.run(0, [2, 3])


def test_a_team_starts_threads_for_several_jobs_and_for_a_single_one_none():
    with ThreadTeam(4) as team:
        team.run(DOES_NOTHING, [0])
        assert engine_threads() == []
        team.run(DOES_NOTHING, [0, 0])
        assert len(engine_threads()) == 2
    assert engine_threads() == []
