"""Values and gradients beside those that PyTorch computed, recorded by recordings/record_pytorch.py."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.losses import LOSSES

RECORDED = json.loads((Path(__file__).parent / "recordings" / "pytorch.json").read_text())


def made(catalogue, called):
    """A member from its name and settings as the recording calls it, such as ``"elu alpha=0.5"``."""
    name, *settings = called.split()
    return catalogue[name](**{key: float(value) for key, value in (setting.split("=") for setting in settings)})


@pytest.mark.parametrize("called", RECORDED["activations"])
def test_activations_are_those_of_pytorch(called):
    f, recorded = made(ACTIVATIONS, called), RECORDED["activations"][called]
    z = np.array(RECORDED["z"])
    upstream = np.linspace(0.5, 1.5, z.size).reshape(z.shape)
    a = f.f(z)
    np.testing.assert_allclose(a, recorded["a"], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(f.backward(upstream, z, a), recorded["backward"], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("called", RECORDED["losses"])
def test_losses_are_those_of_pytorch(called):
    loss, recorded = made(LOSSES, called), RECORDED["losses"][called]
    y, z = np.array(recorded["y"]), np.array(recorded["z"])
    output = ACTIVATIONS[loss.default_output]()
    a = output.f(z)
    np.testing.assert_allclose(loss.rows(y, z, a, output), recorded["rows"], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(loss.delta(y, z, a, output), recorded["delta"], rtol=1e-12, atol=1e-13)


def test_every_member_is_in_the_recording():
    assert {called.split()[0] for called in RECORDED["activations"]} == set(ACTIVATIONS.names)
    assert {called.split()[0] for called in RECORDED["losses"]} == set(LOSSES.names)
    assert RECORDED["made_with"].startswith("torch 2.13.0")
