"""The operations of a step, each with its right result: what a mistake puts something else in the place of."""

from chainrule.glassbox.hand_check.operations.backward import (
    BiasGradient,
    DropoutBackward,
    HiddenDelta,
    InputError,
    OutputDelta,
    SkipBackward,
    WeightGradient,
)
from chainrule.glassbox.hand_check.operations.forward import Activate, DropoutForward, SkipForward, WeightedSum
from chainrule.glassbox.hand_check.operations.loss import BatchLoss, PenaltyTerm, RowLosses
from chainrule.glassbox.hand_check.operations.loss_of_batch import KnownLoss, LossOfBatch, OwnLoss
from chainrule.glassbox.hand_check.operations.norms import (
    Normalise,
    NormBackward,
    NormMean,
    NormVariance,
    ScaleAndShift,
    ScaleGradient,
    ShiftGradient,
)
from chainrule.glassbox.hand_check.operations.operation import Given, Operation, Values
from chainrule.glassbox.hand_check.operations.update import Rule, Update

__all__ = [
    "Activate",
    "BatchLoss",
    "BiasGradient",
    "DropoutBackward",
    "DropoutForward",
    "Given",
    "HiddenDelta",
    "InputError",
    "KnownLoss",
    "LossOfBatch",
    "NormBackward",
    "NormMean",
    "NormVariance",
    "Normalise",
    "Operation",
    "OutputDelta",
    "OwnLoss",
    "PenaltyTerm",
    "RowLosses",
    "Rule",
    "ScaleAndShift",
    "ScaleGradient",
    "ShiftGradient",
    "SkipBackward",
    "SkipForward",
    "Update",
    "Values",
    "WeightGradient",
    "WeightedSum",
]
