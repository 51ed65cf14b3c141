"""Muon levels the singular values of the steps of hidden matrices, and of nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.network.layout import ArraySpec, Layout
from chainrule.optimizers import AdamW, Muon
from chainrule.optimizers.muon import levelled
from tests.optimizers.test_optimizers import walked

SHAPES = {"w[1]": (4, 5), "b[1]": (5,), "w[2]": (5, 7), "b[2]": (7,), "w[3]": (7, 3), "b[3]": (3,), "w[4]": (3, 2)}
LAYOUT = Layout.of(
    (name, ArraySpec(name, shape, "weight" if name[0] == "w" else "bias")) for name, shape in SHAPES.items()
)
OUTER = Layout.of((name, ArraySpec(name, SHAPES[name], "weight")) for name in ("w[1]", "w[4]"))


@pytest.mark.parametrize("shape", [(6, 6), (5, 40), (40, 5), (1, 7), (3, 8, 5)])
def test_singular_values_are_levelled_and_their_vectors_kept(shape, rng):
    matrix = rng.normal(size=shape)
    u, s, v = np.linalg.svd(matrix, full_matrices=False)
    kept = (s > s.max() / 100)[..., np.newaxis, :]
    found = np.swapaxes(u, -1, -2) @ levelled(matrix) @ np.swapaxes(v, -1, -2)
    diagonal = np.diagonal(found, axis1=-2, axis2=-1)
    np.testing.assert_allclose(found, diagonal[..., np.newaxis] * np.eye(found.shape[-1]), atol=1e-12)
    assert (diagonal[kept[..., 0, :]] > 0.68).all()
    assert (diagonal < 1.21).all()


def test_the_size_of_a_matrix_does_not_matter_and_one_of_zeros_stays(rng):
    matrix = rng.normal(size=(5, 3))
    np.testing.assert_allclose(levelled(1e6 * matrix), levelled(1e-6 * matrix), rtol=1e-9)
    np.testing.assert_array_equal(levelled(np.zeros((5, 3))), np.zeros((5, 3)))


def test_hidden_matrices_are_levelled_and_all_else_moves_by_adamw(rng):
    theta, gradients = rng.normal(size=LAYOUT.size), rng.normal(size=(4, LAYOUT.size))
    rule = Muon(momentum=0.8, decay=0.3, adam_factor=0.5, beta1=0.7, beta2=0.9, epsilon=1e-3)
    found, _ = walked(rule, theta, gradients, rate=0.02, layout=LAYOUT)
    others, _ = walked(AdamW(beta1=0.7, beta2=0.9, epsilon=1e-3, decay=0.3), theta, gradients, rate=0.01, layout=LAYOUT)
    for slot in LAYOUT:
        if slot.name not in ("w[2]", "w[3]"):
            np.testing.assert_allclose(slot.view(found), slot.view(others), rtol=1e-13, err_msg=slot.name)
            continue
        w, m = slot.view(theta), np.zeros(slot.shape)
        for gradient in gradients:
            m = 0.8 * m + 0.2 * slot.view(gradient)
            direction = levelled(0.2 * slot.view(gradient) + 0.8 * m)
            wide = max(1.0, slot.shape[1] / slot.shape[0]) ** 0.5  # 7/5 for w[2], 1 for w[3]
            w = (1 - 0.02 * 0.3) * w - 0.02 * wide * direction
        np.testing.assert_allclose(slot.view(found), w, rtol=1e-12, err_msg=slot.name)


def test_named_matrices_are_levelled_in_the_place_of_the_hidden_ones(rng):
    theta, gradients = rng.normal(size=LAYOUT.size), rng.normal(size=(2, LAYOUT.size))
    hidden, _ = walked(Muon(), theta, gradients, layout=LAYOUT)
    same, _ = walked(Muon(arrays=("w[2]", "w[3]")), theta, gradients, layout=LAYOUT)
    np.testing.assert_array_equal(hidden, same)
    other, _ = walked(Muon(arrays=("w[1]",)), theta, gradients, layout=LAYOUT)
    differs = [slot.name for slot in LAYOUT if (slot.view(other) != slot.view(hidden)).any()]
    assert differs == ["w[1]", "w[2]", "w[3]"]


@pytest.mark.parametrize(
    ("rule", "layout", "message"),
    [
        (Muon(arrays=("b[2]",)), LAYOUT, r"cannot move 'b\[2\]': it is a bias, and a vector has no singular values"),
        (Muon(arrays=("w[2]", "w[9]")), LAYOUT, r"no array 'w\[9\]' for Muon; did you mean 'w\["),
        (Muon(), OUTER, "has none between its first and its last matrix of weights: add a hidden layer, name"),
        (Muon(), Layout.of([("w[1]", ArraySpec("w", (3, 2), "weight"))]), "has none between"),
        (
            Muon(arrays=("gain",)),
            Layout.of([("gain", ArraySpec("gain", (3,), "scale"))]),
            "cannot move 'gain': it is a scale, and a vector has no singular values",
        ),
        (
            Muon(arrays=("table",)),
            Layout.of([("table", ArraySpec("table", (3, 2, 2), "weight"))]),
            r"cannot move 'table': its shape is \(3, 2, 2\), and only a matrix",
        ),
    ],
)
def test_what_cannot_be_levelled_is_refused(rule, layout, message):
    with pytest.raises(InvalidArgument, match=message):
        rule.start(np.ones(layout.size), layout)


def test_an_outer_matrix_can_be_named(rng):
    gradient = rng.normal(size=OUTER.size)
    theta, _ = walked(Muon(arrays=("w[4]",)), np.zeros(OUTER.size), [gradient], layout=OUTER)
    assert np.linalg.svd(OUTER["w[4]"].view(theta), compute_uv=False) == pytest.approx([0.1, 0.1], rel=0.33)


@pytest.mark.parametrize("arrays", ["w[2]", 3, (3,), None])
def test_arrays_are_a_tuple_of_names(arrays):
    with pytest.raises(InvalidType, match="arrays must be a tuple of names, such as"):
        Muon(arrays=arrays)
    assert Muon(arrays=["w[2]"]) == Muon(arrays=("w[2]",))
