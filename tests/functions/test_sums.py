"""Sums as products with ones are sums."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.functions.sums import sum_over_columns, sum_over_rows


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (2, 7, 3), (1000, 1), (3, 1, 50)])
def test_sums_are_those_of_numpy_in_the_same_dtype(shape, dtype, rng):
    values = rng.normal(size=shape).astype(dtype)
    over_rows, over_columns = sum_over_rows(values), sum_over_columns(values)
    assert over_rows.dtype == over_columns.dtype == dtype
    tolerance = {"rtol": 1e-12 if dtype is np.float64 else 1e-4, "atol": 1e-4 if dtype is np.float32 else 1e-12}
    np.testing.assert_allclose(over_rows, values.sum(axis=-2), **tolerance)
    np.testing.assert_allclose(over_columns, values.sum(axis=-1), **tolerance)


def test_a_sum_over_rows_is_written_where_it_is_wanted(rng):
    values, out = rng.normal(size=(5, 3)), np.empty(3)
    assert sum_over_rows(values, out) is out
    np.testing.assert_allclose(out, values.sum(axis=0))


def test_infinity_and_nan_stay_what_they_are():
    np.testing.assert_array_equal(
        sum_over_columns(np.array([[np.inf, 1.0], [np.nan, 1.0], [0.0, 1.0]])), [np.inf, np.nan, 1]
    )
