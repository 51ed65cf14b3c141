"""Pictures: what they show is what was given, readable for few classes and many, and files are whole and repeatable."""

from __future__ import annotations

import itertools
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.errors import FileNotWritten, InvalidArgument
from chainrule.plots import (
    plot_calibration,
    plot_confusion_matrix,
    plot_learning_curves,
    plot_predicted_against_true,
    plot_residuals,
    plot_weights,
    reliability,
    save_figure,
)

HISTORY = {
    "epoch": [1, 2, 3],
    "J": [3.0, 0.3, 0.03],
    "penalty": [0.0] * 3,
    "learning_rate": [0.1] * 3,
    "seconds": [1, 2, 3],
    "val_J": [2.0, 1.0, 1.5],
    "macro_f1": [0.1, 0.2, 0.3],
    "val_macro_f1": [0.1, 0.2, np.nan],
    "val_accuracy": [0.5, 0.6, 0.7],
}


def drawn(figure):
    """The figure with everything in its place, as a file has it."""
    figure.draw_without_rendering()
    return figure


def texts(figure):
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


# --- learning curves -----------------------------------------------------------------------------------------


def test_learning_curves_show_the_history_of_training_and_validation_rows():
    figure = drawn(plot_learning_curves(HISTORY, best_epoch=2, loss="cross-entropy"))
    loss, accuracy, f1 = figure.axes
    assert [axes.get_ylabel() for axes in figure.axes] == ["J (cross-entropy)", "accuracy", "macro f1"]
    assert all(axes.get_xlabel() == "epoch" for axes in figure.axes)
    np.testing.assert_array_equal(loss.get_lines()[0].get_ydata(), HISTORY["J"])
    np.testing.assert_array_equal(loss.get_lines()[1].get_ydata(), HISTORY["val_J"])
    assert loss.get_lines()[2].get_xdata() == [2, 2]  # the epoch that was kept
    assert loss.get_yscale() == "log"  # a hundred times less at the end
    assert len(accuracy.get_lines()) == 2  # there is none of the training rows
    assert f1.get_yscale() == "linear"


def test_the_learning_rate_is_drawn_where_it_changes():
    assert len(plot_learning_curves(HISTORY | {"learning_rate": [0.1, 0.1, 0.01]}).axes) == 4
    assert len(plot_learning_curves(HISTORY).axes) == 3


def test_a_single_epoch_and_one_that_is_not_finite_can_be_drawn():
    single = drawn(plot_learning_curves({"epoch": [1], "J": [0.5]})).axes[0].get_lines()[0]
    assert (list(single.get_xdata()), list(single.get_ydata())) == ([1], [0.5])
    assert single.get_marker() not in ("", "None", None)  # a line through one point cannot be seen
    wild = drawn(plot_learning_curves({"epoch": [1, 2], "J": [np.inf, np.nan]})).axes[0]
    assert (len(wild.get_lines()), wild.get_ylabel()) == (0, "J")  # the axes are there, and no line that misleads


def test_errors_in_the_unit_of_the_target_say_so():
    figure = plot_learning_curves({"epoch": [1], "J": [1.0], "mae": [2.0], "r2": [0.1]}, unit="$")
    assert [axes.get_ylabel() for axes in figure.axes] == ["J", r"mae (\$)", "r2"]


def test_no_finished_epoch_is_a_sentence():
    for history in ({}, {"epoch": []}):
        with pytest.raises(InvalidArgument, match="no finished epoch"):
            plot_learning_curves(history)


# --- confusion matrix ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [2, 3, 10, 25])
def test_a_confusion_matrix_has_its_counts_in_the_fields(k):
    counts = np.arange(k * k).reshape(k, k)
    figure = drawn(plot_confusion_matrix(counts, [f"class {i}" for i in range(k)], name="kind"))
    axes = figure.axes[0]
    assert {text.get_position(): text.get_text() for text in axes.texts[: k * k - 1]} == {
        (j, i): str(counts[i, j]) for i in range(k) for j in range(k) if counts[i, j]
    }
    assert [label.get_text() for label in axes.get_xticklabels()] == [f"class {i}" for i in range(k)]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted kind", "true kind")
    shares = axes.images[0].get_array()
    np.testing.assert_allclose(shares.sum(axis=1), 1)


@pytest.mark.parametrize("k", [2, 10, 40, 200])
def test_no_name_of_a_class_covers_another_or_is_cut_off(k, tmp_path):
    counts = np.ones((k, k))
    figure = drawn(plot_confusion_matrix(counts, [f"a rather long name of class {i}" for i in range(k)]))
    axes = figure.axes[0]
    assert not (k > 25 and axes.texts[1:])  # numbers would cover each other
    boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
    overlaps = sum(a.y0 < b.y1 and b.y0 < a.y1 for a, b in itertools.pairwise(boxes))
    assert overlaps == 0
    assert min(label.get_fontsize() for label in axes.get_yticklabels()) >= 5.5
    save_figure(figure, tmp_path / "c.png", dpi=40)


def test_rows_of_no_class_and_weights_can_be_drawn():
    figure = drawn(plot_confusion_matrix([[0.5, 1.25], [0, 0]], ["no", "yes"]))
    assert "0.5 of 1.75 right, accuracy 28.6%" in texts(figure)
    assert "0 of 0 right, no rows" in texts(plot_confusion_matrix(np.zeros((2, 2)), "ab"))


@pytest.mark.parametrize(
    ("counts", "classes"), [(np.ones((2, 3)), "ab"), (np.ones((1, 1)), "a"), (np.ones((3, 3)), "ab")]
)
def test_a_confusion_matrix_of_another_shape_is_a_sentence(counts, classes):
    with pytest.raises(InvalidArgument, match="classes need counts of shape"):
        plot_confusion_matrix(counts, [*classes])


def test_dollar_signs_and_line_breaks_in_names_are_shown_as_they_are(tmp_path):
    names = ["$a_1$ or less", "more\nthan that", "x" * 100]
    figure = plot_confusion_matrix(np.eye(3), names, name="price in $")
    save_figure(figure, tmp_path / "c.svg")
    shown = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert shown == [r"\$a_1\$ or less", "more than that", "x" * 27 + "…"]


# --- calibration ---------------------------------------------------------------------------------------------


def test_reliability_bins_by_hand():
    p = np.array([0.05, 0.15, 0.19, 0.2, 1.0, 0.95])
    found = reliability([False, True, False, True, True, False], p)
    np.testing.assert_array_equal(found.counts, [1, 2, 1, 0, 0, 0, 0, 0, 0, 2])
    np.testing.assert_allclose(found.predicted[[0, 1, 2, 9]], [0.05, 0.17, 0.2, 0.975])
    np.testing.assert_allclose(found.observed[[0, 1, 2, 9]], [0, 0.5, 1, 0.5])
    assert np.isnan(found.observed[3])
    gaps = [0.05, 0.33, 0.8, 0.475]
    assert found.expected_error == pytest.approx(np.average(gaps, weights=[1, 2, 1, 2]))


def test_the_interval_is_that_of_wilson():
    # 7 of 10: Newcombe, "Two-sided confidence intervals for the single proportion", gives such by formula (3)
    found = reliability([True] * 7 + [False] * 3, np.full(10, 0.55))
    z, p, n = 1.959964, 0.7, 10
    root = z * np.sqrt(z**2 + 4 * n * p * (1 - p))
    expected = (2 * n * p + z**2 + np.array([-1, 1]) * root) / (2 * (n + z**2))
    np.testing.assert_allclose([found.low[5], found.high[5]], expected, rtol=1e-6)


@given(
    hnp.arrays(float, st.integers(1, 60), elements=st.floats(0, 1)).flatmap(
        lambda p: st.tuples(st.just(p), hnp.arrays(bool, len(p)), st.integers(1, 30))
    )
)
def test_every_row_is_in_one_bin_and_shares_lie_within_their_intervals(case):
    p, true, bins = case
    found = reliability(true, p, bins)
    assert found.counts.sum() == len(p)
    filled = found.counts > 0
    assert (found.low[filled] <= found.observed[filled]).all()
    assert (found.observed[filled] <= found.high[filled]).all()
    assert 0 <= found.expected_error <= 1


@pytest.mark.parametrize("outputs", [1, 2])
def test_with_two_classes_the_probability_of_the_second_is_drawn(outputs):
    p = np.array([0.1, 0.9, 0.8])
    probabilities = p[:, None] if outputs == 1 else np.column_stack([1 - p, p])
    figure = drawn(plot_calibration([0, 1, 0], probabilities, ["no", "yes"]))
    assert figure.axes[1].get_xlabel() == "predicted probability of yes"
    heights = [bar.get_height() for bar in figure.axes[1].patches]
    assert heights == [0, 1, 0, 0, 0, 0, 0, 0, 1, 1]
    assert "3 rows" in " ".join(texts(figure))


def test_with_more_classes_it_is_that_of_the_predicted_one():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.1, 0.3, 0.6]])
    figure = drawn(plot_calibration([0, 0, 2], probabilities, "abc"))
    assert figure.axes[0].get_ylabel() == "share that is right"
    observed = figure.axes[0].containers[0].lines[0]
    np.testing.assert_allclose(observed.get_xdata(), [0.6, 0.7, 0.8])
    np.testing.assert_array_equal(observed.get_ydata(), [1, 1, 0])


@pytest.mark.parametrize(
    ("true", "p", "message"),
    [([], [], "Each row needs"), ([True], [0.1, 0.2], "Each row needs"), ([True], [1.2], "between 0 and 1")],
)
def test_what_is_no_probability_is_a_sentence(true, p, message):
    with pytest.raises(InvalidArgument, match=message):
        reliability(true, p)


# --- numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 400, 5000])
def test_predicted_and_true_numbers_have_equal_axes_and_labels_with_units(n, rng):
    y = rng.normal(size=n)
    figure = drawn(plot_predicted_against_true(y, y + 1, name="price", unit="$"))
    axes = figure.axes[0]
    assert axes.get_xlim() == axes.get_ylim()
    assert axes.get_xlabel() == r"true price (\$)"
    assert rf"RMSE 1 \$, {n:,} rows" in " ".join(texts(figure))
    drawn(plot_residuals(y, y + 1))


def test_intervals_lie_within_the_picture():
    axes = plot_predicted_against_true([1, 2], [1.5, 2], lower=[-7, 1], upper=[3, 9]).axes[0]
    assert axes.get_ylim()[0] < -7
    assert axes.get_ylim()[1] > 9


def test_residuals_are_true_minus_predicted():
    axes = plot_residuals([3.0, 5.0], [1.0, 6.0]).axes[0]
    np.testing.assert_array_equal(axes.collections[0].get_offsets(), [[1, 2], [6, -1]])


@pytest.mark.parametrize(("y", "predicted"), [([], []), ([1, 2], [1]), ([[1]], [[1]])])
def test_rows_without_a_number_each_are_a_sentence(y, predicted):
    for plot in (plot_predicted_against_true, plot_residuals):
        with pytest.raises(InvalidArgument, match="Each row needs a true and a predicted number"):
            plot(y, predicted)


# --- weights -------------------------------------------------------------------------------------------------


def test_units_are_drawn_as_images_and_later_layers_as_maps(rng):
    w = {1: rng.normal(size=(64, 15)), 2: rng.normal(size=(15, 10))}
    figure = drawn(plot_weights(w, image_shape=(8, 8), outputs=range(10)))
    pictures = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    assert [picture.shape for picture in pictures] == [(8, 8)] * 15 + [(15, 10)]
    np.testing.assert_array_equal(pictures[3], w[1][:, 3].reshape(8, 8))
    np.testing.assert_array_equal(pictures[-1], w[2])
    map_axes = next(axes for axes in figure.axes if axes.get_xlabel() == "output")
    assert [label.get_text() for label in map_axes.get_xticklabels()] == [str(i) for i in range(10)]


def test_large_layers_are_bounded_and_the_picture_says_so(rng):
    w = {1: rng.normal(size=(784, 500)), **{i: rng.normal(size=(500, 500)) for i in range(2, 10)}}
    w[1][:, 77] *= 10
    figure = plot_weights(w, image_shape=(28, 28))
    pictures = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    assert len(pictures) == 36 + 5
    assert max(picture.size for picture in pictures) <= 128 * 128
    assert any((picture == w[1][:, 77].reshape(28, 28)).all() for picture in pictures[:36])  # the largest is there
    assert "6 of 9 layers" in texts(figure)
    assert "w[1]: 36 of 500 units, those with the largest weights" in texts(figure)


@pytest.mark.parametrize(
    ("w", "settings", "message"),
    [
        ({}, {}, "Give the weights"),
        ({1: np.ones((2, 4, 4))}, {}, "Give the weights of a single network"),
        ({1: np.ones((4, 4))}, {"image_shape": (3, 3)}, "3 x 3 pixels have 9, and there are 4 inputs"),
        ({1: np.ones((4, 4))}, {"inputs": "abc"}, "3 names for 4 inputs"),
        ({1: np.ones((4, 4))}, {"outputs": "abc"}, "3 names for 4 outputs"),
    ],
)
def test_weights_that_cannot_be_drawn_are_a_sentence(w, settings, message):
    with pytest.raises(InvalidArgument, match=message):
        plot_weights(w, **settings)


def test_zeros_and_a_single_weight_can_be_drawn():
    figure = drawn(plot_weights({1: np.zeros((1, 1))}))
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), [[0]])


# --- files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_ending_says_the_format_and_the_same_picture_has_the_same_bytes(ending, start):
    for name in ("a", "b"):
        save_figure(plot_learning_curves(HISTORY), f"{name}.{ending}")
    first, second = (Path(f"{name}.{ending}").read_bytes() for name in ("a", "b"))
    assert first.startswith(start)
    assert first == second


def test_another_ending_is_a_sentence_and_nothing_is_written():
    with pytest.raises(InvalidArgument, match=r"written as .png, .svg or .pdf, and 'a.gif' ends in none"):
        save_figure(plot_learning_curves(HISTORY), "a.gif")
    assert os.listdir() == []


def test_a_picture_that_cannot_be_written_leaves_the_earlier_one():
    os.mkdir("there.png")
    with pytest.raises(FileNotWritten, match=r"there.png is not a regular file"):
        save_figure(plot_learning_curves(HISTORY), "there.png")
    assert stat.S_ISDIR(os.stat("there.png").st_mode)


def test_letters_that_the_font_lacks_are_one_warning():
    with pytest.warns(UserWarning, match="The font of the picture lacks letters") as caught:
        save_figure(plot_confusion_matrix(np.eye(2), ["猫", "犬"]), "a.png")
    assert len(caught) == 1


def test_no_window_is_opened_and_settings_of_ones_own_stay():
    code = textwrap.dedent("""
        import sys, warnings
        warnings.simplefilter("error")
        import matplotlib
        matplotlib.rcParams["font.size"] = 33
        from chainrule.plots import plot_learning_curves, save_figure
        figure = plot_learning_curves({"epoch": [1, 2], "J": [1.0, 0.5]})
        save_figure(figure, "a.png")
        assert figure.axes[0].xaxis.label.get_fontsize() == 10
        assert matplotlib.rcParams["font.size"] == 33
        assert "matplotlib.pyplot" not in sys.modules
    """)
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "MPLBACKEND")}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, env=environment | {"MPLBACKEND": "tkagg"})


def test_a_missing_matplotlib_is_one_line():
    code = """
import sys
sys.modules["matplotlib"] = None
from chainrule.plots import plot_learning_curves
try:
    plot_learning_curves({"epoch": [1], "J": [1.0]})
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "matplotlib is not installed; it comes with: pip install 'chainrule[plot]'\n"
