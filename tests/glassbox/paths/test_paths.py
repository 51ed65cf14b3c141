"""The strongest chains are those that an enumeration of all chains finds, and all chains add up to the number."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from chainrule import BatchNorm, CrossEntropy, Dense, Dropout, LayerNorm, MLPClassifier, Network, Residual, vanilla
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.paths import paths
from chainrule.glassbox.trace import Quantity, trace
from tests.glassbox.paths.brute_force import all_chains

ARCHITECTURES = {
    "tanh": lambda: [Dense(2, 3, "tanh"), Dense(3, 2, "sigmoid"), Dense(2, 2)],
    "relu": lambda: [Dense(2, 4, "relu"), Dense(4, 3, "relu"), Dense(3, 2)],
    "hidden softmax": lambda: [Dense(2, 3, "softmax"), Dense(3, 2)],
    "dropout": lambda: [Dense(2, 4, "gelu"), Dropout(0.5), Dense(4, 2)],
    "batch norm": lambda: [Dense(2, 2), BatchNorm(), Dense(2, 2, "tanh"), BatchNorm(), Dense(2, 1)],
    "norm first": lambda: [BatchNorm(), Dense(2, 2, "tanh"), Dense(2, 1)],
    "layer norm": lambda: [Dense(2, 3), LayerNorm(), Dense(3, 2, "tanh"), LayerNorm(), Dense(2, 2)],
    "residual": lambda: [Dense(2, 3, "tanh"), Residual([Dense(3, 2, "relu"), Dense(2, 3)]), Dense(3, 2)],
    "residual first": lambda: [Residual([Dense(2, 3, "tanh"), Dense(3, 2)]), Dense(2, 2, "tanh"), Dense(2, 2)],
    "residual of a norm": lambda: [Dense(2, 2), Residual([LayerNorm(), Dense(2, 2, "silu"), Dropout(0.3)]), Dense(2, 2)],
    "residuals inside": lambda: [
        Dense(2, 2, "tanh"),
        Residual([Residual([Dense(2, 2, "tanh")]), BatchNorm(), Residual([Dense(2, 2), LayerNorm()])]),
        Dense(2, 1),
    ],
}  # fmt: skip

each_architecture = pytest.mark.parametrize("layers", ARCHITECTURES.values(), ids=ARCHITECTURES)


def traced(layers, seed=1, n=3, **settings):
    rng = np.random.default_rng(seed)
    nn = Network(layers=layers(), seed=seed, dtype=float)
    nn.theta[...] += rng.normal(size=nn.theta.shape) / 3
    k = nn.architecture.n_out
    return trace(nn, rng.normal(size=(n, 2)), rng.normal(size=(n, k)), **settings)


def derivatives(step):
    """The name of every derivative that a trace holds, an entry at a time."""
    for name, value in step.items():
        if re.match(r"d[wba]?\[|delta\[|d\(", name):
            for index in np.ndindex(np.shape(value)):
                yield Quantity(name, index)


def product(chain):
    return np.prod([factor.value for factor in chain.factors])


def one_relu_layer():
    """dw[1][1,0] = -0.5 * 1 * 2 * 0.4 + 1.5 * 1 * 2 * -0.1, row 2 having no part in it since its unit is off."""
    nn = Network((2, 2, 1), ("relu", "identity"), dtype=float)
    nn.w[1], nn.b[1] = [[1.0, 0.0], [1.0, 0.0]], [1.0, -1.0]
    nn.w[2], nn.b[2] = [[2.0], [5.0]], [0.0]
    x = np.array([[1.0, -0.5], [0.0, 1.5], [-9.0, 0.5]])
    output = np.maximum(x.sum(axis=1) + 1, 0) * 2
    return trace(nn, x, output - np.array([0.6, -0.15, 3.0]))  # delta is 2 (a - y) / 3


# --- against an enumeration of all chains --------------------------------------------------------------------------


@each_architecture
@pytest.mark.parametrize("settings", [{}, {"training": False}, {"sample_weight": [1.0, 0.5, 2.0]}], ids=str)
def test_every_derivative_has_the_chains_that_an_enumeration_finds(layers, settings):
    step = traced(layers, **settings)
    chains = all_chains(step)
    for number in derivatives(step):
        expected = sorted(chains[number.name][number.index], key=abs, reverse=True)
        found = paths(step, number, most=7)
        assert found.total == pytest.approx(step[number], rel=1e-9, abs=1e-14)
        assert found.total == pytest.approx(sum(expected), rel=1e-9, abs=1e-14)
        assert found.absolute_total == pytest.approx(sum(map(abs, expected)), rel=1e-9)
        strongest = [chain.contribution for chain in found.chains]
        np.testing.assert_allclose(np.abs(strongest), np.abs(expected[: len(strongest)]), rtol=1e-9, atol=1e-14)
        assert len(strongest) == min(7, found.n_alive)
        assert found.n_alive <= found.n_chains


@pytest.mark.parametrize("kind", ["tanh", "relu", "hidden softmax", "dropout", "residual", "residual first"])
def test_chains_that_are_not_0_are_counted(kind):
    step = traced(ARCHITECTURES[kind])
    chains = all_chains(step)
    for number in derivatives(step):
        found = paths(step, number, most=10**6)
        expected = chains[number.name][number.index]
        assert found.n_alive == len(found.chains) == len(expected)
        ours, theirs = (sorted(each) for each in ([c.contribution for c in found.chains], expected))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@each_architecture
@pytest.mark.parametrize("number", ["dw[1][1,0]", "db[1][0]", "delta[2][2,1]"])
def test_factors_multiply_to_the_contribution_and_are_numbers_of_the_trace(layers, number):
    step = traced(layers, n=5)
    if number not in map(str, derivatives(step)):
        number = "dw[1][0,1]"
    known = 0
    for chain in paths(step, number, most=20).chains:
        assert product(chain) == pytest.approx(chain.contribution, rel=1e-12)
        assert chain.factors[-1].name.startswith("delta[")
        for name, value in chain.factors:
            if re.match(r"[\w.]+(\[\d+\])?\[\d+,\d+\]$", name):
                assert step[name] == pytest.approx(value)
                known += 1
    assert known


@each_architecture
def test_a_chain_goes_on_where_its_last_factor_led(layers):
    step = traced(layers)
    for chain in paths(step, "dw[1][0,1]", most=20).chains:
        for here, there in zip(chain.passes[:-1], chain.passes[1:], strict=True):
            (row, unit), (next_row, next_unit) = here.index, there.index
            if here.letter == "da" and there.letter == "delta":
                assert f"w[{here.number}][{unit},{next_unit}]" in [name for name, _ in chain.factors]
                assert row == next_row
        assert str(chain.passes[-1]) == chain.factors[-1].name


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 3),
    widths=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    f=st.sampled_from(["relu", "tanh", "softplus", "leaky_relu"]),
    most=st.integers(1, 30),
)
def test_shares_add_up_and_the_rest_is_the_rest(seed, n, widths, f, most):
    rng = np.random.default_rng(seed)
    nn = Network((3, *widths, 2), (f,) * len(widths) + ("identity",), seed=seed, dtype=float)
    step = trace(nn, rng.normal(size=(n, 3)), rng.normal(size=(n, 2)))
    number = Quantity("dw[1]").at(int(rng.integers(3)), int(rng.integers(widths[0])))
    found = paths(step, number, most)
    expected = sorted(map(abs, all_chains(step)[number.name][number.index]), reverse=True)
    assert [abs(chain.contribution) for chain in found.chains] == pytest.approx(expected[:most], rel=1e-9)
    together = sum(chain.contribution for chain in found.chains) + found.others
    assert together == pytest.approx(step[number], rel=1e-9, abs=1e-13)
    assert sum(chain.share_of_total for chain in found.chains) + found.others_share_of_total == pytest.approx(
        1.0 if expected else 0.0
    )
    assert found.positive + found.negative == pytest.approx(found.total, abs=1e-13)
    assert found.positive - found.negative == pytest.approx(found.absolute_total)
    assert found.n_chains == n * int(np.prod(widths[1:])) * 2


# --- what a person can check by hand ------------------------------------------------------------------------------


def test_the_chains_of_a_small_network_are_those_on_paper():
    found = paths(one_relu_layer(), "dw[1][1,0]")
    assert [chain.contribution for chain in found.chains] == pytest.approx([-0.4, -0.3])
    assert (found.n_chains, found.n_alive) == (3, 2)
    assert [factor.name for factor in found.chains[0].factors] == [
        "a[1][0,1]",
        "f'(z[2][0,0])",
        "w[2][0,0]",
        "delta[3][0,0]",
    ]
    assert [factor.value for factor in found.chains[0].factors] == pytest.approx([-0.5, 1, 2, 0.4])
    assert [chain.rows for chain in found.chains] == [(0,), (1,)]
    assert sum(chain.share for chain in found.chains) == pytest.approx(1)


def test_the_table_says_what_was_found():
    assert str(paths(one_relu_layer(), "dw[1][1,0]", most=1)).splitlines() == [
        "dw[1][1,0] = -0.7: 3 chains, 2 of them not 0; the strongest:",
        "   contribution  of dw[1][1,0]  of all sizes",
        "1.         -0.4           57 %          57 %  row 0",
        "       a[1][0,1] * f'(z[2][0,0]) * w[2][0,0] * delta[3][0,0]",
        "       -0.5      * 1             * 2         * 0.4",
        "           -0.3           43 %          43 %  the other chain",
        "All chains are below 0.",
        "All sizes, that is without their signs, add up to 0.7.",
    ]


def test_a_number_that_no_error_reaches_says_what_cuts_the_chains():
    found = paths(one_relu_layer(), "dw[1][1,1]")
    assert (found.chains, found.n_alive, found.total, found.others) == ((), 0, 0.0, 0.0)
    assert str(found) == (
        "dw[1][1,1] = 0: 3 chains, all of them 0.\n"
        "Note: No error comes here. Seen from the number, the chains are cut by f'(z[2]) (0 in 3 of 3 places)."
    )


def test_what_cuts_is_looked_for_as_far_as_an_error_comes():
    nn = Network((1, 2, 2, 1), ("relu", "relu", "identity"), dtype=float)
    nn.w[1], nn.w[2], nn.b[2] = [[1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]], [-9.0, -9.0]
    (remark,) = paths(trace(nn, [[0.0], [1.0]], [1.0, 1.0]), "dw[1][0,0]").remarks
    assert (
        "cut by a[1] (0 in 1 of 2 places), then by w[2] (0 in 1 of 2 places), then by f'(z[3]) (0 in 1 of 1" in remark
    )


def test_the_two_ways_at_a_residual_connection_are_told_apart():
    nn = Network(layers=[Dense(1, 1), Residual([Dense(1, 1)]), Dense(1, 1)], dtype=float)
    nn.w[1], nn.w[2], nn.w[3] = [[1.0]], [[3.0]], [[0.5]]
    found = paths(trace(nn, [[1.0]], [1.0]), "dw[1][0,0]")
    assert [chain.ways for chain in found.chains] == [("through residual_1",), ("past residual_1",)]
    through, past = found.chains
    assert through.contribution == pytest.approx(3 * past.contribution)
    assert "w[2][0,0]" not in [name for name, _ in past.factors]
    assert "row 0, past residual_1" in str(found)


def test_a_batch_norm_leads_from_row_to_row():
    found = paths(traced(ARCHITECTURES["norm first"], n=4), "d(batch_norm_1.scale)[0]", most=100)
    assert all(len(chain.rows) == 1 for chain in found.chains)  # behind the norm, rows are apart
    found = paths(traced(ARCHITECTURES["batch norm"], n=4), "delta[3][0,0]", most=100)
    assert {chain.rows for chain in found.chains} == {(0,), (0, 1), (0, 2), (0, 3)}
    assert "rows 0 <- " in str(found)
    still = paths(traced(ARCHITECTURES["batch norm"], n=4, training=False), "delta[3][0,0]", most=100)
    assert {chain.rows for chain in still.chains} == {(0,)}


def test_the_part_of_the_penalty_comes_by_no_chain():
    step = traced(ARCHITECTURES["tanh"], l2=0.5, l1=0.1)
    found = paths(step, "dw[2][0,1]", most=2)
    assert sum(chain.contribution for chain in found.chains) + found.others == pytest.approx(found.total)
    assert found.total + found.penalty == pytest.approx(step["dw[2][0,1]"])
    w = step["w[2][0,1]"]
    assert found.penalty == pytest.approx(0.5 * w + 0.1 * np.sign(w))
    assert "The penalty's part of dw[2][0,1]" in str(found)
    assert paths(step, "db[2][0]").penalty == 0


def test_the_output_s_delta_is_where_chains_end():
    step = one_relu_layer()
    found = paths(step, "delta[3][1,0]")
    assert found.chains[0].contribution == step["delta[3][1,0]"]
    assert "delta[3] is where every chain ends" in str(found)


def test_long_products_go_on_in_another_line():
    nn = Network((1, *[2] * 8, 1), ("tanh",) * 8 + ("identity",), seed=1, dtype=float)
    lines = str(paths(trace(nn, [[1.0]], [2.0]), "dw[1][0,0]", most=2)).splitlines()
    assert max(map(len, lines)) <= 125
    assert sum(line.lstrip().startswith("* ") for line in lines) >= 4


# --- sizes ---------------------------------------------------------------------------------------------------------


def test_among_very_many_chains_the_strongest_are_found():
    rng = np.random.default_rng(3)
    nn = Network((5, 60, 60, 60, 60, 4), ("relu",) * 4 + ("softmax",), seed=2, dtype=float)
    step = trace(nn, rng.normal(size=(8, 5)), rng.integers(0, 4, 8), CrossEntropy)
    found = paths(step, "dw[1][3,0]", most=3)
    assert found.n_chains == 8 * 60**3 * 4
    # the best chain with a plain pass of maxima
    best = np.abs(step.delta[6])
    for i in (5, 4, 3, 2):
        best = (np.abs(step.w[i]) * best[:, np.newaxis, :]).max(axis=2) * (step.z[i] > 0)
    assert abs(found.chains[0].contribution) == pytest.approx((np.abs(step.a[1][:, 3]) * best[:, 0]).max())
    assert found.total == pytest.approx(step["dw[1][3,0]"])


def test_float32_is_followed_in_float64():
    rng = np.random.default_rng(3)
    nn = Network((5, 30, 4), ("relu", "softmax"), seed=2)
    step = trace(nn, rng.normal(size=(8, 5)), rng.integers(0, 4, 8))
    found = paths(step, "dw[1][3,0]")
    assert found.total == pytest.approx(step["dw[1][3,0]"], rel=1e-4, abs=1e-6 * found.absolute_total)


# --- learners' programs ---------------------------------------------------------------------------------------------


def learner(**changes):
    np.random.seed(4)
    kind = type("Mine", (vanilla.Network,), changes)
    nn = kind((3, 4, 3, 2), (vanilla.Relu, vanilla.Sigmoid, vanilla.Sigmoid))
    rng = np.random.default_rng(4)
    return nn, trace(nn, rng.normal(size=(5, 3)), np.eye(2)[[0, 1, 1, 0, 1]], vanilla.MSE)


def test_a_learner_s_chains_add_up_where_the_program_follows_the_chain_rule():
    nn, step = learner()
    before = {i: w.copy() for i, w in nn.w.items()}
    row, unit = np.argwhere(step.z[2] > 0)[0]
    for number in (f"dw[1][2,{unit}]", "dw[2][0,0]", f"delta[2][{row},{unit}]", "da[2][1,3]"):
        found = paths(step, number)
        assert found.total == pytest.approx(step[number])
        assert found.remarks == ()
    assert all(np.array_equal(nn.w[i], before[i]) for i in before)


def test_the_post_s_mean_over_the_rows_is_named():
    _, step = learner()
    found = paths(step, "db[1][3]")
    assert found.total == pytest.approx(5 * step["db[1][3]"])
    (remark,) = found.remarks
    assert "its db[1] is the first that is not what the chain rule makes" in remark
    assert "delta[2].sum(axis=0) gives" in remark
    assert remark.endswith("It is their mean over the 5 rows, not their sum.")


def test_the_first_wrong_delta_from_the_output_is_named():
    def _back_prop(self, z, a, y_true):
        delta = self.loss.delta(y_true, a[self.n_layers])
        updates = {self.n_layers - 1: (a[self.n_layers - 1].T @ delta, delta)}
        for i in reversed(range(2, self.n_layers)):
            delta = (delta @ self.w[i].T) * (self.activations[i].prime(z[i]) if i == 2 else 1.0)
            updates[i - 1] = (a[i - 1].T @ delta, delta)
        for index, (dw, delta) in updates.items():
            self._update_w_b(index, dw, delta)

    _, step = learner(_back_prop=_back_prop)
    row, unit = np.argwhere(step.z[2] > 0)[0]
    for number in (f"dw[1][2,{unit}]", "dw[2][0,0]", "delta[3][0,0]", f"delta[2][{row},{unit}]", "da[2][0,3]"):
        found = paths(step, number)
        (remark,) = found.remarks
        assert "its delta[3] is the first" in remark
        assert "(delta[4] @ w[3].T) * f'(z[3]) gives" in remark
        assert found.total != pytest.approx(step[number])
    assert paths(step, "dw[3][0,0]").remarks == ()


def test_an_estimator_s_trace_is_followed():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = MLPClassifier(hidden_layer_sizes=(4,), max_iter=2, random_state=0).fit(x, y)
    step = trace(model, x[:6], y[:6])
    assert paths(step, "dw[1][0,1]").value == step["dw[1][0,1]"]


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("z[2][0,0]", r"z\[2\]\[0,0\] is no derivative of J"),
        ("J", "J is no derivative of J"),
        ("new w[1][0,0]", "is no derivative of J"),
        ("dw[1]", r"has chains of its own: name one, such as dw\[1\]\[0,0\]"),
        ("dw[1][5,0]", "is outside dw"),
        ("dw[7][0,0]", r"There is no dw\[7\]"),
        ("nonsense", "is not the name of a number"),
    ],
)
def test_what_has_no_chains_is_refused_in_a_sentence(number, sentence):
    with pytest.raises(InvalidArgument, match=sentence):
        paths(one_relu_layer(), number)


def test_what_is_no_trace_or_no_count_is_refused():
    with pytest.raises(InvalidType, match=r"chainrule.trace\(nn, x, y\), not in Network"):
        paths(Network((1, 1), ("identity",)), "dw[1][0,0]")
    with pytest.raises(InvalidArgument, match="The number of chains must be at least 1"):
        paths(one_relu_layer(), "dw[1][0,0]", most=0)


def test_infinite_numbers_on_the_way_are_refused():
    class Steep:
        @staticmethod
        def activation(z):
            return 2 * z

        @staticmethod
        def prime(z):
            return np.full_like(z, np.inf)

    class WithoutSlopes(vanilla.Network):
        def _back_prop(self, z, a, y_true):
            delta = self.loss.delta(y_true, a[3])
            self._update_w_b(2, a[2].T @ delta, delta)
            self._update_w_b(1, a[1].T @ (delta @ self.w[2].T), delta @ self.w[2].T)

    for kind, sentence in ((vanilla.Network, r"delta\[2\]\[0,0\] is -?inf"), (WithoutSlopes, "NaN or infinite")):
        step = trace(kind((1, 1, 1), (Steep, vanilla.Sigmoid)), [[0.5]], [[1.0]], vanilla.MSE)
        with pytest.raises(InvalidArgument, match=sentence):
            paths(step, "delta[2][0,0]")
