"""Example sets: small real tables with a class or a number for each row, from the files inside scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.errors import InvalidArgument, nearest_names, require
from chainrule.functions.arrays import Array

__all__ = ["EXAMPLE_SETS", "ExampleSet", "load_example_set"]

EXAMPLE_SETS: dict[str, str] = {
    "breast_cancer": "569 tumours, 30 measurements, malignant or benign",
    "diabetes": "442 patients, 10 measurements, the disease's progression as a number",
    "digits": "1,797 handwritten digits of 8 x 8 pixels",
    "iris": "150 flowers, 4 measurements, 3 species",
    "wine": "178 wines, 13 measurements, 3 growers",
}
"""What each set holds, by name."""


@dataclass(frozen=True)
class ExampleSet:
    """A table to learn classes or numbers from.

    Attributes
    ----------
    name : str
        Its name.
    x : array of shape (n, d)
        Measurements in float64.
    labels : array of shape (n,)
        The class of each row, as a string or, for digits, a number; for diabetes, the number to learn.
    columns : tuple of str
        What each column of x is called.
    """

    name: str
    x: Array
    labels: Array
    columns: tuple[str, ...]


def load_example_set(name: str) -> ExampleSet:
    """One of the `EXAMPLE_SETS`.

    Raises
    ------
    InvalidArgument
        For an unknown name.
    MissingExtra
        If scikit-learn is not installed.
    """
    if name not in EXAMPLE_SETS:
        raise InvalidArgument(f"{name!r} is not an example set; {nearest_names(name, EXAMPLE_SETS)}")
    datasets = require("sklearn.datasets", "sklearn")
    bunch = datasets.load_diabetes(scaled=False) if name == "diabetes" else getattr(datasets, f"load_{name}")()
    names = getattr(bunch, "target_names", None)
    labels = bunch.target if names is None else np.asarray(names)[bunch.target]
    return ExampleSet(name, bunch.data, labels, tuple(map(str, bunch.feature_names)))
