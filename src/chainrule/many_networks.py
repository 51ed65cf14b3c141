"""Many networks at once: several of one shape learn in one computation, each as if it learned alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, TypeAlias

import numpy as np

from chainrule.engines import EngineChoice, engine_for
from chainrule.engines.problem import Problem
from chainrule.errors import FileFormatError, InvalidArgument, InvalidType, TrainingDiverged
from chainrule.files.descriptions import to_data
from chainrule.functions.losses import LOSSES, Loss, LossLike
from chainrule.functions.penalties import Penalty
from chainrule.model import Network
from chainrule.optimizers import LBFGS, OPTIMIZERS, SGD, Optimizer, OptimizerLike
from chainrule.optimizers.schedules import Schedule, step_schedules
from chainrule.training.callback import Callback, checked_callbacks
from chainrule.training.evaluation import Evaluation
from chainrule.training.history import History
from chainrule.training.lockstep import stacked
from chainrule.training.loop import train_together
from chainrule.training.metrics import MetricLike, checked_metrics
from chainrule.training.resume import check_fits, engine_to_go_on_with, recipe, same_layers, warn_of_changes
from chainrule.training.run import Run
from chainrule.training.shared_progress import SharedProgress
from chainrule.training.state import TrainingState
from chainrule.validation import whole_number, yes_or_no

__all__ = ["fit_together"]

CallbacksOfEach: TypeAlias = Callable[[int], Iterable[Callback]] | Sequence[Iterable[Callback]]
"""Callbacks for each network: a function of its number, or a list with a list for each."""


def fit_together(
    networks: Iterable[Network],
    x: Any,
    y: Any,
    loss: LossLike | None = None,
    epochs: int = 10,
    batch_size: int | None = None,
    learning_rate: float | Schedule | Sequence[float | Schedule] | None = None,
    *,
    optimizer: OptimizerLike = SGD,
    l1: float = 0.0,
    l2: float = 0.0,
    sample_weight: Any = None,
    class_weight: Any = None,
    validation: tuple[Any, ...] | None = None,
    metrics: Iterable[MetricLike] = (),
    schedules: Mapping[str, Schedule] | Sequence[Mapping[str, Schedule]] | None = None,
    shuffle: bool = True,
    callbacks: CallbacksOfEach = (),
    resume: bool = False,
    verbose: bool = True,
    engine: str = "auto",
) -> list[History]:
    """Fit several networks of the same layers to the same rows at once, each as `Network.fit` would fit it alone.

    Their steps are carried out together, which costs small networks far less than one after the other. Each has its own
    start, order of the rows, dropout masks, clipping, schedules, best parameters and history, and ends by itself: when
    its callbacks stop it, it leaves the others. Afterwards it is what it would be after a fit of its own, but for
    rounding, and can be fitted on, alone or together.

    Where the numbers of one become NaN or infinite, it keeps its last finite parameters, its history's ``stopped`` says
    what happened, and the others go on; at the end a warning names it. Ctrl-C ends all after the step under way.

    Parameters
    ----------
    networks : sequence of Network
        Each one network, no ensemble; of the same layers, dtype, encoder, target scaler and classes. Their seeds make
        them differ.
    x, y, loss, epochs, batch_size, optimizer, l1, l2, sample_weight, class_weight, validation, metrics, shuffle, engine
        As in `Network.fit`, for all of them. L-BFGS has no steps to do together, and is refused.
    learning_rate : float, Schedule or sequence of them, optional
        One for all, or a list with one for each network.
    schedules : mapping of str to Schedule, or sequence of them, optional
        The same for the other scheduled values.
    callbacks : function of int, or sequence of sequence of Callback
        A callback remembers things of its network, so each needs its own: a function that gives those of the network
        with this number, such as ``lambda i: [EarlyStopping()]``, or a list with a list for each network.
    resume : bool
        Go on with the trainings of these networks, which must all stand at the same step.
    verbose : bool
        Show progress: one bar or line for all, of the means of their figures.

    Returns
    -------
    list of History
        That of each network.

    Raises
    ------
    InvalidArgument, InvalidType
        If something does not fit; then nothing was changed.
    TrainingDiverged
        If the numbers of every network became NaN or infinite.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from chainrule import Network, fit_together
    >>> x, y = load_iris(return_X_y=True)
    >>> rates = [0.01, 0.03, 0.1]
    >>> networks = [Network((4, 8, 3), ("tanh", "softmax"), seed=1) for _ in rates]
    >>> histories = fit_together(networks, x, y, epochs=30, learning_rate=rates, verbose=False)
    >>> [round(history["J"][-1], 2) for history in histories]
    [0.75, 0.49, 0.31]
    """
    members = _checked_networks(networks)
    first, goes_on = members[0], _goes_on(members, resume)
    rule = OPTIMIZERS.resolve(optimizer)
    if isinstance(rule, LBFGS):
        raise InvalidArgument("L-BFGS searches a line for each network by itself: fit them one by one with it.")
    chosen = LOSSES.resolve(loss) if loss is not None else _common_loss(members, goes_on=goes_on)
    problem = first._problem(x, y, chosen, batch_size, rule, Penalty(l1, l2), sample_weight, class_weight)
    total, checked_shuffle = whole_number("epochs", epochs, minimum=1), yes_or_no("shuffle", shuffle)
    asked = checked_metrics(metrics)
    held_out = first._validation(problem.objective, validation, asked)
    measured = Evaluation(problem.objective, problem.rows, asked, first.target_scaler) if asked else None
    of_steps = _schedules(rule, learning_rate, schedules, len(members))
    trainings = [_training(network, problem, goes_on=goes_on) for network in members]
    choice = _engine(engine, problem, total, trainings, goes_on=goes_on)
    runs = [
        Run(
            problem=problem,
            training=training,
            epochs=total,
            engine=choice.engine,
            engine_reason=choice.reason,
            schedules=own_schedules,
            callbacks=own_callbacks,
            validation=held_out,
            measured=measured,
            network=network._parts,
            recipe=recipe(problem, own_schedules, total, checked_shuffle),
            shuffle=checked_shuffle,
            resumed=goes_on,
        )
        for network, training, own_schedules, own_callbacks in zip(
            members, trainings, of_steps, _callbacks(callbacks, len(members)), strict=True
        )
    ]
    if goes_on:
        for run in [run for run in runs if run.training.epoch < total] or runs:
            warn_of_changes(run, with_rows=False)
    with ExitStack() as learning:
        for network, run in zip(members, runs, strict=True):
            learning.enter_context(network._learning(run))
        train_together(runs, SharedProgress(runs) if verbose else None)
    _tell_of_divergence(runs)
    return [run.history for run in runs]


# --- what is given, checked ------------------------------------------------------------------------------------


def _checked_networks(networks: Any) -> tuple[Network, ...]:
    if isinstance(networks, Network) or not isinstance(networks, Iterable):
        raise InvalidType(f"networks is a list of networks, not {networks!r}.")
    members = tuple(networks)
    if not members:
        raise InvalidArgument("networks is empty: give at least one.")
    for number, network in enumerate(members):
        if not isinstance(network, Network):
            raise InvalidType(f"networks has {network!r} at {number}, which is no Network.")
        if network.n_members is not None:
            raise InvalidArgument(
                f"Network {number} is an ensemble of {network.n_members}, which learns together already: fit it alone."
            )
        if any(network is other for other in members[:number]):
            raise InvalidArgument(f"Network {number} is given twice; copy() makes another one.")
        if difference := _difference(members[0], network):
            raise InvalidArgument(f"Networks learn together if they are alike, and {difference.format(i=number)}.")
    return members


def _difference(first: Network, other: Network) -> str:
    """What keeps two networks from learning together; empty if nothing does."""
    if not _same_layers(first, other):
        return f"network {{i}} has other layers than network 0: {other!r} and {first!r}"
    if other.dtype != first.dtype:
        return f"network {{i}} computes in {other.dtype}, network 0 in {first.dtype}"
    if other.classes != first.classes:
        return "network {i} calls its classes otherwise than network 0"
    for name in ("encoder", "target_scaler"):
        one, another = getattr(first, name), getattr(other, name)
        if one is not another and (type(one) is not type(another) or to_data(one) != to_data(another)):
            return f"network {{i}} has another {name} than network 0: give all the same"
    return ""


def _same_layers(one: Network, other: Network) -> bool:
    if one.architecture == other.architecture:
        return True
    try:
        return same_layers(one.architecture, other.architecture)
    except FileFormatError:  # a person's own functions are alike if they are the same
        return False


def _goes_on(members: Sequence[Network], resume: Any) -> bool:
    """Whether trainings go on; none does where there are none yet."""
    if not yes_or_no("resume", resume):
        return False
    begun = [number for number, network in enumerate(members) if network.training is not None]
    if begun and len(begun) < len(members):
        without = next(number for number in range(len(members)) if number not in begun)
        raise InvalidArgument(
            f"Network {begun[0]} has a training to go on with, and network {without} has none: resume those that have."
        )
    return bool(begun)


def _common_loss(members: Sequence[Network], *, goes_on: bool) -> Loss:
    """What the trainings that go on began with, or what goes with the output."""
    first = members[0]
    if not goes_on:
        return first._output_loss
    for number, network in enumerate(members):
        if network.loss != first.loss:
            raise InvalidArgument(
                f"Network {number} learned by {network.loss} and network 0 by {first.loss}: give the loss for all."
            )
    return first._loss(None)


def _schedules(rule: Optimizer, learning_rate: Any, schedules: Any, k: int) -> list[dict[str, Schedule]]:
    rates = [learning_rate] * k
    if isinstance(learning_rate, list | tuple) or (isinstance(learning_rate, np.ndarray) and learning_rate.ndim):
        rates = _one_each("learning_rate", learning_rate, k)
    others = _one_each("schedules", schedules, k) if isinstance(schedules, list | tuple) else [schedules] * k
    return [
        step_schedules(rule.default_learning_rate if rate is None else rate, rule.scheduled, own)
        for rate, own in zip(rates, others, strict=True)
    ]


def _one_each(name: str, given: Any, k: int) -> list[Any]:
    """A list with an entry for each network."""
    entries = list(given)
    if len(entries) != k:
        raise InvalidArgument(f"{name} has {len(entries)} entries, and there are {k} networks: give one for each.")
    return entries


def _callbacks(given: Any, k: int) -> list[tuple[Callback, ...]]:
    advice = (
        "each network needs callbacks of its own: give a function of its number, such as "
        "lambda i: [EarlyStopping()], or a list with a list for each network"
    )
    if callable(given):
        each = [given(number) for number in range(k)]
    elif isinstance(given, Callback) or not isinstance(given, list | tuple):
        raise InvalidType(f"callbacks is {given!r}, and {advice}.")
    elif any(isinstance(entry, Callback) for entry in given):
        raise InvalidType(f"callbacks is a list of callbacks, and {advice}.")
    else:
        each = _one_each("callbacks", given, k) if given else [()] * k
    checked = [checked_callbacks(own) for own in each]
    all_of_them = [callback for own in checked for callback in own]
    if len({id(callback) for callback in all_of_them}) < len(all_of_them):
        raise InvalidArgument(f"A callback is given to two networks, and {advice}.")
    return checked


def _training(network: Network, problem: Problem, *, goes_on: bool) -> TrainingState:
    if not goes_on:
        return network._new_training(problem)
    assert network.training is not None
    check_fits(network.training, problem, network.theta)
    return network.training


def _engine(
    name: Any, problem: Problem, epochs: int, trainings: Sequence[TrainingState], *, goes_on: bool
) -> EngineChoice:
    if not goes_on:
        return engine_for(name, problem, epochs, stacked([training.variables for training in trainings]))
    left = [training for training in trainings if training.epoch < epochs] or list(trainings)
    places = [(training.epoch, training.position) for training in left]
    for place in places:
        if place != places[0]:
            raise InvalidArgument(
                f"The trainings stand at different places: one after {places[0][0]} epochs and {places[0][1]} batches, "
                f"another after {place[0]} and {place[1]}. Resume each by itself, or those that stand alike."
            )
    variables = stacked([training.variables for training in left])
    return engine_to_go_on_with(name, problem, epochs, variables, left[0])


# --- what came of it -------------------------------------------------------------------------------------------


def _tell_of_divergence(runs: Sequence[Run]) -> None:
    """Raise where all diverged, and warn where some did."""
    found = {number: run.divergence for number, run in enumerate(runs) if run.divergence is not None}
    if not found:
        return
    number, error = next(iter(found.items()))
    if len(runs) == 1:
        raise error
    if len(found) == len(runs):
        raise TrainingDiverged(
            f"All {len(runs)} networks diverged. Network 0: {error}",
            layer=error.layer,
            epoch=error.epoch,
            batch=error.batch,
        )
    numbers = ", ".join(str(number) for number in found)
    which = f"Network {numbers}" if len(found) == 1 else f"Networks {numbers}"
    warnings.warn(
        f"{which} of {len(runs)}, counted from 0, diverged, and the others went on. Network {number}: {error}",
        stacklevel=3,
    )
