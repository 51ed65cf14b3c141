from __future__ import annotations

import io

import numpy as np
import pytest

from chainrule import (
    Callback,
    Dense,
    Doctor,
    EarlyStopping,
    Network,
    Relu,
    Softmax,
    Standardizer,
    TrainingDiverged,
    diagnose,
)
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.initializers import Constant


def watched(nn, x, y, **settings):
    stream = io.StringIO()
    doctor = Doctor(stream=stream, trials=settings.pop("trials", True))
    try:
        nn.fit(x, y, callbacks=[doctor], verbose=False, engine="numpy", **settings)
    except TrainingDiverged:
        stream.write("diverged")
    return doctor, stream.getvalue()


def network(**settings):
    return Network((64, 15, 10), (Relu, Softmax), seed=1, **settings)


def test_a_fit_that_is_watched_has_the_diagnosis_of_one_that_is_over(digits):
    x, y = digits[0][:600], digits[1][:600]
    held_out = digits[0][600:900], digits[1][600:900]
    nn = network()
    doctor, printed = watched(nn, x, y, epochs=10, learning_rate=0.1, validation=held_out)
    assert doctor.diagnosis == diagnose(nn, x, y, validation=held_out)
    assert doctor.diagnosis.kinds == ("unscaled inputs",)
    assert printed.endswith(f"{doctor.diagnosis!r}\n")


def test_watching_changes_no_number_and_asks_for_no_single_steps(digits):
    x, y = digits[0][:600] / 16, digits[1][:600]
    alone, beside = network(), network()
    alone.fit(x, y, epochs=5, learning_rate=5.0, verbose=False)
    watched(beside, x, y, epochs=5, learning_rate=5.0)
    assert np.array_equal(alone.theta, beside.theta)
    assert Doctor.on_batch is Callback.on_batch


def test_dead_layers_are_told_of_at_once_and_once(digits):
    x, y = digits[0][:300] / 16, digits[1][:300]
    nn = Network(layers=[Dense(64, 15, Relu, bias_initializer=Constant(-50)), Dense(15, 10, Softmax)], seed=1)
    _, printed = watched(nn, x, y, epochs=9, learning_rate=0.1)
    assert printed.startswith("Doctor, epoch 1: all 15 units of layer 2 are dead")
    assert printed.count("Doctor, epoch") == 1


def test_a_fit_that_diverges_is_examined_before_the_error_is_raised(digits):
    x, y = digits[0][:300], digits[1][:300].astype(float) * 10
    nn = Network((64, 15, 1), ("identity", "identity"), seed=1)
    doctor, printed = watched(nn, x, y, epochs=5, learning_rate=1.0)
    assert printed.endswith("diverged")
    assert doctor.diagnosis.kinds[0] == "unscaled inputs"


def test_the_encoder_of_the_network_is_seen_through(digits):
    x, y = digits[0][:600], digits[1][:600]
    doctor, printed = watched(network(encoder=Standardizer.fitted(x)), x, y, epochs=10, learning_rate=0.1)
    assert not doctor.diagnosis
    assert "Nothing was found" in printed


def test_the_best_parameters_are_examined_where_they_were_put_back(digits):
    x, y, held_out = digits[0][:300] / 16, digits[1][:300], (digits[0][300:600] / 16, digits[1][300:600])
    nn, doctor = network(), Doctor(stream=io.StringIO(), trials=False)
    nn.fit(x, y, epochs=60, learning_rate=0.3, validation=held_out, callbacks=[doctor, EarlyStopping()], verbose=False)
    assert doctor.diagnosis == diagnose(nn, x, y, validation=held_out, trials=False)


def test_an_ensemble_is_refused_before_it_learns(digits):
    nn = Network((64, 10), (Softmax,), n_members=2)
    with pytest.raises(InvalidArgument, match="watches one network"):
        nn.fit(digits[0][:50], digits[1][:50], callbacks=[Doctor()], verbose=False)
    assert nn.training is None


def test_nothing_is_tried_unless_it_is_wanted(digits):
    x, y = digits[0][:300], digits[1][:300]
    doctor, _ = watched(network(), x, y, epochs=5, learning_rate=0.1, trials=False)
    assert doctor.diagnosis.findings[0].trial is None


def test_a_stream_that_cannot_be_printed_to_is_refused():
    with pytest.raises(InvalidType, match="stream is something to print to"):
        Doctor(stream=3)
