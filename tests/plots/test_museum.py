"""The picture of a visit shows the curves and the errors that were measured."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.glassbox import museum
from chainrule.plots import plot_visit


def drawn(name, epochs=3):
    visit = museum.visit(name, epochs=epochs)
    figure = plot_visit(visit)
    figure.draw_without_rendering()
    return visit, figure


def test_the_three_panels_show_what_was_measured():
    visit, figure = drawn("updated-before-used")
    loss, score, check = figure.axes
    wrong, right = (each.training for each in visit.programs)
    np.testing.assert_array_equal(loss.get_lines()[0].get_ydata(), wrong.J)
    np.testing.assert_array_equal(loss.get_lines()[1].get_ydata(), right.J)
    np.testing.assert_allclose(score.get_lines()[1].get_ydata(), 100 * np.array(wrong.held_out))
    np.testing.assert_allclose(score.get_lines()[2].get_ydata(), 100 * np.array(right.learned))
    assert [text.get_text() for text in check.get_yticklabels()] == ["w[1]", "b[1]", "w[2]", "b[2]"]
    ends = [patch.get_x() + patch.get_width() for patch in check.patches]
    np.testing.assert_allclose(ends[:4], list(visit.checks[0].errors.values()), rtol=1e-9, atol=1e-11)
    assert figure.get_suptitle() == visit.room.title


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("relu-without-prime", "as printed: stops"),
        ("exp-overflow", "wrong: nan in each epoch"),
        ("bias-never-updated", "wrong"),
        ("scored-on-training-rows", "as published"),
        ("the-published-program", "delta = a - y"),
    ],
)
def test_programs_that_stop_or_give_no_numbers_are_named_so(name, label):
    _, figure = drawn(name, epochs=1)
    assert label in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_numbers_are_measured_by_r2():
    _, figure = drawn("column-against-row")
    assert figure.axes[1].get_ylabel() == "R2"
