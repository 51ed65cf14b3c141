"""The case of a network that has been fitted: its rows, and the settings of its fit as it was or as they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.data.labelled_rows import LabelledRows
from chainrule.errors import InvalidArgument
from chainrule.functions.losses import LOSSES, Loss, default_loss
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.doctor.case import Case, network_with, title
from chainrule.glassbox.doctor.described import described
from chainrule.glassbox.doctor.given_fit import DEFAULT_EPOCHS, FitSettings, GivenRows
from chainrule.glassbox.doctor.recipe import Recipe
from chainrule.model import Network
from chainrule.optimizers import LBFGS, OPTIMIZERS, SGD, Optimizer
from chainrule.optimizers.schedules import Schedule, step_schedules
from chainrule.training.batch_size import checked_batch_size
from chainrule.validation import whole_number, yes_or_no

__all__ = ["fitted_case"]


def fitted_case(network: Network, given: GivenRows, settings: FitSettings) -> Case:
    """The case of a network, with its rows encoded.

    Raises
    ------
    InvalidArgument, InvalidType
        If something does not fit, or the network was taught otherwise than the settings say.
    """
    if network.n_members is not None:
        raise InvalidArgument("The doctor examines one network: give a member, such as network.member(0).")
    network.check_finite()
    output = network.architecture.output_layer.activation
    loss = LOSSES.resolve(settings.loss) if settings.loss is not None else network.loss or default_loss(output)
    loss.check_output(output, network.architecture.n_out)
    given.check_validation()
    training = _encoded(network, loss, given.x, given.y, given.sample_weight, given.class_weight)
    recipe = _recipe(network, loss, settings, len(training))
    _check_settings(_known(network), recipe)
    return Case(
        title(network),
        network_with(network.architecture.layers, network.seed, network.theta, network.state),
        training,
        None if given.validation is None else _encoded(network, loss, *given.validation),
        recipe,
        {name: list(column) for name, column in network.history.items()},
        stopped=network.history.stopped,
        recipe_known=_is_known(network, settings, recipe.optimizer),
        class_names=network.classes or (),
    )


def _encoded(network: Network, loss: Loss, x: Any, y: Any, weight: Any = None, by_class: Any = None) -> LabelledRows:
    return LabelledRows.checked(
        x,
        y,
        weight,
        architecture=network.architecture,
        loss=loss,
        dtype=network.dtype,
        encoder=network.encoder,
        target_scaler=network.target_scaler,
        class_weight=by_class,
        classes=network.classes,
    )


def _recipe(network: Network, loss: Loss, settings: FitSettings, n_rows: int) -> Recipe:
    """The settings that are given; for the others those of the last fit, and where there was none, the usual ones."""
    known = _known(network)
    given = settings.optimizer
    rule: Optimizer = OPTIMIZERS.resolve(given) if given is not None else described(known.get("optimizer")) or SGD()
    penalty = Penalty(
        float(known.get("l1", 0)) if settings.l1 is None else settings.l1,
        float(known.get("l2", 0)) if settings.l2 is None else settings.l2,
    )
    epochs = settings.epochs if settings.epochs is not None else len(network.history.get("epoch", ())) or DEFAULT_EPOCHS
    by_step: dict[str, Schedule] = {}
    size = n_rows
    if not isinstance(rule, LBFGS):
        asked = settings.batch_size if settings.batch_size is not None else _number(known.get("batch_size"))
        size = checked_batch_size(asked, n_rows, network.architecture)
        rate = settings.learning_rate
        if rate is None:  # a rate of 0 is refused below, and not taken for none
            rate = described(known.get("learning_rate")) or _first_rate(network)
        by_step = step_schedules(
            rule.default_learning_rate if rate is None else rate, rule.scheduled, settings.schedules
        )
    return Recipe(
        loss,
        whole_number("epochs", epochs, minimum=1),
        size,
        by_step,
        rule,
        penalty,
        yes_or_no("shuffle", settings.shuffle),
        network.seed,
    )


def _known(network: Network) -> Mapping[str, str]:
    """What the network knows of the settings of its last fit, as text by their names."""
    return {} if network.training is None else network.training.recipe


def _is_known(network: Network, settings: FitSettings, rule: Optimizer) -> bool:
    """Whether anything is known of how the network was taught."""
    told = settings.learning_rate is not None or isinstance(rule, LBFGS)
    return told or bool(_known(network)) or _first_rate(network) is not None


def _first_rate(network: Network) -> float | None:
    rates = network.history.get("learning_rate")
    return float(rates[0]) if rates else None


def _check_settings(known: Mapping[str, str], recipe: Recipe) -> None:
    """Refuse settings that are not those of the fit, of which a rerun would say something else."""
    now = {"optimizer": repr(recipe.optimizer), "l1": repr(recipe.penalty.l1), "l2": repr(recipe.penalty.l2)}
    for name, text in now.items():
        if name in known and known[name] != text:
            raise InvalidArgument(
                f"The network was fitted with the {name} {known[name]}, and diagnose was given {text}: give the "
                f"settings of the fit, {name}= among them, so that reruns are like it."
            )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
