from __future__ import annotations

import numpy as np
import pytest

from chainrule.functions.losses import MSE, CrossEntropy
from chainrule.functions.penalties import Penalty
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Mode
from chainrule.network.layers import BatchNorm, Dense, Residual
from chainrule.network.objective import Objective, row_shares
from chainrule.network.prediction import BLOCK_ROWS, blocks, predict


def test_blocks_cover_every_row_once():
    n = 2 * BLOCK_ROWS + 5
    assert np.concatenate([np.arange(n)[rows] for rows in blocks(n)]).tolist() == list(range(n))
    assert list(blocks(n, whole=True)) == [slice(0, n)]


def test_prediction_in_blocks_is_the_prediction_of_each_row(rng):
    architecture = Architecture.of([Dense(3, 4), BatchNorm(), Residual([Dense(4, 4, "tanh")]), Dense(4, 2, "softmax")])
    theta = architecture.initial_theta(rng, np.dtype(np.float64))
    state = architecture.initial_state(np.dtype(np.float64))
    x = rng.normal(size=(BLOCK_ROWS + 3, 3))
    a = predict(architecture, theta, state, x).a
    for row in (0, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 2):
        np.testing.assert_allclose(a[row], predict(architecture, theta, state, x[[row]]).a[0], rtol=1e-12)
    thetas = np.stack([theta, 2 * theta])
    many = predict(architecture, thetas, np.stack([state, state]), x).a
    assert many.shape == (2, len(x), 2)
    np.testing.assert_allclose(many[0], a, rtol=1e-12)


def test_the_weights_of_rows_divide_by_the_number_of_rows():
    assert row_shares(4, None, np.dtype(np.float64)) == 0.25
    np.testing.assert_allclose(
        row_shares(4, np.array([1.0, 2, 0.5, 0.5]), np.dtype(np.float64)), [0.25, 0.5, 0.125, 0.125]
    )


def test_the_penalty_acts_on_weights_not_on_biases_and_scales():
    architecture = Architecture.of([Dense(3, 4, "relu"), BatchNorm(), Dense(4, 2)])
    objective = Objective(architecture, MSE(), Penalty(l2=1))
    kinds = {slot.name: objective.penalised[slot.slice] for slot in architecture.parameters}
    assert all(mask.all() == name.startswith("w") and mask.any() == mask.all() for name, mask in kinds.items())


def test_J_is_the_mean_of_the_row_losses_and_its_gradient_has_the_share_once(rng):
    architecture = Architecture.dense((3, 2), ("identity",))
    objective = Objective(architecture, MSE())
    theta = architecture.initial_theta(rng, np.dtype(np.float64))
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    ((w, b),) = architecture.bind_parameters(theta)
    found = objective.value_and_gradient([(w, b)], [()], x, y, row_shares(6, None, theta.dtype), Mode(True))
    error = x @ w + b - y
    assert pytest.approx((error**2).mean()) == found.J
    delta = 2 * error / 12
    np.testing.assert_allclose(found.gradients[0].delta, delta)
    np.testing.assert_allclose(found.gradients[0].parameters[0], x.T @ delta)
    np.testing.assert_allclose(found.gradients[0].parameters[1], delta.sum(axis=0))


def test_an_objective_refuses_a_loss_that_makes_no_sense():
    with pytest.raises(ValueError, match="CrossEntropy needs outputs that are positive and sum to 1"):
        Objective(Architecture.dense((3, 2), ("relu",)), CrossEntropy())
