"""Which engine a training uses: what is asked for, or what it had."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import chainrule.training.resume as resume
from chainrule import Network, load
from chainrule.engines import EngineChoice, NumpyEngine
from chainrule.errors import MissingExtra

REASON = "The other engine has no tanh, so NumPy carried out the steps."


class OtherEngine(NumpyEngine):
    name = "other"


@pytest.fixture
def other_engine(monkeypatch):
    """A second engine by the name of other, which is asked for by name alone."""

    def choose(name, problem, epochs, variables):
        return EngineChoice(OtherEngine() if name == "other" else NumpyEngine())

    monkeypatch.setattr(resume, "ENGINE_NAMES", ("auto", "numpy", "other"))
    for module in ("chainrule.model", "chainrule.training.resume"):
        monkeypatch.setattr(f"{module}.engine_for", choose)
    return choose


def network():
    return Network((3, 4, 2), ("tanh", "softmax"), seed=1)


def fit(nn, epochs=2, **settings):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 3)), rng.integers(0, 2, 30)
    return nn.fit(x, y, epochs=epochs, verbose=False, **settings)


def test_the_history_and_the_training_name_the_engine_through_files():
    nn = network()
    history = fit(nn)
    assert (history.engine, history.engine_reason, nn.training.engine) == ("numpy", "", "numpy")
    nn.training.history.engine_reason = REASON
    again = type(nn.training).from_parts(nn.training.description(), nn.training.arrays())
    assert (again.history.engine, again.history.engine_reason) == ("numpy", REASON)


def test_a_file_from_before_reasons_were_kept_is_read():
    nn = network()
    fit(nn)
    description = nn.training.description()
    del description["engine_reason"]
    assert type(nn.training).from_parts(description, nn.training.arrays()).history.engine_reason == ""


@pytest.mark.usefixtures("other_engine")
def test_auto_goes_on_with_the_engine_that_the_training_had():
    nn = network()
    assert fit(nn, engine="other").engine == "other"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fit(nn, epochs=4, resume=True).engine == "other"
    assert nn.training.engine == "other"


@pytest.mark.usefixtures("other_engine")
def test_another_engine_that_is_asked_for_is_used_with_a_warning():
    nn = network()
    fit(nn, engine="other")
    with pytest.warns(UserWarning, match="engine was other, now numpy"):
        history = fit(nn, epochs=4, engine="numpy", resume=True)
    assert history.engine == nn.training.engine == "numpy"


def test_where_the_engine_that_a_training_had_is_missing_another_one_goes_on_with_a_warning(other_engine, monkeypatch):
    nn = network()
    fit(nn, engine="other")

    def missing(name, *others):
        if name == "other":
            raise MissingExtra("numba is not installed")
        return other_engine(name, *others)

    monkeypatch.setattr(resume, "engine_for", missing)
    with pytest.warns(UserWarning, match="engine was other, now numpy"):
        assert fit(nn, epochs=4, resume=True).engine == "numpy"


def test_an_engine_of_a_file_that_is_not_known_here_is_replaced_with_a_warning():
    nn = network()
    fit(nn)
    nn.training.engine = "quantum"
    with pytest.warns(UserWarning, match="engine was quantum, now numpy"):
        fit(nn, epochs=4, resume=True)


@pytest.mark.usefixtures("other_engine")
def test_the_reason_stays_with_a_training_that_goes_on():
    nn = network()
    fit(nn).engine_reason = REASON
    assert fit(nn, epochs=4, resume=True).engine_reason == REASON


@pytest.mark.usefixtures("other_engine")
def test_l_bfgs_says_its_engine_too(tmp_path):
    nn = network()
    assert fit(nn, engine="other", optimizer="lbfgs").engine == "other"
    nn.save(tmp_path / "nn.safetensors")
    assert load(tmp_path / "nn.safetensors").training is None
