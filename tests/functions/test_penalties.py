from __future__ import annotations

import numpy as np
import pytest

from chainrule.functions.penalties import Penalty


def test_value_and_gradient_act_on_the_masked_entries_alone():
    theta, mask = np.array([[1.0, -2.0, 5.0], [0.5, 0.0, 9.0]]), np.array([1.0, 1.0, 0.0])
    penalty = Penalty(l1=0.1, l2=0.5)
    np.testing.assert_allclose(penalty.value(theta, mask), [0.1 * 3 + 0.25 * 5, 0.1 * 0.5 + 0.25 * 0.25])
    np.testing.assert_allclose(penalty.gradient(theta, mask), [[0.1 + 0.5, -0.1 - 1, 0], [0.1 + 0.25, 0, 0]])


@pytest.mark.parametrize("settings", [{"l1": -1}, {"l2": np.nan}, {"l2": np.inf}])
def test_strengths_below_0_or_not_finite_are_refused(settings):
    with pytest.raises(ValueError, match=f"{next(iter(settings))} must be a finite number of at least 0"):
        Penalty(**settings)


def test_no_penalty_is_false():
    assert not Penalty()
    assert Penalty(l1=1e-9)
