"""An estimator's file: its network's, with what makes it an estimator again among the network's notes.

Whoever has NumPy alone reads the network in it, and predicts; the notes are data.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from chainrule.errors import WRONG_DATA, FileFormatError
from chainrule.estimators.parameter_data import CannotKeepError, from_parameter_data, to_parameter_data
from chainrule.files.network_file import write_network
from chainrule.model import Network, load

__all__ = ["read_estimator", "write_estimator"]

NOTE = "estimator"
"""The key of the note."""

CURVES = ("loss_curve_", "validation_loss_curve_", "validation_scores_")
COUNTS = ("n_iter_", "t_")
NUMBERS = ("loss_", "best_loss_", "best_validation_score_")


def write_estimator(path: str | os.PathLike[str], estimator: Any) -> None:
    """Write a fitted estimator, whole or not at all.

    Parameters
    ----------
    path : path-like
        Where to; a file that is there is replaced.
    estimator : BaseMultilayerPerceptron
        What has been fitted; it is left as it is.

    Raises
    ------
    FileFormatError
        If its classes, activations or loss are of a kind that no file holds.
    FileNotWritten
        With the reason; a file that was there is as it was.
    """
    network: Network = estimator.network_
    note = {
        "class": type(estimator).__name__,
        "parameters": _parameters(estimator),
        "fitted": {name: to_parameter_data(getattr(estimator, name)) for name in (*CURVES, *COUNTS, *NUMBERS)},
        "feature_names": _names(estimator),
        "own": _own(estimator),
    }
    write_network(path, network._parts()._replace(notes={**network.notes, NOTE: note}))


def _parameters(estimator: Any) -> dict[str, Any]:
    kept = {}
    for name, value in estimator.get_params(deep=False).items():
        try:
            kept[name] = to_parameter_data(value)
        except CannotKeepError:
            warnings.warn(
                f"A file cannot hold {name}={repr(value)[:80]}, which is no data: the estimator that is read from it "
                "has the default.",
                stacklevel=4,
            )
    return kept


def _names(estimator: Any) -> list[str] | None:
    names = getattr(estimator, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def _own(estimator: Any) -> Any:
    """What the classifier and the regressor each know besides."""
    try:
        return {name: to_parameter_data(value) for name, value in estimator._own_facts().items()}
    except CannotKeepError as error:
        raise FileFormatError(f"The estimator cannot be kept in a file: {str(error)[:200]}.") from None


def read_estimator(path: str | os.PathLike[str], cls: Any) -> Any:
    """The estimator in a file.

    Parameters
    ----------
    path : path-like
        Of the file.
    cls : type
        Of the estimator that it is to hold.

    Returns
    -------
    estimator
        Of that class, fitted.

    Raises
    ------
    FileMissing
        If there is no such file.
    FileFormatError
        If it is damaged, or holds another estimator, or a network alone.
    """
    network = load(path)
    note = network.notes.get(NOTE)
    if not isinstance(note, dict) or "class" not in note:
        raise FileFormatError(f"{path} holds a network that is no estimator: chainrule.load reads it.")
    if note["class"] != cls.__name__:
        raise FileFormatError(f"{path} holds a {str(note['class'])[:40]}, and no {cls.__name__}.")
    try:
        return _estimator(cls, network, note)
    except WRONG_DATA as error:
        raise FileFormatError(f"What {path} says of its estimator is damaged: {str(error)[:300]}") from None


def _estimator(cls: Any, network: Network, note: dict[str, Any]) -> Any:
    estimator = cls(**{str(name): from_parameter_data(value) for name, value in note["parameters"].items()})
    estimator._validate_params()
    estimator.network_ = network
    estimator.n_features_in_ = network.dimensions[0]
    if note["feature_names"] is not None:
        estimator.feature_names_in_ = _checked_names(note["feature_names"], network.dimensions[0])
    fitted = {name: from_parameter_data(note["fitted"][name]) for name in (*CURVES, *COUNTS, *NUMBERS)}
    _check_fitted(fitted)
    for name, value in fitted.items():
        setattr(estimator, name, value)
    estimator._take_own_facts({name: from_parameter_data(value) for name, value in note["own"].items()})
    return estimator


def _checked_names(names: Any, n_features: int) -> Any:
    if not isinstance(names, list) or len(names) != n_features or not all(isinstance(name, str) for name in names):
        raise FileFormatError(f"its names of columns are not those of {n_features} columns.")
    return np.array(names, dtype=object)


def _check_fitted(fitted: dict[str, Any]) -> None:
    for name in CURVES:
        curve = fitted[name]
        if curve is not None and not (isinstance(curve, list) and all(isinstance(v, int | float) for v in curve)):
            raise FileFormatError(f"its {name} is no list of numbers.")
    for name in COUNTS:
        if type(fitted[name]) is not int or fitted[name] < 0:
            raise FileFormatError(f"its {name} is no count.")
    for name in NUMBERS:
        if not isinstance(fitted[name], int | float | None):
            raise FileFormatError(f"its {name} is no number.")
