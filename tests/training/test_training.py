"""The loop: what an epoch is, what the history says, how training ends, goes on and fails."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import json
import os
import signal
import threading
import time

import numpy as np
import pytest

import chainrule.training.loop as loop
from chainrule import (
    AdamW,
    BatchNorm,
    Callback,
    Clip,
    Dense,
    Dropout,
    Momentum,
    MovingAverage,
    Network,
    TrainingDiverged,
)
from chainrule.errors import FileFormatError
from chainrule.optimizers.schedules import Constant, Plateau, Schedule, step_schedules
from chainrule.training.history import History
from chainrule.training.run import Run
from chainrule.training.state import Best, TrainingState
from tests.training import networks
from tests.training.networks import network


@pytest.fixture
def rows():
    return networks.rows()


def fit(nn, rows, **changes):
    return networks.fit(nn, rows, **({"epochs": 4} | changes))


class Watcher(Callback):
    def __init__(self, stop_at=None):
        self.events, self.losses, self.stop_at = [], [], stop_at

    def on_start(self, run):
        self.events.append("start")

    def on_batch(self, run):
        self.events.append("batch")
        self.losses.append(run.training.J[-1])
        if run.training.variables.step == self.stop_at:
            run.stop("enough")

    def on_epoch(self, run):
        self.events.append("epoch")

    def on_end(self, run):
        self.events.append("end")


def test_an_epoch_takes_every_row_and_calls_back_in_order(rows):
    watcher = Watcher()
    fit(network(), rows, epochs=2, callbacks=[watcher])
    assert watcher.events == ["start", *(["batch"] * 10 + ["epoch"]) * 2, "end"]


def test_the_history_is_the_mean_of_the_batches_J_weighted_by_their_rows(rows):
    watcher = Watcher()
    history = fit(network(), rows, epochs=2, callbacks=[watcher])
    sizes = [5] * 9 + [2]
    for epoch in (0, 1):
        expected = np.average(watcher.losses[10 * epoch : 10 * epoch + 10], weights=sizes)
        assert history["J"][epoch] == pytest.approx(expected, rel=1e-12)
    assert history["epoch"] == [1, 2]
    assert history["learning_rate"] == [0.05, 0.05]
    assert 0 < history["seconds"][0] < history["seconds"][1]
    assert list(history) == ["epoch", "J", "penalty", "learning_rate", "seconds"]
    assert all(value > 0 for value in history["penalty"])


def test_with_all_rows_in_one_batch_J_is_that_of_evaluate_before_the_step(rows):
    nn = Network((4, 6, 3), ("tanh", "softmax"), seed=1, dtype=np.float64)
    before = nn.evaluate(*rows)["J"]
    history = nn.fit(*rows, epochs=1, batch_size=47, l2=0.1, verbose=False)
    assert history["J"][0] == pytest.approx(before, rel=1e-12)


def test_validation_is_measured_after_each_epoch(rows):
    nn = network()
    history = fit(nn, rows, validation=rows)
    assert history["val_J"][-1] == nn.evaluate(*rows)["J"]
    assert history["val_accuracy"][-1] == nn.evaluate(*rows)["accuracy"]
    assert len(history["val_J"]) == 4


def test_measuring_and_watching_change_no_bit(rows):
    plain, watched = network(), network()
    fit(plain, rows)
    fit(watched, rows, validation=rows, callbacks=[Watcher()])
    np.testing.assert_array_equal(plain.theta, watched.theta)
    np.testing.assert_array_equal(plain.state, watched.state)


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not(rows):
    results = [network(seed) for seed in (5, 5, 6)]
    for nn in results:
        fit(nn, rows)
    np.testing.assert_array_equal(results[0].theta, results[1].theta)
    assert (results[0].theta != results[2].theta).any()


def test_a_second_fit_goes_on_from_the_parameters(rows):
    nn = network()
    first = fit(nn, rows)
    second = fit(nn, rows)
    assert second["J"][0] < first["J"][0]
    assert nn.history is second


def whole_batch_network(rows, **changes):
    nn = Network(layers=[Dense(4, 6, "tanh"), BatchNorm(), Dense(6, 3, "softmax")], seed=2, dtype=np.float64)
    settings = {"epochs": 5, "batch_size": len(rows[0]), "learning_rate": 0.1, "l2": 0.01, "verbose": False}
    nn.fit(*rows, **(settings | changes))
    return nn


def test_weight_2_is_the_row_twice_and_weight_0_the_row_absent(rows):
    x, y = rows
    weights = np.ones(47)
    weights[[3, 7]], weights[[11, 30]] = 2, 0
    repeated = np.repeat(np.arange(47), weights.astype(int))
    weighted = whole_batch_network(rows, sample_weight=weights, batch_size=45)
    written_out = whole_batch_network((x[repeated], y[repeated]))
    np.testing.assert_allclose(weighted.theta, written_out.theta, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(weighted.state, written_out.state, rtol=1e-9)
    measured, expected = weighted.evaluate(x, y, sample_weight=weights), weighted.evaluate(x[repeated], y[repeated])
    assert measured == pytest.approx(expected)


def test_the_scale_of_the_weights_does_not_matter(rows):
    ones, sevens = (whole_batch_network(rows, sample_weight=np.full(47, w)) for w in (1, 7))
    np.testing.assert_allclose(ones.theta, sevens.theta, rtol=1e-10)


# --- going on ------------------------------------------------------------------------------------------------


def resumed(nn, state, run: Run) -> Run:
    """A run as another process would make it: all that it has of the first is the state."""
    return Run(
        run.problem, state, run.epochs, type(run.engine)(), run.schedules, tuple(Watcher() for _ in run.callbacks)
    )


class Capture(Watcher):
    def on_start(self, run):
        self.run = run


@pytest.mark.parametrize("stop_at", [1, 7, 10, 23, 39])
def test_a_resumed_training_equals_an_uninterrupted_one_bit_for_bit(rows, stop_at):
    whole, parts = network(), network()
    expected = fit(whole, rows)
    capture = Capture(stop_at)
    fit(parts, rows, callbacks=[capture])
    training = parts.training
    assert training.variables.step == stop_at
    assert parts.history.stopped == "enough"

    text = json.dumps(training.description())
    state = TrainingState.from_parts(json.loads(text), training.arrays())
    fit(parts, rows)  # the first process goes on with its own arrays; the state must not notice
    loop.train(resumed(parts, state, capture.run))
    np.testing.assert_array_equal(state.variables.theta, whole.theta)
    np.testing.assert_array_equal(state.variables.state, whole.state)
    np.testing.assert_array_equal(
        state.variables.remembered["velocity"], whole.training.variables.remembered["velocity"]
    )
    assert {name: column for name, column in state.history.items() if name != "seconds"} == {
        name: column for name, column in expected.items() if name != "seconds"
    }
    assert state.streams.positions() == whole.training.streams.positions()


def test_the_best_parameters_and_what_callbacks_remember_are_part_of_the_state(rows):
    class Counter(Callback):
        count = 0

        def on_epoch(self, run):
            self.count += 1

        def state(self):
            return {"count": self.count}

        def restore(self, state):
            self.count = state["count"]

    nn, counter = network(), Counter()
    fit(nn, rows, callbacks=[counter])
    nn.training.best = Best(nn.theta.copy(), nn.state.copy(), "val_J", 0.5, 3)
    state = TrainingState.from_parts(nn.training.description(), nn.training.arrays())
    assert state.callbacks == {"Counter": {"count": 4}}
    assert (state.best.column, state.best.value, state.best.epoch) == ("val_J", 0.5, 3)
    np.testing.assert_array_equal(state.best.theta, nn.theta)
    again = Counter()
    capture = Capture()
    fit(nn.copy(), rows, epochs=1, callbacks=[capture])
    run = capture.run
    loop.train(Run(run.problem, state, 6, run.engine, run.schedules, (again,)))
    assert again.count == 6


def test_a_state_that_is_incomplete_is_refused(rows):
    nn = network()
    fit(nn, rows, epochs=1)
    description, arrays = nn.training.description(), nn.training.arrays()
    with pytest.raises(FileFormatError, match="state of the training is incomplete"):
        TrainingState.from_parts(description, {"theta": arrays["theta"]})
    with pytest.raises(FileFormatError, match="state of the training is incomplete"):
        TrainingState.from_parts({**description, "seed": "x"}, arrays)


# --- Ctrl-C --------------------------------------------------------------------------------------------------


class Interrupt(Callback):
    def on_epoch(self, run):
        if run.training.epoch == 5:
            os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_the_training_and_keeps_what_was_learned(rows, capsys):
    nn = network()
    start = nn.theta.copy()
    began = time.perf_counter()
    history = fit(nn, rows, epochs=10**6, verbose=True, callbacks=[Interrupt()])
    assert time.perf_counter() - began < 60
    assert (history.stopped, history.interrupted) == ("Stopped by Ctrl-C in epoch 6.", True)
    assert (nn.theta != start).any()
    assert np.isfinite(nn.theta).all()
    assert "What was learned until then is kept." in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert history["epoch"] == [1, 2, 3, 4, 5]
    json.dumps(dict(history))


def test_a_second_ctrl_c_ends_at_once(rows):
    class Twice(Callback):
        def on_batch(self, run):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        fit(network(), rows, callbacks=[Twice()])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("place", ["finish_steps", "append", "observe"])
def test_a_second_ctrl_c_waits_while_the_state_is_written(rows, place, monkeypatch):
    """Wherever it comes, the training can go on, to the last bit."""
    owner = {"finish_steps": TrainingState, "append": History, "observe": Plateau}[place]
    original, calls = getattr(owner, place), []

    def interrupted(*args):
        calls.append(place)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
        return original(*args)

    settings = {"learning_rate": Plateau(0.05, patience=1), "validation": rows, "epochs": 6}
    whole, nn = network(), network()
    fit(whole, rows, **settings)
    monkeypatch.setattr(owner, place, interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit(nn, rows, **settings)
    monkeypatch.undo()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    fit(nn, rows, **settings, resume=True)
    networks.same_training(nn, whole)


def test_a_schedule_that_fails_leaves_the_epoch_to_be_finished(rows, monkeypatch):
    original, calls = Plateau.observe, []

    def fails(self, row, state):
        calls.append(row["epoch"])
        if len(calls) == 3:
            raise RuntimeError("a fault")
        return original(self, row, state)

    settings = {"learning_rate": Plateau(0.05, patience=1), "validation": rows, "epochs": 6}
    whole, nn = network(), network()
    fit(whole, rows, **settings)
    monkeypatch.setattr(Plateau, "observe", fails)
    with pytest.raises(RuntimeError, match="a fault"):
        fit(nn, rows, **settings)
    fit(nn, rows, **settings, resume=True)
    networks.same_training(nn, whole)


def test_a_program_with_its_own_handler_and_other_threads_are_left_alone(rows):
    seen = []
    previous = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
    try:

        class Once(Callback):
            def on_start(self, run):
                os.kill(os.getpid(), signal.SIGINT)

        assert fit(network(), rows, callbacks=[Once()]).stopped == ""
    finally:
        signal.signal(signal.SIGINT, previous)
    assert seen == [1]
    thread = threading.Thread(target=fit, args=(network(), rows))
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


# --- divergence ----------------------------------------------------------------------------------------------


def diverging(seed=1, **changes):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    nn = Network((3, 8, 1), ("relu", "identity"), seed=seed)
    settings = {"epochs": 50, "batch_size": 4, "learning_rate": 3.0, "verbose": False} | changes
    with pytest.raises(TrainingDiverged) as caught:
        nn.fit(x, 5 * x[:, 0], **settings)
    return nn, caught.value


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_a_divergence_says_where_and_why_and_keeps_the_last_finite_parameters(optimizer):
    nn, error = diverging(optimizer=optimizer)
    assert np.isfinite(nn.theta).all()
    assert f"[{error.layer}]" in str(error)
    assert f"is not finite in epoch {error.epoch}, batch {error.batch}" in str(error)
    assert "learning rate of 3 is too large; try 0.3" in str(error)
    assert error.layer == 3  # of the ReLU layer and the linear output, the output overflows first
    assert nn.training.epoch == error.epoch - 1
    assert isinstance(error, ArithmeticError)
    assert str(copy.deepcopy(error)) == str(error)


def test_how_an_epoch_is_cut_does_not_change_what_is_kept(monkeypatch):
    whole, error = diverging()
    single, single_error = diverging(callbacks=[Watcher()])
    np.testing.assert_array_equal(whole.theta, single.theta)
    assert (error.layer, error.epoch, error.batch) == (single_error.layer, single_error.epoch, single_error.batch)
    assert whole.training.position == single.training.position
    assert whole.training.variables.step == single.training.variables.step


def test_large_inputs_and_targets_are_named_as_the_cause():
    x = np.linspace(-500, 500, 20)[:, np.newaxis]
    with pytest.raises(TrainingDiverged, match="inputs are as large as 500"):
        Network((1, 8, 1), ("relu", "identity"), seed=1).fit(x, x[:, 0], epochs=50, learning_rate=0.1, verbose=False)
    with pytest.raises(TrainingDiverged, match="targets are as large as 500"):
        Network((1, 8, 1), ("relu", "identity"), seed=1).fit(
            x / 500, x[:, 0] / 1, epochs=50, learning_rate=3.0, verbose=False
        )


def test_callbacks_hear_the_end_of_a_training_that_failed():
    watcher = Watcher()
    diverging(callbacks=[watcher])
    assert watcher.events[-1] == "end"


def test_after_a_divergence_the_network_can_be_fitted_again():
    nn, _ = diverging()
    nn.theta = np.random.default_rng(1).normal(size=nn.theta.size) / 3
    assert np.isfinite(nn.fit(np.eye(3), np.ones(3), epochs=3, learning_rate=1e-3, verbose=False)["J"]).all()


# --- scheduled values ----------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Ramp(Schedule):
    """Grows by the same amount at every step, and by epochs that it saw."""

    step: float

    def values(self, start, stop, horizon, state):
        return self.step * (1 + np.arange(start, stop)) + state.get("epochs", 0)

    def observe(self, row, state):
        return {"epochs": row["epoch"]}


class Values(Callback):
    def __init__(self):
        self.chunks = []

    def on_start(self, run):
        original = run.engine.run

        def watched(problem, variables, order, start, stop, schedule):
            self.chunks.append({name: values.tolist() for name, values in schedule.items()})
            return original(problem, variables, order, start, stop, schedule)

        run.engine.run = watched

    def seen(self, name):
        return [value for chunk in self.chunks for value in chunk[name]]


def test_every_step_gets_its_own_scheduled_values_over_epochs(rows):
    values = Values()
    nn = network()
    history = fit(nn, rows, epochs=3, learning_rate=Ramp(1e-3), schedules={"momentum": Ramp(1e-4)}, callbacks=[values])
    expected = [1e-3 * (1 + step) + step // 10 for step in range(30)]
    assert values.seen("learning_rate") == pytest.approx(expected)
    assert values.seen("momentum") == pytest.approx([1e-4 * (1 + step) + step // 10 for step in range(30)])
    assert history["learning_rate"] == pytest.approx([expected[9], expected[19], expected[29]])
    assert nn.training.schedules == {"learning_rate": {"epochs": 3}, "momentum": {"epochs": 3}}


@pytest.mark.parametrize(
    "layers", [[Dense(4, 3, "softmax")], [Dense(4, 4, "tanh"), BatchNorm(), Dense(4, 3, "softmax")]]
)
def test_the_engine_uses_the_value_of_each_step(rows, layers):
    def trained(**changes):
        nn = Network(layers=layers, seed=1, dtype=np.float64)
        fit(nn, rows, epochs=1, optimizer="sgd", l2=0, **changes)
        return nn

    class OneByOne(Callback):
        def on_batch(self, run):
            pass

    ramp = trained(learning_rate=Ramp(0.01))
    np.testing.assert_array_equal(ramp.theta, trained(learning_rate=Ramp(0.01), callbacks=[OneByOne()]).theta)
    assert (ramp.theta != trained(learning_rate=0.01).theta).any()


def test_the_dropout_factor_is_scheduled(rows):
    results = []
    for rate, factor in ((0.4, 0.5), (0.2, 1.0), (0.4, 1.0)):
        nn = Network(layers=[Dense(4, 6, "relu"), Dropout(rate), Dense(6, 3, "softmax")], seed=1)
        fit(nn, rows, schedules={"dropout_factor": Constant(factor)})
        results.append(nn.theta)
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()


def test_decay_clipping_and_the_share_of_an_average_are_scheduled(rows):
    def trained(optimizer, **schedules):
        nn = network()
        fit(nn, rows, optimizer=optimizer, learning_rate=0.01, schedules=schedules)
        return nn.theta

    for constant, scheduled, schedules in [
        (AdamW(decay=0.5), AdamW(decay=0.1), {"decay": Constant(0.5)}),
        (Clip(Momentum(), norm=0.3), Clip(Momentum(), norm=9.0), {"clip_norm": Constant(0.3)}),
        (MovingAverage("sgd", decay=0.5), MovingAverage("sgd"), {"average_decay": Constant(0.5)}),
    ]:
        np.testing.assert_array_equal(trained(scheduled, **schedules), trained(constant))
        assert (trained(scheduled) != trained(constant)).any()


@pytest.mark.parametrize("clipped", [False, True])
def test_running_statistics_are_averaged_with_the_parameters_that_they_belong_to(rows, clipped):
    class States(Callback):
        def __init__(self):
            self.seen = []

        def on_batch(self, run):
            self.seen.append((run.training.variables.theta.copy(), run.training.variables.state.copy()))

    states, nn, plain = States(), network(dtype=np.float64), network(dtype=np.float64)
    inside = MovingAverage(Momentum(), decay=0.8)
    fit(nn, rows, epochs=3, optimizer=Clip(inside, norm=1e9) if clipped else inside, callbacks=[states])
    fit(plain, rows, epochs=3)
    shares = 0.8 ** np.arange(len(states.seen))[::-1]
    for found, steps in zip((nn.theta, nn.state), zip(*states.seen, strict=True), strict=True):
        np.testing.assert_allclose(found, np.average(steps, axis=0, weights=shares), rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(nn.training.variables.theta, plain.theta)
    np.testing.assert_array_equal(nn.training.variables.state, plain.state)


def test_l1_and_l2_are_part_of_the_step(rows):
    x, y = rows
    for settings in ({"l1": 0.3}, {"l2": 0.3}):
        nn = Network((4, 3), ("softmax",), seed=1, dtype=np.float64)
        expected = nn.theta - 0.5 * nn.backward(x, y, **settings).gradient
        nn.fit(x, y, epochs=1, batch_size=47, learning_rate=0.5, verbose=False, **settings)
        np.testing.assert_allclose(nn.theta, expected)


# --- chunks and threads --------------------------------------------------------------------------------------


def test_a_call_of_the_engine_takes_about_a_tenth_of_a_second(rows, monkeypatch):
    values = Values()
    ticks = iter(np.arange(0, 1e6, 0.02).tolist())
    monkeypatch.setattr("chainrule.training.loop.time.perf_counter", lambda: next(ticks))
    fit(network(), rows, epochs=1, batch_size=5, callbacks=[values])
    assert [len(chunk["learning_rate"]) for chunk in values.chunks][:2] == [1, 4]  # it starts with one, and grows
    monkeypatch.setattr("chainrule.training.loop.CHUNK_SECONDS", 0.0)
    monkeypatch.setattr("chainrule.training.loop.CALLS_SHARE", 0)
    values.chunks.clear()
    fit(network(), rows, epochs=1, callbacks=[values])
    assert {len(chunk["learning_rate"]) for chunk in values.chunks} == {1}


def test_a_call_takes_longer_where_much_is_done_around_it_but_never_long():
    pace = loop._Pace([])
    pace.next_steps = 1000
    for seconds, around, steps in ((0.0999, 0.0, 1), (0.0999, 0.01, 3), (0.0999, 1.0, 6), (0.0199, 0.0, 5)):
        pace.took(1, seconds, around)
        assert pace.next_steps == steps


def test_a_single_batch_is_taken_in_the_order_of_the_rows(rows):
    shuffled, in_order = network(), network()
    fit(shuffled, rows, epochs=3, batch_size=len(rows[0]))
    fit(in_order, rows, epochs=3, batch_size=len(rows[0]), shuffle=False)
    np.testing.assert_array_equal(shuffled.theta, in_order.theta)


def test_the_number_of_threads_follows_the_rule_and_is_kept_when_resumed(rows, monkeypatch):
    nn = network()
    fit(nn, rows, epochs=1)
    assert nn.training.threads == 1  # small
    capture = Capture()
    fit(nn, rows, epochs=1, callbacks=[capture])
    asked = []

    @contextlib.contextmanager
    def limited(threads):
        asked.append(threads)
        yield threads

    monkeypatch.setattr(capture.run.engine, "using_threads", limited)
    state = TrainingState.from_parts(*capture.run.checkpoint())
    state.threads = 7
    monkeypatch.setattr(loop, "available_cores", lambda: 8)
    loop.train(Run(capture.run.problem, state, 2, capture.run.engine, capture.run.schedules))
    assert asked == [7]
    assert state.threads == 7
    monkeypatch.setattr(loop, "available_cores", lambda: 2)  # on a machine with fewer
    loop.train(Run(capture.run.problem, state, 3, capture.run.engine, capture.run.schedules))
    assert asked == [7, 2]


# --- checkpoints ---------------------------------------------------------------------------------------------


class Counter(Callback):
    def __init__(self):
        self.count = 0
        self.kept = []

    def on_epoch(self, run):
        self.count += 1
        self.kept.append(run.checkpoint()[0]["callbacks"])

    def state(self):
        return {"count": self.count}

    def restore(self, state):
        self.count = state["count"]


def test_a_checkpoint_at_any_moment_has_what_callbacks_remember(rows):
    counter = Counter()
    fit(network(), rows, epochs=3, callbacks=[counter])
    assert counter.kept == [{"Counter": {"count": epoch}} for epoch in (1, 2, 3)]


def test_a_diverged_training_can_go_on_with_a_smaller_rate():
    capture = Capture()
    nn, error = diverging(callbacks=[capture])
    training = nn.training
    assert len(training.J) == len(training.penalty) == training.position == error.batch - 1
    run = dataclasses.replace(capture.run, schedules=step_schedules(1e-4, {}), epochs=training.epoch + 2, callbacks=())
    nn.theta = nn.theta / max(1, np.abs(nn.theta).max())
    loop.train(run)
    assert training.epoch == run.epochs
    assert np.isfinite(training.history["J"]).all()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_what_is_kept_of_norms_and_masks_does_not_depend_on_how_an_epoch_is_cut(optimizer, rng):
    x = rng.normal(size=(40, 3))
    layers = [Dense(3, 8, "relu"), BatchNorm(), Dropout(0.3), Dense(8, 8, "relu"), Dense(8, 1)]
    states = []
    for callbacks in ([], [Watcher()]):
        nn = Network(layers=layers, seed=1)
        with pytest.raises(TrainingDiverged) as caught:
            nn.fit(
                x,
                5 * x[:, 0],
                epochs=50,
                batch_size=4,
                learning_rate=30.0,
                optimizer=optimizer,
                callbacks=callbacks,
                verbose=False,
            )
        training = nn.training
        assert np.isfinite(nn.theta).all()
        assert np.isfinite(nn.state).all()
        remembered = [array.tolist() for array in training.variables.remembered.values()]
        states.append(
            [
                nn.theta.tolist(),
                nn.state.tolist(),
                remembered,
                training.position,
                training.variables.step,
                str(caught.value),
            ]
        )
    assert states[0] == states[1]


def test_where_only_the_loss_overflows_the_sentence_says_so():
    nn = Network((1, 1), ("identity",), seed=1)
    with pytest.raises(
        TrainingDiverged, match="J, the loss of a.2., is not finite in epoch 1, batch 1.*targets are as large as 1e"
    ):
        nn.fit([[1.0], [2.0]], [1e30, 1e30], epochs=1, verbose=False)


@pytest.mark.parametrize("rate", [1e20, 1e30])
def test_where_J_stays_finite_after_the_parameters_are_spoilt_the_last_finite_ones_are_kept(rate):
    x = np.abs(np.random.default_rng(0).normal(size=(200, 1)))
    y = np.random.default_rng(1).random(200) > 0.5
    outcomes = []
    for callbacks in ([], [Watcher()]):
        nn = Network(layers=[Dense(1, 8, "relu"), Dropout(0.5), Dense(8, 1, "sigmoid")], seed=0)
        with pytest.raises(TrainingDiverged) as caught:
            nn.fit(x, y, epochs=3, batch_size=8, learning_rate=rate, callbacks=callbacks, verbose=False)
        assert np.isfinite(nn.theta).all()
        outcomes.append((nn.theta.tolist(), str(caught.value), nn.training.position, len(nn.training.J)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][2] == outcomes[0][3]


def test_parameters_that_something_else_spoilt_are_told_from_a_divergence(rows):
    class Spoils(Callback):
        def on_epoch(self, run):
            run.training.variables.theta[0] = np.nan

    with pytest.raises(TrainingDiverged, match="epoch 2, batch 1. The parameters were not finite before it"):
        fit(network(), rows, callbacks=[Spoils()])


def test_a_callback_that_was_never_started_hears_no_end(rows):
    class Refuses(Callback):
        def on_start(self, run):
            raise RuntimeError("not today")

    first, last = Watcher(), Watcher()
    with pytest.raises(RuntimeError, match="not today"):
        fit(network(), rows, callbacks=[first, Refuses(), last])
    assert first.events == ["start", "end"]
    assert last.events == []


def test_every_callback_hears_the_end_whatever_another_one_raises(rows):
    class Fails(Callback):
        def on_end(self, run):
            raise RuntimeError("at the end")

    first, last = Watcher(), Watcher()
    with pytest.raises(RuntimeError, match="at the end"):
        fit(network(), rows, callbacks=[first, Fails(), last])
    assert first.events[-1] == last.events[-1] == "end"


@pytest.mark.parametrize("reason", ["", None])
def test_a_stop_without_a_reason_is_a_stop(rows, reason):
    class Stops(Callback):
        def on_epoch(self, run):
            run.stop(reason)

    assert fit(network(), rows, callbacks=[Stops()])["epoch"] == [1]


@pytest.mark.parametrize("callbacks", [3, [5], [Watcher], ["x"]])
def test_what_is_no_callback_is_refused_before_anything_changes(rows, callbacks):
    nn = network()
    with pytest.raises(TypeError, match="callback"):
        fit(nn, rows, callbacks=callbacks)
    assert nn.training is None


@pytest.mark.parametrize("weights", [np.full(47, 1e308), np.r_[1, np.full(46, 1e-60)]])
def test_weights_at_the_extremes_neither_overflow_nor_vanish(rows, weights):
    history = Network((4, 3), ("softmax",), seed=1).fit(*rows, epochs=1, sample_weight=weights, verbose=False)
    assert 0 < history["J"][0] < 100
