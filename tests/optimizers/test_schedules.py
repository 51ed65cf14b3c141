"""Every schedule in the catalogue keeps the contract; those that PyTorch lacks follow their papers."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import json
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.optimizers import Momentum
from chainrule.optimizers.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    CosLog,
    Exponential,
    FlatCosine,
    Horizon,
    OneCycle,
    Plateau,
    Polynomial,
    Schedule,
    StepDecay,
    WarmUp,
    step_schedules,
)
from tests.optimizers.examples import EVERY_SCHEDULE

MORE = [
    StepDecay(0.2, 0.5, 2), Polynomial(0.2, 0.5, 3.0), Cosine(0.2, 0.1, 0.7, 1.3), Cosine(0.2, period=0.1), OneCycle(0.2, rise=0),
    OneCycle(0.2, 0.3, 0.1, 0.99), WarmUp(Plateau(0.2, monitor="J"), 0.3), WarmUp(WarmUp(0.2, 2), 1), CosLog(0.2, 1),
]  # fmt: skip
schedules = pytest.mark.parametrize("schedule", [*EVERY_SCHEDULE, *MORE], ids=str)


def all_values(schedule, horizon, state=None):
    return schedule.values(0, horizon.total, horizon, state or {})


@schedules
@given(data=st.data())
def test_a_value_does_not_depend_on_how_the_steps_are_cut(schedule, data):
    epoch = data.draw(st.integers(1, 40))
    total = epoch * data.draw(st.integers(1, 12))
    whole = all_values(schedule, Horizon(total, epoch))
    assert whole.shape == (total,)
    assert whole.dtype == np.float64
    assert np.isfinite(whole).all()
    assert (whole >= 0).all()
    cuts = sorted([*data.draw(st.lists(st.integers(0, total), max_size=4)), 0, total])
    parts = [schedule.values(a, b, Horizon(total, epoch), {}) for a, b in itertools.pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@schedules
@pytest.mark.parametrize("horizon", [Horizon(1, 1), Horizon(2, 1), Horizon(2, 2), Horizon(3, 3)], ids=str)
def test_the_shortest_trainings_have_values(schedule, horizon):
    values = all_values(schedule, horizon)
    assert values.shape == (horizon.total,)
    assert np.isfinite(values).all()


@schedules
def test_a_schedule_is_a_frozen_description_with_a_state_beside_it(schedule):
    assert SCHEDULES[schedule.name] is type(schedule)
    assert schedule.formula
    with pytest.raises(dataclasses.FrozenInstanceError):
        schedule.initial = 1.0
    for copied in (copy.deepcopy(schedule), pickle.loads(pickle.dumps(schedule)), eval(repr(schedule))):
        assert copied == schedule
        assert hash(copied) == hash(schedule)
    given = {}
    state = schedule.observe({"epoch": 1, "J": 0.5, "val_J": 0.6}, given)
    assert given == {}
    assert json.loads(json.dumps(state)) == state
    again = schedule.observe({"epoch": 2, "J": 0.5, "val_J": 0.6}, json.loads(json.dumps(state)))
    assert again == schedule.observe({"epoch": 2, "J": 0.5, "val_J": 0.6}, state)


def test_epochs_are_counted_in_their_steps():
    horizon = Horizon(60, 10)
    stairs = all_values(StepDecay(1.0, 0.5, every=2), horizon)
    np.testing.assert_allclose(stairs, [1.0] * 20 + [0.5] * 20 + [0.25] * 20)
    smooth = all_values(Exponential(1.0, 0.5), horizon)
    np.testing.assert_allclose(smooth[::10], 0.5 ** np.arange(6))
    np.testing.assert_allclose(smooth[1:] / smooth[:-1], 0.5**0.1)
    risen = all_values(WarmUp(1.0, epochs=2, start=0.2), horizon)
    np.testing.assert_allclose(risen[:21], np.linspace(0.2, 1, 21))
    np.testing.assert_array_equal(risen[20:], 1)
    again = all_values(Cosine(1.0, period=2), horizon)
    np.testing.assert_allclose(again[:20], again[20:40], rtol=1e-12)
    np.testing.assert_allclose(again[:20], 0.5 * (1 + np.cos(np.pi * np.arange(20) / 20)))


def test_a_restart_begins_with_its_first_step_whatever_rounding_makes_of_the_period():
    for period, epoch in itertools.product((0.07, 0.1, 0.14, 0.3, 1 / 3), (10, 30, 100)):
        length = period * epoch
        if abs(length - round(length)) < 1e-9:
            values = all_values(Cosine(1.0, period=period), Horizon(50 * epoch, epoch))
            restarts = np.flatnonzero(values == 1.0)
            np.testing.assert_array_equal(restarts, np.arange(0, 50 * epoch, round(length)))
    growing = all_values(Cosine(1.0, period=1, growth=2), Horizon(15 * 7, 7))
    np.testing.assert_array_equal(np.flatnonzero(growing > 1 - 1e-12), 7 * np.array([0, 1, 3, 7]))
    tripling = all_values(Cosine(1.0, period=1, growth=3), Horizon(130 * 7, 7))
    np.testing.assert_array_equal(np.flatnonzero(tripling > 1 - 1e-12), 7 * np.array([0, 1, 4, 13, 40, 121]))


def test_one_cycle_starts_peaks_and_ends_where_it_says():
    values = all_values(OneCycle(1.0), Horizon(100, 10))
    assert values[0] == pytest.approx(1 / 25)
    assert values[29] == pytest.approx(1)
    assert values.argmax() == 29
    assert values[-1] == pytest.approx(1 / 25e4)
    assert (np.diff(values[:30]) > 0).all()
    assert (np.diff(values[29:]) < 0).all()
    momentum = all_values(OneCycle(0.85, initial=0.95, final=0.95), Horizon(100, 10))
    assert [momentum[0], momentum[29], momentum[-1]] == pytest.approx([0.95, 0.85, 0.95])
    assert all_values(OneCycle(1.0), Horizon(1, 1)).tolist() == [1.0]
    assert all_values(OneCycle(1.0, final=0.5), Horizon(2, 1)).tolist() == [1.0, 0.5]


def test_the_end_comes_one_step_after_the_last_and_the_final_value_is_that_of_the_last():
    horizon = Horizon(40, 10)
    for schedule in (Polynomial(1.0, end=0.25), Cosine(1.0, end=0.25)):
        assert schedule.values(40, 41, horizon, {}) == pytest.approx([0.25])
        assert schedule.values(39, 40, horizon, {})[0] > 0.25
    assert OneCycle(1.0, final=0.25).values(39, 40, horizon, {}) == pytest.approx([0.25])


def test_coslog_and_flat_cosine_are_those_of_the_paper():
    horizon = Horizon(150, 10)
    found = all_values(CosLog(0.04), horizon)
    flat = all_values(FlatCosine(0.15), horizon)
    for step in range(150):
        t = step / 150
        assert found[step] == pytest.approx(0.04 / 2 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t))), abs=1e-16)
        assert flat[step] == pytest.approx(0.15 / 2 * (1 + math.cos(math.pi * (max(1, 2 * t) - 1))), abs=1e-16)
    assert found[[0, 10, 30, 70]] == pytest.approx([0, 0, 0, 0], abs=1e-15)  # t = 0, 1/15, 3/15, 7/15: four cycles
    np.testing.assert_array_equal(flat[:76], 0.15)
    assert (np.diff(flat[75:]) < 0).all()
    assert len(set(np.round(all_values(CosLog(1.0, 2), horizon), 12))) > 70


def plateau(schedule, measured):
    state, found = {}, []
    for value in measured:
        state = schedule.observe({"J": value}, state)
        found.append(schedule.values(0, 2, Horizon(10, 2), state).tolist()[1])
    return found


def test_a_plateau_waits_falls_and_cools_down():
    falling = Plateau(1.0, 0.5, patience=1, monitor="J", cooldown=2)
    assert plateau(falling, [5, 4, 4, 4, 4, 4, 4, 4, 4]) == [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert plateau(Plateau(1.0, 0.5, 0, "J", minimum=0.3), [1, 1, 1, 1]) == [1, 0.5, 0.3, 0.3]
    assert plateau(Plateau(0.1, 0.5, 0, "J", minimum=0.3), [1, 1]) == [0.1, 0.1]
    assert plateau(Plateau(1.0, 0.5, 0, "J", "max"), [1, 2, 3, 2]) == [1, 1, 1, 0.5]
    assert plateau(Plateau(1.0, 0.5, 0, "J", threshold=0.1), [1, 0.95, 0.8]) == [1, 0.5, 0.5]
    assert plateau(Plateau(1.0, 0.5, 0, "J", threshold=0.1), [-1, -1.05, -1.2]) == [1, 0.5, 0.5]  # lower is better
    assert plateau(Plateau(1.0, 0.5, 0, "J"), [math.nan, 1, math.nan]) == [0.5, 0.5, 0.25]


def test_a_plateau_knows_that_less_of_J_is_better_and_must_be_told_of_any_other_column():
    for monitor in ("J", "val_J", "penalty"):
        assert Plateau(1.0, monitor=monitor).mode is None
        for value, kept in ((3, 1.0), (5, 0.5)):
            falling = Plateau(1.0, 0.5, 0, monitor)
            state = falling.observe({monitor: value}, falling.observe({monitor: 4}, {}))
            assert falling.values(0, 1, Horizon(9, 1), state).tolist() == [kept]
    for monitor in ("val_accuracy", "accuracy", "val_j", "seconds"):
        message = f"Whether a high '{monitor}' is good is not known: give mode='min' or mode='max'."
        with pytest.raises(InvalidArgument, match=re.escape(message)):
            Plateau(0.1, monitor=monitor)
        assert [Plateau(0.1, monitor=monitor, mode=mode).mode for mode in ("min", "max")] == ["min", "max"]
    with pytest.raises(InvalidArgument, match="Whether a high 'accuracy'"):
        dataclasses.replace(Plateau(0.1), monitor="accuracy")


def test_a_warm_up_shows_the_history_to_the_schedule_inside():
    schedule = WarmUp(Plateau(1.0, 0.5, 0, "J"), epochs=4, start=0.5)
    state = schedule.observe({"J": 1.0}, schedule.observe({"J": 1.0}, {}))
    assert schedule.values(2, 3, Horizon(8, 1), state).tolist() == [0.5 * 0.75]


def test_a_plateau_without_its_column_is_refused_with_the_columns():
    with pytest.raises(
        InvalidArgument, match=r"looks at 'val_J', which is no column .*; choose from J, epoch, penalty\."
    ):
        Plateau(0.1).observe({"epoch": 1, "J": 0.5, "penalty": 0.0}, {})
    with pytest.raises(InvalidArgument, match=r"looks at 'val_j', .*; did you mean 'val_J'\?"):
        Plateau(0.1, monitor="val_j", mode="min").observe({"epoch": 1, "val_J": 0.5}, {})


NOT_NEGATIVE = [
    (StepDecay, "initial"), (Exponential, "initial"), (Polynomial, "initial"), (Polynomial, "end"), (Cosine, "initial"),
    (Cosine, "end"), (OneCycle, "initial"), (OneCycle, "final"), (Plateau, "initial"), (Plateau, "minimum"),
    (CosLog, "initial"), (FlatCosine, "initial"),
]  # fmt: skip
POSITIVE = [
    (StepDecay, "factor"), (Exponential, "factor"), (Polynomial, "power"), (Cosine, "period"), (WarmUp, "epochs"), (OneCycle, "peak"),
]  # fmt: skip
SHARES = [(WarmUp, "start"), (OneCycle, "rise"), (Plateau, "threshold")]
COUNTS = [(StepDecay, "every"), (Plateau, "patience"), (Plateau, "cooldown"), (CosLog, "cycles")]
OTHERS = [
    (Constant, "value"), (Cosine, "growth"), (WarmUp, "schedule"),
    (Plateau, "factor"), (Plateau, "mode"), (Plateau, "monitor"),
]  # fmt: skip


def with_setting(member, name, value):
    first = dataclasses.fields(member)[0].name
    return member(**{first: 0.5, name: value})


def test_the_tables_of_settings_name_every_setting():
    listed = {pair for table in (NOT_NEGATIVE, POSITIVE, SHARES, COUNTS, OTHERS) for pair in table}
    assert listed == {(member, field.name) for member in SCHEDULES for field in dataclasses.fields(member)}


@given(table=st.sampled_from(["not negative", "positive", "share", "count"]), data=st.data())
def test_a_setting_out_of_its_range_is_refused_by_name_and_value(table, data):
    settings, out_of_range, says = {
        "not negative": (NOT_NEGATIVE, st.floats(max_value=-1e-300), "of at least 0, not"),
        "positive": (POSITIVE, st.floats(max_value=0), "above 0, not"),
        "share": (SHARES, st.floats(max_value=-1e-300) | st.floats(min_value=1), "of at least 0 and below 1, not"),
        "count": (COUNTS, st.integers(max_value=-1), "must be at least "),
    }[table]
    infinite = st.sampled_from([float("nan"), float("inf"), float("-inf")])
    member, name = data.draw(st.sampled_from(settings))
    value = data.draw(out_of_range if table == "count" else out_of_range | infinite)
    with pytest.raises(InvalidArgument) as raised:
        with_setting(member, name, value)
    assert str(raised.value).startswith(name)
    assert says in str(raised.value)
    assert repr(value) in str(raised.value)


@pytest.mark.parametrize("value", ["0.5", True, [0.5], 1j])
@pytest.mark.parametrize(("member", "name"), [*NOT_NEGATIVE, *POSITIVE, *SHARES, *COUNTS, (Cosine, "growth")])
def test_a_setting_that_is_no_number_is_refused(member, name, value):
    with pytest.raises(InvalidType, match=f"^{name} must be a (finite|whole) number"):
        with_setting(member, name, value)


@pytest.mark.parametrize(
    ("made", "kind", "message"),
    [
        (lambda: Cosine(0.1, growth=2), InvalidArgument, "growth=2 makes periods longer, and there is no period"),
        (
            lambda: Cosine(0.1, period=1, growth=0.9),
            InvalidArgument,
            "growth must be a finite number of at least 1, not",
        ),
        (lambda: Plateau(0.1, factor=1), InvalidArgument, "factor must be a finite number above 0 and below 1, not 1"),
        (lambda: Plateau(0.1, mode="low"), InvalidArgument, 'mode must be "min" or "max", not \'low\''),
        (lambda: Plateau(0.1, monitor=3), InvalidType, "monitor must be the name of a column"),
        (
            lambda: WarmUp(-0.1),
            InvalidArgument,
            "The value to warm up to must be a finite number of at least 0, not -0.1",
        ),
        (lambda: WarmUp(Constant(-0.1)), InvalidArgument, "The value to warm up to must be"),
        (lambda: WarmUp("cosine"), InvalidType, "The value to warm up to must be a finite number"),
        (lambda: WarmUp(Cosine), InvalidType, "Cosine needs its settings: give an instance"),
        (lambda: Constant(math.nan), InvalidArgument, "The value of a schedule must be a finite number, not nan"),
        (
            lambda: SCHEDULES.resolve("cosin"),
            InvalidArgument,
            "not the name of a known schedule; did you mean 'cosine'",
        ),
        (lambda: SCHEDULES.resolve("cosine"), InvalidArgument, "The schedule Cosine needs initial: give an instance"),
    ],
)
def test_what_makes_no_schedule_is_refused(made, kind, message):
    with pytest.raises(kind, match=message):
        made()


def test_schedules_name_every_value_of_a_step():
    found = step_schedules(0.1, Momentum(0.7).scheduled, {"dropout_factor": FlatCosine(0.5)})
    assert found == {"learning_rate": Constant(0.1), "momentum": Constant(0.7), "dropout_factor": FlatCosine(0.5)}
    assert found["momentum"].values(3, 6, Horizon(10, 5), {}).tolist() == [0.7] * 3
    assert step_schedules(Cosine(0.1), {}) == {"learning_rate": Cosine(0.1), "dropout_factor": Constant(1.0)}


def test_a_value_that_cannot_be_scheduled_is_refused():
    with pytest.raises(InvalidArgument, match="no value 'momentun' to schedule; did you mean 'momentum'"):
        step_schedules(0.1, {"momentum": 0.9}, {"momentun": Constant(1)})
    for given_ in (0.5, Cosine, "cosine"):
        with pytest.raises(InvalidType, match="is not a schedule for momentum"):
            step_schedules(0.1, {"momentum": 0.9}, {"momentum": given_})


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), Constant(-1)])
def test_a_learning_rate_not_above_0_and_finite_is_refused(rate):
    with pytest.raises(InvalidArgument, match="learning_rate must be a finite number above 0"):
        step_schedules(rate, {})


@pytest.mark.parametrize("rate", ["0.1", None, True, Cosine])
def test_a_learning_rate_that_is_no_number_is_refused(rate):
    with pytest.raises(InvalidType, match="learning_rate must be a finite number above 0"):
        step_schedules(rate, {})


def test_every_schedule_of_the_catalogue_is_one():
    assert all(issubclass(member, Schedule) for member in SCHEDULES)
    assert len(SCHEDULES.names) == 10


@pytest.mark.parametrize("rate", ["cosine", Cosine])
def test_a_schedule_without_its_settings_is_no_learning_rate(rate):
    with pytest.raises(InvalidType, match=r"or a schedule with its settings, such as schedules.Cosine\(0.1\)"):
        step_schedules(rate, {})


@pytest.mark.parametrize("given", [5, [1], "abc"])
def test_schedules_are_a_mapping(given):
    with pytest.raises(InvalidType, match="schedules is a mapping from names to schedules"):
        step_schedules(0.1, {}, given)


def test_the_learning_rate_has_a_place_of_its_own():
    with pytest.raises(InvalidArgument, match=r"given by itself: fit\(..., learning_rate=...\)"):
        step_schedules(0.1, {}, {"learning_rate": Constant(0.1)})
