from __future__ import annotations

import pytest

from chainrule.training.history import History


def test_columns_grow_together_and_the_last_row_can_be_asked_for():
    history = History()
    assert history.last() == {}
    history.append({"epoch": 1, "J": 0.5})
    history.append({"epoch": 2, "J": 0.25})
    assert history["J"] == [0.5, 0.25]
    assert history.last() == {"epoch": 2, "J": 0.25}
    assert list(history) == ["epoch", "J"]
    assert repr(history) == "<History of 2 epochs: epoch 2, J 0.25>"


def test_a_column_that_begins_or_ends_where_a_training_goes_on_is_nan_elsewhere():
    history = History({"epoch": [1], "J": [0.5], "val_J": [0.6]})
    history.append({"epoch": 2, "J": 0.4, "accuracy": 0.9})
    assert history["J"] == [0.5, 0.4]
    assert history["accuracy"] == [pytest.approx(float("nan"), nan_ok=True), 0.9]
    assert history["val_J"] == [0.6, pytest.approx(float("nan"), nan_ok=True)]
    assert {len(column) for column in history.values()} == {2}


def test_an_unknown_column_is_answered_with_those_there_are():
    with pytest.raises(KeyError, match="no column 'loss'; there are epoch, J"):
        History({"epoch": [1], "J": [0.5]})["loss"]


def test_it_says_which_engine_carried_out_the_steps_and_why():
    reason = "The compiled engine has no Mish, so NumPy carried out the steps."
    assert repr(History({"epoch": [1]}, engine="numpy")) == "<History of 1 epochs: epoch 1>"
    assert repr(History({"epoch": [1]}, engine="compiled")) == "<History of 1 epochs: epoch 1; by the compiled engine>"
    assert repr(History({"epoch": [1]}, engine="numpy", engine_reason=reason)).endswith(f"; {reason}>")
