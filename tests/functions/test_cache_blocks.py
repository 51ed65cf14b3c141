"""Blocks of arrays that stay in cache."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.cache_blocks import CACHED_BYTES, blocks_in_cache, written_in_blocks


@given(st.integers(1, 10**7), st.sampled_from([4, 8, 4096, 10**6]))
def test_blocks_cover_every_entry_once_and_are_about_equal_and_small(n, itemsize):
    blocks = list(blocks_in_cache(n, n * itemsize))
    assert blocks[0].start == 0
    assert blocks[-1].stop == n
    assert all(a.stop == b.start for a, b in itertools.pairwise(blocks))
    lengths = [block.stop - block.start for block in blocks]
    assert min(lengths) >= 1
    assert max(lengths) - min(lengths) <= 1
    assert max(lengths) * itemsize <= max(itemsize, 1.5 * CACHED_BYTES + itemsize)


@pytest.mark.parametrize("activation", list(ACTIVATIONS), ids=lambda f: f.name)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(700, 90), (3, 400, 50), (5, 3)])
def test_activations_written_in_blocks_keep_every_bit(activation, dtype, shape, rng):
    f = activation()
    z, d = (rng.normal(size=shape).astype(dtype) for _ in range(2))
    a = f.f(z)
    np.testing.assert_array_equal(written_in_blocks(f.f, np.empty_like(z), z), a)
    whole = f.backward(d, z, a)
    assert written_in_blocks(f.backward, d, d, z, a) is d
    np.testing.assert_array_equal(d, whole)
