from __future__ import annotations

import numpy as np
import pytest

from chainrule import Callback, TrainingDiverged
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.training.checkpoint import Checkpoint
from chainrule.training.early_stopping import EarlyStopping
from chainrule.training.monitor import Monitor
from tests.training.networks import fit, network, rows, same_training


class Says(Callback):
    """Puts given values in place of what was measured, before others look."""

    def __init__(self, values, column="val_J"):
        self.values, self.column = values, column

    def on_epoch(self, run):
        run.history[self.column][-1] = self.values[run.training.epoch - 1]


def stopped(values, column="val_J", **settings):
    nn, parameters = network(), []

    class Keeps(Callback):
        def on_epoch(self, run):
            parameters.append((nn.theta.copy(), nn.state.copy()))

    callback = EarlyStopping(column, **settings)
    history = fit(nn, epochs=len(values), validation=rows(), callbacks=[Says(values, column), Keeps(), callback])
    return nn, history, callback, parameters


def test_it_stops_after_patience_epochs_without_a_better_value_and_puts_the_best_back():
    nn, history, callback, parameters = stopped([5, 4, 3, 3.5, 3, 2.9, 2.8], patience=2)
    assert history["epoch"] == [1, 2, 3, 4, 5]
    assert history.stopped == "Stopped in epoch 5: val_J was best in epoch 3."
    assert callback.best_epoch == 3
    np.testing.assert_array_equal(nn.theta, parameters[2][0])
    np.testing.assert_array_equal(nn.state, parameters[2][1])
    assert (nn.training.best.value, nn.training.best.epoch) == (3, 3)
    np.testing.assert_array_equal(nn.training.variables.theta, parameters[4][0])


def test_without_restore_best_the_last_parameters_stay():
    nn, _, _, parameters = stopped([5, 4, 3, 3.5, 3], patience=2, restore_best=False)
    np.testing.assert_array_equal(nn.theta, parameters[4][0])
    assert nn.training.best is None


def test_the_best_is_put_back_where_the_epochs_ran_out_too():
    nn, history, _, parameters = stopped([5, 1, 3], patience=10)
    assert history.stopped == ""
    np.testing.assert_array_equal(nn.theta, parameters[1][0])


@pytest.mark.parametrize(
    ("column", "values", "mode", "best"),
    [
        ("val_accuracy", [0.5, 0.7, 0.6, 0.6], None, 2),
        ("J", [0.5, 0.4, 0.7, 0.6], None, 2),
        ("val_accuracy", [0.5, 0.7, 0.4, 0.6], "min", 3),
        ("val_J", [0.5, np.nan, 0.4, 0.6], None, 3),
        ("val_J", [np.nan, 0.6, 0.7, 0.8], None, 2),
        ("val_J", [np.inf, 0.6, 0.7, 0.8], None, 2),
    ],
)
def test_which_way_is_better_follows_from_the_name_or_the_mode(column, values, mode, best):
    assert stopped(values, column, mode=mode, patience=None)[2].best_epoch == best


def test_a_gain_of_no_more_than_min_delta_is_none():
    assert stopped([1, 0.95, 0.9, 0.85, 0.8], min_delta=0.1, patience=3)[2].best_epoch == 4  # 0.15 below the first
    assert stopped([1, 0.95, 0.91, 0.9, 0.9], min_delta=0.1, patience=3)[1]["epoch"] == [1, 2, 3, 4]


def test_it_starts_anew_with_every_fit():
    callback = EarlyStopping("J", patience=3)
    for _ in range(2):
        history = fit(network(), epochs=3, callbacks=[callback])
        assert history["epoch"] == [1, 2, 3]


def test_a_training_that_it_had_ended_is_not_taken_up_again():
    values = [5, 4, 4, 4, 1, 1, 1]

    def run(nn, epochs):
        callbacks = [Says(values), Checkpoint("c.safetensors"), EarlyStopping(patience=2)]
        return fit(nn, epochs=epochs, validation=rows(), callbacks=callbacks, resume="c.safetensors")

    whole = network()
    first = run(whole, 7)
    assert first["epoch"] == [1, 2, 3, 4]
    again = network()
    second = run(again, 7)
    assert second["epoch"] == [1, 2, 3, 4]
    assert second.stopped == first.stopped
    same_training(again, whole)


def test_a_resumed_training_stops_where_an_uninterrupted_one_does():
    values = [5, 4, 3, 3.5, 3.5, 3.5, 1]
    nn = network()

    def run(epochs, resume):
        fit(nn, epochs=epochs, validation=rows(), callbacks=[Says(values), EarlyStopping(patience=3)], resume=resume)

    run(4, False)
    run(7, True)
    assert nn.history["epoch"] == [1, 2, 3, 4, 5, 6]
    assert nn.training.best.epoch == 3
    whole = network()
    fit(whole, epochs=7, validation=rows(), callbacks=[Says(values), EarlyStopping(patience=3)])
    same_training(nn, whole)


def test_after_a_divergence_the_network_has_the_last_finite_parameters():
    class Spoils(Callback):
        def on_epoch(self, run):
            if run.training.epoch == 3:
                run.training.variables.theta[0] = 1e38

    nn = network()
    with pytest.raises(TrainingDiverged):
        fit(nn, callbacks=[Spoils(), EarlyStopping("J")], epochs=9)
    assert nn.theta is nn.training.variables.theta


def test_two_that_would_both_put_their_best_back_are_refused():
    data = rows()
    two = [EarlyStopping("val_J"), EarlyStopping("val_accuracy")]
    nn = network()
    with pytest.raises(InvalidArgument, match="Two early stoppings cannot both put their best parameters back"):
        fit(nn, validation=data, callbacks=two)
    assert nn.training is None
    watching = EarlyStopping("val_accuracy", restore_best=False)
    fit(nn, validation=data, callbacks=[EarlyStopping("val_J"), watching])
    assert nn.training.best.column == "val_J"


def test_a_fault_of_another_callback_in_the_best_epoch_does_not_lose_it():
    class Fails(Callback):
        def on_epoch(self, run):
            if run.training.epoch == 3:
                raise RuntimeError("a fault")

    values = Says([5, 4, 1, 2, 2, 2])
    nn, stopping = network(), EarlyStopping(patience=None)
    with pytest.raises(RuntimeError, match="a fault"):
        fit(nn, validation=rows(), callbacks=[values, Fails(), stopping])
    assert nn.training.best.epoch == 3
    fit(nn, validation=rows(), callbacks=[values, stopping], resume=True)
    whole = network()
    fit(whole, validation=rows(), callbacks=[values, EarlyStopping(patience=None)])
    same_training(nn, whole)


def test_a_column_that_begins_when_a_training_is_resumed_can_be_watched():
    for restore in (True, False):
        nn, stopping = network(), EarlyStopping(patience=None, restore_best=restore)
        fit(nn, epochs=2)
        fit(nn, epochs=5, validation=rows(), callbacks=[Says([0, 0, 3, 1, 2]), stopping], resume=True)
        assert stopping.best_epoch == 4


def test_a_number_that_never_is_one_is_named_so():
    nan = float("nan")
    assert stopped([nan] * 4, patience=3)[1].stopped == "Stopped in epoch 3: val_J was never a number."


def test_one_that_watches_another_column_when_resumed_looks_at_the_epochs_from_there_on():
    nn = network()
    first = [Says([1, 5, 5]), Says([0.9, 0.8, 0.7], "val_accuracy"), EarlyStopping(patience=None)]
    fit(nn, epochs=3, validation=rows(), callbacks=first)
    assert (nn.training.best.column, nn.training.best.epoch) == ("val_J", 1)
    stopping = EarlyStopping("val_accuracy", patience=None)
    values = Says([0.9, 0.9, 0.9, 0.5, 0.6, 0.4], "val_accuracy")
    fit(nn, epochs=6, validation=rows(), callbacks=[values, stopping], resume=True)
    assert stopping.best_epoch == 5
    assert (nn.training.best.column, nn.training.best.epoch, nn.training.best.value) == ("val_accuracy", 5, 0.6)
    np.testing.assert_array_equal(nn.theta, nn.training.best.theta)


def test_a_best_that_others_overtook_while_nobody_kept_them_is_not_put_back():
    nn = network()
    fit(nn, epochs=3, validation=rows(), callbacks=[Says([5, 4, 4]), EarlyStopping(patience=None)])
    fit(nn, epochs=6, validation=rows(), callbacks=[Says([5, 4, 4, 3, 1, 2])], resume=True)
    stopping = EarlyStopping(patience=2)
    fit(nn, epochs=9, validation=rows(), callbacks=[Says([5, 4, 4, 3, 1, 2, 9, 8, 8]), stopping], resume=True)
    assert nn.training.best.epoch == stopping.best_epoch == 8
    assert nn.history["epoch"][-1] == 9


def test_one_that_is_added_after_the_best_epoch_keeps_what_is_there():
    nn = network()
    fit(nn, epochs=3, validation=rows(), callbacks=[Says([5, 4, 3])])
    stopping = EarlyStopping(patience=2)
    theta = nn.theta.copy()
    fit(nn, epochs=9, validation=rows(), callbacks=[Says([5, 4, 3, 6, 6]), stopping], resume=True)
    assert nn.training.best.epoch == stopping.best_epoch == 3
    np.testing.assert_array_equal(nn.theta, theta)


def test_a_refused_fit_keeps_the_best_parameters():
    nn = network()
    fit(nn, epochs=3, validation=rows(), callbacks=[EarlyStopping(patience=None)])
    best = nn.training.best
    two = [EarlyStopping("val_accuracy"), EarlyStopping("nope")]
    with pytest.raises(InvalidArgument):
        fit(nn, epochs=5, validation=rows(), callbacks=two, resume=True)
    assert nn.training.best is best


def test_one_that_is_added_when_resumed_cannot_put_back_what_was_not_kept():
    nn = network()
    fit(nn, epochs=3, validation=rows(), callbacks=[Says([1, 5, 5])])
    stopping = EarlyStopping(patience=2)
    fit(nn, epochs=9, validation=rows(), callbacks=[Says([1, 5, 5, 4, 4, 4]), stopping], resume=True)
    assert nn.history["epoch"] == [1, 2, 3, 4, 5, 6]
    assert stopping.best_epoch == nn.training.best.epoch == 4
    np.testing.assert_array_equal(nn.theta, nn.training.best.theta)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"monitor": "val_J"}, r"no column 'val_J' to monitor; give fit validation=\(x, y\) for it"),
        ({"monitor": "val_r2"}, r"give fit validation=\(x, y\) and metrics=\['r2'\] for it"),
        ({"monitor": "r2"}, r"give fit metrics=\['r2'\] for it"),
        ({"monitor": "acuracy"}, "no column 'acuracy' to monitor; did you mean 'accuracy'"),
        ({"monitor": "mine"}, "Whether a high 'mine' is good is not known: give mode='min' or mode='max'"),
    ],
)
def test_a_column_that_there_will_not_be_is_refused_before_the_first_step(settings, message):
    def mine(y, a):
        return 1.0

    nn = network()
    with pytest.raises(InvalidArgument, match=message):
        fit(nn, callbacks=[EarlyStopping(**settings)], metrics=[mine, "accuracy"])
    assert nn.training is None


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"patience": 0}, InvalidArgument),
        ({"patience": 1.5}, InvalidType),
        ({"min_delta": -1}, InvalidArgument),
        ({"mode": "up"}, InvalidArgument),
        ({"monitor": 3}, InvalidType),
    ],
)
def test_a_setting_out_of_its_range_is_refused(settings, error):
    with pytest.raises(error):
        EarlyStopping(**settings)


def test_two_callbacks_that_keep_a_state_need_two_names():
    class Keeps(Callback):
        def state(self):
            return {}

    with pytest.raises(InvalidArgument, match="Two callbacks are called 'Keeps'"):
        fit(network(), callbacks=[Keeps(), Keeps()])


def test_the_first_of_equals_is_the_best_epoch():
    assert Monitor("J").best_epoch([3, 2, 2, 4]) == 2
    assert Monitor("J").best_epoch([np.nan]) == 0


def test_a_number_that_never_was_one_counts_from_the_beginning_when_resumed():
    nan = float("nan")

    def run(nn, epochs, **resume):
        callbacks = [Says([nan] * 9), EarlyStopping(patience=4)]
        return fit(nn, epochs=epochs, validation=rows(), callbacks=callbacks, **resume)

    whole, nn = network(), network()
    run(whole, 9)
    run(nn, 2)
    run(nn, 9, resume=True)
    same_training(nn, whole)
    assert nn.history["epoch"] == [1, 2, 3, 4]
