"""A table with a column of every kind, for tests of what files keep of it."""

from __future__ import annotations

import numpy as np

TABLE = {
    "size": [1.0, 2.0, None, 4.0, 5.5, 7.0],
    "kind": ["a", "b", "b", "c", "a", "c"],
    "new": [True, False, None, True, True, False],
    "day": np.array(["2020-01-31", "2020-03-01", "NaT", "2021-12-24", "2022-06-06", "2022-06-07"], "datetime64[D]"),
    "always": ["x"] * 6,
    "sometimes": ["x", None, "x", "x", None, "x"],
}
