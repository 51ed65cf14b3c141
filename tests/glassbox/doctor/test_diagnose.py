from __future__ import annotations

import copy

import numpy as np
import pytest

import chainrule
from chainrule import (
    LBFGS,
    Adam,
    BatchNorm,
    Dense,
    Dropout,
    MLPClassifier,
    Network,
    Relu,
    Sigmoid,
    Softmax,
    Standardizer,
    Tanh,
    schedules,
    vanilla,
)
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.doctor import Diagnosis, diagnose


@pytest.fixture
def rows(digits):
    x, y = digits
    return x[:600] / 16, y[:600], (x[600:900] / 16, y[600:900])


def fitted(x, y, rate, layers=None, **settings):
    nn = Network(layers=layers, seed=1) if layers else Network((x.shape[1], 15, 10), (Relu, Softmax), seed=1)
    nn.fit(x, y, epochs=10, learning_rate=rate, verbose=False, **settings)
    return nn


def test_a_healthy_fit_is_told_in_one_sentence_what_was_looked_at(rows):
    x, y, held_out = rows
    diagnosis = diagnose(fitted(x, y, 0.1), x, y, validation=held_out)
    assert not diagnosis
    assert diagnosis.kinds == ()
    lines = repr(diagnosis).splitlines()
    assert lines[0] == "Network 64-15-10 (Relu, Softmax), 600 rows, 300 held out: no findings."
    assert lines[1].startswith("Nothing was found. Looked at: the size of the inputs")


def test_raw_pixels_are_the_cause_and_what_they_bring_is_no_finding(digits):
    x, y = digits[0][:600], digits[1][:600]
    diagnosis = diagnose(fitted(x, y, 0.1), x, y)
    assert diagnosis.kinds == ("unscaled inputs",)
    finding = diagnosis.findings[0]
    assert finding.number == pytest.approx(np.sqrt((x**2).mean(axis=0)).max(), rel=1e-6)
    assert finding.trial.helped
    assert finding.trial.after > finding.trial.before + 0.5
    assert {effect.explained_by for effect in diagnosis.effects} == {"unscaled inputs"}
    assert "dead units" in {effect.kind for effect in diagnosis.effects}


def test_the_settings_are_those_of_the_fit_by_default(rows):
    x, y, _ = rows
    nn = fitted(x, y, 1e-4, batch_size=20)
    finding = diagnose(nn, x, y).findings[0]
    assert finding.kind == "learning rate too low"
    assert finding.trial.epochs == 10
    assert "learning rate of 0.0001" in finding.sentence


def test_a_trial_is_what_a_person_gets_who_takes_the_advice(rows):
    x, y, held_out = rows
    nn = fitted(x, y, 1e-4)
    trial = diagnose(nn, x, y, validation=held_out).findings[0].trial
    better = Network((64, 15, 10), (Relu, Softmax), seed=1)
    rate = float(trial.change.removeprefix("learning_rate="))
    better.fit(x, y, epochs=10, learning_rate=rate, verbose=False, engine="numpy")
    assert trial.after == better.evaluate(*held_out)["accuracy"]
    assert trial.before == nn.evaluate(*held_out)["accuracy"]
    assert trial.rows == "held-out rows"


def test_nothing_is_tried_where_nothing_is_to_be(rows):
    x, y, _ = rows
    finding = diagnose(fitted(x, y, 1e-4), x, y, trials=False).findings[0]
    assert finding.trial is None


def test_neither_network_nor_rows_are_changed(rows):
    x, y, held_out = rows
    nn = fitted(x, y, 3.0)
    before = nn.copy(), x.copy(), y.copy()
    streams = copy.deepcopy(nn.streams["order"].bit_generator.state)
    diagnose(nn, x, y, validation=held_out)
    assert np.array_equal(nn.theta, before[0].theta)
    assert np.array_equal(x, before[1])
    assert np.array_equal(y, before[2])
    assert nn.streams["order"].bit_generator.state == streams
    assert nn.history == before[0].history


def test_the_same_case_has_the_same_diagnosis(rows):
    x, y, held_out = rows
    nn = fitted(x, y, 3.0)
    assert diagnose(nn, x, y, validation=held_out) == diagnose(nn, x, y, validation=held_out)


def test_settings_that_are_not_those_of_the_fit_are_refused(rows):
    x, y, _ = rows
    nn = fitted(x, y, 0.01, optimizer=Adam)
    with pytest.raises(InvalidArgument, match=r"optimizer Adam.*give the settings of the fit"):
        diagnose(nn, x, y, optimizer="sgd")
    with pytest.raises(InvalidArgument, match=r"l2 0\.0, and diagnose was given 0\.1"):
        diagnose(nn, x, y, l2=0.1)
    assert isinstance(diagnose(nn, x, y), Diagnosis)  # what the network knows of its fit need not be said again


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": schedules.Cosine(1e-5)},
        {"learning_rate": schedules.Plateau(1e-5)},
        {"learning_rate": 1e-5, "l2": 1e-4, "class_weight": "balanced"},
        {"learning_rate": 1e-5, "sample_weight": np.linspace(0, 1, 600)},
    ],
    ids=["cosine", "plateau", "penalty", "weights"],
)
def test_every_kind_of_setting_can_be_rerun(rows, settings):
    x, y, held_out = rows
    nn = Network((64, 15, 10), (Relu, Softmax), seed=1)
    nn.fit(x, y, epochs=10, verbose=False, validation=held_out, **settings)
    diagnosis = diagnose(nn, x, y, validation=held_out, **settings)
    assert diagnosis.kinds == ("learning rate too low",)
    assert diagnosis.findings[0].trial.helped


def test_lbfgs_has_no_learning_rate_to_speak_of(rows):
    x, y, held_out = rows
    nn = Network((64, 15, 10), (Relu, Softmax), seed=1)
    nn.fit(x, y, epochs=1, optimizer=LBFGS, verbose=False)
    assert "learning rate too low" not in diagnose(nn, x, y, optimizer=LBFGS, validation=held_out).kinds


def test_norms_dropout_and_odd_batches_are_no_obstacle(rows):
    x, y, held_out = rows
    layers = [Dense(64, 20), BatchNorm(), Dense(20, 20, Tanh), Dropout(0.2), Dense(20, 10, Softmax)]
    nn = fitted(x[:577], y[:577], 1e-5, layers)
    diagnosis = diagnose(nn, x[:577], y[:577], validation=held_out)
    assert diagnosis.kinds == ("learning rate too low",)


def test_an_encoder_is_looked_through(digits):
    x, y = digits[0][:600], digits[1][:600]
    nn = Network((64, 15, 10), (Relu, Softmax), seed=1, encoder=Standardizer.fitted(x))
    nn.fit(x, y, epochs=10, learning_rate=0.1, verbose=False)
    assert not diagnose(nn, x, y)


def test_an_estimator_is_examined_with_its_own_labels():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 4)), np.repeat(["no", "yes"], [285, 15])
    x[y == "yes"] += 0.8
    model = MLPClassifier((8,), early_stopping=True, random_state=1).fit(x, y)
    diagnosis = diagnose(model, x, y)
    assert diagnosis.kinds == ("imbalanced classes",)
    assert diagnosis.findings[0].where == "class yes"


def test_a_network_as_in_the_post_is_examined_and_taught_by_its_own_fit(digits):
    x, y = digits[0][:600] / 16, np.eye(10)[digits[1][:600]]
    np.random.seed(1)
    nn = vanilla.Network((64, 15, 10), (vanilla.Relu, vanilla.Sigmoid))
    nn.fit(x, y, loss=vanilla.MSE, epochs=9, batch_size=15, learning_rate=0.3)
    w, state = nn.w[1].copy(), np.random.get_state()[1].copy()
    diagnosis = diagnose(nn, x, y, epochs=9, batch_size=15)
    assert diagnosis.kinds[0] == "learning rate too high"
    assert diagnosis.findings[0].trial.helped
    assert np.array_equal(nn.w[1], w)
    assert np.array_equal(np.random.get_state()[1], state)


class OwnSigmoid:
    @staticmethod
    def activation(z):
        z *= 1  # as somebody may write to what they are given
        return 1 / (1 + np.exp(-z))

    @staticmethod
    def prime(z):
        return OwnSigmoid.activation(z) * (1 - OwnSigmoid.activation(z))


class Own:
    def __init__(self, size):
        rng = np.random.default_rng(0)
        self.w = {1: rng.normal(0, size, (64, 15)), 2: rng.normal(0, 1, (15, 10))}
        self.b = {1: np.zeros(15), 2: np.zeros((1, 10))}
        self.activations = {2: OwnSigmoid, 3: OwnSigmoid}


def test_what_has_no_fit_is_examined_and_the_report_says_that_nothing_was_tried(digits):
    x, y = digits[0][:600] / 16, np.eye(10)[digits[1][:600]]
    diagnosis = diagnose(Own(8), x, y)
    assert diagnosis.kinds == ("saturated units",)
    assert "No change was tried: the network has no `fit`" in repr(diagnosis).replace("\n", " ")


class NoFit(vanilla.Network):
    def fit(self, *_, **__):
        raise ValueError("not yet")


def test_a_fit_that_fails_is_quoted(digits):
    x, y = digits[0][:100] / 16, np.eye(10)[digits[1][:100]]
    np.random.seed(1)
    nn = NoFit((64, 15, 10), (vanilla.Relu, vanilla.Sigmoid))
    diagnosis = diagnose(nn, x, y, vanilla.MSE)
    assert "ValueError: not yet" in repr(diagnosis).replace("\n", " ")


def test_numbers_that_are_not_finite_any_more_are_a_rate_too_high(digits):
    x, y = digits[0][:600] / 16, np.eye(10)[digits[1][:600]]
    np.random.seed(1)
    nn = vanilla.Network((64, 15, 10), (vanilla.Relu, Identity))
    with np.errstate(all="ignore"):
        nn.fit(x, y, loss=vanilla.MSE, epochs=9, batch_size=15, learning_rate=100.0)
    assert not np.isfinite(nn.w[1]).all()
    diagnosis = diagnose(nn, x, y, epochs=9, batch_size=15)
    assert diagnosis.kinds == ("learning rate too high",)
    assert "J becomes infinite" in diagnosis.findings[0].sentence


def test_a_change_that_a_fit_as_in_the_post_cannot_make_is_not_said_to_have_been_tried():
    x = np.random.default_rng(0).normal(size=(200, 4))
    np.random.seed(1)
    nn = vanilla.Network((4, 5, 1), (vanilla.Relu, vanilla.Relu))
    nn.fit(x, x[:, :1], loss=vanilla.MSE, epochs=9, batch_size=10, learning_rate=0.01)
    finding = diagnose(nn, x, x[:, :1], epochs=9, batch_size=10).findings[0]
    assert finding.kind == "wrong output or loss"
    assert finding.trial is None


class Identity:
    @staticmethod
    def activation(z):
        return z

    @staticmethod
    def prime(z):
        return np.ones_like(z)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"optimizer": "adam", "l2": 0.1}, "knows nothing of: optimizer, l2. Leave that out"),
        ({"shuffle": False}, "knows nothing of: shuffle"),
        ({"class_weight": "balanced"}, "knows nothing of: class_weight"),
        ({"validation": (np.ones((2, 64)), np.ones((2, 10)), np.ones(2))}, "a third part of validation"),
    ],
    ids=["optimizer", "shuffle", "weights", "validation"],
)
def test_what_a_fit_as_in_the_post_does_not_take_is_refused(rows, settings, sentence):
    x, y, _ = rows
    nn = vanilla.Network((64, 15, 10), (vanilla.Relu, vanilla.Sigmoid))
    with pytest.raises(InvalidArgument, match=sentence):
        diagnose(nn, x, np.eye(10)[y], vanilla.MSE, **settings)
    with pytest.raises(InvalidType, match="validation is a tuple"):
        diagnose(nn, x, np.eye(10)[y], vanilla.MSE, validation=x)


def test_what_cannot_be_examined_is_refused_with_a_sentence(rows):
    x, y, _ = rows
    ensemble = Network((64, 10), (Softmax,), n_members=2)
    with pytest.raises(InvalidArgument, match=r"give a member, such as network\.member\(0\)"):
        diagnose(ensemble, x, y)
    with pytest.raises(InvalidType, match="neither a chainrule Network"):
        diagnose(3, x, y)
    with pytest.raises(InvalidType, match="validation is a tuple"):
        diagnose(Network((64, 10), (Softmax,)), x, y, validation=x)
    with pytest.raises(InvalidType, match="trials must be True or False"):
        diagnose(Network((64, 10), (Softmax,)), x, y, trials=2)


def test_the_report_fits_a_terminal_and_json(digits):
    x, y = digits[0][:600], digits[1][:600]
    diagnosis = diagnose(fitted(x, y, 0.1), x, y)
    assert max(map(len, repr(diagnosis).splitlines())) <= 100
    data = diagnosis.data()
    assert data["findings"][0]["trial"]["helped"] is True
    assert data["examined"].startswith("Network 64-15-10")
    assert set(data["findings"][0]) >= {"kind", "where", "number", "sentence", "remedy", "trial"}


def test_a_single_sigmoid_is_a_classifier_too():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(400, 3)), np.repeat([0, 1], [380, 20])
    x[y == 1] += 1
    nn = Network((3, 8, 1), (Relu, Sigmoid), seed=1)
    nn.fit(x, y, epochs=30, learning_rate=0.1, verbose=False)
    diagnosis = chainrule.glassbox.doctor.diagnose(nn, x, y)
    assert diagnosis.kinds == ("imbalanced classes",)
    assert diagnosis.findings[0].where == "class 1"
    assert diagnosis.findings[0].trial.measure == "balanced accuracy"
    assert diagnosis.findings[0].trial.helped


def test_sparse_rows_are_examined_and_never_made_dense_by_the_remedy():
    from scipy import sparse

    rng = np.random.default_rng(0)
    x = sparse.random(300, 50, 0.2, format="csr", random_state=1, data_rvs=lambda n: rng.uniform(0, 300, n))
    y = np.asarray(x[:, :25].sum(axis=1) > x[:, 25:].sum(axis=1)).ravel().astype(int)
    nn = Network((50, 8, 2), (Relu, Softmax), seed=1)
    nn.fit(x, y, epochs=5, learning_rate=0.1, verbose=False)
    diagnosis = diagnose(nn, x, y)
    assert diagnosis.kinds[0] == "unscaled inputs"
    assert "keeps it sparse" in diagnosis.findings[0].remedy
    assert diagnosis.findings[0].trial is None


class OverwritingRelu(vanilla.Relu):
    @staticmethod
    def activation(z):
        z[z < 0] = 0
        return z


def test_functions_that_overwrite_what_they_are_given_are_named(digits):
    x, y = digits[0][:300] / 16, np.eye(10)[digits[1][:300]]
    np.random.seed(1)
    nn = vanilla.Network((64, 15, 10), (OverwritingRelu, vanilla.Sigmoid))
    nn.fit(x, y, loss=vanilla.MSE, epochs=9, batch_size=15, learning_rate=0.05)
    diagnosis = diagnose(nn, x, y, epochs=9, batch_size=15)
    assert any("OverwritingRelu.activation overwrites" in sentence for sentence in diagnosis.remarks)


def test_a_learning_rate_of_0_is_refused_and_not_taken_for_none(rng):
    nn = chainrule.Network((3, 4, 2), ("tanh", "softmax"), seed=1)
    with pytest.raises(InvalidArgument, match="learning_rate must be a finite number above 0"):
        chainrule.diagnose(nn, rng.normal(size=(20, 3)), np.arange(20) % 2, learning_rate=0)


def test_a_single_row_of_numbers_is_examined_without_a_warning(rng):
    nn = chainrule.Network((3, 4, 2), ("tanh", "identity"), seed=1)
    chainrule.diagnose(nn, rng.normal(size=(1, 3)), rng.normal(size=(1, 2)))


def test_a_hostile_class_name_stays_on_its_line():
    x = np.random.default_rng(1).normal(size=(400, 3))
    names = ["often", "rare\n\x1b[31mred" * 3000]
    y = np.array(names, object)[(x[:, 0] > 2).astype(int)]
    nn = chainrule.Network((3, 4, 2), ("relu", "softmax"), seed=1, classes=names)
    nn.fit(x, y, epochs=15, verbose=False, batch_size=16)
    diagnosis = chainrule.diagnose(nn, x, y, trials=False)
    assert "imbalanced classes" in diagnosis.kinds + tuple(effect.kind for effect in diagnosis.effects)
    assert "'rare\\n\\x1b[31m" in str(diagnosis.data()).replace("\\\\", "\\")
    assert "\x1b" not in repr(diagnosis)
    assert max(map(len, repr(diagnosis).splitlines())) <= 110
