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


def test_a_row_with_other_columns_is_refused_and_changes_nothing():
    history = History({"epoch": [1], "J": [0.5]})
    with pytest.raises(KeyError, match="has the columns"):
        history.append({"epoch": 2})
    assert history == History({"epoch": [1], "J": [0.5]})


def test_an_unknown_column_is_answered_with_those_there_are():
    with pytest.raises(KeyError, match="no column 'loss'; there are epoch, J"):
        History({"epoch": [1], "J": [0.5]})["loss"]
