"""Programs are trained as the post trains them, an epoch at a time, and nothing outside is changed."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import random

import numpy as np
import pytest

from chainrule import vanilla
from chainrule.glassbox.museum import corrected_program as corrected
from chainrule.glassbox.museum.program import Change, Program, Recipe, with_function_of
from chainrule.glassbox.museum.rooms.published_program import AS_PUBLISHED, POST_RECIPE
from chainrule.glassbox.museum.rooms.right_program import RIGHT
from chainrule.glassbox.museum.source_lines import changed_lines
from chainrule.glassbox.museum.training import all_rows, seeded, split_rows, trained


def test_an_epoch_at_a_time_gives_the_bits_of_one_call():
    rows = all_rows("digits")
    recipe = dataclasses.replace(POST_RECIPE, epochs=12)
    by_epoch = trained(AS_PUBLISHED, recipe, 3, rows, rows)
    np.random.seed(3)
    at_once = vanilla.Network((64, 15, 10), (vanilla.Relu, vanilla.Sigmoid))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        at_once.fit(rows.x, np.eye(10)[rows.truth], vanilla.MSE, epochs=12, batch_size=15, learning_rate=1e-3)
    for i in (1, 2):
        np.testing.assert_array_equal(by_epoch.network.w[i], at_once.w[i])
        np.testing.assert_array_equal(by_epoch.network.b[i], at_once.b[i])
    assert float(printed.getvalue().split()[1]) == pytest.approx(by_epoch.J[9], rel=1e-12)


def test_global_random_numbers_go_on_as_if_nothing_had_been():
    np.random.seed(8)
    random.seed(8)
    expected = np.random.rand(), random.random()
    np.random.seed(8)
    random.seed(8)
    with seeded(1):
        trained(RIGHT, Recipe(epochs=1), 1, *split_rows(Recipe()))
    assert (np.random.rand(), random.random()) == expected


def test_the_same_seed_gives_the_same_curves_and_another_one_others():
    recipe = Recipe(epochs=2)
    one, again, other = (trained(RIGHT, recipe, seed, *split_rows(recipe)) for seed in (1, 1, 2))
    assert one.J == again.J
    assert one.J != other.J


def test_rows_held_out_are_a_quarter_of_each_class_and_not_learned_from():
    learn, held_out = split_rows(Recipe())
    assert (len(learn), len(held_out)) == (1348, 449)
    together = np.concatenate([learn.x, held_out.x])
    np.testing.assert_array_equal(np.sort(together, axis=0), np.sort(all_rows("digits").x, axis=0))
    sorted_rows, _ = split_rows(Recipe(sorted_by_class=True))
    assert (np.diff(sorted_rows.truth) >= 0).all()


def test_an_error_that_a_program_is_not_known_for_is_raised():
    class Broken(corrected.Network):
        def _back_prop(self, z, a, y_true):
            raise KeyError("broken")

    recipe = Recipe(epochs=1)
    program = Program("broken", Broken, corrected.CrossEntropy, (corrected.Relu, corrected.Softmax))
    with pytest.raises(KeyError, match="broken"):
        trained(program, recipe, 1, *split_rows(recipe))
    known = dataclasses.replace(program, stops=KeyError)
    assert trained(known, recipe, 1, *split_rows(recipe)).stopped == "KeyError: 'broken'"


@pytest.mark.parametrize("scale", ["0 to 1", "0 to 255", "standardised", "as it comes"])
def test_inputs_are_scaled_by_the_rows_that_are_learned_from(scale):
    seen = []

    class Watching(corrected.Network):
        def fit(self, x, *others):
            seen.append(x)
            super().fit(x, *others)

    recipe = Recipe(scale=scale, epochs=1, learning_rate=1e-6)
    trained(dataclasses.replace(RIGHT, network=Watching), recipe, 1, *split_rows(recipe))
    (x,) = seen
    if scale == "standardised":
        np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(x.std(axis=0)[x.std(axis=0) > 0], 1)
    else:
        assert (x.min(), x.max()) == {"0 to 1": (0, 1), "0 to 255": (0, 255), "as it comes": (0, 16)}[scale]


def test_a_class_with_another_function_has_the_very_function():
    mixed = with_function_of(corrected.MSE, vanilla.MSE, ["delta", "prime"])
    assert mixed.delta is vanilla.MSE.delta
    assert mixed.prime is vanilla.MSE.prime
    assert mixed.loss is corrected.MSE.loss
    assert with_function_of(corrected.MSE, vanilla.MSE, "delta", "Other").__name__ == "Other"


def commented(x):
    """Not code."""
    # not code either
    y = x + 1  # nor this
    return y


def plain(x):
    y = x + 1
    z = 2 * y
    return z


def test_lines_are_compared_without_comments_and_docstrings():
    changed = changed_lines(Change(commented, plain))
    assert changed.wrong.lines == ("return y",)
    assert changed.right.lines == ("z = 2 * y", "return z")
    assert changed.wrong.function == "commented"
    assert int(changed.wrong.place.split(":")[1]) == commented.__code__.co_firstlineno + 4
    added = changed_lines(Change(None, plain))
    assert added.wrong.lines == ()
    assert added.right.lines == ("y = x + 1", "z = 2 * y", "return z")


def test_the_right_program_with_every_loss_passes_the_gradient_check():
    from chainrule.glassbox import gradient_check

    for loss, output, k in (
        (corrected.MSE, corrected.Sigmoid, 3),
        (corrected.BinaryCrossEntropy, corrected.Sigmoid, 3),
        (corrected.CrossEntropy, corrected.Softmax, 3),
        (corrected.MSEOfNumbers, corrected.Identity, 1),
    ):
        for hidden in (corrected.Relu, corrected.Tanh, corrected.Sigmoid):
            rng = np.random.default_rng(0)
            with seeded(5):
                network = corrected.Network((4, 5, 6, k), (hidden, hidden, output))
            y = np.eye(3)[rng.integers(0, 3, 7)] if k == 3 else rng.normal(size=(7, 1))
            check = gradient_check.check_gradients(network, rng.normal(size=(7, 4)), y, loss)
            assert check.max_relative_error < 1e-6, (loss, hidden)
