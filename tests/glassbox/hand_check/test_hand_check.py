"""What a hand check says: digits, follow-on errors, arrays, learners' programs, what none fits."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import chainrule
from chainrule import vanilla
from chainrule.errors import InvalidArgument, InvalidType

X = np.array([[0.1, -0.3], [0.9, 0.4], [-0.5, 1.2]])
Y = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


@pytest.fixture
def step():
    nn = chainrule.Network((2, 3, 2), ("tanh", "sigmoid"), seed=1, dtype=float)
    nn.b[1], nn.b[2] = [0.1, -0.2, 0.3], [0.5, -0.1]
    return chainrule.trace(nn, X, Y, "mse", learning_rate=0.5)


def vanilla_step(loss=vanilla.MSE, **settings):
    np.random.seed(1)
    nn = vanilla.Network((2, 3, 2), (vanilla.Sigmoid, vanilla.Sigmoid))
    return chainrule.trace(nn, X, Y, loss, learning_rate=0.1, **settings)


def names(check):
    return [mistake.name for mistake in check.mistakes]


def test_digits_decide(step):
    value = step["a[2][0,0]"]
    for digits in (1, 2, 5, 9):
        assert chainrule.hand_check(step, "a[2][0,0]", f"{value:.{digits}g}")
        assert not chainrule.hand_check(step, "a[2][0,0]", f"{value * 1.6:.{digits}g}")
    assert chainrule.hand_check(step, "J", f"{step.J:.2f}").right
    assert not chainrule.hand_check(step, "J", "0").right


def test_what_is_cut_off_is_told_from_what_is_rounded(step):
    value = step["z[2][0,0]"]
    decimals = next(d for d in range(2, 9) if np.trunc(value * 10**d) != np.round(value * 10**d))
    cut = np.trunc(value * 10**decimals) / 10**decimals
    check = chainrule.hand_check(step, "z[2][0,0]", f"{cut:.{decimals}f}")
    assert names(check)[0] == "cut off instead of rounded"


def test_a_mistake_further_up_is_carried_forward_and_told(step):
    wrong = step.a[2].T @ step.da[3] if 3 in step.da else step.a[2].T @ (2 * (step.a[3] - Y) / 6)
    check = chainrule.hand_check(step, "dw[2][1,0]", f"{wrong[1, 0]:.6g}")
    first = check.mistakes[0]
    assert (first.name, first.places) == ("the derivative f' forgotten", ("delta[3]",))
    assert first.value == pytest.approx(wrong[1, 0])
    assert f"Carried forward, that makes dw[2][1,0] {wrong[1, 0]:.6g} instead of {step['dw[2][1,0]']:.6g}." in str(
        check
    )
    assert "delta[3] = dJ/da alone" in first.sentence
    assert "Right: delta[3] = 2 (a[3] - y) / (n k) * f'(z[3])" in first.sentence


def test_two_mistakes_that_give_the_same_number_are_both_named():
    nn = chainrule.Network((2, 3, 2), ("tanh", "identity"), seed=1, dtype=float)
    two_rows = chainrule.trace(nn, X[:2], Y[:2], "mse")
    check = chainrule.hand_check(two_rows, "delta[3]", two_rows.delta[3] * 2)
    both = {"the sum instead of the mean over the rows", "the sum instead of the mean over the outputs"}
    assert both | {"a factor 2 too much"} <= set(check.same_number) == set(names(check))
    assert "The same number comes out with: " in str(check)


def test_two_mistakes_together_are_found(step):
    g = 2 * (step.a[3] - Y) / 2  # without 1/n
    a = step.a[3]
    slope_at_a = 1 / (1 + np.exp(-a)) * (1 - 1 / (1 + np.exp(-a)))
    check = chainrule.hand_check(step, "dw[2][1,0]", (step.a[2].T @ (g * slope_at_a))[1, 0])
    found = check.mistakes[0]
    assert set(found.names) == {"the derivative taken at a instead of z", "the sum instead of the mean over the rows"}
    assert "Two mistakes together." in str(check)
    assert names(chainrule.hand_check(step, "dw[2][1,0]", f"{found.value:.3g}")) != names(check)  # three digits are few


def test_where_none_fits_it_says_so_and_where_to_look(step):
    check = chainrule.hand_check(step, "dw[2][1,0]", "12.3456")
    assert check.mistakes == ()
    text = check.sentence
    assert "off by" in text
    assert "mistakes that were computed for it gives 12.3456." in text
    assert "Check delta[3] first, then a[2] and w[2]: dw[2] = a[2].T @ delta[3]." in text
    assert "it was given" in chainrule.hand_check(step, "x[0,0]", "12.3456").sentence
    value = step["a[2][0,0]"]
    assert chainrule.hand_check(step, "a[2][0,0]", value * 1.1).verdict.endswith(", 10 %.")
    assert chainrule.hand_check(step, "a[2][0,0]", value * -3.5).verdict.endswith(": it is -3.5 times the right one.")


def test_too_few_digits_to_tell_are_called_that(step):
    checks = [chainrule.hand_check(step, "dw[1][0,0]", f"{value:.1g}") for value in np.linspace(-0.09, 0.09, 19)]
    assert any("too short to tell which it was. Give more digits." in check.sentence for check in checks)
    assert any("fit a mistake by chance, too" in check.sentence for check in checks)


def test_an_array_says_which_of_its_numbers_are_wrong(step):
    given = step.delta[2].copy()
    given[1] *= 1.37
    check = chainrule.hand_check(step, "delta[2]", given)
    assert check.verdict.startswith("Wrong: 3 of the 9 numbers of delta[2] are off; the first: delta[2][1,0] is ")
    assert "Check row 1 of da[2] first" in check.sentence
    given = step.dw[1].copy()
    given[:, 2] += 0.01
    assert "Check column 2 of delta[2] first" in chainrule.hand_check(step, "dw[1]", given).sentence


def test_a_mistake_in_some_numbers_of_an_array_is_found_there(step):
    given = step.delta[2].copy()
    given[1] = step.da[2][1]
    check = chainrule.hand_check(step, "delta[2]", given)
    assert names(check)[0] == "the derivative f' forgotten"
    assert check.mistakes[0].share == 1
    assert "In the numbers that are wrong, and not in the others:" in str(check)
    given[2] += 0.123456789
    check = chainrule.hand_check(step, "delta[2]", given)
    assert names(check)[0] == "the derivative f' forgotten"
    assert check.mistakes[0].share == pytest.approx(0.5)
    assert "In 3 of the 6 numbers that are wrong:" in str(check)


def test_shapes(step):
    assert chainrule.hand_check(step, "db[1]", step.db[1][np.newaxis])
    assert chainrule.hand_check(step, "J", [step.J])
    assert names(chainrule.hand_check(step, "dw[1]", step.dw[1].T)) == ["transposed"]
    check = chainrule.hand_check(step, "dw[1]", step.dw[1].T * 2)
    assert check.mistakes == ()
    assert check.verdict.endswith("Transposed it has the right shape, and not the right numbers.")
    check = chainrule.hand_check(step, "dw[1]", 3)
    assert check.verdict == "Wrong: dw[1] is an array of the shape (2, 3), and what was given is one number."
    assert "J is one number" in chainrule.hand_check(step, "J", [1, 2]).verdict


def test_an_index_that_is_off_and_rows_for_columns(step):
    check = chainrule.hand_check(step, "z[2][1,0]", f"{step['z[2][1,1]']:.5f}")
    assert names(check)[0] == "another entry of the same array"
    assert "That is z[2][1,1], an index is off by one" in str(check)
    check = chainrule.hand_check(step, "z[2][0,2]", f"{step['z[2][2,0]']:.5f}")
    assert names(check)[0] == "transposed"
    check = chainrule.hand_check(step, "a[2][0,2]", f"{step['delta[2][0,2]']:.5g}")
    assert names(check)[0] == "another quantity"


# --- learners' programs ------------------------------------------------------------------------------------------


def test_a_learners_program_is_held_to_the_mathematics():
    step = vanilla_step()
    right = vanilla_step("mse")
    for name in right:
        assert chainrule.hand_check(step, name, right[name]).right, name
    check = chainrule.hand_check(step, "delta[3]", step["delta[3]"])
    assert not check.right
    assert "Your program computes these numbers too: it has the same mistake." in check.remarks
    found = check.mistakes[0].names, *(set(m.names) for m in check.mistakes)
    assert {"the derivative taken at a instead of z", "the whole factor 2 / (n k) forgotten"} in found
    check = chainrule.hand_check(step, "delta[3][0,0]", right["delta[3][0,0]"])
    assert "Your program is not" in check.sentence
    assert "there is a mistake in it, and none in your calculation." in check.sentence


class Cubed:
    """A loss that chainrule does not know, with a wrong delta."""

    def __init__(self, activation_fn):
        self.activation_fn = activation_fn

    def loss(self, y_true, y_pred):
        return np.mean(np.abs(y_pred - y_true) ** 3)

    def delta(self, y_true, y_pred):
        return y_pred - y_true


class Bent:
    """An activation that chainrule does not know, whose prime is wrong, and which overwrites what it is given."""

    @staticmethod
    def activation(z):
        z += 0.3 * np.sin(z)
        return z

    @staticmethod
    def prime(z):
        return np.cos(z)


def test_of_a_loss_and_an_activation_of_ones_own_the_values_count_and_not_what_is_said_to_be_their_derivative():
    np.random.seed(2)
    nn = vanilla.Network((2, 3, 2), (Bent, vanilla.Sigmoid))
    before = copy.deepcopy((nn.w, nn.b))
    step = chainrule.trace(nn, X, Y, Cubed, learning_rate=0.1)
    z2 = X @ nn.w[1] + nn.b[1]
    a2 = z2 + 0.3 * np.sin(z2)
    a3 = 1 / (1 + np.exp(-(a2 @ nn.w[2] + nn.b[2])))
    d_a = 3 * (a3 - Y) * np.abs(a3 - Y) / 6
    delta = d_a * a3 * (1 - a3)
    delta2 = delta @ nn.w[2].T * (1 + 0.3 * np.cos(z2))
    assert chainrule.hand_check(step, "delta[3]", delta)
    assert chainrule.hand_check(step, "dw[1]", X.T @ delta2)
    assert chainrule.hand_check(step, "J", np.mean(np.abs(a3 - Y) ** 3))
    assert names(chainrule.hand_check(step, "delta[3]", d_a))[0] == "the derivative f' forgotten"
    assert names(chainrule.hand_check(step, "delta[2]", delta @ nn.w[2].T))[0] == "the derivative f' forgotten"
    for old, new in zip(before, (nn.w, nn.b), strict=True):
        assert all(np.array_equal(old[i], new[i]) for i in old)
    known = chainrule.trace(nn, X, Y, "mse", learning_rate=0.1)
    delta = 2 * (a3 - Y) / 6 * a3 * (1 - a3)
    assert chainrule.hand_check(known, "delta[2]", delta @ nn.w[2].T * (1 + 0.3 * np.cos(z2)))


def test_an_estimator_is_checked_as_its_network(step):
    pytest.importorskip("sklearn")
    model = chainrule.MLPClassifier(hidden_layer_sizes=(3,), random_state=0)
    x, labels = np.repeat(X, 4, axis=0), ["yes", "no", "yes"] * 4
    model.fit(x, labels)
    traced = chainrule.trace(model, x[:3], labels[:3])
    assert chainrule.hand_check(traced, "z[2]", traced.z[2])


# --- many answers ------------------------------------------------------------------------------------------------


def test_answers_are_marked_one_by_one_and_follow_on_errors_are_named(step):
    wrong = 0.123
    delta = step.delta[3].copy()
    delta[0, 0] = wrong
    answers = {
        "z[2][0,0]": f"{step['z[2][0,0]']:.4g}",
        "delta[3][0,0]": str(wrong),
        "dw[2][1,0]": f"{(step.a[2].T @ delta)[1, 0]:.5g}",
        "dw[2][1,1]": f"{step['dw[2][1,1]']:.5g}",
        "a[2][0,0]": "",
        "a[2][0,1]": "a lot",
        "a[2][0,2]": None,
        "new w[2]": step.w[2] - 0.5 * step.a[2].T @ delta,
    }
    marked = chainrule.check_answers(step, answers)
    assert [str(each.quantity) for each in marked] == list(answers)
    assert [each.right for each in marked] == [True, False, False, True, False, False, False, False]
    assert names(marked[2])[0] == "carried forward from delta[3][0,0]"
    assert names(marked[7])[0].startswith("carried forward from ")
    assert marked[4].verdict == "Nothing was given for a[2][0,0]."
    assert "'a lot' is no number" in marked[5].sentence
    assert marked[6].digits == 0


def test_what_is_no_quantity_or_no_trace_is_refused(step):
    with pytest.raises(InvalidArgument, match="did you mean"):
        chainrule.hand_check(step, "delta[4][0,0]", 1)
    with pytest.raises(InvalidArgument, match="is outside dw"):
        chainrule.hand_check(step, "dw[1][5,0]", 1)
    with pytest.raises(InvalidArgument, match="There is no delta"):
        chainrule.check_answers(step, {"delta[4][0,0]": "1"})
    with pytest.raises(InvalidArgument, match="is no number"):
        chainrule.hand_check(step, "J", "many")
    with pytest.raises(InvalidType, match="is checked against a trace"):
        chainrule.hand_check({"J": 1}, "J", 1)


def test_nothing_is_changed(step):
    before = {name: np.array(value) for name, value in step.items()}
    given = step.delta[2] * 2
    kept = given.copy()
    check = chainrule.hand_check(step, "delta[2]", given)
    np.testing.assert_array_equal(given, kept)
    assert all(np.array_equal(before[name], value) for name, value in step.items())
    with pytest.raises(ValueError, match="read-only"):
        check.value[0, 0] = 1


def test_it_is_shown_in_lines_and_in_one(step):
    check = chainrule.hand_check(step, "dw[2][1,0]", "12.3456")
    assert max(map(len, str(check).splitlines())) <= 100
    assert "\n" not in check.sentence
    assert repr(check) == "<HandCheck of dw[2][1,0]: wrong, mistakes: none known>"
    right = chainrule.hand_check(step, "J", step.J)
    assert (repr(right), bool(right)) == ("<HandCheck of J: right>", True)
    assert right.verdict == f"Right: J is {step.J:.9g}."


def test_two_mistakes_are_named_once_whichever_comes_first():
    np.random.seed(3)
    nn = vanilla.Network((4, 3, 2), (vanilla.Relu, vanilla.Sigmoid))
    rng = np.random.default_rng(0)
    step = chainrule.trace(nn, rng.normal(size=(5, 4)), rng.normal(size=(5, 2)), vanilla.MSE)
    found = [frozenset(mistake.names) for mistake in chainrule.hand_check(step, "dw[1]", step["dw[1]"]).mistakes]
    assert len(found) == len(set(found)) > 0


def test_of_a_large_step_it_is_said_how_much_was_not_tried(step, monkeypatch):
    value = 3 * step["dw[1][0,0]"]
    full = chainrule.hand_check(step, "dw[1][0,0]", f"{value:.9g}")
    assert "The step is large" not in str(full)
    from chainrule.glassbox.hand_check import candidates

    monkeypatch.setattr(candidates, "MOST_WORK_ALONE", 4000.0)
    tried = chainrule.hand_check(step, "dw[1][0,0]", "123.456789")
    assert "The step is large" in str(tried)
    assert "With fewer rows in the trace, more of them are" in " ".join(str(tried).split())


def test_a_large_step_is_checked_in_a_part_of_the_work(step, monkeypatch):
    from chainrule.glassbox.hand_check import candidates
    from chainrule.glassbox.hand_check.right_step import RightStep

    every = RightStep(step).candidates("dw[1]")
    assert every.left_out == 0
    monkeypatch.setattr(candidates, "MOST_WORK_ALONE", 4000.0)
    some = RightStep(step).candidates("dw[1]")
    assert 0 < len(some.alone) < len(every.alone)
    assert some.left_out == len(every.slips) - len(some._affordable)
    assert {each.slips for each in some.alone} <= {each.slips for each in every.alone}


def test_an_entry_far_away_in_a_large_array_is_found_by_its_digits():
    nn = chainrule.Network((200, 100, 1), ("tanh", "identity"), seed=1, dtype=float)
    step = chainrule.trace(nn, np.random.default_rng(0).normal(size=(2, 200)), [[0.5], [1.0]], "mse")
    check = chainrule.hand_check(step, "dw[1][3,7]", f"{step['dw[1][150,60]']:.9g}")
    assert "That is dw[1][150,60], another entry" in str(check)
