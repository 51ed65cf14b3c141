"""The proof: each mistake is named first, over random networks on which it makes a difference."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

import chainrule
from tests.glassbox.hand_check.wrong_numbers import MISTAKES

CALLED = {"mean and variance of a layer norm taken as constants": "mean and variance of a norm taken as constants"}


def cases(name, number):
    """Networks on which the mistake makes a difference in six digits, each with the wrong number as text."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    found = 0
    while found < number:
        drawn, quantity, wrong, right = MISTAKES[name](rng)
        wrong, right = np.asarray(wrong), np.asarray(right)
        if wrong.shape != right.shape:
            yield drawn.trace(), quantity, [[f"{each:#.6g}" for each in row] for row in wrong]
            found += 1
            continue
        differs = np.argwhere([f"{p:#.6g}" != f"{q:#.6g}" for p, q in zip(wrong.flat, right.flat, strict=True)])[:, 0]
        size = abs(right[np.isfinite(right)]).max()
        differs = [i for i in differs if abs(wrong.flat[i] - right.flat[i]) > 1e-8 * size and wrong.flat[i] != 0]
        differs = [i for i in differs if np.isfinite(wrong.flat[i])]
        if not differs:
            continue
        at = np.unravel_index(differs[rng.integers(len(differs))], wrong.shape)
        entry = f"{quantity}[{','.join(map(str, at))}]" if at else quantity
        yield drawn.trace(), entry, f"{wrong[at]:#.6g}"
        found += 1


def hits(name, number):
    """How often the mistake is named first, and how often among those with the very same number as the first."""
    called = CALLED.get(name, name)
    first = same = 0
    for trace, quantity, value in cases(name, number):
        check = chainrule.hand_check(trace, quantity, value)
        assert not check.right
        names = [mistake.name for mistake in check.mistakes]
        is_first = bool(names) and names[0].startswith(called)
        first += is_first
        same += is_first or any(each.startswith(called) for each in check.same_number)
    return first, same


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_first(name, proof):
    number = 100 if proof else 15
    first, same = hits(name, number)
    print(f"{name}: first in {first} of {number}, with the same number as the first in {same}")
    assert (first if proof else same) >= 0.95 * number
