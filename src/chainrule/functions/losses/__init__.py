"""The losses: each row's error beside its derivative, in files by what kind they are."""

from chainrule.catalogue import Catalogue
from chainrule.functions.activations import Activation
from chainrule.functions.losses.cross_entropies import BinaryCrossEntropy, CrossEntropy
from chainrule.functions.losses.distances import MSE
from chainrule.functions.losses.loss import ElementwiseLoss, Loss, LossLike, TargetKind

__all__ = [
    "LOSSES",
    "MSE",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "ElementwiseLoss",
    "Loss",
    "LossLike",
    "TargetKind",
    "default_loss",
]

LOSSES: Catalogue[Loss] = Catalogue(
    "loss",
    Loss,  # type: ignore[type-abstract]
    [MSE, BinaryCrossEntropy, CrossEntropy],
)
"""Every loss by name."""


def default_loss(output: Activation) -> Loss:
    """The loss that goes with an output activation: the one that names it as its default output, else squared error."""
    for loss in LOSSES:
        if loss.default_output == output.name:
            return loss()
    return MSE()
