from __future__ import annotations

import re
import time

import pytest

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.training.time_limit import TimeLimit
from tests.training.networks import fit, network, same_training


def test_it_stops_within_an_epoch_and_the_training_can_go_on(monkeypatch):
    nn, whole = network(), network()
    now = iter(range(10**9))
    monkeypatch.setattr(time, "perf_counter", lambda: 0.05 * next(now))  # every look at the clock takes 50 ms
    history = fit(nn, epochs=1000, callbacks=[TimeLimit(0.5)])
    monkeypatch.undo()
    assert re.fullmatch(r"Stopped in epoch \d+ by the time limit of 0.5 s.", history.stopped)
    steps = nn.training.variables.step
    assert 0 < steps < 1000
    epochs = nn.training.epoch + 1
    fit(nn, epochs=epochs, resume=True)
    fit(whole, epochs=epochs)
    same_training(nn, whole)


def test_a_long_training_ends_soon_after_its_limit():
    began = time.perf_counter()
    history = fit(network(), epochs=10**7, callbacks=[TimeLimit(0.3)], engine="numpy")
    assert "time limit of 0.3 s" in history.stopped
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_limit_that_is_none_is_refused(seconds):
    with pytest.raises(InvalidArgument, match="seconds must be a finite number above 0"):
        TimeLimit(seconds)
    with pytest.raises(InvalidType):
        TimeLimit("1")
