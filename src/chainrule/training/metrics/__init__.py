"""What people want to know of predictions, beside J: metrics, one kind a file."""

from chainrule.training.metrics.catalogue import METRICS, MetricLike, checked_metrics
from chainrule.training.metrics.custom import CustomMetric
from chainrule.training.metrics.metric import Metric, Outcome
from chainrule.training.metrics.of_classes import Accuracy, BalancedAccuracy, BinaryAccuracy, MacroF1
from chainrule.training.metrics.of_numbers import R2, MeanAbsoluteError, RootMeanSquaredError

__all__ = [
    "METRICS",
    "R2",
    "Accuracy",
    "BalancedAccuracy",
    "BinaryAccuracy",
    "CustomMetric",
    "MacroF1",
    "MeanAbsoluteError",
    "Metric",
    "MetricLike",
    "Outcome",
    "RootMeanSquaredError",
    "checked_metrics",
]
