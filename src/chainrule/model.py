"""The network that people call: make it, fit it, predict with it, look into it, save it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from chainrule.data.encoder import Encoder
from chainrule.data.labelled_rows import EncodedRows, LabelledRows, encoded_inputs
from chainrule.data.standardizer import Standardizer
from chainrule.engines import engine_for
from chainrule.engines.outputs import outputs_of_rows
from chainrule.engines.problem import Problem, Variables
from chainrule.errors import FileFormatError, InvalidArgument, InvalidType
from chainrule.files.network_file import NetworkParts, read_network, write_network
from chainrule.functions.activations import ActivationLike
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.initializers import InitializerLike
from chainrule.functions.losses import LOSSES, Loss, LossLike, default_loss
from chainrule.functions.penalties import Penalty
from chainrule.network import sequence
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Layer, Mode
from chainrule.network.objective import Objective, row_shares
from chainrule.network.parameter_vector import ParameterVector
from chainrule.network.prediction import mean_output
from chainrule.network.records import BackwardRecord, ForwardRecord
from chainrule.network.sparse_rows import Inputs, dense
from chainrule.network.summary import summary
from chainrule.optimizers import LBFGS, OPTIMIZERS, SGD, Optimizer, OptimizerLike
from chainrule.optimizers.schedules import Schedule, step_schedules
from chainrule.streams import Streams
from chainrule.training.batch_size import checked_batch_size
from chainrule.training.callback import Callback, checked_callbacks
from chainrule.training.classification import decided
from chainrule.training.evaluation import Evaluation
from chainrule.training.full_batch import check_full_batch
from chainrule.training.history import History
from chainrule.training.learning_rate_finder import LearningRates, try_learning_rates
from chainrule.training.loop import train
from chainrule.training.metrics import Metric, MetricLike, checked_metrics
from chainrule.training.progress import progress_for
from chainrule.training.resume import check_fits, engine_to_go_on_with, recipe, same_layers, warn_of_changes
from chainrule.training.run import Run
from chainrule.training.state import TrainingState
from chainrule.validation import float_type, whole_number, yes_or_no

__all__ = ["Network", "load"]

PROBABILITIES = ("probability", "closed_probability")
"""Ranges of outputs that decide between two classes, whatever the loss was."""


class Network(ParameterVector):
    """A multi-layer perceptron of any depth.

    ``Network((64, 15, 10), (Relu, Softmax))`` is short for
    ``Network(layers=[Dense(64, 15, Relu), Dense(15, 10, Softmax)])``.

    Parameters
    ----------
    dimensions : sequence of int
        Units by layer, the input first.
    activations : sequence of ActivationLike
        One for each later layer, as a class, an instance or a name.
    layers : sequence of Layer, optional
        The general form, in place of the two above.
    seed : int, optional
        Makes everything random repeatable; fresh by default and then found in ``seed``.
    dtype : dtype
        float32 (the default) or float64: what the network computes in.
    initializer : InitializerLike, optional
        How the weights start; by default, what fits each layer's activation. For the short form.
    encoder : Encoder, optional
        Applied to every x that the network is given: a `Standardizer`, or what a table was encoded with.
    target_scaler : Standardizer, optional
        For losses of numbers: y is learned standardised by it, and predicted in its own units.
    classes : sequence of str or int, optional
        What `predict_classes` calls the classes; their numbers by default.
    n_members : int, optional
        An ensemble of so many networks, each with a start of its own, trained at once on the same batches. theta then
        has the shape (K, P) and every array a leading axis; what is predicted is the mean over the members.

    Attributes
    ----------
    theta : array of shape (P,), or (K, P) for K members
        All parameters; `w`, `b` and `parameters` are views of it. Assigning to it copies numbers in.
    state : array of shape (S,), or (K, S)
        The layers' running statistics.
    notes : dict
        Data that JSON can hold, kept in the file; nothing in the computing depends on it.
    architecture : Architecture
        The layers in their places, and where in theta each array is.
    loss : Loss or None
        What the last `fit` made small.
    history : History
        That of the last `fit`.
    training : TrainingState or None
        Where the last `fit` stands.
    seed : int
        The seed.

    Raises
    ------
    InvalidArgument, InvalidType
        If the layers make no network.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import Network, Sigmoid, Tanh
    >>> x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    >>> nn = Network((2, 4, 1), (Tanh, Sigmoid), seed=1)
    >>> history = nn.fit(x, y, epochs=500, batch_size=4, learning_rate=1.0, verbose=False)
    >>> nn.predict_classes(x)
    array([0, 1, 1, 0])
    """

    def __init__(
        self,
        dimensions: Sequence[int] | None = None,
        activations: Sequence[ActivationLike] | None = None,
        *,
        layers: Iterable[Layer] | None = None,
        seed: int | None = None,
        dtype: DTypeLike = np.float32,
        initializer: InitializerLike | None = None,
        encoder: Encoder | None = None,
        target_scaler: Standardizer | None = None,
        classes: Sequence[str | int] | None = None,
        n_members: int | None = None,
    ) -> None:
        architecture = Architecture.given(dimensions, activations, layers, initializer)
        number_type, streams = float_type(dtype), Streams(seed)
        theta, state = architecture.start(streams["initialisation"], number_type, n_members)
        parts = NetworkParts(architecture, theta, state, streams, None, encoder, None)
        self._take(parts._replace(target_scaler=target_scaler))
        self.classes = classes

    def _take(self, parts: NetworkParts) -> None:
        super().__init__(parts.architecture, parts.theta, parts.state)
        self.streams, self.loss = parts.streams, parts.loss
        self.encoder, self.target_scaler, self.classes = parts.encoder, parts.target_scaler, parts.classes
        self.notes: dict[str, Any] = dict(parts.notes)
        self.training = None if parts.training is None else TrainingState.from_parts(*parts.training)
        if self.training is not None and np.array_equal(self.training.variables.theta, self._theta):
            self._theta, self._state = self.training.variables.theta, self.training.variables.state
        self.history = History() if self.training is None else self.training.history

    @property
    def seed(self) -> int:
        """The seed from which all its randomness comes."""
        return self.streams.seed

    @property
    def classes(self) -> tuple[str | int, ...] | None:
        """What `predict_classes` calls the classes; None for their numbers."""
        return self._classes

    @classes.setter
    def classes(self, names: Sequence[str | int] | None) -> None:
        if names is None:
            self._classes = None
            return
        n_classes = max(2, self.architecture.n_out)
        if not isinstance(names, list | tuple) or not all(isinstance(name, str | int | np.integer) for name in names):
            raise InvalidType(f"Give the classes as a list of strings or whole numbers, in their order; got {names!r}.")
        if len(names) != n_classes or len(set(map(str, names))) != n_classes:
            raise InvalidArgument(f"{n_classes} different classes are needed for the outputs; got {list(names)!r}.")
        self._classes = tuple(name if isinstance(name, str) else int(name) for name in names)

    @property
    def encoder(self) -> Encoder | None:
        """What is applied to every x before it enters the first layer."""
        return self._encoder

    @encoder.setter
    def encoder(self, encoder: Encoder | None) -> None:
        if encoder is not None and not isinstance(encoder, Encoder):
            raise InvalidType(f"{encoder!r} is not an encoder: give a Standardizer, such as Standardizer.fitted(x).")
        if encoder is not None and encoder.n_outputs != self.architecture.n_in:
            columns = f" of {encoder.n_columns} columns" if encoder.n_columns != encoder.n_outputs else ""
            raise InvalidArgument(
                f"The encoder gives {encoder.n_outputs} numbers{columns} and the network takes "
                f"{self.architecture.n_in} inputs."
            )
        self._encoder = encoder

    @property
    def target_scaler(self) -> Standardizer | None:
        """What y is standardised with, and predictions are brought back to their units with."""
        return self._target_scaler

    @target_scaler.setter
    def target_scaler(self, scaler: Standardizer | None) -> None:
        if scaler is not None and not isinstance(scaler, Standardizer):
            raise InvalidType(f"A target_scaler is a Standardizer, such as Standardizer.fitted(y), not {scaler!r}.")
        if scaler is not None and (scaler.n_columns < 1 or self.architecture.n_out % scaler.n_columns):
            raise InvalidArgument(
                f"The target_scaler takes {scaler.n_columns} columns and the network has {self.architecture.n_out} "
                "outputs."
            )
        self._target_scaler = scaler

    @property
    def n_members(self) -> int | None:
        """Number of networks of an ensemble; None for one network."""
        return len(self._theta) if self._theta.ndim == 2 else None

    def __repr__(self) -> str:
        names = ", ".join(str(activation) for activation in self.activations.values())
        each = "" if self.n_members is None else f"{self.n_members} members of "
        return f"<Network {self.dimensions} ({names}), {each}{self._theta.shape[-1]:,} parameters, {self.dtype}>"

    def __str__(self) -> str:
        return summary(self.architecture, self.dtype, self.n_members)

    # --- use ---------------------------------------------------------------------------------------------------

    def predict(self, x: Any, *, engine: str = "numpy") -> Array:
        """The outputs.

        Parameters
        ----------
        x : array-like or SciPy sparse of shape (n, d_1), EncodedRows, or what the encoder takes
            Rows.
        engine : {"numpy", "compiled"}
            What computes them. The compiled engine takes half a second to load, and is then several times as fast on
            many rows; they differ in the last bits.

        Returns
        -------
        array of shape (n, k)
            In the network's dtype; of shape (n, 1), not (n,), for one output. Of an ensemble, the members' mean.

        Raises
        ------
        InvalidArgument, InvalidType
            If x does not fit, or the engine is not known or does not know a layer.
        MissingExtra
            If the compiled engine is asked for and not installed.
        """
        return mean_output(self._outputs(x, engine))

    def predict_members(self, x: Any, *, engine: str = "numpy") -> Array:
        """The outputs of each member of an ensemble, of shape (K, n, k); K is 1 for one network.

        Parameters
        ----------
        x, engine
            As in `predict`.
        """
        outputs = self._outputs(x, engine)
        return outputs if outputs.ndim == 3 else outputs[np.newaxis]

    def _outputs(self, x: Any, engine: str = "numpy") -> Array:
        a = outputs_of_rows(self.architecture, self._theta, self._state, self._inputs(x), engine)
        return a if self._target_scaler is None else self._target_scaler.restored(a)

    def encode(self, x: Any) -> EncodedRows:
        """Rows checked and passed through the encoder, once; every method that takes x takes these as they are.

        Parameters
        ----------
        x : array-like
            As in `predict`.

        Returns
        -------
        EncodedRows
            With ``len``, and ``rows[chosen]`` for some of them.

        Raises
        ------
        InvalidArgument, InvalidType
            If x does not fit.
        """
        return EncodedRows(self._inputs(x), self._encoder)

    def member(self, i: int) -> Network:
        """A network of its own with the numbers of one member of an ensemble, without its training."""
        if self.n_members is None:
            raise InvalidArgument("This is one network, and has no members.")
        if whole_number("The number of a member", i, minimum=0) >= self.n_members:
            raise InvalidArgument(f"There is no member {i}: there are {self.n_members}, counted from 0.")
        network = object.__new__(Network)
        network._take(self._parts()._replace(theta=self._theta[i].copy(), state=self._state[i].copy()))
        return network

    def predict_classes(self, x: Any) -> Rows | Array:
        """The class of each row: that of the largest output or, with one output, the second from 0.5 on.

        With the hinge loss, one output means the second class from 0 on.

        Returns
        -------
        array of shape (n,)
            Numbers from 0, or members of ``classes`` where the network has them.

        Raises
        ------
        InvalidArgument
            If the network learned numbers and not classes.
        """
        self._check_decides()
        threshold = 0.5 if self.loss is None else self.loss.decision_threshold
        numbers = decided(self.predict(x), threshold)
        return numbers if self._classes is None else np.asarray(self._classes)[numbers]

    def _check_decides(self) -> None:
        """Refuse the classes of a regression; squared error may have learned one-hot rows, or probabilities."""
        loss, output = self.loss, self.architecture.output_layer.activation
        if loss is None or loss.target in ("class", "binary") or output.output_range in PROBABILITIES:
            return
        if loss.target == "levels" or loss.needs is not None or self.architecture.n_out == 1:
            raise InvalidArgument(f"The network learned numbers by {loss}, and no classes: take predict for them.")

    def evaluate(
        self,
        x: Any,
        y: Any,
        loss: LossLike | None = None,
        *,
        metrics: Iterable[MetricLike] = (),
        sample_weight: Any = None,
    ) -> dict[str, float]:
        """``J`` (without the penalty), ``accuracy`` where y is one class for each row, and other metrics.

        Parameters
        ----------
        x, y : array-like
            As in `fit`.
        loss : LossLike, optional
            By default that of the last `fit`, else the one that goes with the output.
        metrics : sequence of MetricLike
            Names such as ``"macro_f1"`` and ``"r2"``, or functions of y and a, as in `fit`.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.
        """
        objective = Objective(self.architecture, self._loss(loss))
        rows = self._rows(x, y, objective.loss, sample_weight)
        asked = checked_metrics(metrics)
        return Evaluation(objective, rows, asked, self._target_scaler).measure(self._theta, self._state)

    def fit(
        self,
        x: Any,
        y: Any,
        loss: LossLike | None = None,
        epochs: int = 10,
        batch_size: int | None = None,
        learning_rate: float | Schedule | None = None,
        *,
        optimizer: OptimizerLike = SGD,
        l1: float = 0.0,
        l2: float = 0.0,
        sample_weight: Any = None,
        class_weight: Any = None,
        validation: tuple[Any, ...] | None = None,
        metrics: Iterable[MetricLike] = (),
        schedules: Mapping[str, Schedule] | None = None,
        shuffle: bool = True,
        callbacks: Sequence[Callback] = (),
        resume: bool | str | os.PathLike[str] = False,
        verbose: bool = True,
        engine: str = "auto",
    ) -> History:
        """Learn from rows, going on from the parameters as they are.

        Each epoch takes every row once, in a new order, in batches; the last may be short. Ctrl-C ends the training
        after the step under way and keeps what was learned.

        Parameters
        ----------
        x : array-like or SciPy sparse of shape (n, d_1), EncodedRows, or what the encoder takes
            Rows of real numbers, not modified. Sparse ones are made dense a few batches at a time.
        y : array-like of shape (n,) or (n, k)
            Targets: numbers for squared error; 0 or 1 for binary cross-entropy; whole numbers from 0, or one-hot rows,
            for cross-entropy.
        loss : LossLike, optional
            By default the one that goes with the output: cross-entropy with softmax, binary cross-entropy with sigmoid,
            Poisson with exponential, else squared error; with `resume`, the one that the training began with.
        epochs : int
            Times that every row is taken, at least 1; with `resume`, those before are counted.
        batch_size : int, optional
            Rows of a step, at least 1; by default 32. Where there are fewer rows, all are taken, with a warning if
            more were asked for.
        learning_rate : float or Schedule, optional
            Size of a step, above 0; by default what suits the optimizer, 0.1 for SGD. The post's 1e-3 is about n k / 2
            times as much here, for batches of n rows and k outputs, since its gradient lacks the 2 / (n k) of a mean.
        optimizer : OptimizerLike
            Rule of a step; starts anew with every fit, unless it is resumed.
        l1, l2 : float
            Penalty on the weights: l1 * sum |w| + l2 / 2 * sum w^2.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows, not negative. Rows of weight 0 are left out, the others scaled to a mean of 1.
        class_weight : mapping, sequence or "balanced", optional
            Weights of the classes, by which those of the rows are multiplied: a mapping from class to weight (1 where
            it has none), a weight for each class, or ``"balanced"`` for n / (k * rows of the class).
        validation : tuple (x, y) or (x, y, sample_weight), optional
            Rows to measure on after each epoch: the history's ``val_J`` and ``val_accuracy``.
        metrics : sequence of MetricLike
            What else to measure after each epoch, on the training rows and, with ``val_`` in front, on the validation
            rows: names such as ``"macro_f1"`` and ``"r2"``, or functions of y and a, as they are encoded, that give a
            number.
        schedules : mapping of str to Schedule, optional
            How other values change from step to step: those of the optimizer by their names, such as ``"momentum"``,
            and ``"dropout_factor"``, by which every dropout rate is multiplied.
        shuffle : bool
            Whether each epoch takes the rows in a new order, or as they are given.
        callbacks : sequence of Callback
            What else happens meanwhile.
        resume : bool or path-like
            True goes on where the last training of this network stands, with its optimizer, order of rows and history.
            A path goes on from the checkpoint there; where there is none yet, the training begins, so that the same
            call starts and restarts. Settings that are not those of before are named in a warning. A training that put
            its best parameters back, or averages them, goes on from its own last ones.
        verbose : bool
            Show progress: a bar where rich is installed and the output is a terminal, else lines.
        engine : str
            What carries out the steps: ``"numpy"``, ``"compiled"`` (the extra `fast`), or ``"auto"`` for what the sizes
            of network, rows and epochs ask for; a training that is resumed goes on with the engine that it had, since
            another one has other bits. The history says which it was. L-BFGS is NumPy's.

        Returns
        -------
        History
            A column for each quantity, a row for each epoch.

        Raises
        ------
        InvalidArgument, InvalidType
            If something does not fit; then nothing was changed.
        TrainingDiverged
            If numbers became NaN or infinite; the network holds the last finite parameters.
        """
        begun = self._begun(resume)
        training = None if begun is None else begun.training
        chosen = LOSSES.resolve(loss) if loss is not None else None if begun is None else begun.loss
        rule = OPTIMIZERS.resolve(optimizer)
        problem = self._problem(
            x, y, chosen or self._output_loss, batch_size, rule, Penalty(l1, l2), sample_weight, class_weight
        )
        if isinstance(rule, LBFGS):
            check_full_batch(self.architecture, batch_size, learning_rate, schedules, resume, self.n_members or 1)
            problem = replace(problem, batch_size=problem.n_rows)
        rate = rule.default_learning_rate if learning_rate is None else learning_rate
        of_steps = step_schedules(rate, rule.scheduled, schedules)
        asked = checked_metrics(metrics)
        total, checked_shuffle = whole_number("epochs", epochs, minimum=1), yes_or_no("shuffle", shuffle)
        if training is None:
            state = self._new_training(problem)
            choice = engine_for(engine, problem, total, state.variables)
        else:
            check_fits(training, problem, self._theta)
            state = training
            choice = engine_to_go_on_with(engine, problem, total, state.variables, state)
        run = Run(
            problem=problem,
            training=state,
            epochs=total,
            engine=choice.engine,
            engine_reason=choice.reason,
            schedules=of_steps,
            callbacks=(*checked_callbacks(callbacks), *([progress_for()] if verbose else [])),
            validation=self._validation(problem.objective, validation, asked),
            measured=Evaluation(problem.objective, problem.rows, asked, self._target_scaler) if asked else None,
            network=self._parts,
            recipe=recipe(problem, of_steps, total, checked_shuffle),
            shuffle=checked_shuffle,
            resumed=training is not None,
        )
        if training is not None:
            warn_of_changes(run, with_rows=begun is not self)
        with self._learning(run):
            train(run)
        return run.history

    def _problem(
        self,
        x: Any,
        y: Any,
        loss: Loss,
        batch_size: int | None,
        rule: Optimizer,
        penalty: Penalty,
        sample_weight: Any,
        class_weight: Any,
    ) -> Problem:
        """What is to be learned, from what a person gives."""
        objective = Objective(self.architecture, loss, penalty)
        rows = self._rows(x, y, loss, sample_weight, class_weight)
        return Problem(objective, rule, rows, checked_batch_size(batch_size, len(rows), self.architecture))

    def _new_training(self, problem: Problem) -> TrainingState:
        self.check_finite()
        variables = Variables.started(problem, self._theta, self._state, self.streams["masks"])
        return TrainingState(variables, self.streams)

    def _begun(self, resume: bool | str | os.PathLike[str]) -> Network | None:
        """The network whose training is to go on: this one or that of a checkpoint; None where there is none."""
        if isinstance(resume, bool):
            return self if resume and self.training is not None else None
        if not isinstance(resume, str | os.PathLike):
            raise InvalidType(f"resume is True, False or the path of a checkpoint, not {resume!r}.")
        try:
            os.stat(resume)
        except FileNotFoundError as error:
            if os.fspath(resume):
                return None  # there is none yet
            raise InvalidArgument("resume is an empty path: give that of a checkpoint.") from error
        except (OSError, ValueError) as error:
            raise InvalidArgument(f"No checkpoint can be at {str(resume)[:200]!r}: {error}.") from error
        other = load(resume)
        if other.training is None:
            raise InvalidArgument(f"{resume} holds a network without a training, so there is nothing to resume.")
        if not same_layers(other.architecture, self.architecture):
            raise InvalidArgument(
                f"{resume} is the training of another network, {other!r}: resume it with a network like that one."
            )
        return other

    @contextmanager
    def _learning(self, run: Run) -> Iterator[None]:
        """The network's numbers are those of the training in this context, and the training's result after it.

        Where it is refused before its first step, the network is as it was.
        """
        before = vars(self).copy()
        training = run.training
        self.loss, self.training, self.history = run.problem.objective.loss, training, training.history
        self.streams = training.streams
        self._theta, self._state = training.variables.theta, training.variables.state
        try:
            yield
        finally:
            theta, state = run.result()
            if not run.began:
                vars(self).update(before)
            elif theta is not training.variables.theta:  # the training goes on from its own, if it ever does
                self._theta, self._state = theta.copy(), state.copy()

    def partial_fit(self, x: Any, y: Any, loss: LossLike | None = None, **settings: Any) -> History:
        """Take every row once more, going on with the optimizer, the order's stream and the history as they are.

        The rows may be others at each call. n calls with the same rows are ``fit`` with n epochs, bit for bit, unless a
        schedule is spread over the whole training.

        Parameters
        ----------
        x, y : array-like
            As in `fit`.
        loss : LossLike, optional
            By default that of the last call, else the one that goes with the output.
        **settings
            As in `fit`, but for `epochs` and `resume`; give the same at each call. Progress is not shown by default.
            The engine is chosen for the first call's single epoch, so that ``"auto"`` means a compiled one for large
            rows alone.

        Returns
        -------
        History
            Of all calls so far, a row for each.

        Raises
        ------
        InvalidArgument, InvalidType, TrainingDiverged
            As in `fit`; also if `epochs` or `resume` is given.
        """
        for name in ("epochs", "resume"):
            if name in settings:
                raise InvalidArgument(f"partial_fit takes every row once and always resumes: leave {name} out.")
        finished = 0 if self.training is None else self.training.epoch
        return self.fit(x, y, self._loss(loss), **({"verbose": False} | settings), epochs=finished + 1, resume=True)

    def find_learning_rate(
        self,
        x: Any,
        y: Any,
        loss: LossLike | None = None,
        batch_size: int | None = None,
        *,
        optimizer: OptimizerLike = SGD,
        l1: float = 0.0,
        l2: float = 0.0,
        sample_weight: Any = None,
        class_weight: Any = None,
        lowest: float = 1e-6,
        highest: float = 10.0,
        steps: int = 200,
    ) -> LearningRates:
        """Try learning rates from low to high on a copy of the network, a step with each; the network stays as it is.

        The NumPy engine carries out the steps, which are few.

        Parameters
        ----------
        x, y, loss, batch_size, optimizer, l1, l2, sample_weight, class_weight
            As in `fit`.
        lowest, highest : float
            The first rate and the last, 0 < lowest < highest.
        steps : int
            How many rates, at least 20.

        Returns
        -------
        LearningRates
            With ``suggestion`` and ``plot()``.

        Raises
        ------
        InvalidArgument, InvalidType
            As in `fit`; also if the range is none, if J is not finite to begin with or after a step with the lowest
            rate, or if the optimizer takes no steps, as L-BFGS.
        """
        problem = self._problem(
            x,
            y,
            self._loss(loss),
            batch_size,
            OPTIMIZERS.resolve(optimizer),
            Penalty(l1, l2),
            sample_weight,
            class_weight,
        )
        self.check_finite()
        other = self.copy()
        variables = Variables.started(problem, other._theta, other._state, other.streams["masks"])
        return try_learning_rates(problem, variables, other.streams["order"], lowest, highest, steps)

    # --- look inside -------------------------------------------------------------------------------------------

    def forward(self, x: Any, *, training: bool = False) -> ForwardRecord:
        """Every z and a for these rows, by layer number.

        Parameters
        ----------
        x : array-like of shape (n, d_1)
            Rows.
        training : bool
            Whether layers behave as in training: norms take the batch's statistics. Masks are never drawn here.
        """
        bound = self.architecture.bind_parameters(self._theta), self.architecture.bind_statistics(self._state)
        _, caches = sequence.forward(self.architecture.layers, *bound, dense(self._inputs(x)), Mode(training))
        return ForwardRecord.of(self.architecture, caches)

    def backward(
        self,
        x: Any,
        y: Any,
        loss: LossLike | None = None,
        *,
        l1: float = 0.0,
        l2: float = 0.0,
        sample_weight: Any = None,
        training: bool = True,
    ) -> BackwardRecord:
        """J of these rows as one batch and, by backpropagation, every delta, dw and db, by layer number.

        The record has the forward pass too, made in the same mode.

        Parameters
        ----------
        x, y, loss, l1, l2, sample_weight
            As in `fit`; the loss is by default that of the last `fit`.
        training : bool
            As in `forward`.
        """
        objective = Objective(self.architecture, self._loss(loss), Penalty(l1, l2))
        rows = self._rows(x, y, objective.loss, sample_weight)
        gradient = np.empty_like(self._theta)
        found = objective.value_and_gradient(
            self.architecture.bind_parameters(self._theta),
            self.architecture.bind_statistics(self._state),
            dense(rows.x),
            rows.y,
            row_shares(len(rows), rows.weights, self.dtype),
            Mode(training, weights=rows.weights),
            self.architecture.bind_parameters(gradient),
        )
        mask = objective.penalised.astype(self.dtype)
        gradient += objective.penalty.gradient(self._theta, mask)
        penalty = objective.penalty.value(self._theta, mask)
        return BackwardRecord.of(self.architecture, found, penalty, gradient)

    # --- keep --------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to a file, whole or not at all; `chainrule.load` reads it.

        Raises
        ------
        FileNotWritten
            With the reason; a file that was there is as it was.
        """
        write_network(path, self._parts())

    def _parts(self) -> NetworkParts:
        return NetworkParts(
            self.architecture,
            self._theta,
            self._state,
            self.streams,
            self.loss,
            self.encoder,
            self.classes,
            target_scaler=self.target_scaler,
            notes=self.notes,
        )

    def astype(self, dtype: DTypeLike) -> Self:
        """A copy that computes in float32 or float64, without the state of the last training, which had its dtype."""
        other = super().astype(dtype)
        other.training = None
        return other

    # --- what is given, checked --------------------------------------------------------------------------------

    def _inputs(self, x: Any) -> Inputs:
        return encoded_inputs(x, self.architecture, self.dtype, self.encoder)

    def _rows(self, x: Any, y: Any, loss: Loss, sample_weight: Any = None, class_weight: Any = None) -> LabelledRows:
        return LabelledRows.checked(
            x,
            y,
            sample_weight,
            architecture=self.architecture,
            loss=loss,
            dtype=self.dtype,
            encoder=self.encoder,
            target_scaler=self.target_scaler,
            class_weight=class_weight,
            classes=self._classes,
        )

    @property
    def _output_loss(self) -> Loss:
        return default_loss(self.architecture.output_layer.activation)

    def _loss(self, loss: LossLike | None) -> Loss:
        """The loss that is given, else that of the last fit, else the one that goes with the output."""
        return LOSSES.resolve(loss) if loss is not None else self.loss or self._output_loss

    def _validation(
        self, objective: Objective, validation: tuple[Any, ...] | None, metrics: tuple[Metric, ...]
    ) -> Evaluation | None:
        if validation is None:
            return None
        if not isinstance(validation, tuple) or len(validation) not in (2, 3):
            raise InvalidType("validation is a tuple (x, y) or (x, y, sample_weight).")
        x, y, *weight = validation
        return Evaluation(objective, self._rows(x, y, objective.loss, *weight), metrics, self._target_scaler)


def load(path: str | os.PathLike[str]) -> Network:
    """The network in a file that `Network.save` wrote.

    Raises
    ------
    FileMissing
        If there is no such file.
    FileFormatError
        If it is damaged, incomplete, something else or of a newer format.
    """
    network = object.__new__(Network)
    try:
        network._take(read_network(path))
    except InvalidArgument as error:
        raise FileFormatError(f"{path} does not fit together: {str(error)[:300]}") from None
    return network
