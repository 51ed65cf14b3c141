from __future__ import annotations

import json
from typing import get_args

import numpy as np
import pytest

from chainrule import Dense, Dropout, Network
from chainrule.errors import ChainruleError
from chainrule.streams import Purpose, Streams
from chainrule.training.callback import Callback


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    assert Streams(3)["order"].random(5).tolist() == Streams(3)["order"].random(5).tolist()
    assert Streams(3)["order"].random(5).tolist() != Streams(4)["order"].random(5).tolist()


def test_purposes_have_streams_of_their_own():
    streams = Streams(3)
    untouched = Streams(3)
    streams["masks"].random(1000)
    assert streams["order"].random(5).tolist() == untouched["order"].random(5).tolist()
    assert len({Streams(3)[purpose].random() for purpose in ("initialisation", "split", "order", "masks")}) == 4


def test_the_first_numbers_of_each_stream_stay_what_they_are():
    """A purpose's place in the list is part of its seed: new purposes go to the end."""
    first = {purpose: int(Streams(1)[purpose].integers(2**32)) for purpose in get_args(Purpose)}
    assert first == RECORDED


def test_a_seed_that_is_not_given_is_fresh_and_can_be_asked_for():
    first, second = Streams(), Streams()
    assert first.seed != second.seed
    assert Streams(first.seed)["order"].random() == first["order"].random()


def test_positions_survive_json():
    streams = Streams()
    streams["order"].random(3)
    positions = json.loads(json.dumps(streams.positions()))
    expected = streams["order"].random(5).tolist()
    streams.move_to(positions)
    assert streams["order"].random(5).tolist() == expected


@pytest.mark.parametrize("seed", [-1, 1.5, "a"])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ChainruleError, match="seed must be"):
        Streams(seed)


def test_positions_of_something_else_are_refused():
    with pytest.raises(ChainruleError, match="positions of the random streams"):
        Streams(1).move_to({"order": {}})


RECORDED = {"initialisation": 66015038, "split": 4042397434, "order": 1832170131, "masks": 783846371}


class Orders(Callback):
    def __init__(self):
        self.seen = []

    def on_batch(self, run):
        if run.training.position == 1:
            self.seen.append(run.training.order.tolist())


def test_adding_dropout_leaves_the_shuffles_as_they_were(rng):
    x, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    seen = []
    for extra in ([], [Dropout(0.5)]):
        orders = Orders()
        nn = Network(layers=[Dense(4, 5, "relu"), *extra, Dense(5, 3, "softmax")], seed=9)
        nn.fit(x, y, epochs=3, batch_size=10, callbacks=[orders], verbose=False)
        seen.append(orders.seen)
    assert seen[0] == seen[1]
    assert len({tuple(order) for order in seen[0]}) == 3  # a new order each epoch
    assert all(sorted(order) == list(range(30)) for order in seen[0])  # every row once


def test_nothing_but_the_published_program_reads_the_global_random_numbers(rng):
    x, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    np.random.seed(1)
    before = np.random.get_state()[1].tolist()
    results = []
    for _ in range(2):
        nn = Network((4, 5, 3), ("relu", "softmax"), seed=9)
        nn.fit(x, y, epochs=2, verbose=False)
        results.append(nn.theta)
        assert np.random.get_state()[1].tolist() == before
    np.testing.assert_array_equal(*results)
