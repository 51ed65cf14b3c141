"""A step of the compiled engine is the NumPy engine's step: over drawn networks, and for each member of tier 1."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from chainrule import Network
from chainrule.engines.coverage import not_compiled
from chainrule.functions.activations import ACTIVATIONS, Elu, LeakyRelu
from chainrule.functions.losses import MSE, BinaryCrossEntropy, CrossEntropy, Huber, Quantile
from chainrule.functions.penalties import Penalty
from chainrule.network.architecture import Architecture
from chainrule.network.layers import LAYERS, BatchNorm, Dense, Dropout, LayerNorm, Residual
from chainrule.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Clip, Momentum, MovingAverage, Nesterov, RMSprop
from chainrule.optimizers.schedules import SCHEDULES
from tests.engines.compiled.steps import WAYS, Way, assert_steps_agree, problem, values
from tests.functions.test_losses import PAIRS, WITH_SETTINGS
from tests.optimizers.examples import EVERY_SCHEDULE, EVERY_STEP_OPTIMIZER

HIDDEN = [*(kind() for kind in ACTIVATIONS if kind.tier == 1), LeakyRelu(0.2), Elu(0.7)]
PAIRS_OF_TIER_1 = [
    (loss, output) for loss, output in [*PAIRS, *WITH_SETTINGS] if loss.tier == 1 and output.tier == 1
] + [(Huber(0.5), "tanh"), (Quantile((0.2, 0.5, 0.9)), "tanh")]
OPTIMIZERS_OF_TIER_1 = [
    *(optimizer for optimizer in EVERY_STEP_OPTIMIZER if optimizer.tier == 1),
    Clip(Momentum(0.8), norm=0.1),
    Clip(RMSprop(), value=0.01),
    Clip(Clip(SGD(), norm=0.1), value=0.02),
    MovingAverage(Clip(Adam(), norm=0.1), decay=0.5),
]
LAYERS_OF_TIER_1 = {
    Dense: [Dense(4, 3, "tanh", bias=False)],
    Dropout: [Dropout(0.3), Dense(4, 20, "tanh"), Dropout(0.0), Dropout(0.5), Dense(20, 3)],
    BatchNorm: [BatchNorm(), Dense(4, 18, "relu"), BatchNorm(momentum=0.5, epsilon=1e-3), Dense(18, 3)],
    LayerNorm: [LayerNorm(), Dense(4, 18, "relu"), LayerNorm(epsilon=1e-3), Dense(18, 3)],
    Residual: [
        Residual([Dense(4, 9, "tanh"), Residual([Dropout(0.3), Dense(9, 9, "relu")]), Dense(9, 4)]),
        Dense(4, 17),
        Residual([LayerNorm(), Residual([Dense(17, 17, "silu")])]),
        Dense(17, 3),
    ],
}
"""A kind of layer that is missing here has its test fail."""

dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
ways = pytest.mark.parametrize("way", WAYS, ids=str)


def assert_agrees(architecture, loss, way, dtype, *, steps=12, rate=0.02, **given):
    rng = np.random.default_rng(20)
    task = problem(architecture, loss, rng, dtype=dtype, **given)
    assert not not_compiled(task)
    assert_steps_agree(task, way, values(task, steps, rng, rate), rng)


@dtypes
@pytest.mark.parametrize("activation", HIDDEN, ids=repr)
def test_every_activation(activation, dtype):
    architecture = Architecture.dense((4, 37, 6, 3), (activation, activation, "identity"))
    for way in (WAYS[0], WAYS[3]):
        assert_agrees(architecture, MSE(), way, dtype)


@dtypes
@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
@pytest.mark.parametrize(("loss", "output"), PAIRS_OF_TIER_1, ids=repr)
def test_every_loss_with_every_output(loss, output, weighted, dtype):
    architecture = Architecture.dense((4, 6, 3), ("tanh", output))
    for way in (WAYS[0], WAYS[5]):
        assert_agrees(architecture, loss, way, dtype, weighted=weighted, rate=1e-3)


@dtypes
@pytest.mark.parametrize("optimizer", OPTIMIZERS_OF_TIER_1, ids=repr)
def test_every_optimizer(optimizer, dtype):
    architecture = Architecture.of([Dense(4, 9, "tanh"), BatchNorm(), Dense(9, 3)])
    dense = Architecture.dense((4, 9, 3), ("tanh", "identity"))
    for way in (WAYS[1], WAYS[3], WAYS[5]):
        for each in (architecture, dense):
            assert_agrees(each, MSE(), way, dtype, optimizer=optimizer, penalty=Penalty(0.01, 0.1))


@dtypes
@ways
@pytest.mark.parametrize("kind", [kind for kind in LAYERS if kind.tier == 1], ids=lambda kind: kind.name)
def test_every_layer(kind, way, dtype):
    assert_agrees(Architecture.of(LAYERS_OF_TIER_1[kind]), MSE(), way, dtype, weighted=True, penalty=Penalty(l2=0.1))


@pytest.mark.parametrize("schedule", [s for s in EVERY_SCHEDULE if s.tier == 1], ids=lambda s: s.name)
def test_fits_with_every_schedule_end_alike(schedule, rng):
    x, y = rng.normal(size=(50, 4)), rng.integers(0, 3, 50)
    thetas = []
    for engine in ("numpy", "compiled"):
        nn = Network((4, 8, 3), ("tanh", "softmax"), seed=1, dtype="float64")
        settings_of_fit = {"epochs": 6, "batch_size": 8, "optimizer": Clip(Adam(), 1.0), "validation": (x, y)}
        history = nn.fit(x, y, learning_rate=schedule, engine=engine, verbose=False, **settings_of_fit)
        assert history.engine == engine
        thetas.append(nn.theta)
    np.testing.assert_allclose(*thetas, rtol=1e-9, atol=1e-11)


def test_no_member_of_the_catalogues_is_left_out():
    assert {type(f) for f in HIDDEN} == {kind for kind in ACTIVATIONS if kind.tier == 1}
    assert {type(o) for o in EVERY_STEP_OPTIMIZER if o.tier == 1} >= {
        kind for kind in OPTIMIZERS if kind.name not in ("clip", "moving_average", "lbfgs") and kind.tier == 1
    }
    assert {type(schedule) for schedule in EVERY_SCHEDULE} == set(SCHEDULES)


@dtypes
@ways
@pytest.mark.parametrize("dimensions", [(1, 1, 1), (300, 60, 3), (5, 700, 17, 2), (3, 33, 40, 16)], ids=str)
def test_widths_that_fill_no_vector_one_and_many(dimensions, way, dtype):
    architecture = Architecture.dense(dimensions, ("tanh",) * (len(dimensions) - 1))
    assert_agrees(architecture, MSE(), way, dtype, optimizer=Adam(epsilon=1e-3), n=50, batch_size=21)


@st.composite
def layers_between(draw, width, depth):
    """Layers from one width to another, at most so many dense ones deep."""
    kind = draw(st.sampled_from(["dense", "dense", "dense", "dropout", "batch norm", "layer norm", "residual"]))
    if kind == "dropout":
        return [Dropout(draw(st.sampled_from([0.0, 0.1, 0.5])))], width
    if kind == "batch norm":
        return [BatchNorm(momentum=draw(st.sampled_from([0.0, 0.9])), epsilon=1e-2)], width
    if kind == "layer norm" and width > 1:  # it refuses a single unit
        return [LayerNorm(epsilon=1e-2)], width
    if kind == "residual" and depth > 0:
        inside, reached = draw(stacks(width, depth - 1))
        if reached != width or draw(st.booleans()):
            inside.append(Dense(reached, width, draw(st.sampled_from(HIDDEN))))
        return [Residual(inside)], width
    wide = draw(st.integers(1, 40))
    return [Dense(width, wide, draw(st.sampled_from(HIDDEN)), bias=draw(st.booleans()))], wide


@st.composite
def stacks(draw, width, depth):
    layers = []
    for _ in range(draw(st.integers(1, depth + 1))):
        more, width = draw(layers_between(width, depth))
        layers += more
    return layers, width


@st.composite
def trainings(draw):
    """A network of tier 1 and everything else that a step depends on."""
    loss, output = draw(st.sampled_from(PAIRS_OF_TIER_1))
    width = draw(st.integers(1, 40))
    layers, reached = draw(stacks(width, 2)) if draw(st.integers(0, 9)) else ([], width)
    layers.append(Dense(reached, 3, output, bias=draw(st.booleans())))
    inside = draw(
        st.sampled_from(
            [SGD(), Momentum(0.8), Nesterov(0.8), RMSprop(epsilon=1e-3), Adam(epsilon=1e-3), AdamW(epsilon=1e-3)]
        )
    )
    wrappers = [
        lambda o: o,
        lambda o: Clip(o, norm=0.05),
        lambda o: Clip(o, value=0.003),
        lambda o: Clip(o, norm=0.05, value=0.003),
        lambda o: MovingAverage(o, decay=0.7),
        lambda o: Clip(MovingAverage(o), value=0.01),
        lambda o: Clip(Clip(o, norm=0.05), value=0.003),
    ]
    batch_size = draw(st.integers(3, 40))
    return {
        "architecture": Architecture.of(layers),
        "loss": loss,
        "optimizer": draw(st.sampled_from(wrappers))(inside),
        "batch_size": batch_size,
        # an epoch of at least two batches, the last of them at least three rows
        "n": batch_size * draw(st.integers(1, 3)) + draw(st.integers(3, batch_size)),
        "weighted": draw(st.booleans()),
        "penalty": Penalty(*draw(st.sampled_from([(0.0, 0.0), (0.01, 0.0), (0.0, 0.1), (0.01, 0.1)]))),
    }


@dtypes
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    training=trainings(),
    by_rows=st.booleans(),
    row_block=st.integers(1, 20),
    blas=st.booleans(),
    threads=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_one_step_from_each_of_fifty_states_of_drawn_networks(dtype, training, by_rows, row_block, blas, threads, seed):
    rng = np.random.default_rng(seed)
    note(repr(training))
    task = problem(
        training["architecture"],
        training["loss"],
        rng,
        dtype=dtype,
        **{name: value for name, value in training.items() if name not in ("architecture", "loss")},
    )
    assert not not_compiled(task)
    schedule = values(task, 50, rng, rate=1e-3)
    schedule["dropout_factor"][20:30] = 0
    assert_steps_agree(task, Way(by_rows, row_block, blas, threads), schedule, rng, seed)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ([Dense(4, 12, "relu"), Dense(12, 3, "softmax")], CrossEntropy(label_smoothing=0.1)),
        ([Dense(4, 12, "gelu_tanh"), BatchNorm(), Dropout(0.2), Dense(12, 3, "softmax")], CrossEntropy),
        ([Residual([Dense(4, 4, "elu")]), LayerNorm(), Dense(4, 3, "sigmoid")], BinaryCrossEntropy),
        ([Dense(4, 12, "softplus"), Dense(12, 3)], MSE),
    ],
    ids=str,
)
def test_short_fits_end_with_the_same_loss(layers, loss, dtype, rng):
    x, y = rng.normal(size=(100, 4)), rng.integers(0, 3, 100)
    y = np.eye(3)[y] if loss is MSE or loss is BinaryCrossEntropy else y
    found = []
    for engine in ("numpy", "compiled"):
        nn = Network(layers=layers, seed=1, dtype=dtype)
        history = nn.fit(x, y, loss, 8, 16, 0.01, optimizer=Adam, l2=1e-3, engine=engine, verbose=False)
        assert (history.engine, history.engine_reason) == (engine, "")
        found.append((history["J"], history["penalty"], nn.predict(x)))
    tolerance = 1e-9 if dtype == "float64" else 1e-3
    for ours, theirs in zip(*found, strict=True):
        if np.asarray(ours).dtype.kind == "f":
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
