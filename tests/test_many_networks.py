"""Many networks at once: each is what a fit of its own would make of it, and ends by itself."""

from __future__ import annotations

import os
import re
import signal
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import (
    Adam,
    AdamW,
    BatchNorm,
    Callback,
    Checkpoint,
    Clip,
    CustomActivation,
    Dense,
    Dropout,
    EarlyStopping,
    JsonLinesLog,
    LayerNorm,
    Momentum,
    MovingAverage,
    Muon,
    Network,
    Residual,
    Standardizer,
    TimeLimit,
    TrainingDiverged,
    fit_together,
    load,
)
from chainrule.engines.choice import FAST_PACKAGES
from chainrule.errors import ChainruleError
from chainrule.optimizers.schedules import Cosine, OneCycle, Plateau

RNG = np.random.default_rng(3)
X = RNG.normal(size=(61, 4))
Y = (np.abs(X[:, 0]) + X[:, 1] + 0.5 * RNG.normal(size=61) > 0.6).astype(int)
X_VAL = RNG.normal(size=(23, 4))
Y_VAL = (np.abs(X_VAL[:, 0]) + X_VAL[:, 1] > 0.6).astype(int)
WEIGHTS = RNG.uniform(0.2, 2.0, 61)
TOLERANCE = {np.float64: 1e-9, np.float32: 1e-4}

LAYERS = {
    "dense": lambda: [Dense(4, 6, "tanh"), Dense(6, 2, "softmax")],
    "deep": lambda: [Dense(4, 6, "tanh"), Dense(6, 6, "silu"), Dense(6, 2, "softmax")],
    "dropout": lambda: [Dense(4, 8, "tanh"), Dropout(0.3), Dense(8, 2, "softmax")],
    "batch norm": lambda: [Dense(4, 6, "tanh"), BatchNorm(), Dropout(0.2), Dense(6, 2, "softmax")],
    "residual": lambda: [Dense(4, 6, "tanh"), Residual([Dense(6, 6, "tanh"), LayerNorm()]), Dense(6, 2, "softmax")],
}


def network(kind="dense", seed=1, dtype=np.float64, **parts):
    return Network(layers=LAYERS[kind](), seed=seed, dtype=dtype, **parts)


def networks(k=3, kind="dense", **parts):
    return [network(kind, seed, **parts) for seed in range(k)]


def together(members, **changes):
    return fit_together(members, X, Y, **({"epochs": 4, "batch_size": 8, "verbose": False} | changes))


def alone(member, **changes):
    return member.fit(X, Y, **({"epochs": 4, "batch_size": 8, "verbose": False} | changes))


def assert_alike(one, other, tolerance=1e-9):
    """Whether two networks and their trainings are the same within rounding."""
    np.testing.assert_allclose(one.theta, other.theta, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(one.state, other.state, rtol=tolerance, atol=tolerance)
    a, b = one.training, other.training
    np.testing.assert_allclose(a.variables.theta, b.variables.theta, rtol=tolerance, atol=tolerance)
    assert a.variables.remembered.keys() == b.variables.remembered.keys()
    for name, array in a.variables.remembered.items():
        np.testing.assert_allclose(array, b.variables.remembered[name], rtol=tolerance, atol=tolerance)
    assert (a.epoch, a.position, a.variables.step) == (b.epoch, b.position, b.variables.step)
    assert a.streams.positions() == b.streams.positions()
    assert (a.best is None) == (b.best is None)
    if a.best is not None:
        assert (a.best.epoch, a.best.column) == (b.best.epoch, b.best.column)
        np.testing.assert_allclose(a.best.theta, b.best.theta, rtol=tolerance, atol=tolerance)
    assert (a.callbacks.keys(), a.schedules.keys(), a.recipe) == (b.callbacks.keys(), b.schedules.keys(), b.recipe)
    assert_same_history(one.history, other.history, tolerance)
    assert one.loss == other.loss


def assert_same_history(one, other, tolerance=1e-9):
    assert (one.stopped, one.engine, one.engine_reason, list(one)) == (
        other.stopped, other.engine, other.engine_reason, list(other),
    )  # fmt: skip
    for name in set(one) - {"seconds"}:
        np.testing.assert_allclose(one[name], other[name], rtol=tolerance, atol=tolerance, err_msg=name)


# --- each is as if it had learned alone ------------------------------------------------------------------------

SETTINGS = {
    "sgd": {},
    "adam": {"optimizer": "adam", "learning_rate": 0.01},
    "decay": {"optimizer": AdamW(decay=0.1), "l1": 1e-3, "l2": 1e-2},
    "clipping": {"optimizer": Clip(Momentum(), norm=0.05), "learning_rate": 0.3},
    "average": {"optimizer": MovingAverage(Adam(), 0.9), "validation": (X_VAL, Y_VAL)},
    "weights": {"sample_weight": WEIGHTS, "class_weight": "balanced", "validation": (X_VAL, Y_VAL, np.arange(1, 24))},
    "in order": {"shuffle": False},
    "metrics": {"metrics": ["macro_f1", "balanced_accuracy"], "validation": (X_VAL, Y_VAL)},
    "own metric": {"metrics": [lambda y, a: float((y - a).max())], "validation": (X_VAL, Y_VAL)},
    "schedule": {"learning_rate": OneCycle(0.2), "optimizer": "momentum", "schedules": {"momentum": Cosine(0.9)}},
    "less dropout": {"schedules": {"dropout_factor": Cosine(1.0)}},
    "plateau": {"learning_rate": Plateau(0.3, factor=0.3, patience=0, monitor="J", threshold=0.05), "epochs": 8},
}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("setting", SETTINGS)
def test_each_network_becomes_what_a_fit_of_its_own_makes_of_it(kind, setting, dtype):
    members = networks(3, kind, dtype=dtype)
    histories = together(members, **SETTINGS[setting])
    for seed, (member, history) in enumerate(zip(members, histories, strict=True)):
        single = network(kind, seed, dtype)
        alone(single, **SETTINGS[setting])
        assert history is member.history is member.training.history
        assert_alike(member, single, TOLERANCE[dtype])


def test_a_matrix_optimizer_moves_the_matrices_of_each():
    members = networks(3, "deep")
    together(members, optimizer=Muon(), learning_rate=0.01)
    single = network("deep", 2)
    alone(single, optimizer=Muon(), learning_rate=0.01)
    assert_alike(members[2], single, 1e-7)


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(sorted(LAYERS)),
    rates=st.lists(st.floats(1e-3, 0.5), min_size=1, max_size=5),
    momenta=st.booleans(),
    batch_size=st.sampled_from([7, 8, 9, 59, 61]),
    patience=st.integers(1, 4),
    epochs=st.integers(1, 12),
    clip=st.sampled_from([None, 0.01, 1.0]),
)
def test_any_rates_schedules_and_ends_agree_with_single_fits(kind, rates, momenta, batch_size, patience, epochs, clip):
    rule = Momentum() if clip is None else Clip(Momentum(), norm=clip)
    own = [{"momentum": Cosine(0.5 + 0.1 * i)} for i in range(len(rates))] if momenta else [{}] * len(rates)
    common = {"optimizer": rule, "batch_size": batch_size, "epochs": epochs, "validation": (X_VAL, Y_VAL)}
    members = networks(len(rates), kind)
    together(
        members,
        learning_rate=rates,
        schedules=own,
        callbacks=lambda i: [EarlyStopping(patience=patience, min_delta=1e-3)],
        **common,
    )
    for seed, (member, rate, schedules) in enumerate(zip(members, rates, own, strict=True)):
        single = network(kind, seed)
        stopping = EarlyStopping(patience=patience, min_delta=1e-3)
        alone(single, learning_rate=rate, schedules=schedules, callbacks=[stopping], **common)
        assert_alike(member, single, 1e-8)


def test_one_network_together_is_a_fit_bit_for_bit():
    member, single = network("dropout", dtype=np.float32), network("dropout", dtype=np.float32)
    together([member], optimizer="adam")
    alone(single, optimizer="adam")
    np.testing.assert_array_equal(member.theta, single.theta)
    assert member.history["J"] == single.history["J"]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("kind", ["dense", "batch norm"])
def test_the_compiled_engine_takes_many_networks_too(kind, dtype):
    for package in FAST_PACKAGES:
        pytest.importorskip(package)
    settings = {"engine": "compiled", "optimizer": Clip(Adam(), norm=0.5), "epochs": 6, "validation": (X_VAL, Y_VAL)}
    rates = [0.001, 0.02, 0.1]
    members = networks(3, kind, dtype=dtype)
    histories = together(members, learning_rate=rates, callbacks=lambda i: [EarlyStopping(patience=1 + i)], **settings)
    for seed, (member, history, rate) in enumerate(zip(members, histories, rates, strict=True)):
        single = network(kind, seed, dtype)
        alone(single, learning_rate=rate, callbacks=[EarlyStopping(patience=1 + seed)], **settings)
        assert history.engine == "compiled"
        assert_alike(member, single, TOLERANCE[dtype])


def test_encoded_rows_names_of_classes_and_target_scalers_are_shared():
    encoder, names = Standardizer.fitted(X * 5 + 1), ["no", "yes"]
    members = networks(3, encoder=encoder, classes=names)
    y = np.array(names)[Y]
    fit_together(members, X * 5 + 1, y, epochs=3, verbose=False)
    single = network(seed=2, encoder=Standardizer.fitted(X * 5 + 1), classes=names)
    single.fit(X * 5 + 1, y, epochs=3, verbose=False)
    assert_alike(members[2], single)

    numbers = [Network((4, 5, 1), ("tanh", "identity"), seed=i, target_scaler=Standardizer.fitted(X[:, :1] * 100),
                       dtype=np.float64) for i in range(2)]  # fmt: skip
    held_out = (X_VAL, X_VAL[:, 0] * 100)
    histories = fit_together(numbers, X, X[:, 0] * 100, metrics=["mae"], validation=held_out, verbose=False)
    assert histories[1]["val_mae"][-1] == pytest.approx(numbers[1].evaluate(*held_out, metrics=["mae"])["mae"])


# --- each ends by itself ---------------------------------------------------------------------------------------


def test_networks_leave_at_different_epochs_with_their_best_parameters():
    members = networks(4)
    rates = [0.001, 0.05, 0.5, 3.0]
    common = {"epochs": 60, "validation": (X_VAL, Y_VAL)}
    callbacks = [[EarlyStopping(patience=3)] for _ in rates]
    together(members, learning_rate=rates, callbacks=callbacks, **common)
    ends = [member.training.epoch for member in members]
    assert len(set(ends)) > 2
    for seed, (member, rate) in enumerate(zip(members, rates, strict=True)):
        single = network(seed=seed)
        alone(single, learning_rate=rate, callbacks=[EarlyStopping(patience=3)], **common)
        assert_alike(member, single)
        assert member.evaluate(X_VAL, Y_VAL)["J"] == pytest.approx(min(member.history["val_J"]))
        assert callbacks[seed][0].best_epoch == member.training.best.epoch


class StopAt(Callback):
    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch(self, run):
        if run.training.epoch == self.epoch:
            run.stop(f"Enough in epoch {self.epoch}.")


class StopAfterBatch(Callback):
    def __init__(self, batch):
        self.batch = batch

    def on_batch(self, run):
        if run.training.variables.step == self.batch:
            run.stop("In the middle.")


def test_a_network_that_stops_within_an_epoch_leaves_the_others_there():
    members = networks(3)
    together(members, callbacks=[[], [StopAfterBatch(11)], [StopAfterBatch(16)]])
    assert [(m.training.epoch, m.training.position) for m in members] == [(4, 0), (1, 3), (2, 0)]
    assert [m.history.stopped for m in members] == ["", "In the middle.", "In the middle."]
    for seed, batch in ((0, None), (1, 11), (2, 16)):
        single = network(seed=seed)
        alone(single, callbacks=[] if batch is None else [StopAfterBatch(batch)])
        assert_alike(members[seed], single)


class Halve(Callback):
    def on_epoch(self, run):
        if run.training.epoch == 2:
            run.training.variables.theta[...] *= 0.5


def test_a_callback_may_set_the_parameters_of_its_network():
    members = networks(3)
    together(members, callbacks=[[], [Halve()], []])
    for seed in (0, 1):
        single = network(seed=seed)
        alone(single, callbacks=[Halve()] if seed == 1 else [])
        assert_alike(members[seed], single)


def test_one_that_left_goes_on_alone_as_after_a_fit_of_its_own():
    members = networks(3, "dropout")
    together(members, optimizer="adam", callbacks=[[StopAt(2)], [], []])
    single = network("dropout", 0)
    alone(single, optimizer="adam", callbacks=[StopAt(2)])
    for each in (members[0], single):
        alone(each, optimizer="adam", resume=True, epochs=6)
    assert_alike(members[0], single)
    assert members[0].history["epoch"] == [1, 2, 3, 4, 5, 6]


def test_a_checkpoint_of_each_is_a_training_that_goes_on(tmp_path):
    paths = [tmp_path / f"{i}.safetensors" for i in range(3)]
    members = networks(3, "batch norm")
    together(members, callbacks=lambda i: [Checkpoint(paths[i]), EarlyStopping("J")], optimizer="adam")
    again = load(paths[1])
    np.testing.assert_array_equal(again.training.variables.theta, members[1].training.variables.theta)
    alone(again, resume=True, epochs=7, optimizer="adam", callbacks=[EarlyStopping("J")])
    single = network("batch norm", 1)
    alone(single, epochs=7, optimizer="adam", callbacks=[EarlyStopping("J")])
    np.testing.assert_allclose(again.theta, single.theta, rtol=1e-9)
    members[2].save(tmp_path / "saved.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "saved.safetensors").predict(X_VAL), members[2].predict(X_VAL))


def test_all_go_on_together():
    members = networks(3, "dropout")
    together(members, optimizer="adam", epochs=2)
    histories = together(members, optimizer="adam", epochs=5, resume=True)
    whole = networks(3, "dropout")
    together(whole, optimizer="adam", epochs=5)
    for i in range(3):
        np.testing.assert_allclose(members[i].theta, whole[i].theta, rtol=1e-12)
        assert histories[i]["epoch"] == [1, 2, 3, 4, 5]
    assert together(networks(2), resume=True)[0]["epoch"] == [1, 2, 3, 4]  # nothing to go on with yet


def test_those_that_stopped_early_stay_so_when_all_go_on():
    members = networks(3)
    together(members, epochs=3, callbacks=[[EarlyStopping("J")], [EarlyStopping("J")], [EarlyStopping("J")]])
    members[0].fit(X, Y, epochs=4, batch_size=8, resume=True, verbose=False)
    with pytest.raises(ValueError, match="stand at different places: one after 4 epochs and 0 batches"):
        together(members, epochs=6, resume=True)
    together(members, epochs=4, resume=True)  # the first has nothing left to do
    assert [m.training.epoch for m in members] == [4, 4, 4]


# --- divergence ------------------------------------------------------------------------------------------------


def test_a_network_that_diverges_stops_alone_and_is_named():
    members = [Network((4, 6, 1), ("relu", "identity"), seed=i, dtype=np.float64) for i in range(3)]
    y = 5 * X[:, 0]
    with pytest.warns(UserWarning, match=r"^Network 1 of 3, counted from 0, diverged, and the others went on\. "
                      r"Network 1: Training diverged: .* learning rate of 30 is too large"):  # fmt: skip
        histories = fit_together(members, X, y, epochs=6, batch_size=8, learning_rate=[0.01, 30.0, 0.02], verbose=False)
    assert histories[1].stopped.startswith("Training diverged: ")
    assert [len(history.get("J", [])) for history in (histories[0], histories[2])] == [6, 6]
    assert len(histories[1].get("J", [])) < 6
    for i, rate in ((0, 0.01), (2, 0.02)):
        single = Network((4, 6, 1), ("relu", "identity"), seed=i, dtype=np.float64)
        single.fit(X, y, epochs=6, batch_size=8, learning_rate=rate, verbose=False)
        assert_alike(members[i], single)
    single = Network((4, 6, 1), ("relu", "identity"), seed=1, dtype=np.float64)
    with pytest.raises(TrainingDiverged) as caught:
        single.fit(X, y, epochs=6, batch_size=8, learning_rate=30.0, verbose=False)
    np.testing.assert_allclose(members[1].theta, single.theta, rtol=1e-6)
    assert members[1].training.position == caught.value.batch - 1
    assert np.isfinite(members[1].theta).all()


def test_several_that_diverge_are_all_named():
    members = [Network((4, 6, 1), ("relu", "identity"), seed=i) for i in range(3)]
    with pytest.warns(UserWarning, match=r"^Networks 0, 2 of 3, counted from 0, diverged"):
        fit_together(members, X, X[:, 0], epochs=6, learning_rate=[1e9, 0.01, 1e6], verbose=False)


def test_where_all_diverge_it_is_an_error():
    members = [Network((4, 6, 1), ("relu", "identity"), seed=i) for i in range(2)]
    with pytest.raises(TrainingDiverged, match=r"All 2 networks diverged\. Network 0: Training diverged: ") as caught:
        fit_together(members, X, X[:, 0], epochs=6, learning_rate=1e9, verbose=False)
    assert caught.value.epoch <= 2
    assert all(np.isfinite(m.theta).all() for m in members)
    with pytest.raises(TrainingDiverged, match="^Training diverged"):
        fit_together(members[:1], X, X[:, 0], epochs=6, learning_rate=1e9, verbose=False)


# --- interruptions and failures --------------------------------------------------------------------------------


class CtrlC(Callback):
    def __init__(self, epoch, times=1):
        self.epoch, self.times = epoch, times

    def on_epoch(self, run):
        if run.training.epoch == self.epoch:
            for _ in range(self.times):
                os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_all_that_still_learn():
    members = networks(3)
    histories = together(members, epochs=9, callbacks=[[StopAt(1)], [CtrlC(3)], []])
    assert [member.training.epoch for member in members] == [1, 3, 3]
    assert [history.stopped[:30] for history in histories] == ["Enough in epoch 1."] + [
        "Stopped by Ctrl-C in epoch 4."
    ] * 2
    assert [history.interrupted for history in histories] == [False, True, True]
    assert_whole(members)


def test_a_second_ctrl_c_ends_at_once_with_every_state_whole():
    members = networks(3)
    with pytest.raises(KeyboardInterrupt):
        together(members, epochs=9, callbacks=[[], [CtrlC(2, times=2)], []])
    assert {member.training.variables.step for member in members} == {16}
    assert_whole(members)


class Fault(Callback):
    def on_epoch(self, run):
        if run.training.epoch == 2:
            raise RuntimeError("a fault")


def test_a_fault_in_a_callback_ends_all_but_spares_the_best_of_those_that_had_ended():
    members = networks(3)
    best = EarlyStopping("J", mode="max", patience=1)  # its first epoch stays the best
    with pytest.raises(RuntimeError, match="a fault"):
        together(members, epochs=9, callbacks=[[best, StopAt(1)], [Fault()], []])
    assert [member.training.epoch for member in members][:2] == [1, 2]
    assert members[0].theta is not members[0].training.variables.theta  # it has the best, which were its own
    for seed in (1, 2):
        single = network(seed=seed)
        alone(single, epochs=2)
        np.testing.assert_allclose(members[seed].theta, single.theta, rtol=1e-9)
    assert_whole(members)


def assert_whole(members):
    """Whether each can go on alone, to where it would have come without all this."""
    for seed, member in enumerate(members):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            alone(member, resume=True, epochs=11, callbacks=[])
        single = network(seed=seed)
        alone(single, epochs=11)
        np.testing.assert_allclose(member.theta, single.theta, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(member.history["J"], single.history["J"], rtol=1e-8)


def test_a_time_limit_of_one_ends_that_one():
    members = networks(2)
    together(members, epochs=30, callbacks=[[TimeLimit(1e-6)], []])
    assert members[0].history.stopped.startswith("Stopped in epoch 1 by the time limit")
    assert members[1].training.epoch == 30


def test_a_refused_fit_leaves_every_network_as_it_was(tmp_path):
    members = networks(3)
    trainings, thetas = [m.training for m in members], [m.theta.copy() for m in members]
    log = JsonLinesLog(tmp_path / "log.jsonl")
    with pytest.raises(ChainruleError, match="no column 'val_J' to monitor"):
        together(members, callbacks=[[log], [], [EarlyStopping()]])
    for member, training, theta in zip(members, trainings, thetas, strict=True):
        assert (member.training, member.loss, dict(member.history)) == (training, None, {})
        np.testing.assert_array_equal(member.theta, theta)
    together(members, callbacks=[[log], [], []])  # which the first refusal has closed
    assert members[0].training.epoch == 4


# --- what is refused -------------------------------------------------------------------------------------------

TWICE = network()
SHARED = EarlyStopping("J")
REFUSED = {
    "a network": (TWICE, {}, "networks is a list of networks, not <Network"),
    "none": ([], {}, "networks is empty"),
    "a number": ([TWICE, 3], {}, "networks has 3 at 1, which is no Network"),
    "twice": ([TWICE, TWICE], {}, r"Network 1 is given twice; copy\(\)"),
    "ensemble": ([TWICE, network(n_members=2)], {}, "Network 1 is an ensemble of 2"),
    "layers": ([TWICE, network("deep")], {}, "alike, and network 1 has other layers than network 0"),
    "own functions": (
        [Network((4, 2), (CustomActivation(lambda z: z, lambda z: 1 + 0 * z),), seed=i) for i in range(2)],
        {},
        "network 1 has other layers than network 0",
    ),
    "dtype": ([TWICE, network(dtype=np.float32)], {}, "network 1 computes in float32, network 0 in float64"),
    "classes": ([TWICE, network(classes=["a", "b"])], {}, "network 1 calls its classes otherwise"),
    "encoder": ([TWICE, network(encoder=Standardizer.fitted(X))], {}, "network 1 has another encoder than network 0"),
    "rates": (None, {"learning_rate": [0.1, 0.2]}, "learning_rate has 2 entries, and there are 3 networks"),
    "a rate": (None, {"learning_rate": [0.1, 0.2, -1]}, "learning_rate"),
    "schedules": (None, {"schedules": [{}]}, "schedules has 1 entries, and there are 3 networks"),
    "L-BFGS": (None, {"optimizer": "lbfgs"}, "L-BFGS searches a line for each network by itself"),
    "callbacks": (None, {"callbacks": [EarlyStopping("J")]}, "each network needs callbacks of its own"),
    "a callback": (None, {"callbacks": EarlyStopping("J")}, "each network needs callbacks of its own"),
    "one for all": (None, {"callbacks": lambda i: [SHARED]}, "A callback is given to two networks"),
    "too few": (None, {"callbacks": [[], []]}, "callbacks has 2 entries, and there are 3 networks"),
    "engine": (None, {"engine": "cuda"}, "not the name of an engine"),
    "epochs": (None, {"epochs": 0}, "epochs must be at least 1"),
    "resume": (None, {"resume": "a path"}, "resume"),
    "rows": (None, {"sample_weight": [1.0]}, "sample_weight"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_in_a_sentence(case):
    members, changes, message = REFUSED[case]
    with pytest.raises(ChainruleError, match=message):
        together(networks(3) if members is None else members, **changes)


def test_trainings_of_which_some_have_not_begun_are_not_resumed():
    members = networks(3)
    alone(members[1])
    with pytest.raises(ValueError, match="Network 1 has a training to go on with, and network 0 has none"):
        together(members, resume=True)


def test_losses_that_differ_are_not_resumed_without_saying_which():
    members = networks(2)
    alone(members[0])
    members[1].fit(X, np.eye(2)[Y], "mse", verbose=False)
    with pytest.raises(ValueError, match="Network 1 learned by MSE.* and network 0 by CrossEntropy.*: give the loss"):
        together(members, resume=True)


# --- progress --------------------------------------------------------------------------------------------------


def test_progress_is_one_line_for_all(capsys):
    histories = fit_together(networks(3), X, Y, epochs=20, callbacks=[[], [StopAt(2)], []])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("epoch 1/20  networks 3  J ")
    assert len(lines) == 12
    last = np.mean([histories[0]["J"][-1], histories[2]["J"][-1]])
    assert re.match(rf"epoch 20/20  networks 2  J {last:.6f}", lines[-2])
    assert lines[-1] == "1 of 3 networks stopped early. What was learned until then is kept."


def test_validation_rows_pass_once_for_all(monkeypatch):
    import chainrule.training.evaluation as evaluation

    shapes = []
    original = evaluation.predict
    monkeypatch.setattr(
        evaluation, "predict", lambda a, theta, *others: (shapes.append(theta.shape), original(a, theta, *others))[1]
    )
    together(networks(3), epochs=2, validation=(X_VAL, Y_VAL))
    assert [shape[0] for shape in shapes] == [3, 3]


def test_the_steps_are_done_in_one_call_for_all():
    calls = []

    class Watch(Callback):
        def on_start(self, run):
            if not calls:
                original = run.engine.run
                run.engine.run = lambda problem, variables, *rest: (
                    calls.append(variables.theta.shape), original(problem, variables, *rest)
                )[1]  # fmt: skip
                calls.append("watched")

    together(networks(3), callbacks=lambda i: [Watch()] if i == 0 else [], epochs=1)
    assert {shape[0] for shape in calls[1:]} == {3}
