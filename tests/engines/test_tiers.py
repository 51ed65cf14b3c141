"""Where what the catalogues list works: everywhere (tier 1), or in the NumPy engine only (tier 2)."""

from __future__ import annotations

import pytest

from chainrule.functions.activations import ACTIVATIONS, CustomActivation
from chainrule.functions.initializers import INITIALIZERS
from chainrule.functions.losses import LOSSES, CustomLoss
from chainrule.network.layers import LAYERS
from chainrule.optimizers.schedules import SCHEDULES
from tests.optimizers.examples import EVERY_OPTIMIZER

# an optimizer around another has the tier of that one: only an instance has a tier there
MEMBERS = [*ACTIVATIONS, *INITIALIZERS, *LAYERS, *LOSSES, *SCHEDULES, *EVERY_OPTIMIZER, CustomActivation, CustomLoss]


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: getattr(member, "__name__", repr(member)))
def test_every_member_of_every_catalogue_says_its_tier(member):
    assert member.tier in (1, 2)


def test_what_the_numpy_engine_alone_carries_out_is_this():
    second = {getattr(member, "__name__", type(member).__name__) for member in MEMBERS if member.tier == 2}
    assert second == {
        "Mish", "HardSigmoid", "HardTanh", "CustomActivation",
        "LogCosh", "Focal", "Hinge", "CustomLoss",
        "Adagrad", "NAdam", "RAdam", "Lion", "Muon",
    }  # fmt: skip
