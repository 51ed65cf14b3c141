"""Every metric by name, and those that a person gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from chainrule.catalogue import Catalogue
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.training.metrics.custom import CustomMetric
from chainrule.training.metrics.metric import Metric
from chainrule.training.metrics.of_classes import Accuracy, BalancedAccuracy, BinaryAccuracy, MacroF1
from chainrule.training.metrics.of_numbers import R2, MeanAbsoluteError, RootMeanSquaredError

__all__ = ["METRICS", "MetricLike", "checked_metrics"]

OTHER_COLUMNS = ("epoch", "J", "penalty", "learning_rate", "seconds")
"""What the history has besides metrics."""

MetricLike: TypeAlias = Metric | type[Metric] | str | Callable[[Array, Array], Any]
"""A metric as a person gives it: a name, a class, an instance, or a function of y and a."""

METRICS: Catalogue[Metric] = Catalogue(
    "metric",
    Metric,  # type: ignore[type-abstract]
    [Accuracy, BalancedAccuracy, BinaryAccuracy, MacroF1, MeanAbsoluteError, RootMeanSquaredError, R2],
)
"""Every metric by name."""


def checked_metrics(metrics: Any) -> tuple[Metric, ...]:
    """The metrics that a person gives, each with a name of its own.

    Raises
    ------
    InvalidArgument, InvalidType
        For unknown names, with the nearest; for what is no metric; and where a name is taken.
    """
    given = [metrics] if isinstance(metrics, str | type | Metric) or callable(metrics) else metrics
    if not isinstance(given, Iterable):
        raise InvalidType(f"metrics takes a list, such as ['accuracy'], not {metrics!r}.")
    checked = tuple(_metric(each) for each in given)
    names = [metric.name for metric in checked]
    for metric in checked:
        if names.count(metric.name) > 1:
            raise InvalidArgument(
                f"Two metrics are called {metric.name!r}: each is a column of the history and needs its own."
            )
        if isinstance(metric, CustomMetric):
            _check_name(metric.name)
    return checked


def _metric(given: Any) -> Metric:
    own = callable(given) and not isinstance(given, type | Metric)
    return CustomMetric(given) if own else METRICS.resolve(given)


def _check_name(name: str) -> None:
    if len(name) > 100:
        raise InvalidArgument(f"The name of a metric has at most 100 characters; {name[:40]!r}... has {len(name)}.")
    if name in OTHER_COLUMNS or name in METRICS.names or name.startswith("val_"):
        raise InvalidArgument(
            f"A metric of your own cannot be called {name!r}, which is another column of the history: rename the "
            "function."
        )
