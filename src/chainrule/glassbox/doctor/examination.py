"""Examining a fit that is over: the rules, the ranking of what they found, and the remedies, tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chainrule.data.labelled_rows import LabelledRows
from chainrule.data.rows import counted
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.losses import LOSSES, LossLike, default_loss
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.doctor.case import Case, Recipe, network_with, title
from chainrule.glassbox.doctor.causes import ranked
from chainrule.glassbox.doctor.described import described
from chainrule.glassbox.doctor.diagnosis import Diagnosis
from chainrule.glassbox.doctor.finding import Finding, Measure
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.rules import RULES
from chainrule.model import Network
from chainrule.optimizers import LBFGS, OPTIMIZERS, SGD, OptimizerLike
from chainrule.optimizers.schedules import Schedule, step_schedules
from chainrule.training.batch_size import checked_batch_size
from chainrule.validation import whole_number, yes_or_no

__all__ = ["diagnose", "examined"]

LOOKED_AT = (
    "the size of the inputs and targets",
    "output and loss",
    "whether y belongs to x",
    "dead and saturated units",
    "signals and gradients by layer",
    "rare classes",
    "constant outputs",
)

NO_VALIDATION = (
    "No rows were held out, so overfitting and repeated rows were not looked at: give validation=(x, y) for that."
)


def diagnose(
    model: Any,
    x: Any,
    y: Any,
    loss: LossLike | type[Any] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | Schedule | None = None,
    *,
    optimizer: OptimizerLike | None = None,
    l1: float | None = None,
    l2: float | None = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    validation: tuple[Any, ...] | None = None,
    schedules: Mapping[str, Schedule] | None = None,
    shuffle: bool = True,
    trials: bool = True,
) -> Diagnosis:
    """Find out what is wrong with a fit: each finding a sentence, with its number, the remedy, and what that gave.

    Give the rows and the settings of its `fit`, by the same names, so that reruns are like it. Reruns start anew from
    the network's seed, and take seconds: see `chainrule.glassbox.doctor.reruns`.

    Parameters
    ----------
    model : Network, fitted estimator of chainrule, or a network written as in the post
        Stays as it is. A network written as in the post is rerun by its own ``fit``.
    x, y : array-like
        The rows that it learned.
    loss, epochs, batch_size, learning_rate, optimizer, l1, l2, sample_weight, class_weight, schedules, shuffle
        As in `Network.fit`. What the network knows of its last fit is taken by default: loss, epochs, batch size,
        penalty, optimizer and learning rate. A network that was loaded from a model file knows but its loss.
    validation : tuple (x, y), optional
        Rows that were held out; with them, overfitting and repeated rows are looked at, and remedies are judged.
    trials : bool
        Whether remedies are tried.

    Returns
    -------
    Diagnosis
        Printed, a short report.

    Raises
    ------
    InvalidArgument, InvalidType
        If something does not fit, or the network was taught otherwise than these settings say.
    """
    yes_or_no("trials", trials)
    inner = getattr(model, "network_", None)
    network = inner if isinstance(inner, Network) else model
    if isinstance(network, Network):
        settings: dict[str, Any] = {"l1": l1, "l2": l2, "sample_weight": sample_weight, "class_weight": class_weight}
        settings |= {"schedules": schedules, "shuffle": shuffle, "optimizer": optimizer, "validation": validation}
        case = _case(network, x, y, loss, epochs, batch_size, learning_rate, **settings)
        return examined(case, trials=trials)
    checked_epochs = 10 if epochs is None else whole_number("epochs", epochs, minimum=1)
    size = 32 if batch_size is None else whole_number("batch_size", batch_size, minimum=1)
    return examined(Case.of_learner(model, x, y, loss, checked_epochs, size, validation, learning_rate), trials=trials)


def examined(case: Case, *, trials: bool = True) -> Diagnosis:
    """What the rules find in a case; with `trials`, the remedies of causes are tried."""
    measurements = Measurements(case)
    found = ranked([finding for rule in RULES if (finding := rule(measurements)) is not None])
    causes = tuple(finding for finding in found if not finding.explained_by)
    effects = tuple(finding for finding in found if finding.explained_by)
    if trials:
        causes, effects = _all_tried(causes, effects, measurements)
    not_looked_at = [NO_VALIDATION] if case.validation is None else []
    not_looked_at += [measurements.reruns.obstacle] if measurements.reruns.obstacle else []
    return Diagnosis(
        _heading(case, causes),
        causes,
        effects,
        tuple(_looked_at(measurements)),
        tuple(not_looked_at),
    )


def _looked_at(m: Measurements) -> Iterator[str]:
    """What the rules could look at, of this case."""
    yield from LOOKED_AT
    if not m.reruns.obstacle:
        yield "the learning rate"
    if m.update_ratios:
        yield "update-to-weight ratios"
    if m.case.validation is not None:
        yield "rows that are both learned and held out"
        if m.case.learner is None:
            yield "overfitting"


def _heading(case: Case, causes: Sequence[Finding]) -> str:
    rows = f"{len(case.rows):,} rows"
    if case.validation is not None:
        rows += f", {len(case.validation):,} held out"
    return f"{case.title}, {rows}: {counted(len(causes), 'finding') if causes else 'no findings'}."


def _all_tried(
    causes: Sequence[Finding], effects: Sequence[Finding], m: Measurements
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The remedies of the causes, tried. Where one does not help, those of its effects are.

    An effect whose own remedy helps is a finding of its own: something else is wrong besides.
    """
    found: list[Finding] = []
    left = list(effects)
    for cause in (_tried(each, m) for each in causes):
        found.append(cause)
        if cause.trial is None or cause.trial.helped:
            continue
        for effect in [each for each in left if each.explained_by == cause.kind]:
            tried = _tried(effect, m)
            if tried.trial is not None and tried.trial.helped:
                left.remove(effect)
                found.append(replace(tried, explained_by=""))
    return tuple(found), tuple(left)


def _tried(finding: Finding, m: Measurements) -> Finding:
    if finding.change is None:
        return finding
    return replace(finding, trial=m.reruns.trial(finding.change, _measure(finding, m)))


def _measure(finding: Finding, m: Measurements) -> Measure:
    """What shows whether a remedy helped: J, but where that is of another loss, of other targets, or of classes."""
    change = finding.change
    if finding.kind == "imbalanced classes":
        return "balanced accuracy"
    if finding.kind == "overfitting":
        return "J"
    if change is not None and change.as_classes:
        return "accuracy"
    if change is not None and change.standardized_targets:
        return "R2"
    return m.reruns.measure


def _case(
    network: Network,
    x: Any,
    y: Any,
    loss: Any,
    epochs: int | None,
    batch_size: int | None,
    learning_rate: float | Schedule | None,
    *,
    optimizer: OptimizerLike | None,
    l1: float | None,
    l2: float | None,
    sample_weight: Any,
    class_weight: Any,
    validation: tuple[Any, ...] | None,
    schedules: Mapping[str, Schedule] | None,
    shuffle: bool,
) -> Case:
    if network.n_members is not None:
        raise InvalidArgument("The doctor examines one network: give a member, such as network.member(0).")
    network.check_finite()
    chosen = LOSSES.resolve(loss) if loss is not None else network.loss or default_loss(_output(network))
    chosen.check_output(_output(network), network.architecture.n_out)

    def rows(x: Any, y: Any, weight: Any = None, by_class: Any = None) -> LabelledRows:
        return LabelledRows.checked(
            x,
            y,
            weight,
            architecture=network.architecture,
            loss=chosen,
            dtype=network.dtype,
            encoder=network.encoder,
            target_scaler=network.target_scaler,
            class_weight=by_class,
            classes=network.classes,
        )

    if validation is not None and (not isinstance(validation, tuple) or len(validation) not in (2, 3)):
        raise InvalidType("validation is a tuple (x, y) or (x, y, sample_weight).")
    training = rows(x, y, sample_weight, class_weight)
    held_out = None if validation is None else rows(*validation)
    known = {} if network.training is None else network.training.recipe
    rule = (described(known.get("optimizer")) or SGD()) if optimizer is None else OPTIMIZERS.resolve(optimizer)
    rates = network.history.get("learning_rate") or [None]
    rate = learning_rate or described(known.get("learning_rate")) or rates[0] or rule.default_learning_rate
    size = batch_size if batch_size is not None else _number(known.get("batch_size"))
    if isinstance(rule, LBFGS):
        size, by_step = len(training), {}
    else:
        size, by_step = (
            checked_batch_size(size, len(training), network.architecture),
            step_schedules(rate, rule.scheduled, schedules),
        )
    total = epochs if epochs is not None else len(network.history.get("epoch", ())) or 10
    recipe = Recipe(
        chosen,
        whole_number("epochs", total, minimum=1),
        size,
        by_step,
        rule,
        Penalty(*(float(known.get(name, 0)) if given is None else given for name, given in (("l1", l1), ("l2", l2)))),
        yes_or_no("shuffle", shuffle),
        network.seed,
    )
    _check_settings(known, recipe)
    inner = network_with(network.architecture.layers, network.seed, network.theta, network.state)
    return Case(
        title(network),
        inner,
        training,
        held_out,
        recipe,
        {name: list(column) for name, column in network.history.items()},
        stopped=network.history.stopped,
        recipe_known=bool(known or rates[0]) or learning_rate is not None or isinstance(rule, LBFGS),
        class_names=network.classes or (),
    )


def _check_settings(known: Mapping[str, str], recipe: Recipe) -> None:
    """Refuse settings that are not those of the fit, of which a rerun would say something else."""
    now = {"optimizer": repr(recipe.optimizer), "l1": repr(recipe.penalty.l1), "l2": repr(recipe.penalty.l2)}
    for name, text in now.items():
        if name in known and known[name] != text:
            raise InvalidArgument(
                f"The network was fitted with the {name} {known[name]}, and diagnose was given {text}: give the "
                f"settings of the fit, {name}= among them, so that reruns are like it."
            )


def _output(network: Network) -> Any:
    return network.architecture.output_layer.activation


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
