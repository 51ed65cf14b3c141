"""The picture of a gradient check: a panel for each array, what was left out marked, the worst of much."""

from __future__ import annotations

import numpy as np

from chainrule import Network, check_gradients
from chainrule.plots import plot_gradient_check, save_figure
from tests.glassbox.gradient_check import learners


def panels(figure):
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def data(n=8):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, 4)), np.eye(3)[rng.integers(0, 3, n)]


def test_there_is_a_panel_for_each_array_with_its_errors():
    nn = learners.Network((4, 5, 3), (learners.Tanh, learners.Sigmoid), 1, "hidden derivative forgotten")
    check = check_gradients(nn, *data(), learners.MSE)
    figure = plot_gradient_check(check)
    names = [axes.get_title(loc="left") for axes in panels(figure)]
    assert sorted(names) == ["b[1]", "b[2]", "w[1]", "w[2]"]
    w1 = panels(figure)[names.index("w[1]")].images[0].get_array()
    np.testing.assert_allclose(w1, np.log10(check.layout["w[1]"].view(check.entry_errors())))
    assert "does not agree" in figure.get_suptitle()


def test_kinks_and_entries_without_a_gradient_are_marked_and_explained():
    x, y = data()
    nn = learners.Network((4, 30, 3), (learners.Relu, learners.Sigmoid), 1)
    nn.b[1][2] = -50
    nn.b[1][6] = -(x[0] @ nn.w[1][:, 6])
    check = check_gradients(nn, x, y, learners.MSE)
    figure = plot_gradient_check(check)
    shown = panels(figure)[0].images[0].get_array()
    assert shown.mask[:, 6].all()
    assert shown.mask[:, 2].all()
    texts = figure.get_supxlabel()
    assert "light grey: no gradient" in texts
    assert "dark grey: at a kink" in texts


def test_of_much_the_worst_is_drawn(tmp_path):
    rng = np.random.default_rng(1)
    nn = Network((100, 3, 3, 3, 3, 3, 3, 3), ["tanh"] * 6 + ["softmax"], seed=1)
    figure = plot_gradient_check(check_gradients(nn, rng.normal(size=(4, 100)), [0, 1, 2, 0]))
    assert "5 of 7 layers" in figure.get_suptitle()
    save_figure(figure, tmp_path / "check.png", dpi=40)
