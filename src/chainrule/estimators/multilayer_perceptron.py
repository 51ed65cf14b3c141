"""What the classifier and the regressor share: parameters, and a fit that checks, builds, fits and stores."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, _fit_context
from sklearn.callback import CallbackSupportMixin
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from chainrule.data.standardizer import Standardizer
from chainrule.engines import ENGINE_NAMES
from chainrule.engines.threads import available_cores, limited_threads
from chainrule.errors import InvalidArgument
from chainrule.estimators.estimator_file import read_estimator, write_estimator
from chainrule.estimators.fit_tasks import FitTask
from chainrule.estimators.fitting import Fitting
from chainrule.estimators.held_out_rows import WeightedRows, check_large_enough, held_out
from chainrule.estimators.layers import ACTIVATION_NAMES, INITIALIZER_NAMES, OUTPUT_NAMES
from chainrule.estimators.solver import RATE_NAMES, SOLVER_NAMES, is_full_batch
from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array
from chainrule.functions.initializers import Initializer
from chainrule.functions.losses import Loss
from chainrule.model import Network
from chainrule.network.prediction import blocks_of
from chainrule.optimizers import Optimizer
from chainrule.optimizers.schedules import Schedule
from chainrule.training.history import History

__all__ = ["BaseMultilayerPerceptron", "takes_a_few_rows"]


def takes_a_few_rows(estimator: Any) -> bool:
    """Whether there is a partial_fit: L-BFGS takes all rows at once, and could not."""
    if is_full_batch(estimator.solver):
        raise AttributeError("partial_fit needs a solver that goes by batches; solver='lbfgs' takes all rows at once.")
    return True


class BaseMultilayerPerceptron(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]  # scikit-learn has no types
    TransformerMixin,  # type: ignore[misc]
    CallbackSupportMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    ABC,
):
    """A `chainrule.Network` with scikit-learn's manners; no mathematics of its own."""

    network_: Network

    _weight_decay_coefficient: ClassVar[float]
    """AdamW's decay for one column per row, where `alpha` is automatic."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATION_NAMES)), Activation, type, list, tuple],
        "solver": [StrOptions(set(SOLVER_NAMES)), Optimizer, type],
        "alpha": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions(set(RATE_NAMES)), Schedule],
        "learning_rate_init": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither"), None],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left"), list, tuple],
        "batch_norm": ["boolean"],
        "initializer": [StrOptions(set(INITIALIZER_NAMES)), Initializer, type],
        "scoring": [str, callable, None],
        "metrics": [list, tuple, str, callable, None],
        "n_layers": [Interval(Integral, 0, None, closed="left"), None],
        "width": [Interval(Integral, 1, None, closed="left"), None],
        "n_members": [Interval(Integral, 1, None, closed="left"), None],
        "n_threads": [Interval(Integral, 1, None, closed="left"), None],
        "engine": [StrOptions(set(ENGINE_NAMES))],
    }

    def _keep(self, given: dict[str, Any]) -> None:
        """Keep every parameter as it is given, which is all that a constructor may do."""
        for name in self._get_param_names():
            setattr(self, name, given[name])

    # --- what a classifier and a regressor do each in their way ------------------------------------------------

    @abstractmethod
    def _checked(self, X: Any, y: Any, *, goes_on: bool, incremental: bool) -> tuple[Any, Any]:
        """Rows and targets, checked, after which what is known of the targets is stored."""

    @abstractmethod
    def _checked_targets(self, y: Any) -> Any:
        """Targets of held-out rows, checked."""

    @abstractmethod
    def _resolved_loss(self) -> Loss:
        """The loss, when the targets are known."""

    @abstractmethod
    def _output(self, loss: Loss) -> tuple[int, str]:
        """Number of outputs, and the name of the output activation."""

    @abstractmethod
    def _encoded(self, y: Any, loss: Loss, dtype: np.dtype[Any]) -> Array:
        """Targets as `Network.fit` takes them."""

    @abstractmethod
    def _decoded(self, outputs: Array, loss: Loss) -> Any:
        """What `predict` gives for outputs (..., n, k)."""

    @abstractmethod
    def _default_score(self, rows: WeightedRows, predicted: Any) -> float:
        """The score of held-out rows where no `scoring` is given."""

    def _strata(self, y: Any, share: float) -> Array | None:
        """What is to have the same shares in both parts of a split."""
        return None

    def _class_names(self) -> list[str] | list[int] | None:
        """What the network calls its classes."""
        return None

    def _target_scaler(self, rows: WeightedRows, loss: Loss) -> Standardizer | None:
        """What the targets are standardised with."""
        return None

    def _learning_weights(self, rows: WeightedRows, *, incremental: bool) -> Array | None:
        """Weights of the rows to learn from."""
        return rows.weights

    def _set_aside(
        self, rows: WeightedRows, seed: int, *, incremental: bool
    ) -> tuple[WeightedRows, WeightedRows | None]:
        """The rows that are left to learn from, and those that are kept for `_finish`."""
        return rows, None

    def _begin(self) -> None:
        """What is forgotten when the training begins."""

    def _finish(self, aside: WeightedRows | None) -> None:
        """What is done with the fitted network besides."""

    @abstractmethod
    def _own_facts(self) -> dict[str, Any]:
        """What must be kept beside the network and the parameters."""

    @abstractmethod
    def _take_own_facts(self, facts: dict[str, Any]) -> None:
        """Take up what `_own_facts` gave, from a file, beside the network that it holds."""

    # --- fit ---------------------------------------------------------------------------------------------------

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Fit the network to rows and targets.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows, computed with in their dtype if it is float32, else in float64. Sparse ones are made dense a few
            batches at a time.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows: a row of weight 2 counts as two, one of weight 0 as none.
        X_val, y_val : array-like, optional
            Rows to measure on after each epoch, with which early stopping judges, in place of a part of X.
        sample_weight_val : array-like, optional
            Their weights.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If something does not fit, or the numbers became NaN or infinite.
        """
        validation = self._given_validation(X_val, y_val, sample_weight_val)
        context = self._init_callback_context(max_subtasks=int(self.max_iter))
        told = {"X": X, "y": y, "metadata": {} if sample_weight is None else {"sample_weight": sample_weight}}
        context.call_on_fit_task_begin(estimator=self, **told)
        self._learn(X, y, sample_weight, validation, incremental=False, task=FitTask(context, told))
        context.call_on_fit_task_end(estimator=self, reconstruction_attributes={}, **told)
        return self

    def _take_once(self, X: Any, y: Any, sample_weight: Any) -> Self:
        """What partial_fit does."""
        if self.early_stopping:
            raise InvalidArgument("partial_fit does not support early_stopping=True: it would have to hold out rows.")
        return self._learn(X, y, sample_weight, None, incremental=True)

    def _given_validation(self, X: Any, y: Any, weights: Any) -> tuple[Any, Any, Any] | None:
        if (X is None) != (y is None):
            given, other = ("X_val", "y_val") if y is None else ("y_val", "X_val")
            raise InvalidArgument(f"{given} is given without {other}: give both, or neither.")
        if X is None and weights is not None:
            raise InvalidArgument("sample_weight_val is given without X_val and y_val, whose rows it is to weight.")
        return None if X is None else (X, y, weights)

    def _learn(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple[Any, Any, Any] | None,
        *,
        incremental: bool,
        task: FitTask | None = None,
    ) -> Self:
        goes_on = hasattr(self, "network_") and (incremental or self.warm_start)
        X, y = self._checked(X, y, goes_on=goes_on, incremental=incremental)
        if not goes_on:
            self.__dict__.pop("network_", None)  # if this fit fails, an earlier network is not taken for its result
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        rows = WeightedRows(X, y, weights).weighted()
        seed = self.network_.seed if goes_on else self._new_seed()
        rows, aside = self._set_aside(rows, seed, incremental=incremental)
        if validation is not None:
            kept = self._checked_validation(*validation)
        elif self._stops_early:
            rows, kept = self._held_out(rows, seed)
        else:
            kept = None
        fitting = Fitting(self, rows, kept, seed, goes_on=goes_on, incremental=incremental)
        self._begin()
        fitting.run(task)
        self._finish(aside)
        return self

    @property
    def _stops_early(self) -> bool:
        """As in scikit-learn, L-BFGS does not."""
        return bool(self.early_stopping) and not is_full_batch(self.solver)

    def _new_seed(self) -> int:
        """The seed that is given or, by a RandomState, drawn; else one from the system."""
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _checked_validation(self, X: Any, y: Any, sample_weight: Any) -> WeightedRows:
        X = self._checked_rows(X)
        y = self._checked_targets(y)
        check_consistent_length(X, y)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        return WeightedRows(X, y, weights).weighted()

    def _held_out(self, rows: WeightedRows, seed: int) -> tuple[WeightedRows, WeightedRows]:
        share = self.validation_fraction
        learned, kept = held_out(rows, share, self._strata(rows.y, share), seed)
        check_large_enough(kept)
        return learned, kept

    def _checked_rows(self, X: Any) -> Any:
        """Rows to predict, or held out."""
        return validate_data(self, X, accept_sparse="csr", dtype=(np.float64, np.float32), reset=False)

    # --- use ---------------------------------------------------------------------------------------------------

    def predict(self, X: Any) -> Any:
        """What the network predicts for each row.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        array of shape (n_samples,) or (n_samples, n_outputs)
            Classes or numbers; of an ensemble, by the mean of its members' outputs.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the rows are not finite, or have other columns than those of `fit`.
        """
        return self._decoded(self._outputs(X), self._learned_loss)

    def predict_members(self, X: Any) -> Any:
        """What each member of the ensemble predicts by itself, with a leading axis for the members.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        array of shape (n_members, n_samples) or (n_members, n_samples, n_outputs)
            As `predict` gives it; one member where there is no ensemble.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the rows are not finite, or have other columns than those of `fit`.
        """
        return self._decoded(self._member_outputs(X), self._learned_loss)

    def transform(self, X: Any) -> Array:
        """The last hidden layer as features: what the output layer receives.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        array of shape (n_samples, n_units)
            Of an ensemble, the members' units side by side. Without a hidden layer, X itself, as a dense array.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the rows are not finite, or have other columns than those of `fit`.
        """
        check_is_fitted(self)
        X = self._checked_rows(X)
        hidden = np.empty((X.shape[0], self._n_features_out), self.network_.dtype)
        with self._limited_threads():
            rows = self.network_.encode(X)
            for block in blocks_of(rows.x):
                values = self.network_.forward(rows[block]).a[self.n_layers_ - 1]
                hidden[block] = values if values.ndim == 2 else np.concatenate(values, axis=-1)
        return hidden

    def _outputs(self, X: Any) -> Array:
        check_is_fitted(self)
        X = self._checked_rows(X)
        with self._limited_threads():
            return self.network_.predict(X)

    def _member_outputs(self, X: Any) -> Array:
        check_is_fitted(self)
        X = self._checked_rows(X)
        with self._limited_threads():
            return self.network_.predict_members(X)

    @property
    def _learned_loss(self) -> Loss:
        loss = self.network_.loss
        assert loss is not None  # fit gives one
        return loss

    def _limited_threads(self) -> AbstractContextManager[Any]:
        return nullcontext() if self.n_threads is None else limited_threads(min(self.n_threads, available_cores()))

    # --- keep --------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted estimator to a file of data, without code, whole or not at all.

        `load` reads it, and so does `chainrule.load`, as a network, which needs NumPy only. The file has the network,
        the parameters and the curves; it has not the state of the optimizer, so that a training goes on from the
        parameters alone. A parameter that no file can hold (a function, a RandomState) is left out with a warning, and
        is its default when the file is read; a network with an activation or a loss of one's own cannot be written.

        Parameters
        ----------
        path : path-like
            Where to; a file that is there is replaced.

        Raises
        ------
        NotFittedError
            If there is nothing to write yet.
        FileFormatError, FileNotWritten
            If it cannot be written, with the reason; a file that was there is as it was.
        """
        check_is_fitted(self)
        write_estimator(path, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The estimator in a file that `save` wrote.

        Parameters
        ----------
        path : path-like
            Of the file.

        Returns
        -------
        MLPClassifier or MLPRegressor
            Fitted.

        Raises
        ------
        FileMissing
            If there is no such file.
        FileFormatError
            If it is damaged, or holds something else.
        """
        estimator: Self = read_estimator(path, cls)
        return estimator

    # --- what the network tells, by scikit-learn's names -------------------------------------------------------

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer, of shape (units before, units after), as views of the network's; K of each."""
        return list(self._fitted("coefs_").w.values())

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer, as views of the network's; K of each for an ensemble of K members."""
        return list(self._fitted("intercepts_").b.values())

    @property
    def n_layers_(self) -> int:
        """Number of layers, input and output among them."""
        return self._fitted("n_layers_").n_layers

    @property
    def n_outputs_(self) -> int:
        """Number of outputs of the network."""
        return self._fitted("n_outputs_").architecture.n_out

    @property
    def out_activation_(self) -> str:
        """Name of the output activation."""
        name = self._fitted("out_activation_").architecture.output_layer.activation.name
        return OUTPUT_NAMES.get(name, name)

    @property
    def history_(self) -> History:
        """The columns of the training: J, penalty, learning rate, seconds, metrics, and ``val_`` of each."""
        return self._fitted("history_").history

    @property
    def _n_features_out(self) -> int:
        return self.network_.dimensions[-2] * (self.network_.n_members or 1)

    def _fitted(self, name: str) -> Network:
        network = self.__dict__.get("network_")
        if network is None:
            raise AttributeError(f"{name} is there after fit, which this {type(self).__name__} has not seen.")
        assert isinstance(network, Network)
        return network

    def __sklearn_is_fitted__(self) -> bool:
        return "network_" in self.__dict__

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
