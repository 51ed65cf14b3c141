"""The case of a network written as in the post, which teaches itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.errors import InvalidArgument
from chainrule.functions.losses import LOSSES, Loss
from chainrule.glassbox.doctor.case import Case, title
from chainrule.glassbox.doctor.given_fit import DEFAULT_EPOCHS, FitSettings, GivenRows
from chainrule.glassbox.doctor.learner_fit import LearnerFit
from chainrule.glassbox.doctor.recipe import Recipe
from chainrule.glassbox.learner_network import LearnerLoss, LearnerNetwork, is_learner_network
from chainrule.glassbox.learner_network.own_forward import forward_remark
from chainrule.model import Network
from chainrule.network.layers import Dense
from chainrule.network.sparse_rows import Inputs, dense
from chainrule.optimizers import SGD
from chainrule.optimizers.schedules import Constant
from chainrule.training.batch_size import DEFAULT_BATCH_SIZE
from chainrule.validation import whole_number

__all__ = ["learner_case", "learner_copy"]


def learner_case(given: Any, rows: GivenRows, settings: FitSettings) -> Case:
    """The case of a learner's own class; where its numbers are not finite, of a copy with its starting numbers.

    Raises
    ------
    InvalidArgument, InvalidType
        If something does not fit, or is not among what the post's `fit` takes.
    """
    if not is_learner_network(given):
        LearnerNetwork(given)  # says what is missing
    _check_known_to_the_post(rows, settings)
    epochs = DEFAULT_EPOCHS if settings.epochs is None else whole_number("epochs", settings.epochs, minimum=1)
    asked = settings.batch_size
    batch_size = DEFAULT_BATCH_SIZE if asked is None else whole_number("batch_size", asked, minimum=1)
    fit = LearnerFit.of(given, settings.loss, epochs, batch_size, settings.learning_rate)
    diverged = not fit.finite
    learner = LearnerNetwork(fit.started() if diverged else given, settings.loss)
    train = LabelledRows(*learner.rows(rows.x, rows.y))
    rate = {"learning_rate": Constant(fit.learning_rate)}
    network = learner_copy(learner)
    return Case(
        title(network, learner.name),
        network,
        train,
        None if rows.validation is None else LabelledRows(*learner.rows(*rows.validation)),
        Recipe(_known_loss(learner), epochs, min(batch_size, len(train)), rate, SGD()),
        diverged=diverged,
        learner=fit,
        remarks=(*_of_its_numbers(learner, train.x, diverged=diverged), *learner.remarks),
    )


def _of_its_numbers(learner: LearnerNetwork, x: Inputs, *, diverged: bool) -> Iterator[str]:
    """What is to be known of the numbers that are examined in place of the network's own."""
    if diverged:
        yield (
            f"Some w or b of {learner.name} are NaN or infinite: its fit ran away. So its layers were looked at with "
            "starting numbers, and whatever is said of them is of these."
        )
    elif forward := forward_remark(learner, dense(x)):
        yield forward


def learner_copy(learner: LearnerNetwork) -> Network:
    """A chainrule network with the numbers of a learner's; its activations are chainrule's where they are the same."""
    pairs = zip(learner.w.values(), learner.activations.values(), strict=True)
    layers = [Dense(len(w), w.shape[1], each.known_as or each) for w, each in pairs]
    network = Network(layers=layers, seed=0, dtype=np.float64)
    network.theta = learner.theta
    return network


def _check_known_to_the_post(rows: GivenRows, settings: FitSettings) -> None:
    """Refuse what only chainrule's own `fit` takes: a rerun would leave it out without a word."""
    rows.check_validation()
    unknown = {
        "optimizer": settings.optimizer is not None,
        "l1": bool(settings.l1),
        "l2": bool(settings.l2),
        "schedules": bool(settings.schedules),
        "shuffle": not settings.shuffle,
        "sample_weight": rows.sample_weight is not None,
        "class_weight": rows.class_weight is not None,
        "a third part of validation": rows.validation is not None and len(rows.validation) > 2,
    }
    names = [name for name, is_given in unknown.items() if is_given]
    if names:
        raise InvalidArgument(
            f"A network as in the post is rerun by its own fit(x, y, loss, epochs, batch_size, learning_rate), which "
            f"knows nothing of: {', '.join(names)}. Leave that out."
        )


def _known_loss(learner: LearnerNetwork) -> Loss:
    """The loss of chainrule that the learner's has the values of; squared error, the post's, where there is none."""
    loss = learner.loss
    known = loss.known_as if isinstance(loss, LearnerLoss) else loss
    return known if known is not None else LOSSES.resolve("mse")
