from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits


@pytest.fixture(scope="session")
def digits() -> tuple[np.ndarray, np.ndarray]:
    x, labels = load_digits(return_X_y=True)
    x.flags.writeable = labels.flags.writeable = False
    return x, labels


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20)
