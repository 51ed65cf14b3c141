"""The regressor, with scikit-learn's interface."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_array, validate_data

from chainrule.data.rows import KINDS
from chainrule.data.standardizer import Standardizer
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.estimators.held_out_rows import WeightedRows, held_out
from chainrule.estimators.interval_calibration import IntervalCalibration
from chainrule.estimators.multilayer_perceptron import BaseMultilayerPerceptron, takes_a_few_rows
from chainrule.functions.arrays import Array
from chainrule.functions.losses import LOSSES, Loss, Quantile

__all__ = ["MLPRegressor"]

OTHER_NAMES = {"squared_error": "mse", "absolute_error": "mae"}
"""Losses that scikit-learn calls otherwise."""

LOSS_NAMES = frozenset({*OTHER_NAMES, *(loss.name for loss in LOSSES if loss.target in ("value", "levels"))})
"""Every name that the parameter `loss` takes."""


def _learns_quantiles(estimator: Any) -> bool:
    if not estimator._has_levels:
        raise AttributeError("Quantiles and intervals need MLPRegressor(loss='quantile', quantiles=(0.05, 0.5, 0.95)).")
    return True


def _refuse_dates(name: str, y: Array) -> None:
    """Refuse what would silently be learned as the days, or the nanoseconds, since 1970."""
    if y.dtype.kind in "Mm":
        raise InvalidType(
            f"{name} holds {KINDS[y.dtype.kind]}, and a regression learns numbers: give a number of days or of another "
            f"unit, such as ({name} - {name}.min()) / np.timedelta64(1, 'D')."
        )


class MLPRegressor(RegressorMixin, BaseMultilayerPerceptron):  # type: ignore[misc]
    """A multi-layer perceptron that learns numbers.

    It takes the place of scikit-learn's, with the same names, and does more. The targets are learned standardised, and
    predicted in their own units; ``loss_``, the curves and a setting such as the threshold of `Huber` are of the
    standardised ones. Counts, with ``loss="poisson"``, are learned as they are.

    Parameters
    ----------
    loss : str or Loss, default="squared_error"
        ``"squared_error"``, ``"absolute_error"``, ``"poisson"``, ``"quantile"``, any other loss of chainrule that goes
        with numbers, by name, class or instance, or a `CustomLoss`.
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of each hidden layer; ``()`` for none.
    activation : str, Activation or list of them, default="relu"
        Of all hidden layers, or a list with one for each: ``"identity"``, ``"logistic"``, ``"tanh"``, ``"relu"``, any
        other activation of chainrule by name, class or instance, or a `CustomActivation`.
    solver : str or Optimizer, default="adam"
        ``"adam"``, ``"sgd"`` (with `momentum`, Nesterov's by default), ``"lbfgs"``, any other optimizer of chainrule by
        name, or one with settings, such as ``AdamW(decay=0.01)``.
    alpha : float or "auto", default="auto"
        L2 penalty on the weights, which is divided by the weight of the batch. ``"auto"``: where the learning rate is
        automatic, no penalty but AdamW's decay, which is the stronger, the more columns there are for each row; 1e-4
        elsewhere.
    batch_size : int or "auto", default="auto"
        Rows of a step; by default 200, or all if there are fewer.
    learning_rate : str or Schedule, default="auto"
        ``"auto"``: with ``solver="adam"``, a rate that falls to 0 along half a cosine over the whole fit, whose length
        follows from the table; ``"constant"`` with other solvers, and where a training goes on (`warm_start` and
        ``partial_fit``). Or ``"constant"``; with gradient descent also ``"invscaling"`` and ``"adaptive"``, which fall
        as the rows go by, or where the training no longer gets better; any schedule of chainrule by name, from
        `learning_rate_init` on, or one with settings, such as ``schedules.OneCycle(0.01)``.
    learning_rate_init : float, "auto" or None, default="auto"
        Where the learning rate starts; ``"auto"`` for 0.01 where it falls by itself, else 0.001; None for what suits
        the solver.
    power_t : float, default=0.5
        Exponent of ``"invscaling"``.
    max_iter : int, default=200
        Epochs at most; iterations of L-BFGS. With an automatic learning rate, 5 to 100 epochs are made.
    shuffle : bool, default=True
        Whether each epoch takes the rows in a new order.
    random_state : int, RandomState or None, default=None
        The network's seed: of its start, the order of the rows, dropout, and what is held out.
    tol : float, default=0.0001
        The training stops when the loss (with `early_stopping`, the score) has not become better by this much for more
        than `n_iter_no_change` epochs. For L-BFGS, the largest entry of the gradient at which it has converged.
        An automatic learning rate is left to fall to its end, whatever the loss does.
    verbose : bool, default=False
        Whether to print a line for each epoch.
    warm_start : bool, default=False
        Whether a second fit goes on: with the network, its optimizer and the order's stream as they are.
    momentum : float, default=0.9
        Of ``solver="sgd"``.
    nesterovs_momentum : bool, default=True
        Whether that momentum is Nesterov's.
    early_stopping : bool, default=False
        Whether to hold out rows, to stop when the score of these no longer gets better, and to put the best parameters
        back. Not with L-BFGS.
    validation_fraction : float, default=0.1
        Share of the rows to hold out, where no ``X_val`` is given to `fit`.
    beta_1 : float, default=0.9
        Of ``solver="adam"``: the decay of its first moments.
    beta_2 : float or "auto", default="auto"
        Of ``solver="adam"``: the decay of its second moments; ``"auto"`` for 0.95 where the learning rate is automatic,
        else 0.999.
    epsilon : float, default=1e-08
        Of ``solver="adam"``: what keeps its quotient finite.
    n_iter_no_change : int or inf, default=10
        Epochs, of `tol`.
    max_fun : int, default=15000
        Evaluations of the loss at most, of L-BFGS.
    quantiles : sequence of float, default=(0.05, 0.5, 0.95)
        Levels of ``loss="quantile"``, ascending; `predict` gives the one nearest to 0.5.
    calibration_fraction : float, default=0.2
        Share of the rows that are held out for the intervals of ``loss="quantile"``; 0 for none.
    dropout : float or list of float, default=0.0
        Share of the units of all hidden layers, or of each, that a training step leaves out.
    batch_norm : bool, default=False
        Whether the hidden layers' outputs are normalised over the batch.
    initializer : str or Initializer, default="auto"
        How the weights start; by default as scikit-learn's where it has such an activation, else as fits it.
    scoring : str, callable or None, default=None
        Any scorer of scikit-learn for early stopping, or ``"loss"``; by default R2.
    metrics : list of str or callable, or None, default=None
        What else to measure after each epoch, for ``history_``: metrics of chainrule, as in `Network.fit`.
    n_layers, width : int or None, default=None
        Number of hidden layers and units of each, in place of `hidden_layer_sizes`: single numbers, to be searched.
    n_members : int or None, default=None
        An ensemble of so many networks, trained at once, whose outputs are averaged.
    n_threads : int or None, default=None
        Threads to compute with at most, in fit and predict.
    engine : str, default="auto"
        What carries out the steps: ``"numpy"``, ``"compiled"`` (the extra `fast`), or ``"auto"`` for what the sizes ask
        for. ``history_.engine`` says which it was.

    Attributes
    ----------
    network_ : Network
        The network itself.
    history_ : History
        The columns of its training.
    coefs_, intercepts_ : list of array
        Weights (units before, units after) and biases of each layer: views of the network's arrays.
    loss_, best_loss_ : float
        The last and the lowest loss with the penalty; the latter is None with early stopping.
    loss_curve_, validation_loss_curve_ : list of float
        The loss of each epoch with the penalty; that of the held-out rows without, or None.
    validation_scores_, best_validation_score_ : list of float, float
        Scores of the held-out rows with early stopping, else None.
    n_iter_ : int
        Epochs of the last fit.
    t_ : int
        Rows seen, all epochs together.
    n_layers_, n_outputs_ : int
        Layers, input and output among them, and outputs of the network.
    out_activation_ : str
        Name of the output activation.
    n_features_in_, feature_names_in_ : int, array
        Columns of X, and their names where it had some.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from chainrule import MLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), MLPRegressor(random_state=1)).fit(X, y)
    >>> round(model.score(X, y), 2)
    0.61
    """

    _weight_decay_coefficient = 100.0

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseMultilayerPerceptron._parameter_constraints,
        "loss": [StrOptions(set(LOSS_NAMES)), Loss, type],
        "quantiles": ["array-like", Interval(Real, 0, 1, closed="neither")],
        "calibration_fraction": [Interval(Real, 0, 1, closed="left")],
    }

    _n_targets: int
    _calibration: IntervalCalibration | None = None

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: float | str = "auto",
        batch_size: int | str = "auto",
        learning_rate: Any = "auto",
        learning_rate_init: float | str | None = "auto",
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float | str = "auto",
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        quantiles: Any = (0.05, 0.5, 0.95),
        calibration_fraction: float = 0.2,
        dropout: Any = 0.0,
        batch_norm: bool = False,
        initializer: Any = "auto",
        scoring: Any = None,
        metrics: Any = None,
        n_layers: int | None = None,
        width: int | None = None,
        n_members: int | None = None,
        n_threads: int | None = None,
        engine: str = "auto",
    ) -> None:
        self._keep(locals())

    # --- targets -----------------------------------------------------------------------------------------------

    def _checked(self, X: Any, y: Any, *, goes_on: bool, incremental: bool) -> tuple[Any, Any]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            y_numeric=True,
            dtype=(np.float64, np.float32),
            reset=not goes_on,
        )
        _refuse_dates("y", y)
        y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        n_targets = 1 if y.ndim == 1 else y.shape[1]
        if goes_on and n_targets != self._n_targets:
            raise InvalidArgument(f"y has {n_targets} columns, and the network has learned {self._n_targets}.")
        self._n_targets = n_targets
        return X, y

    def _checked_targets(self, y: Any) -> Any:
        y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y_val")
        _refuse_dates("y_val", y)
        return y.ravel() if self._n_targets == 1 else y

    def _checked_validation(self, X: Any, y: Any, sample_weight: Any) -> WeightedRows:
        kept = super()._checked_validation(X, y, sample_weight)
        if self._stops_early and self.scoring is None and kept.n < 2:
            raise InvalidArgument(
                "Early stopping judges by R2, which needs two rows: give more rows as X_val, or another scoring, "
                "such as 'loss'."
            )
        return kept

    def _encoded(self, y: Any, loss: Loss, dtype: np.dtype[Any]) -> Array:
        return np.asarray(y, np.float64)

    def _target_scaler(self, rows: WeightedRows, loss: Loss) -> Standardizer | None:
        if loss.needs is not None:
            return None
        columns = np.asarray(rows.y, np.float64).reshape(rows.n, -1)
        largest, dtype = float(np.abs(columns).max()), rows.X.dtype
        if largest > float(np.finfo(dtype).max):
            raise InvalidArgument(
                f"y is as large as {largest:g}, and predictions have the dtype of X, {dtype}: give X in float64."
            )
        scaler = Standardizer.fitted(columns, rows.weights)
        varies = (columns != columns[0]).any(axis=0)
        if (varies & (np.finfo(dtype).eps * np.abs(scaler.mean) > np.divide(scaler.deviation, 10))).any():
            warnings.warn(
                f"Predictions have the dtype of X, {dtype}, in which numbers as large as y are too coarse for how "
                "little y varies: give X in float64, or subtract the mean of y first.",
                stacklevel=7,
            )
        return scaler

    # --- loss and outputs --------------------------------------------------------------------------------------

    @property
    def _has_levels(self) -> bool:
        if self.__sklearn_is_fitted__():  # what was learned by, whatever the parameter says since
            return isinstance(self.network_.loss, Quantile)
        return self.loss == "quantile" or isinstance(self.loss, Quantile) or self.loss is Quantile

    def _resolved_loss(self) -> Loss:
        if self.loss in ("quantile", Quantile):
            return Quantile(self.quantiles)
        name = OTHER_NAMES.get(self.loss, self.loss) if isinstance(self.loss, str) else self.loss
        loss = LOSSES.resolve(name)
        if loss.target not in ("value", "levels"):
            raise InvalidArgument(f"{loss} learns classes, and no numbers: choose another loss, or MLPClassifier.")
        return loss

    def _output(self, loss: Loss) -> tuple[int, str]:
        levels = len(loss.levels) if isinstance(loss, Quantile) else 1
        return self._n_targets * levels, loss.default_output

    @property
    def _learned_quantiles(self) -> Quantile:
        loss = self._learned_loss
        assert isinstance(loss, Quantile)
        return loss

    def _levels(self, outputs: Array, loss: Quantile) -> Array:
        """Sorted quantiles (..., n, targets, levels) from outputs (..., n, k)."""
        return np.sort(outputs.reshape(*outputs.shape[:-1], self._n_targets, len(loss.levels)), axis=-1)

    def _decoded(self, outputs: Array, loss: Loss) -> Any:
        if isinstance(loss, Quantile):
            outputs = self._levels(outputs, loss)[..., loss.central]
        return outputs[..., 0] if self._n_targets == 1 else outputs

    def _default_score(self, rows: WeightedRows, predicted: Any) -> float:
        if not np.isfinite(predicted).all():
            return float("nan")
        return float(r2_score(rows.y, predicted, sample_weight=rows.weights))

    # --- intervals ---------------------------------------------------------------------------------------------

    def _set_aside(
        self, rows: WeightedRows, seed: int, *, incremental: bool
    ) -> tuple[WeightedRows, WeightedRows | None]:
        loss = self._resolved_loss()
        pays = isinstance(loss, Quantile) and len(loss.levels) > 1
        if not pays or incremental or self.calibration_fraction == 0:
            return rows, None
        return held_out(rows, self.calibration_fraction, None, seed)

    def _begin(self) -> None:
        self._calibration = None  # that of an earlier network says nothing of what is learned now

    def _finish(self, aside: WeightedRows | None) -> None:
        if aside is not None:
            with self._limited_threads():
                levels = self._levels(self.network_.predict(aside.X), self._learned_quantiles)
            y = np.asarray(aside.y, np.float64).reshape(aside.n, -1)
            self._calibration = IntervalCalibration.fitted(levels, y, aside.weights)

    @available_if(_learns_quantiles)  # type: ignore[untyped-decorator]
    def predict_quantiles(self, X: Any) -> Array:
        """What the network has learned of each level, in ascending order.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        array of shape (n_samples, n_quantiles), or (n_samples, n_outputs, n_quantiles) for several outputs

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the rows are not finite, or have other columns than those of `fit`.
        """
        levels = self._levels(self._outputs(X), self._learned_quantiles)
        return levels[:, 0] if self._n_targets == 1 else levels

    @available_if(_learns_quantiles)  # type: ignore[untyped-decorator]
    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Where the target lies with this probability.

        The interval between the two quantiles whose distance is nearest to `coverage` is made as much wider, or
        narrower, as it must be to hold that share of the calibration rows, which the fit has held out: Romano,
        Patterson and Candes, "Conformalized quantile regression", NeurIPS 2019. Over new rows of the same kind it then
        holds at least that share on average, however good or bad the network is.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.
        coverage : float
            Between 0 and 1.

        Returns
        -------
        array of shape (n_samples, 2), or (n_samples, n_outputs, 2) for several outputs
            Lower and upper end.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If there are too few calibration rows for this coverage, or none; if the rows are not finite, or have other
            columns than those of `fit`.
        """
        outputs = self._outputs(X)
        if self._calibration is None:
            raise InvalidArgument(
                "Intervals are calibrated on rows that fit holds out, and it has held out none: fit with two quantiles "
                "or more and calibration_fraction above 0; partial_fit holds out no rows."
            )
        loss = self._learned_quantiles
        interval = self._calibration.interval(self._levels(outputs, loss), loss.levels, coverage)
        return interval[:, 0] if self._n_targets == 1 else interval

    # --- what a file keeps -------------------------------------------------------------------------------------

    def _own_facts(self) -> dict[str, Any]:
        calibration = self._calibration
        return {
            "n_targets": self._n_targets,
            "excess": None if calibration is None else calibration.excess,
            "weights": None if calibration is None else calibration.weights,
        }

    def _take_own_facts(self, facts: dict[str, Any]) -> None:
        loss = self.network_.loss
        self._n_targets = facts["n_targets"]
        fits = type(self._n_targets) is int and self._n_targets > 0 and loss is not None
        if not fits or self._output(self._learned_loss)[0] != self.n_outputs_:
            raise InvalidArgument(f"its targets do not go with the {self.n_outputs_} outputs.")
        self._calibration = None
        if facts["excess"] is not None:
            if not isinstance(loss, Quantile):
                raise InvalidArgument("it has a calibration of intervals, and has learned no quantiles.")
            self._calibration = IntervalCalibration(facts["excess"], facts["weights"])
            self._calibration.check(self._n_targets, len(loss.levels))

    # --- the public rest ---------------------------------------------------------------------------------------

    @available_if(takes_a_few_rows)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Take every row once, going on with the network, its optimizer and the order's stream as they are.

        The first call decides how the targets are standardised.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If something does not fit: the columns, the number of targets, or a parameter that needs to know all
            rows; with early stopping; or if the numbers became NaN or infinite.
        """
        return self._take_once(X, y, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
