"""Which engine carries out a training: compiled for all of tier 1 where it is asked for, with a reason where not."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

from chainrule import Network, fit_together, load
from chainrule.engines import NumpyEngine, engine_for
from chainrule.engines import choice as choices
from chainrule.engines.choice import numpy_seconds
from chainrule.engines.compiled import CompiledEngine
from chainrule.engines.problem import Problem
from chainrule.errors import InvalidArgument, InvalidType, MissingExtra
from chainrule.functions.activations import ACTIVATIONS, CustomActivation, Relu
from chainrule.functions.losses import LOSSES, MSE, CrossEntropy, CustomLoss
from chainrule.functions.penalties import Penalty
from chainrule.network.architecture import Architecture
from chainrule.network.layers import LAYERS, BatchNorm, Dense, Dropout, LayerNorm, Residual
from chainrule.network.objective import Objective
from chainrule.optimizers import LBFGS, SGD, Adam, Clip, MovingAverage
from chainrule.training.checkpoint import Checkpoint
from tests.engines.compiled.steps import problem, start
from tests.functions.test_losses import PAIRS, targets
from tests.optimizers.examples import EVERY_OPTIMIZER

EXAMPLES = {Dense: Dense(4, 4), Dropout: Dropout(0.2), BatchNorm: BatchNorm(), LayerNorm: LayerNorm()}
EXAMPLES[Residual] = Residual([Dense(4, 4, "tanh")])


def fit(network=None, loss=None, *, engine="compiled", kept=True, **given):
    """Fit a network to some rows, by default a small one to values, and keep the training in a file or not."""
    rng, loss = np.random.default_rng(20), loss or MSE()
    nn = network or Network((4, 5, 3), ("tanh", "identity"), seed=1)
    x, y = rng.normal(size=(12, 4)), targets(loss, rng, 12, 3)
    callbacks = [Checkpoint("nn.safetensors")] if kept else []
    return nn.fit(x, y, loss, epochs=1, engine=engine, verbose=False, callbacks=callbacks, **given)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def assert_compiled(history):
    assert (history.engine, history.engine_reason) == ("compiled", "")
    assert repr(history).endswith("; by the compiled engine>")


def assert_by_numpy(history, name):
    """The history names what has no compiled form, in its text and through a file too."""
    sentence = f"The compiled engine has no {name}, so NumPy carried out the steps."
    assert (history.engine, history.engine_reason) == ("numpy", sentence)
    assert sentence in repr(history)
    again = load("nn.safetensors").training.history
    assert (again.engine, again.engine_reason) == ("numpy", sentence)


@pytest.mark.parametrize("activation", list(ACTIVATIONS), ids=lambda f: f.name)
def test_activations(activation):
    history = fit(Network((4, 5, 3), (activation, "identity"), seed=1))
    if activation.tier == 1:
        assert_compiled(history)
    else:
        assert_by_numpy(history, activation.__name__)


@pytest.mark.parametrize(("loss", "output"), [pair for pair in PAIRS if pair[1].tier == 1], ids=repr)
def test_losses_and_outputs(loss, output):
    history = fit(Network((4, 5, 3), ("tanh", output), seed=1), loss)
    if loss.tier == 1:
        assert_compiled(history)
    else:
        assert_by_numpy(history, type(loss).__name__)


def test_every_loss_has_an_output_here():
    assert {type(loss) for loss, output in PAIRS if output.tier == 1} == set(LOSSES)


@pytest.mark.parametrize("optimizer", [o for o in EVERY_OPTIMIZER if not isinstance(o, LBFGS)], ids=lambda o: o.name)
@pytest.mark.parametrize("wrap", [lambda o: o, lambda o: Clip(o, norm=1.0)], ids=["", "clipped"])
def test_optimizers(optimizer, wrap):
    if isinstance(optimizer, Clip):
        wrap = MovingAverage if "average_decay" not in optimizer.scheduled else lambda o: o
    network = Network((4, 4, 4, 3), ("tanh", "tanh", "identity"), seed=1)
    history = fit(network, optimizer=wrap(optimizer))
    if optimizer.tier == 1:
        assert_compiled(history)
    else:
        assert_by_numpy(history, type(optimizer).__name__)


@pytest.mark.parametrize("layer", list(LAYERS), ids=lambda layer: layer.name)
def test_layers(layer):
    assert layer.tier == 1  # one of tier 2 would need a test that it is named
    assert_compiled(fit(Network(layers=[Dense(4, 4), EXAMPLES[layer], Dense(4, 3)], seed=1)))


def test_l_bfgs_is_numpys():
    assert_by_numpy(fit(optimizer=LBFGS()), "LBFGS")


def test_sparse_rows_are_numpys(rng):
    nn = Network((40, 5, 3), ("tanh", "softmax"), seed=1)
    x = sparse.random_array((30, 40), density=0.1, rng=rng, format="csr")
    callbacks = [Checkpoint("nn.safetensors")]
    history = nn.fit(x, rng.integers(0, 3, 30), epochs=1, engine="compiled", verbose=False, callbacks=callbacks)
    assert_by_numpy(history, "sparse rows")


class MyRelu(Relu):
    @staticmethod
    def derivative_expression(z, a):
        return np.where(z > 0, 1.0, 0.5)


class MyLoss(MSE):
    @staticmethod
    def derivative_expression(y, a):
        return 4 * (a - y)


class MyOptimizer(SGD):
    @staticmethod
    def rule(theta, gradient, number, learning_rate):
        return (theta - 2 * learning_rate * gradient,)


class MyDropout(Dropout):
    pass


def test_what_a_person_has_changed_is_numpys_though_it_derives_from_what_is_known():
    for network, loss, optimizer, name in (
        (Network((4, 5, 3), (MyRelu, "identity"), seed=1), MSE(), SGD(), "MyRelu"),
        (Network(layers=[Dense(4, 5), Residual([Dense(5, 5, MyRelu)]), Dense(5, 3)], seed=1), MSE(), SGD(), "MyRelu"),
        (Network(layers=[Dense(4, 5), MyDropout(0.1), Dense(5, 3)], seed=1), MSE(), SGD(), "MyDropout"),
        (None, MyLoss(), SGD(), "MyLoss"),
        (None, MSE(), MyOptimizer(), "MyOptimizer"),
        (None, MSE(), Clip(MyOptimizer(), 1.0), "MyOptimizer"),
    ):
        history = fit(network, loss, optimizer=optimizer, kept=False)
        assert history.engine == "numpy"
        assert history.engine_reason == f"The compiled engine has no {name}, so NumPy carried out the steps."


def test_a_pair_of_functions_is_numpys():
    wave = CustomActivation(np.sin, np.cos)
    mine = CustomLoss(lambda y, a: (a - y) ** 4, lambda y, a: 4 * (a - y) ** 3)
    for network, loss, name in (
        (Network((4, 5, 3), (wave, "identity"), seed=1), MSE(), "CustomActivation"),
        (None, mine, "CustomLoss"),
    ):
        history = fit(network, loss, kept=False)
        assert history.engine == "numpy"
        assert name in history.engine_reason


def sized(n, batch_size, dimensions, dtype=np.float32):
    architecture = Architecture.dense(dimensions, ("tanh",) * (len(dimensions) - 2) + ("softmax",))
    rows = problem(Architecture.dense((1, 2), ("softmax",)), CrossEntropy(), np.random.default_rng(0)).rows
    x, y = np.zeros((n, dimensions[0]), dtype), np.zeros((n, dimensions[-1]), dtype)
    y[:, 0] = 1
    return Problem(Objective(architecture, CrossEntropy(), Penalty()), Adam(), type(rows)(x, y, None), batch_size)


def test_auto_follows_the_sizes_alone():
    small, large = sized(150, 8, (4, 8, 3)), sized(65_536, 256, (50, 256, 256, 2))
    assert numpy_seconds(small, 100, start(small)) < 1 < numpy_seconds(large, 10, start(large))
    assert type(engine_for("auto", small, 100, start(small)).engine) is NumpyEngine
    assert type(engine_for("auto", large, 10, start(large)).engine) is CompiledEngine
    assert engine_for("auto", large, 10, start(large)).reason == ""
    assert type(engine_for("auto", small, 1_000_000, start(small)).engine) is CompiledEngine
    assert type(engine_for("numpy", large, 10, start(large)).engine) is NumpyEngine
    assert type(engine_for("compiled", small, 1, start(small)).engine) is CompiledEngine


def test_the_time_that_numpy_takes_grows_with_everything():
    task, variables = sized(1000, 10, (4, 8, 3)), start(sized(1000, 10, (4, 8, 3)))
    least = numpy_seconds(task, 10, variables)
    many = start(task)
    many.theta = np.stack([many.theta] * 16)
    assert numpy_seconds(task, 20, variables) == pytest.approx(2 * least)
    assert numpy_seconds(task, 10, many) > least
    assert numpy_seconds(sized(2000, 10, (4, 8, 3)), 10, variables) > least
    assert numpy_seconds(sized(1000, 10, (4, 80, 3)), 10, start(sized(1000, 10, (4, 80, 3)))) > least


def test_auto_with_what_has_no_compiled_form_says_so_where_it_would_have_mattered():
    architecture = Architecture.dense((50, 256, 2), ("mish", "softmax"))
    rows = sized(65_536, 256, (50, 256, 2)).rows
    task = Problem(Objective(architecture, CrossEntropy(), Penalty()), Adam(), rows, 256)
    engine, reason = engine_for("auto", task, 100, start(task))
    assert (type(engine), reason) == (
        NumpyEngine,
        "The compiled engine has no Mish, so NumPy carried out the steps.",
    )
    assert engine_for("auto", sized(10, 5, (4, 3, 2)), 1, start(sized(10, 5, (4, 3, 2)))).reason == ""


@pytest.mark.parametrize("missing", ["numba", "scipy", "threadpoolctl"])
def test_without_what_it_needs_auto_is_numpy_and_compiled_is_refused_in_a_line(missing, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == missing else found(name, *a))
    monkeypatch.setitem(sys.modules, missing, None)
    choices._installed.cache_clear()
    try:
        large = sized(65_536, 256, (50, 256, 256, 2))
        engine, reason = engine_for("auto", large, 100, start(large))
        assert (type(engine), reason) == (NumpyEngine, "")
        with pytest.raises(MissingExtra, match=r"chainrule\[fast\]") as raised:
            fit(engine="compiled")
        assert missing in str(raised.value)
        assert "\n" not in str(raised.value)
    finally:
        choices._installed.cache_clear()


def test_what_is_no_engine_is_refused():
    with pytest.raises(InvalidArgument, match="'compield' is not the name of an engine; did you mean 'compiled'"):
        fit(engine="compield")
    with pytest.raises(InvalidType, match="engine is a name, one of auto, numpy, compiled, not 3"):
        fit(engine=3)


def test_networks_that_are_fitted_together_tell_their_engine(rng):
    x, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    for hidden, engine in (("tanh", "compiled"), ("mish", "numpy")):
        networks = [Network((4, 5, 3), (hidden, "softmax"), seed=seed) for seed in (1, 2, 3)]
        histories = fit_together(networks, x, y, epochs=1, engine="compiled", verbose=False)
        assert {history.engine for history in histories} == {engine}
        assert all(("Mish" in history.engine_reason) == (hidden == "mish") for history in histories)


def test_the_numpy_engine_needs_no_numba():
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "import numpy as np; from chainrule import Network\n"
        "h = Network((2, 3, 2), ('tanh', 'softmax')).fit(np.eye(2), [0, 1], epochs=1, verbose=False)\n"
        "print(h.engine, 'scipy' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["numpy", "False"]
