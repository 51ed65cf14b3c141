"""The network that the options ask for, to fit a table and its target, and how it is taught."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.cli.target import Target
from chainrule.cli.training_options import TrainingOptions
from chainrule.data.encoder import Encoder
from chainrule.data.standardizer import Standardizer
from chainrule.errors import InvalidArgument, nearest_names
from chainrule.functions.arrays import Rows
from chainrule.functions.losses import LOSSES, Loss, Quantile
from chainrule.model import Network
from chainrule.network.layer import Layer
from chainrule.network.layers import BatchNorm, Dense, Dropout
from chainrule.optimizers import LBFGS, OPTIMIZERS, Adam, AdamW
from chainrule.optimizers.schedules import Cosine, CosLog, FlatCosine, OneCycle, Plateau, Schedule, WarmUp
from chainrule.validation import finite_number, whole_number

__all__ = ["SCHEDULES_BY_NAME", "fit_settings", "loss_for", "network_for"]

SCHEDULES_BY_NAME: dict[str, Callable[[float], float | Schedule]] = {
    "constant": float,
    "cosine": Cosine,
    "flat_cosine": FlatCosine,
    "cos_log": CosLog,
    "one_cycle": OneCycle,
    "warm_up": lambda rate: WarmUp(Cosine(rate), epochs=5),
    "plateau": Plateau,
}
"""The schedules that need no setting but the learning rate."""

BATCH_SIZES = ((1_024, 32), (8_192, 128), (30_000, 256), (100_000, 512))
"""Up to so many rows, so many in a step; more beyond. After RealMLP (arXiv 2407.04491), smaller for small tables."""

LARGEST_BATCH = 1_024

ADAM_RATE = 3e-3
"""Chosen with the other defaults on the example sets; it gains on the usual 0.001 in fewer epochs."""


def loss_for(target: Target, options: TrainingOptions) -> Loss:
    """The loss that is named, or the one for the task.

    Raises
    ------
    InvalidArgument
        If it is not one for such a target.
    """
    loss = LOSSES.resolve(options.loss or ("mse" if target.classes is None else "cross_entropy"))
    if options.levels:
        if not isinstance(loss, Quantile):
            raise InvalidArgument("--levels are those of quantiles: give --loss quantile with them, or leave them out.")
        loss = Quantile(options.levels)
    for_classes = loss.target in ("class", "binary")
    if for_classes != (target.classes is not None):
        fitting = [each.name for each in LOSSES if (each.target in ("class", "binary")) != for_classes]
        raise InvalidArgument(
            f"The loss {loss.name} is for {'classes' if for_classes else 'numbers'}, and {target.name} is learned as "
            f"{'a number' if for_classes else 'classes'}: give --loss {' or '.join(fitting)}, or another --task."
        )
    if loss.target == "binary" and target.classes is not None and len(target.classes) > 2:
        raise InvalidArgument(
            f"The loss {loss.name} is for two classes, and {target.name} has {len(target.classes)}: give --loss "
            "cross_entropy."
        )
    return loss


def network_for(target: Target, encoder: Encoder, train: Rows, options: TrainingOptions, loss: Loss) -> Network:
    """A new network, whose parts that are fitted to data have seen the training rows alone.

    Raises
    ------
    InvalidArgument, InvalidType
        If the options make no network.
    """
    if loss.target == "class":
        assert target.classes is not None
        n_outputs = len(target.classes)
    else:
        n_outputs = len(loss.levels) if isinstance(loss, Quantile) else 1
    sizes = (encoder.n_outputs, *options.hidden)
    layers: list[Layer] = []
    for n_in, n_out in pairwise(sizes):
        layers.append(Dense(n_in, n_out, options.activation))
        layers += [BatchNorm()] if options.batch_norm else []
        layers += [Dropout(options.dropout)] if options.dropout else []
    layers.append(Dense(sizes[-1], n_outputs, loss.default_output))
    # what must be positive, such as a count, cannot be learned with its mean taken away
    scaled = target.classes is None and loss.needs in (None, "real")
    return Network(
        layers=layers,
        seed=options.seed,
        dtype=np.dtype(options.dtype),
        encoder=encoder,
        target_scaler=Standardizer.fitted(target.y[train, np.newaxis]) if scaled else None,
        classes=target.classes,
        n_members=options.members,
    )


def fit_settings(options: TrainingOptions, loss: Loss, n_rows: int) -> dict[str, Any]:
    """The settings of `Network.fit` that the options give for so many training rows.

    Raises
    ------
    InvalidArgument
        For an unknown schedule, or one that does not go with the optimizer.
    """
    rule = OPTIMIZERS.resolve(options.optimizer)
    settings: dict[str, Any] = {"loss": loss, "epochs": options.epochs, "optimizer": rule, "l2": options.l2}
    settings["engine"] = options.engine.lower()
    if options.class_weight is not None:
        settings["class_weight"] = options.class_weight
    if options.schedule not in SCHEDULES_BY_NAME:
        raise InvalidArgument(
            f"{options.schedule!r} is no schedule for --schedule; {nearest_names(options.schedule, SCHEDULES_BY_NAME)}"
        )
    if isinstance(rule, LBFGS):  # which takes all rows at once and finds the sizes of its steps
        if options.schedule != "constant":
            raise InvalidArgument("lbfgs finds the sizes of its steps itself: leave --schedule out.")
        return settings | {"batch_size": options.batch_size, "learning_rate": options.learning_rate}
    default = ADAM_RATE if isinstance(rule, Adam | AdamW) else rule.default_learning_rate
    rate = default if options.learning_rate is None else finite_number("learning_rate", options.learning_rate, above=0)
    size = batch_size_for(n_rows) if options.batch_size is None else options.batch_size
    size = min(whole_number("batch_size", size, minimum=1), n_rows)
    if options.batch_norm and size > 2 and n_rows % size == 1 and options.batch_size is None:
        size -= 1  # a batch of 1 has no variance
    return settings | {"batch_size": size, "learning_rate": SCHEDULES_BY_NAME[options.schedule](rate)}


def batch_size_for(n_rows: int) -> int:
    """Rows of a step for so many training rows."""
    return next((size for most, size in BATCH_SIZES if n_rows <= most), LARGEST_BATCH)
