"""Schedules that cannot work are refused before the first step."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Dense, Dropout, Network
from chainrule.errors import InvalidArgument
from chainrule.optimizers import Adam, Clip, Momentum, MovingAverage, RAdam
from chainrule.optimizers.schedules import Constant, CosLog, FlatCosine, OneCycle, Plateau, Polynomial, Schedule, WarmUp
from tests.training.networks import fit, network, rows


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"learning_rate": Plateau(0.1)},
            r"schedule of learning_rate looks at 'val_J', which is no column .*give fit validation=\(x, y\) for it",
        ),
        ({"learning_rate": WarmUp(Plateau(0.1, monitor="jay", mode="min"))}, "looks at 'jay', which is no column"),
        (
            {"optimizer": Adam(), "schedules": {"beta1": Constant(1.0)}},
            "schedule of beta1 gives 1: beta1 must be a finite number of at least 0 and below 1, not 1.0",
        ),
        ({"optimizer": RAdam(), "schedules": {"beta2": Constant(1.0)}}, "schedule of beta2 gives 1"),
        ({"schedules": {"momentum": Polynomial(0.5, end=1.5)}}, "schedule of momentum gives 1.4"),
        (
            {"optimizer": MovingAverage(Momentum()), "schedules": {"average_decay": Constant(1.0)}},
            "schedule of average_decay gives 1: decay must be",
        ),
        (
            {"optimizer": Clip(MovingAverage(Adam()), norm=1.0), "schedules": {"clip_norm": Constant(-1.0)}},
            "schedule of clip_norm gives -1: norm must be a finite number above 0",
        ),
        (
            {"schedules": {"dropout_factor": Constant(5.0)}},
            "schedule of dropout_factor gives 5: the rate of dropout_1, times it, must be .* below 1, not 1.0",
        ),
        ({"schedules": {"dropout_factor": Constant(-1.0)}}, "dropout_factor must be a finite number of at least 0"),
    ],
)
def test_a_schedule_that_cannot_work_is_refused_before_the_first_step(settings, message):
    nn = network()
    before = nn.theta.copy()
    with pytest.raises(InvalidArgument, match=message):
        fit(nn, **settings)
    assert nn.training is None
    assert (nn.theta == before).all()


def test_a_rate_below_0_somewhere_on_the_way_is_refused():
    class Falls(Schedule):
        def values(self, start, stop, horizon, state):

            return 0.1 - np.arange(start, stop) / 100

    with pytest.raises(InvalidArgument, match=r"schedule of learning_rate gives -0.\d+: learning_rate must be"):
        fit(network(), learning_rate=Falls())


def test_those_that_can_are_not():
    fit(
        network(),
        learning_rate=OneCycle(0.1),
        schedules={"momentum": OneCycle(0.85, initial=0.95, final=0.95), "dropout_factor": FlatCosine(1.0)},
    )
    fit(network(), learning_rate=Plateau(0.1, monitor="val_accuracy", mode="max"), validation=rows())
    fit(network(), epochs=2, learning_rate=CosLog(0.1))


def test_what_is_left_of_a_resumed_training_is_looked_at():
    nn = Network(layers=[Dense(4, 4, "relu"), Dropout(0.5), Dense(4, 3, "softmax")], seed=1)
    fit(nn, epochs=2)
    with (
        pytest.raises(InvalidArgument, match="schedule of dropout_factor gives 2"),
        pytest.warns(UserWarning, match="dropout_factor was none, now 2.0"),
    ):
        fit(nn, epochs=4, schedules={"dropout_factor": Constant(2.0)}, resume=True)


@pytest.mark.parametrize("settings", [
    {"optimizer": MovingAverage(Momentum()), "schedules": {"average_decay": OneCycle(1.0)}},
    {"schedules": {"dropout_factor": OneCycle(5.0)}},
    {"optimizer": RAdam(), "schedules": {"beta2": OneCycle(1.0)}},
])  # fmt: skip
def test_a_value_out_of_range_at_a_single_step_is_found(settings):
    with pytest.raises(InvalidArgument, match="The schedule of .* gives"):
        fit(network(), epochs=40, batch_size=3, **settings)


def test_an_own_schedule_that_gives_no_array_of_numbers_is_refused():
    class Bad(Schedule):
        def values(self, start, stop, horizon, state):
            return {"x": 1}

    class Short(Schedule):
        def values(self, start, stop, horizon, state):
            return np.ones(1)

    with pytest.raises(InvalidArgument, match="The schedule of learning_rate cannot give its values"):
        fit(network(), learning_rate=Bad())
    with pytest.raises(InvalidArgument, match=r"values of the shape \(1,\) for 60 steps"):
        fit(network(), learning_rate=Short())
