"""How good a network is on rows, in the measures in which a rerun is compared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import Loss
from chainrule.glassbox.doctor.finding import Measure
from chainrule.model import Network
from chainrule.network.objective import row_shares
from chainrule.network.prediction import predict
from chainrule.training.classification import decided

__all__ = ["Scores", "constant_J", "scores"]


@dataclass(frozen=True)
class Scores:
    """Measures of a network on rows; NaN where one makes no sense.

    Attributes
    ----------
    J : float
        Without the penalty; infinite where it is not finite.
    accuracy : float
        Share of the rows whose class is right.
    balanced_accuracy : float
        The mean over the classes of the share that is right.
    r2 : float
        1 - the squared error over that of always guessing the mean.
    """

    J: float
    accuracy: float = math.nan
    balanced_accuracy: float = math.nan
    r2: float = math.nan

    def value(self, measure: Measure) -> float:
        """One of them by its name."""
        by_name = {
            "J": self.J,
            "accuracy": self.accuracy,
            "balanced accuracy": self.balanced_accuracy,
            "R2": self.r2,
        }
        return by_name[measure]


def scores(network: Network, rows: LabelledRows, loss: Loss, labels: Rows | None, *, rounded: bool = False) -> Scores:
    """Measure a network without encoder.

    Parameters
    ----------
    network : Network
        The network.
    rows : LabelledRows
        Encoded rows.
    loss : Loss
        That of J.
    labels : array of int of shape (n,) or None
        The class of each row.
    rounded : bool
        Whether a single output is a class's number, once it is rounded.
    """
    with np.errstate(all="ignore"):
        found = predict(network.architecture, network.theta, network.state, rows.x)
        losses = loss.rows(rows.y, found.z, found.a, network.architecture.output_layer.activation)
        J = float((losses * row_shares(len(rows), rows.weights, network.dtype)).sum())
        finite = math.isfinite(J) and bool(np.isfinite(found.a).all())
    if not finite:
        return Scores(math.inf)
    r2 = _r2(rows.y, found.a) if loss.target == "value" else math.nan
    if labels is None:
        return Scores(J, r2=r2)
    guesses = np.rint(found.a[:, 0]).astype(np.intp) if rounded else decided(found.a, loss.decision_threshold)
    right = guesses == labels
    recalls = [float(right[labels == each].mean()) for each in np.unique(labels)]
    return Scores(J, float(right.mean()), float(np.mean(recalls)), r2)


def constant_J(rows: LabelledRows, loss: Loss, output: Activation) -> float:
    """J, without the penalty, of always giving the mean of y.

    Parameters
    ----------
    rows : LabelledRows
        Encoded rows.
    loss : Loss
        That of J.
    output : Activation
        That of the last layer, to whose z the mean is traced back for losses that are computed from z.
    """
    a = np.broadcast_to(rows.y.mean(axis=0), rows.y.shape).astype(rows.y.dtype)
    tiny = np.finfo(np.float32).tiny
    z = a
    if output.name in ("softmax", "exponential"):
        z = np.log(np.maximum(a, tiny))
    elif output.name == "sigmoid":
        z = np.log(np.maximum(a, tiny)) - np.log(np.maximum(1 - a, tiny))
    with np.errstate(all="ignore"):
        return float(loss.rows(rows.y, z, a, output).mean())


def _r2(y: Array, a: Array) -> float:
    """Over all outputs together, computed in float64."""
    exact = y.astype(np.float64)
    total = float(((exact - exact.mean(axis=0)) ** 2).sum())
    return 1 - float(((exact - a) ** 2).sum()) / total if total > 0 else math.nan
