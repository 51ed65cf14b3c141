"""Matrix products of compiled code beside NumPy's, over small shapes, and that they write nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from chainrule.engines.compiled import products
from chainrule.engines.compiled.program import blas_address

GUARD = 7.25
"""What stands around a result, and must stand there afterwards."""

dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


@njit
def by_tiles(like, c, c_row, a, a_row, a_column, b, b_row, m, n, k, start, start_row):
    products.product(like, c, c_row, a, a_row, a_column, b, b_row, m, n, k, start, start_row)


@njit
def by_blas(like, blas, scratch, c, c_row, a, a_row, a_t, b, b_row, b_t, m, n, k, accumulate):
    products.blas_product(like, blas, scratch, c, c_row, a, a_row, a_t, b, b_row, b_t, m, n, k, accumulate)


@njit
def transposed(like, to, matrix, m, n):
    products.transpose(like, to, matrix, m, n)


def framed(shape, dtype, gap, rng):
    """A matrix whose rows have a gap between them, within a larger array full of guards."""
    m, n = shape
    whole = np.full(64 + m * (n + gap) + 64, GUARD, dtype)
    view = whole[64 : 64 + m * (n + gap)].reshape(m, n + gap)[:, :n]
    view[...] = rng.normal(size=shape)
    return whole, view


def assert_guarded(whole, view):
    inside = np.zeros(whole.size, bool)
    offset = (view.ctypes.data - whole.ctypes.data) // whole.itemsize
    rows = np.arange(view.shape[0])[:, np.newaxis] * (view.strides[0] // whole.itemsize)
    inside[offset + rows + np.arange(view.shape[1])] = True
    assert (whole[~inside] == GUARD).all()


def assert_product(dtype, m, n, k, gap, *, transpose_a, accumulate, start_is_row, rng):
    a_whole, a = framed((k, m) if transpose_a else (m, k), dtype, gap, rng)
    b_whole, b = framed((k, n), dtype, gap, rng)
    c_whole, c = framed((m, n), dtype, gap, rng)
    bias = rng.normal(size=n).astype(dtype)
    left = a.T if transpose_a else a
    begin = c.copy() if accumulate else bias if start_is_row else np.zeros(n, dtype)
    exact = begin.astype(np.longdouble) + left.astype(np.longdouble) @ b.astype(np.longdouble)
    bound = np.abs(begin) + np.abs(left).astype(np.float64) @ np.abs(b).astype(np.float64)
    row, column = (stride // a.itemsize for stride in left.strides)
    start, start_row = (c, c.strides[0] // c.itemsize) if accumulate else (bias if start_is_row else begin, 0)
    by_tiles(
        np.empty(1, dtype), c.ctypes.data, c.strides[0] // c.itemsize, a.ctypes.data, row, column, b.ctypes.data,
        b.strides[0] // b.itemsize, m, n, k, start.ctypes.data, start_row,
    )  # fmt: skip
    assert (np.abs(c - exact) <= (k + 2) * np.finfo(dtype).eps * bound).all(), (m, n, k)
    for whole, view in ((a_whole, a), (b_whole, b), (c_whole, c)):
        assert_guarded(whole, view)


@dtypes
@pytest.mark.parametrize("transpose_a", [False, True], ids=["", "a transposed"])
def test_all_numbers_of_rows_and_columns_up_to_beyond_a_tile(transpose_a, dtype, rng):
    for m in [*range(1, 20), 33, 70]:
        for n in range(1, 71):
            given_c, k = bool((m + n) % 2), 1 + (m * 7 + n * 3) % 5
            assert_product(
                dtype, m, n, k, n % 3, transpose_a=transpose_a, accumulate=given_c, start_is_row=n % 2 == 0, rng=rng
            )


@dtypes
@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    shape=st.tuples(*[st.integers(1, 70)] * 3),
    gap=st.integers(0, 5),
    transpose_a=st.booleans(),
    accumulate=st.booleans(),
    start_is_row=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_drawn_shapes_steps_and_starts(dtype, shape, gap, transpose_a, accumulate, start_is_row, seed):
    rng = np.random.default_rng(seed)
    ways = {"transpose_a": transpose_a, "accumulate": accumulate, "start_is_row": start_is_row}
    assert_product(dtype, *shape, gap, **ways, rng=rng)


@dtypes
def test_no_terms_leave_the_start(dtype, rng):
    assert_product(dtype, 5, 9, 0, 1, transpose_a=False, accumulate=False, start_is_row=True, rng=rng)


@dtypes
def test_a_row_of_ones_by_steps_of_zero_sums_the_columns(dtype, rng):
    delta = rng.integers(-5, 5, (21, 37)).astype(dtype)
    one, total = np.ones(1, dtype), np.zeros(37, dtype)
    zeros = np.zeros(37, dtype)
    by_tiles(one, total.ctypes.data, 37, one.ctypes.data, 0, 0, delta.ctypes.data, 37, 1, 37, 21, zeros.ctypes.data, 0)
    np.testing.assert_array_equal(total, delta.sum(axis=0))


@dtypes
def test_nan_and_infinity_reach_their_own_numbers_alone(dtype, rng):
    a, b = rng.normal(size=(9, 5)).astype(dtype), rng.normal(size=(5, 33)).astype(dtype)
    a[2, 1], b[3, 32] = np.nan, np.inf
    c, zeros = np.zeros((9, 33), dtype), np.zeros(33, dtype)
    by_tiles(
        np.empty(1, dtype), c.ctypes.data, 33, a.ctypes.data, 5, 1, b.ctypes.data, 33, 9, 33, 5, zeros.ctypes.data, 0
    )
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(c, a @ b, rtol=1e-4 if dtype is np.float32 else 1e-12)


@dtypes
@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
@pytest.mark.parametrize("accumulate", [0, 1])
def test_blas_multiplies_what_it_is_told_to(accumulate, transpose_b, transpose_a, dtype, rng):
    scratch = np.zeros(8, np.int64)
    for m, n, k in ((1, 1, 1), (5, 3, 4), (17, 33, 9), (1, 70, 2), (64, 1, 33)):
        for gap in (0, 3):
            a_whole, a = framed((k, m) if transpose_a else (m, k), dtype, gap, rng)
            b_whole, b = framed((n, k) if transpose_b else (k, n), dtype, gap, rng)
            c_whole, c = framed((m, n), dtype, gap, rng)
            expected = (a.T if transpose_a else a) @ (b.T if transpose_b else b) + accumulate * c
            if not accumulate:
                c[...] = np.nan  # is not read
            rows = [array.strides[0] // array.itemsize for array in (c, a, b)]
            by_blas(
                np.empty(1, dtype), blas_address(dtype), scratch.ctypes.data, c.ctypes.data, rows[0], a.ctypes.data,
                rows[1], int(transpose_a), b.ctypes.data, rows[2], int(transpose_b), m, n, k, accumulate,
            )  # fmt: skip
            np.testing.assert_allclose(c, expected, rtol=1e-4, atol=1e-4 if dtype is np.float32 else 1e-12)
            for whole, view in ((a_whole, a), (b_whole, b), (c_whole, c)):
                assert_guarded(whole, view)


@dtypes
def test_a_transpose_of_any_shape(dtype, rng):
    for m in (1, 2, 15, 16, 17, 40):
        for n in (1, 3, 16, 31, 33):
            matrix = rng.normal(size=(m, n)).astype(dtype)
            whole, to = framed((n, m), dtype, 0, rng)
            transposed(np.empty(1, dtype), to.ctypes.data, matrix.ctypes.data, m, n)
            np.testing.assert_array_equal(to, matrix.T)
            assert_guarded(whole, to)
