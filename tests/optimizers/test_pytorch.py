"""Optimizers and schedules follow what PyTorch did for 200 steps (recordings/record_pytorch.py)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines import NumpyEngine
from chainrule.engines.numpy_engine import LayerSteps
from chainrule.engines.problem import Problem, Variables
from chainrule.functions.losses import MSE
from chainrule.functions.penalties import Penalty
from chainrule.network.architecture import Architecture
from chainrule.network.objective import Objective
from chainrule.optimizers import OPTIMIZERS
from chainrule.optimizers.schedules import SCHEDULES, Horizon

RECORDING = json.loads(Path(__file__).with_name("recordings").joinpath("pytorch.json").read_text(encoding="utf-8"))
ARCHITECTURE = Architecture.dense((4, 6, 5, 3), ("tanh", "tanh", "identity"))

NOT_IN_PYTORCH = {
    "lion": "test_papers.py::test_lion_follows_its_algorithm",
    "lbfgs": "test_lbfgs.py::test_it_finds_the_least_squares_solution",
    "moving_average": "test_papers.py::test_the_moving_average_is_the_weighted_mean_of_all_steps",
    "cos_log": "test_schedules.py::test_coslog_and_flat_cosine_are_those_of_the_paper",
    "flat_cosine": "test_schedules.py::test_coslog_and_flat_cosine_are_those_of_the_paper",
}


def made(description, catalogue):
    settings = {
        key: made(value, catalogue) if isinstance(value, dict) else value
        for key, value in description.items()
        if key not in ("family", "name")
    }
    return catalogue[description["name"]](**settings)


def test_every_member_is_compared_with_pytorch_or_with_its_paper():
    recorded = [case["optimizer"] for case in RECORDING["optimizers"].values()]
    recorded += [case["schedule"] for case in RECORDING["schedules"].values()]
    compared = {description["name"] for description in recorded} | set(NOT_IN_PYTORCH)
    assert compared == {*OPTIMIZERS.names, *SCHEDULES.names}
    for place in NOT_IN_PYTORCH.values():
        name, test = place.split("::")
        assert f"\ndef {test}(" in Path(__file__).with_name(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [NumpyEngine, LayerSteps], ids=["fast path", "general path"])
@pytest.mark.parametrize("case", RECORDING["optimizers"].values(), ids=RECORDING["optimizers"])
def test_training_follows_pytorch(case, path):
    optimizer = made(case["optimizer"], OPTIMIZERS)
    rows = LabelledRows(np.array(RECORDING["x"]), np.array(RECORDING["y"]), None)
    problem = Problem(Objective(ARCHITECTURE, MSE(), Penalty()), optimizer, rows, batch_size=4)
    theta = np.array(RECORDING["theta"])
    remembered = optimizer.start(theta, ARCHITECTURE.parameters)
    variables = Variables(theta, np.empty(0), remembered, np.random.default_rng(1))
    constants = {"learning_rate": case["learning_rate"], **optimizer.scheduled, "dropout_factor": 1.0}
    schedule = {name: np.array([value]) for name, value in constants.items()}
    expected = {int(step): np.array(theta) for step, theta in case["theta"].items()}
    atol = 1e-6 if "norm" in case["optimizer"] else 1e-11  # PyTorch adds 1e-6 to the norm, the paper does not
    assert max(expected) == 200
    for step in range(200):
        batch = (np.arange(12), step % 3, step % 3 + 1, schedule)
        if path is LayerSteps:
            LayerSteps(problem, variables).run(*batch)
        else:
            NumpyEngine().run(problem, variables, *batch)
        if step + 1 in expected:
            np.testing.assert_allclose(theta, expected[step + 1], rtol=1e-5, atol=atol, err_msg=f"step {step + 1}")


@pytest.mark.parametrize("case", RECORDING["schedules"].values(), ids=RECORDING["schedules"])
def test_a_schedule_follows_pytorch(case):
    schedule = made(case["schedule"], SCHEDULES)
    state, found = {}, []
    for step in range(200):
        found += schedule.values(step, step + 1, Horizon(200, 1), state).tolist()
        state = schedule.observe({"epoch": step + 1, "J": RECORDING["measured"][step]}, state)
    np.testing.assert_allclose(found, case["values"], rtol=1e-9, atol=1e-15)
