"""Every mistake that is tried, the most specific first."""

from __future__ import annotations

from chainrule.glassbox.hand_check.mistakes.derivative import (
    CrossEntropyDelta,
    DerivativeAtA,
    DerivativeForgotten,
    DerivativeFormulaOfZ,
    DerivativeTwice,
    SoftmaxDiagonal,
)
from chainrule.glassbox.hand_check.mistakes.dropout_and_skip import (
    DropoutEnlargementForgotten,
    DropoutForgotten,
    InsideForgotten,
    NothingDropped,
    SkipForgotten,
)
from chainrule.glassbox.hand_check.mistakes.factors import (
    Doubled,
    FactorsForgotten,
    Halved,
    OutputsAveraged,
    OutputsSummed,
    TwoOverKForgotten,
)
from chainrule.glassbox.hand_check.mistakes.logarithm import OtherLogarithm
from chainrule.glassbox.hand_check.mistakes.mean_over_rows import (
    AveragedAgain,
    OneRowAlone,
    RowWeightsForgotten,
    SummedNotAveraged,
)
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.mistakes.norm import (
    DeviationNotRooted,
    EpsilonForgotten,
    NormAxis,
    SampleVariance,
    ScaleForgotten,
    ShiftForgotten,
    StatisticsTakenAsConstant,
)
from chainrule.glassbox.hand_check.mistakes.old_and_new_weights import (
    BackWithNewWeights,
    ForwardWithNewWeights,
    OldForNew,
)
from chainrule.glassbox.hand_check.mistakes.rounding import RoundedEarly
from chainrule.glassbox.hand_check.mistakes.sign import TargetMinusOutput, WrongSign
from chainrule.glassbox.hand_check.mistakes.softmax_axis import SoftmaxAxis
from chainrule.glassbox.hand_check.mistakes.transposition import BackNotTransposed, ForwardTransposed, ProductTransposed
from chainrule.glassbox.hand_check.mistakes.update_and_penalty import (
    AddedNotSubtracted,
    BiasesPenalised,
    PenaltyForgotten,
    PenaltyInJ,
    RateForgotten,
    StepForParameter,
)
from chainrule.glassbox.hand_check.mistakes.weighted_sum import (
    ActivationForgotten,
    ActivationTwice,
    BiasForgotten,
    BiasSubtracted,
    ZInProduct,
)

__all__ = ["MISTAKES"]

MISTAKES: tuple[Mistake, ...] = (
    DerivativeForgotten(),
    DerivativeAtA(),
    SummedNotAveraged(),
    AveragedAgain(),
    TargetMinusOutput(),
    BiasForgotten(),
    ActivationForgotten(),
    ActivationTwice(),
    *(SoftmaxAxis(over) for over in ("rows", "batch", "nothing")),
    BackWithNewWeights(),
    OldForNew(),
    ForwardWithNewWeights(),
    OutputsSummed(),
    OutputsAveraged(),
    Halved(),
    Doubled(),
    FactorsForgotten(),
    TwoOverKForgotten(),
    CrossEntropyDelta(),
    DerivativeTwice(),
    DerivativeFormulaOfZ(),
    SoftmaxDiagonal(),
    BackNotTransposed(),
    ForwardTransposed(),
    ProductTransposed(),
    RateForgotten(),
    AddedNotSubtracted(),
    StepForParameter(),
    PenaltyForgotten(),
    PenaltyInJ(),
    BiasesPenalised(),
    DropoutForgotten(),
    DropoutEnlargementForgotten(),
    NothingDropped(),
    StatisticsTakenAsConstant(),
    StatisticsTakenAsConstant(variance_alone=True),
    SampleVariance(),
    EpsilonForgotten(),
    DeviationNotRooted(),
    NormAxis(),
    ScaleForgotten(),
    ShiftForgotten(),
    SkipForgotten(),
    InsideForgotten(),
    RowWeightsForgotten(),
    ZInProduct(),
    BiasSubtracted(),
    OneRowAlone(),
    OneRowAlone(last=True),
    *(OtherLogarithm(base) for base in (10, 2)),
    WrongSign(),
    *(
        RoundedEarly(places, significant, of)
        for of in ("all", "written", "slopes")
        for significant in (False, True)
        for places in (4, 3, 2, 1)
    ),
)
"""In the order in which they are named where two give the same number at the same place."""
