"""The losses: each row's error beside its derivative, in files by what kind they are."""

from chainrule.functions.losses.catalogue import LOSSES, default_loss
from chainrule.functions.losses.cross_entropies import BinaryCrossEntropy, CrossEntropy
from chainrule.functions.losses.custom import CustomLoss
from chainrule.functions.losses.distances import MAE, MSE, Huber, LogCosh
from chainrule.functions.losses.focal import Focal
from chainrule.functions.losses.hinge import Hinge
from chainrule.functions.losses.loss import ElementwiseLoss, Loss, LossLike, TargetKind
from chainrule.functions.losses.poisson import Poisson
from chainrule.functions.losses.quantile import Quantile

__all__ = [
    "LOSSES",
    "MAE",
    "MSE",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "CustomLoss",
    "ElementwiseLoss",
    "Focal",
    "Hinge",
    "Huber",
    "LogCosh",
    "Loss",
    "LossLike",
    "Poisson",
    "Quantile",
    "TargetKind",
    "default_loss",
]
