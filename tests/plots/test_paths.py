"""The drawn chains are those that were found, as wide as they are strong, through the units that they pass."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch

from chainrule import BatchNorm, Dense, LayerNorm, Network, Residual, paths, trace
from chainrule.errors import InvalidArgument
from chainrule.plots import plot_paths, save_figure
from chainrule.plots.style import BLUE, VERMILION


def found_in(layers, number, most, n=4):
    rng = np.random.default_rng(5)
    nn = Network(layers=layers, seed=3, dtype=float)
    return paths(trace(nn, rng.normal(size=(n, layers[0].n_in)), rng.normal(size=(n, layers[-1].n_out))), number, most)


def small(most=4):
    return found_in([Dense(3, 4, "tanh"), Dense(4, 2)], "dw[1][1,2]", most)


def lines(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch)]


def words(figure):
    return [text.get_text().replace("\u2212", "-") for axes in figure.axes for text in axes.texts]


def test_a_line_is_as_wide_as_its_chain_is_strong_and_has_the_colour_of_its_sign():
    found = small()
    drawn = lines(plot_paths(found))
    assert len(drawn) == len(found.chains) == 4
    for line, chain in zip(drawn, found.chains, strict=True):
        size = abs(chain.contribution / found.chains[0].contribution)
        assert line.get_linewidth() / drawn[0].get_linewidth() == pytest.approx(size, rel=1e-6)
        assert to_hex(line.get_edgecolor()) == (VERMILION if chain.contribution > 0 else BLUE).lower()


def test_a_line_goes_through_the_units_of_its_chain():
    found = small()
    figure = plot_paths(found)
    for line, chain in zip(lines(figure), found.chains, strict=True):
        vertices = line.get_path().vertices
        stops = vertices[::3]
        assert stops[:, 0].tolist() == [0, 1, 2]
        units = [1, 2, chain.passes[-1].index[1]]
        heights = [(n - 1) / 2 - unit for n, unit in zip((3, 4, 2), units, strict=True)]
        np.testing.assert_allclose(stops[:, 1], heights, atol=0.49)


def test_every_number_of_a_chain_can_be_read():
    found = small(2)
    shown = words(plot_paths(found))
    for chain in found.chains:
        assert f"{chain.contribution:.3g}" in shown
        assert f"row {chain.rows[0]}:  " + " \u00d7 ".join(f"{value:.3g}" for _, value in chain.factors) in shown
        assert f"{chain.factors[2].value:.3g}" in shown  # the weight, on the line
    assert "the other 6 chains together" in shown
    assert f"{found.others:.3g}" in shown


def test_of_many_units_those_on_the_chains_are_drawn():
    found = found_in([Dense(40, 30, "tanh"), Dense(30, 2)], "dw[1][17,25]", 3)
    shown = words(plot_paths(found))
    assert {"17", "25"} < set(shown)
    assert "16" not in shown
    assert "layer 1\na[1], 40 units" in shown
    assert "\u22ee" in shown


def test_chains_past_a_residual_connection_rise_over_its_layers():
    layers = [Dense(3, 3, "tanh"), Residual([Dense(3, 3, "tanh"), Dense(3, 3)]), Dense(3, 1)]
    found = found_in(layers, "db[1][1]", 30)
    figure = plot_paths(found)
    past = [line for line, chain in zip(lines(figure), found.chains, strict=True) if chain.ways == ("past residual_1",)]
    through = [
        line for line, chain in zip(lines(figure), found.chains, strict=True) if "through residual_1" in chain.ways
    ]
    assert past
    assert through
    heads = [text for text in figure.axes[0].texts if text.get_text().startswith("layer")]
    foot = min(text.get_position()[1] for text in heads) - 0.8
    for line in past:
        peak = line.get_path().interpolated(1).to_polygons(closed_only=False)[0][:, 1].max()
        assert 1.2 < peak < foot + 0.5
    assert all(len(line.get_path().vertices) == 10 for line in through)


@pytest.mark.parametrize("norm", [BatchNorm, LayerNorm])
@pytest.mark.parametrize("number", ["dw[1][0,1]", "delta[2][2,1]", "d(layer.scale)[1]", "delta[3][0,0]", "da[2][0,1]"])
def test_whatever_has_chains_can_be_drawn(norm, number, tmp_path):
    found = found_in([Dense(2, 3), norm(label="layer"), Dense(3, 2)], number, 12)
    save_figure(plot_paths(found), tmp_path / "paths.png", dpi=40)
    assert (tmp_path / "paths.png").stat().st_size > 1000


def test_long_products_are_cut_in_their_middle():
    layers = [Dense(1, 1, "tanh") for _ in range(14)]
    shown = words(plot_paths(found_in(layers, "dw[1][0,0]", 2)))
    (product,) = [text for text in shown if text.startswith("row 0:  ")][:1]
    assert "\u00d7 \u2026 \u00d7" in product
    assert len(product) <= 96


def test_where_all_chains_are_0_there_is_nothing_to_draw():
    nn = Network((1, 1, 1), ("relu", "identity"), dtype=float)
    nn.b[1][...] = -9.0
    with pytest.raises(InvalidArgument, match=r"all chains of dw\[1\]\[0,0\] are 0"):
        plot_paths(paths(trace(nn, [[0.5]], [1.0]), "dw[1][0,0]"))
