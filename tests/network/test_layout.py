from __future__ import annotations

import numpy as np
import pytest

from chainrule.network.layout import ArraySpec, Layout

LAYOUT = Layout.of(
    [
        ("w[1]", ArraySpec("w", (2, 3), "weight")),
        ("b[1]", ArraySpec("b", (3,), "bias")),
        ("s", ArraySpec("s", (1,), "scale")),
    ]
)


def test_arrays_stand_one_behind_the_other():
    assert [(slot.name, slot.start, slot.stop) for slot in LAYOUT] == [("w[1]", 0, 6), ("b[1]", 6, 9), ("s", 9, 10)]
    assert LAYOUT.size == 10
    assert len(LAYOUT) == 3
    assert "b[1]" in LAYOUT
    assert "b[2]" not in LAYOUT


@pytest.mark.parametrize("leading", [(), (4,), (2, 4)])
def test_views_share_memory_and_keep_leading_axes(leading):
    vector = np.arange(np.prod((*leading, 10))).reshape(*leading, 10)
    w, b, s = LAYOUT.views(vector)
    assert (w.shape, b.shape, s.shape) == ((*leading, 2, 3), (*leading, 3), (*leading, 1))
    w[..., 1, 2] = -1
    assert (vector[..., 5] == -1).all()
    assert np.shares_memory(b, vector)


def test_masks_are_1_at_arrays_of_these_kinds():
    assert LAYOUT.mask("weight").tolist() == [1] * 6 + [0] * 4
    assert LAYOUT.mask("bias", "scale").tolist() == [0] * 6 + [1] * 4


def test_an_entry_is_named_with_its_index():
    assert LAYOUT.name_of(5) == "w[1][1, 2]"
    assert LAYOUT.name_of(6) == "b[1][0]"


def test_an_empty_layout_has_size_0():
    assert Layout.of([]).size == 0
