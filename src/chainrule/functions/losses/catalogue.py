"""Every loss by name, and the one that goes with an output."""

from __future__ import annotations

from chainrule.catalogue import Catalogue
from chainrule.functions.activations import Activation
from chainrule.functions.losses.cross_entropies import BinaryCrossEntropy, CrossEntropy
from chainrule.functions.losses.distances import MAE, MSE, Huber, LogCosh
from chainrule.functions.losses.focal import Focal
from chainrule.functions.losses.hinge import Hinge
from chainrule.functions.losses.loss import Loss
from chainrule.functions.losses.poisson import Poisson
from chainrule.functions.losses.quantile import Quantile

__all__ = ["LOSSES", "default_loss"]

LOSSES: Catalogue[Loss] = Catalogue(
    "loss",
    Loss,  # type: ignore[type-abstract]
    [MSE, MAE, Huber, LogCosh, Quantile, Poisson, BinaryCrossEntropy, Focal, Hinge, CrossEntropy],
)
"""Every loss by name. Of those with the same output by default, the first is the one that goes with it."""


def default_loss(output: Activation) -> Loss:
    """The loss that goes with an output activation: the first that names it as its default output, else squared error.

    It is cross-entropy for a softmax, binary cross-entropy for a sigmoid and Poisson's for an exponential.
    """
    for loss in LOSSES:
        if loss.default_output == output.name:
            return loss()
    return MSE()
