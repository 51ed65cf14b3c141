"""Small sets of rows that the tests of the estimators share."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_diabetes, load_iris
from sklearn.preprocessing import scale

IRIS = scale(load_iris().data), load_iris().target
DIABETES = load_diabetes(return_X_y=True)


def labels(n=120, seed=0):
    """Rows with two labels each, which depend on different columns."""
    x = np.random.default_rng(seed).normal(size=(n, 5))
    return x, np.column_stack([x[:, 0] > 0, x[:, 1] + x[:, 2] > 0]).astype(int)


def two_classes(n=200, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    return x, (x[:, 0] + 0.5 * rng.normal(size=n) > 0).astype(int)
