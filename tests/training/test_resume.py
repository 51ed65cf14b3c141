"""Going on: in memory, from a checkpoint, call by call; and what must not have changed."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import chainrule
from chainrule import Callback, Dense, Network
from chainrule.errors import ChainruleError, FileFormatError, InvalidArgument, InvalidType
from chainrule.optimizers import OPTIMIZERS, Adam, Clip, Momentum, MovingAverage
from chainrule.optimizers.optimizer import StepOptimizer
from chainrule.optimizers.schedules import Constant, Cosine, Plateau
from chainrule.training.checkpoint import Checkpoint
from chainrule.training.early_stopping import EarlyStopping
from tests.training.networks import SETTINGS, fit, network, rows, same_training, without_seconds

WRAPPERS = {Clip: Clip(Momentum(), norm=0.1), MovingAverage: MovingAverage(Clip(Adam(), value=0.01), decay=0.9)}
STEP_OPTIMIZERS = [WRAPPERS.get(rule) or rule() for rule in OPTIMIZERS if issubclass(rule, StepOptimizer)]


class StopAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_batch(self, run):
        if run.training.variables.step == self.step:
            run.stop("enough")


@pytest.mark.parametrize("step", [1, 10, 23, 30, 59])
@pytest.mark.parametrize("from_file", [False, True], ids=["in memory", "from a file"])
def test_a_training_that_is_resumed_equals_an_uninterrupted_one_bit_for_bit(step, from_file):
    whole, parts = network(), network()
    fit(whole)
    fit(parts, callbacks=[StopAt(step), *([Checkpoint("c.safetensors", every=2)] if from_file else [])])
    assert parts.history.stopped == "enough"
    if from_file:
        parts = network()
        fit(parts, resume="c.safetensors")
    else:
        fit(parts, resume=True)
    assert parts.history.stopped == ""
    same_training(parts, whole)


@pytest.mark.parametrize("optimizer", STEP_OPTIMIZERS, ids=lambda rule: rule.name)
def test_every_optimizer_goes_on_from_a_file_with_what_it_remembers(optimizer):
    def make():
        return Network((4, 5, 5, 3), ("tanh", "tanh", "softmax"), seed=3)

    whole, first, second = make(), make(), make()
    settings = {"optimizer": optimizer, "learning_rate": None, "epochs": 4}
    fit(whole, **settings)
    fit(first, **(settings | {"epochs": 2}), callbacks=[Checkpoint("c.safetensors")])
    fit(second, **settings, resume="c.safetensors")
    same_training(second, whole)


def test_the_same_call_starts_and_restarts_and_does_nothing_once_it_is_done():
    def run(epochs):
        nn = network()
        fit(nn, epochs=epochs, callbacks=[Checkpoint("c.safetensors")], resume="c.safetensors")
        return nn

    run(2)
    second = run(6)
    whole = network()
    fit(whole)
    assert without_seconds(second.history) == without_seconds(whole.history)
    third = run(6)
    np.testing.assert_array_equal(third.theta, whole.theta)
    assert third.history["epoch"] == [1, 2, 3, 4, 5, 6]


def test_a_loaded_checkpoint_predicts_and_goes_on():
    nn, whole = network(), network()
    fit(nn, epochs=3, callbacks=[Checkpoint("c.safetensors")])
    loaded = chainrule.load("c.safetensors")
    np.testing.assert_array_equal(loaded.predict(rows()[0]), nn.predict(rows()[0]))
    assert loaded.history["epoch"] == [1, 2, 3]
    fit(loaded, resume=True)
    fit(whole)
    same_training(loaded, whole)


def test_the_clock_goes_on():
    nn = network()
    fit(nn, epochs=3)
    history = fit(nn, resume=True)
    assert (np.diff(history["seconds"]) > 0).all()


def test_n_partial_fits_are_one_fit_of_n_epochs():
    parts, whole = network(), network()
    settings = {name: value for name, value in SETTINGS.items() if name != "epochs"}
    for _ in range(6):
        history = parts.partial_fit(*rows(), **settings)
    fit(whole)
    same_training(parts, whole)
    assert history["epoch"] == [1, 2, 3, 4, 5, 6]


def test_partial_fit_takes_other_rows_and_keeps_the_loss(rng):
    nn = Network((4, 3, 1), ("tanh", "identity"), seed=1)
    for n in (30, 7, 64):
        x = rng.normal(size=(n, 4))
        nn.partial_fit(x, x[:, 0], *(["mae"] if n == 30 else []), optimizer="adam")
    assert nn.loss.name == "mae"
    assert nn.training.variables.step == 1 + 1 + 2
    assert nn.history["epoch"] == [1, 2, 3]


def test_a_fit_without_resume_starts_the_optimizer_anew_from_the_parameters_as_they_are():
    nn, fresh = network(), network()
    fit(nn, epochs=2)
    fresh.theta, fresh.state = nn.theta, nn.state
    fresh.streams.move_to(nn.streams.positions())
    history = fit(nn, epochs=3)
    expected = fit(fresh, epochs=3)
    assert without_seconds(history) == without_seconds(expected)
    np.testing.assert_array_equal(nn.theta, fresh.theta)
    assert history["epoch"] == [1, 2, 3]


def test_the_loss_of_before_is_that_of_a_resumed_training():
    x, _ = rows()
    target = x[:, 0]
    nn = Network((4, 3, 1), ("tanh", "identity"), seed=1)
    nn.fit(x, target, "huber", epochs=2, verbose=False, callbacks=[Checkpoint("c.safetensors")])
    nn.fit(x, target, epochs=3, resume=True, verbose=False)
    assert nn.loss.name == "huber"
    other = Network((4, 3, 1), ("tanh", "identity"), seed=1)
    other.fit(x, target, epochs=3, resume="c.safetensors", verbose=False)
    assert other.loss.name == "huber"
    np.testing.assert_array_equal(other.theta, nn.theta)


def test_settings_that_differ_are_named_in_memory_too():
    nn = network()
    fit(nn, epochs=2)
    with pytest.warns(UserWarning, match="l2 was 0.001, now 0.5"):
        fit(nn, epochs=3, l2=0.5, resume=True)


@pytest.mark.filterwarnings("ignore:The training goes on with other settings")
def test_a_refused_fit_leaves_the_network_with_its_training_and_history():
    nn = network()
    history = fit(nn, epochs=2)
    training, loss, description = nn.training, nn.loss, nn.training.description()
    refused = [
        {"callbacks": [EarlyStopping()]},
        {"learning_rate": Plateau(0.1)},
        {"callbacks": [Checkpoint("/")]},
        {"engine": "x", "l2": 0.3},
        {"epochs": 0},
        {"callbacks": [3]},
        {"validation": 3},
    ]
    for settings in refused:
        for resume in (False, True):
            with pytest.raises(ChainruleError):
                fit(nn, **({"epochs": 4} | settings), resume=resume)
            assert nn.training is training
            assert nn.history is history
            assert nn.loss is loss
            assert nn.training.description() == description
            assert nn.theta is training.variables.theta


def test_a_schedule_that_more_epochs_stretch_is_named():
    def run(schedule, epochs, **resume):
        fit(nn, epochs=epochs, learning_rate=schedule, **resume)

    nn = network()
    run(Cosine(0.1), 4)
    with pytest.warns(UserWarning, match="learning_rate is spread over 8 epochs, and was over 4"):
        run(Cosine(0.1), 8, resume=True)
    nn = network()
    run(Cosine(0.1, period=2), 4)
    run(Cosine(0.1, period=2), 8, resume=True)  # restarts whatever comes after


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 300, "file/inside"])
def test_a_path_at_which_no_checkpoint_can_be_is_refused(path):
    with open("file", "w") as file:
        file.write("x")
    nn = network()
    with pytest.raises(InvalidArgument):
        fit(nn, resume=path)
    assert nn.training is None


def test_how_the_numbers_started_does_not_matter_when_a_training_is_resumed():
    def make(initializer):
        return Network((4, 3), ("softmax",), seed=1, initializer=initializer)

    whole, first, second = make("he_normal"), make("he_normal"), make("orthogonal")
    fit(whole)
    fit(first, epochs=2, callbacks=[Checkpoint("c.safetensors")])
    fit(second, resume="c.safetensors")
    same_training(second, whole)


def test_parameters_of_a_loaded_checkpoint_are_those_that_it_goes_on_with():
    fit(network(), epochs=2, callbacks=[Checkpoint("c.safetensors")])
    loaded = chainrule.load("c.safetensors")
    assert loaded.theta is loaded.training.variables.theta


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_a_step_that_is_broken_off_in_the_middle_is_taken_again(error):
    """A second Ctrl-C ends the call of the engine somewhere among its steps."""

    class Breaks(Callback):
        def on_start(self, run):
            original = run.engine.run

            def broken(*args):
                losses = original(*args)
                if run.training.variables.step > 12:
                    raise error
                return losses

            run.engine.run = broken

    nn, whole = network(), network()
    with pytest.raises(error):
        fit(nn, callbacks=[Breaks()])
    fit(nn, resume=True)
    fit(whole)
    same_training(nn, whole)


@pytest.mark.parametrize("settings", [{"epochs": 50}, {"resume": False}])
def test_partial_fit_refuses_what_it_decides_itself(settings):
    with pytest.raises(InvalidArgument, match=f"always resumes: leave {next(iter(settings))} out"):
        network().partial_fit(*rows(), **settings)


def test_going_on_with_nothing_left_to_do_says_so():
    nn = network()
    fit(nn, epochs=2)
    theta = nn.theta.copy()
    with pytest.warns(UserWarning, match="All 2 epochs are finished already: give more epochs"):
        fit(nn, epochs=2, resume=True)
    np.testing.assert_array_equal(nn.theta, theta)


def test_a_network_that_never_trained_begins_when_it_is_resumed():
    first, second = network(), network()
    fit(first)
    fit(second, resume=True)
    same_training(first, second)


def test_verbose_says_from_where_it_goes_on(capsys):
    nn = network()
    fit(nn, epochs=2)
    fit(nn, epochs=3, resume=True, verbose=True)
    assert capsys.readouterr().out.splitlines()[0] == "going on after epoch 2/3"
    fit(nn, epochs=5, resume=True, callbacks=[StopAt(33)])
    fit(nn, epochs=5, resume=True, verbose=True)
    assert capsys.readouterr().out.splitlines()[0] == "going on after epoch 3/5 and 3 batches"


# --- what must not have changed ------------------------------------------------------------------------------


@pytest.fixture
def checkpoint():
    fit(network(), callbacks=[StopAt(23), Checkpoint("c.safetensors")])
    return "c.safetensors"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimizer": "sgd"}, r"began with Momentum\(momentum=0.9\), which remembers other things than SGD\(\)"),
        (
            {"optimizer": "nesterov"},
            r"other things than Nesterov\(momentum=0.9\): give the optimizer that it began with",
        ),
        ({"batch_size": 7}, "in the middle of epoch 3, after 3 batches of 5 of 47 rows; 47 rows in batches of 7"),
        ({"data": rows(45)}, "47 rows; 45 rows in batches of 5 cannot finish that epoch"),
    ],
)
def test_a_training_does_not_go_on_with_what_cannot_be_its_own(checkpoint, changes, message):
    nn = network()
    before = nn.theta.copy()
    with pytest.raises(InvalidArgument, match=message):
        fit(nn, **changes, resume=checkpoint)
    np.testing.assert_array_equal(nn.theta, before)
    assert nn.training is None


def test_settings_that_differ_are_named(checkpoint):
    nn = network()
    with pytest.warns(
        UserWarning, match="other settings than it began with: l2 was 0.001, now 0.5; learning_rate was 0.05, now 0.01"
    ) as said:
        fit(nn, resume=checkpoint, l2=0.5, learning_rate=0.01)
    assert said[0].filename == __file__.replace("test_resume", "networks")  # the line that called fit
    with pytest.warns(UserWarning, match="rows was 47 rows with the checksum"):
        fit(network(), rows(seed=3), resume=checkpoint)


def test_the_same_settings_give_no_warning(checkpoint):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(network(), resume=checkpoint)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda: Network((4, 3), ("softmax",)), "is the training of another network, <Network .4, 6, 6, 3."),
        (lambda: network(dtype=np.float64), "parameters in float32, and this network .* in float64"),
    ],
)
def test_the_checkpoint_of_another_network_is_refused(checkpoint, other, message):
    with pytest.raises(InvalidArgument, match=message):
        fit(other(), resume=checkpoint)


def test_a_file_without_a_training_and_what_is_no_path_are_refused():
    network().save("n.safetensors")
    with pytest.raises(InvalidArgument, match="a network without a training"):
        fit(network(), resume="n.safetensors")
    with pytest.raises(InvalidType, match="resume is True, False or the path of a checkpoint, not 3"):
        fit(network(), resume=3)
    with open("x.safetensors", "w") as file:
        file.write("something")
    with pytest.raises(FileFormatError):
        fit(network(), resume="x.safetensors")


def test_metrics_that_begin_later_are_a_column_with_nan_before():
    nn = network()
    fit(nn, epochs=2)
    history = fit(nn, epochs=3, resume=True, metrics=["macro_f1"], validation=rows())
    assert np.isnan(history["macro_f1"]).tolist() == [True, True, False]
    assert np.isnan(history["val_J"]).tolist() == [True, True, False]


def test_parameters_set_between_two_fits_are_those_that_it_goes_on_with():
    nn = network()
    fit(nn, epochs=2)
    nn.w[1] = np.zeros((4, 6))
    seen = []

    class Look(Callback):
        def on_start(self, run):
            seen.append(np.abs(nn.w[1]).max())

    fit(nn, epochs=3, resume=True, callbacks=[Look()])
    assert seen == [0]


def test_what_l_bfgs_remembers_is_not_kept_and_that_is_said():
    nn = Network((4, 3), ("softmax",), seed=1)
    settings = {"learning_rate": None, "batch_size": None, "optimizer": "lbfgs"}
    fit(nn, **settings)
    with pytest.raises(InvalidArgument, match="L-BFGS cannot go on with a training, since SciPy keeps"):
        fit(nn, **settings, resume=True)


def test_the_best_parameters_are_the_result_and_the_training_goes_on_from_the_last():
    data = rows()
    stopped, whole = network(), network()
    settings = {"validation": data, "callbacks": [EarlyStopping(patience=None)], "learning_rate": 0.5}
    history = fit(stopped, epochs=5, **settings)
    best = int(np.argmin(history["val_J"])) + 1
    assert stopped.training.best.epoch == best
    assert stopped.evaluate(*data)["J"] == min(history["val_J"])
    fit(stopped, epochs=9, **settings, resume=True)
    fit(whole, epochs=9, **settings)
    same_training(stopped, whole)


def test_a_constant_schedule_is_the_number():
    one, other = network(), network()
    fit(one, learning_rate=0.05)
    fit(other, learning_rate=Constant(0.05))
    np.testing.assert_array_equal(one.theta, other.theta)


def test_dense_networks_on_the_fast_path_go_on_too():
    def make():
        return Network(layers=[Dense(4, 5, "relu"), Dense(5, 3, "softmax")], seed=1)

    whole, parts = make(), make()
    fit(whole)
    fit(parts, epochs=2)
    fit(parts, resume=True)
    same_training(whole, parts)


def test_that_a_person_stopped_a_training_is_kept_and_forgotten_when_it_goes_on():
    class Interrupted(Callback):
        def on_epoch(self, run):
            run.stop("Stopped by a person.", interrupted=True)

    nn = network()
    fit(nn, callbacks=[Interrupted(), Checkpoint("stopped.safetensors")])
    assert chainrule.load("stopped.safetensors").history.interrupted
    fit(nn, resume=True)
    assert (nn.history.stopped, nn.history.interrupted) == ("", False)
