"""The classifier, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call,
    check_classification_targets,
    type_of_target,
    unique_labels,
)
from sklearn.utils.validation import check_array, validate_data

from chainrule.errors import InvalidArgument
from chainrule.estimators.held_out_rows import WeightedRows, stratified_where_possible
from chainrule.estimators.multilayer_perceptron import BaseMultilayerPerceptron, takes_a_few_rows
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.arrays import Array
from chainrule.functions.losses import LOSSES, BinaryCrossEntropy, CrossEntropy, Loss
from chainrule.training.classification import class_probabilities, decided, gives_probabilities

__all__ = ["MLPClassifier"]

LOSS_NAMES = frozenset({"log_loss", *(loss.name for loss in LOSSES if loss.name not in ("poisson", "quantile"))})
"""Every name that the parameter `loss` takes."""


def _gives_probabilities(estimator: Any) -> bool:
    """Whether the outputs are probabilities, which those of the hinge loss are not."""
    if not estimator._outputs_are_probabilities:
        raise AttributeError(f"With {estimator._told_loss}, the outputs are no probabilities: take decision_function.")
    return True


def _gives_margins(estimator: Any) -> bool:
    if estimator._outputs_are_probabilities:
        raise AttributeError(f"With {estimator._told_loss}, the outputs are probabilities: take predict_proba.")
    return True


class MLPClassifier(ClassifierMixin, BaseMultilayerPerceptron):  # type: ignore[misc]
    """A multi-layer perceptron that learns classes.

    It takes the place of scikit-learn's, with the same names, and does more. A row has one of two or more classes, or
    several labels (y of 0 and 1 with a column for each).

    Parameters
    ----------
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
    loss : str or Loss, default="log_loss"
        ``"log_loss"``: cross-entropy, for each output by itself where there are two classes or several labels. Any
        other loss of chainrule that goes with classes, by name, class or instance: ``"focal"``, ``"hinge"``, or a
        distance such as ``"mse"`` of the probabilities.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, by which those of the rows are multiplied; ``"balanced"`` for n / (k * rows of it).
    dropout : float or list of float, default=0.0
        Share of the units of all hidden layers, or of each, that a training step leaves out.
    batch_norm : bool, default=False
        Whether the hidden layers' outputs are normalised over the batch.
    initializer : str or Initializer, default="auto"
        How the weights start; by default as scikit-learn's where it has such an activation, else as fits it.
    scoring : str, callable or None, default=None
        Any scorer of scikit-learn for early stopping, or ``"loss"``; by default the accuracy.
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
    classes_ : array
        The classes.
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
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from chainrule import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), MLPClassifier(random_state=1)).fit(X, y)
    >>> round(model.score(X, y), 2)
    0.97
    """

    _weight_decay_coefficient = 40.0

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseMultilayerPerceptron._parameter_constraints,
        "loss": [StrOptions(set(LOSS_NAMES)), Loss, type],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
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
        loss: Any = "log_loss",
        class_weight: Any = None,
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
            self, X, y, accept_sparse="csr", multi_output=True, dtype=(np.float64, np.float32), reset=not goes_on
        )
        y = self._labels(y)
        kind = type_of_target(y)
        if goes_on:
            self._check_kind(kind)
        if goes_on or (incremental and hasattr(self, "classes_")):
            self._check_classes(y, same=self.warm_start and not incremental)
        else:
            self.classes_ = unique_labels(y)
        if not goes_on:
            self._multilabel, self._sparse_labels = kind == "multilabel-indicator", scipy.sparse.issparse(y)
        return X, y

    def _labels(self, y: Any) -> Any:
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind == "multiclass-multioutput":
            raise InvalidArgument(
                "y has several columns of several classes each. A row may have one class, or several labels that are "
                "0 or 1 (multi-label); for more, fit a classifier for each column with MultiOutputClassifier."
            )
        if kind == "multilabel-indicator":
            return y
        return column_or_1d(y, warn=True)

    def _check_kind(self, kind: str) -> None:
        """Refuse several labels a row where one class was learned, and the other way round."""
        if (kind == "multilabel-indicator") != self._multilabel:
            given, learned = ("one class a row", "several labels")[:: 1 if self._multilabel else -1]
            raise InvalidArgument(f"y has {given}, and the network learns {learned}: fit anew, with warm_start=False.")

    def _check_classes(self, y: Any, *, same: bool) -> None:
        classes = unique_labels(y)
        if same and set(classes) != set(self.classes_):
            raise InvalidArgument(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. Previously "
                f"got {self.classes_}, `y` has {classes}"
            )
        if len(np.setdiff1d(classes, self.classes_)):
            raise InvalidArgument(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {classes}."
            )

    def _checked_targets(self, y: Any) -> Any:
        y = check_array(y, accept_sparse="csr", ensure_2d=False, dtype=None, input_name="y_val")
        y = self._labels(y)
        self._check_kind(type_of_target(y))
        self._check_classes(y, same=False)
        return y

    def _numbers(self, y: Any) -> Array:
        numbers: Array = np.searchsorted(self.classes_, y)
        return numbers

    def _encoded(self, y: Any, loss: Loss, dtype: np.dtype[Any]) -> Array:
        if self._multilabel:
            dense: Array = (y.toarray() if scipy.sparse.issparse(y) else y).astype(dtype)
            return dense
        numbers = self._numbers(y)
        n_outputs, _ = self._output(loss)
        if loss.target == "class" or n_outputs == 1:
            return numbers.astype(dtype)  # whole numbers might be taken for names of classes
        return np.eye(n_outputs, dtype=dtype)[numbers]

    def _strata(self, y: Any, share: float) -> Array | None:
        if self._multilabel:
            return None
        if len(self.classes_) <= 2:
            return np.asarray(y == self.classes_[-1])[:, np.newaxis]  # as scikit-learn names them if they are too few
        return stratified_where_possible(self._numbers(y), share)

    def _learning_weights(self, rows: WeightedRows, *, incremental: bool) -> Array | None:
        given = self.class_weight
        if given is None:
            return rows.weights
        if incremental and given == "balanced":
            raise InvalidArgument(
                "class_weight='balanced' counts the rows of every class, and partial_fit sees a few at a time: give "
                "the weights of the classes as a dict."
            )
        if self._multilabel:
            of_classes = compute_sample_weight(given, y=rows.y)
        else:
            classes = np.unique(rows.y) if given == "balanced" else self.classes_
            by_class = compute_class_weight(given, classes=classes, y=rows.y, sample_weight=rows.weights)
            of_classes = by_class[np.searchsorted(classes, rows.y)]
        if not (np.isfinite(of_classes).all() and (of_classes >= 0).all() and of_classes.any()):
            raise InvalidArgument(
                f"class_weight={given!r} must give finite weights from 0 on, and one above 0 to a class that y has."
            )
        with np.errstate(over="ignore"):  # their sum is looked at next
            weights: Array = of_classes if rows.weights is None else of_classes * rows.weights
        return weights

    def _class_names(self) -> list[str] | list[int] | None:
        classes = self.classes_
        if self._multilabel or len(classes) < 2:
            return None
        if classes.dtype.kind in "biuf":  # of fractions none is a class
            return [int(name) for name in classes]
        names = [str(name) for name in classes]
        return names if len(set(names)) == len(names) else None

    # --- loss and outputs --------------------------------------------------------------------------------------

    @property
    def _told_loss(self) -> str:
        """The loss that was learned by, whatever the parameter says since; before a fit, the parameter."""
        return f"{self.network_.loss}" if self.__sklearn_is_fitted__() else f"loss={self.loss!r}"

    @property
    def _outputs_are_probabilities(self) -> bool:
        if self.__sklearn_is_fitted__():
            return gives_probabilities(self.network_.architecture.output_layer.activation)
        if self.loss == "log_loss":
            return True
        loss = LOSSES.resolve(self.loss)
        return loss.target == "value" or gives_probabilities(ACTIVATIONS.resolve(loss.default_output))

    def _resolved_loss(self) -> Loss:
        several = not self._multilabel and len(self.classes_) > 2
        if self.loss == "log_loss":
            return CrossEntropy() if several else BinaryCrossEntropy()
        loss = LOSSES.resolve(self.loss)
        if loss.target == "levels" or loss.needs == "positive":
            raise InvalidArgument(f"{loss} learns numbers, and no classes: choose another loss, or MLPRegressor.")
        if loss.target == "class" and self._multilabel:
            raise InvalidArgument(
                f"{loss} is for one class a row, and y has several labels: leave the loss out, or take a binary one, "
                "such as 'focal'."
            )
        return loss

    def _output(self, loss: Loss) -> tuple[int, str]:
        k = len(self.classes_)
        if loss.target == "class":
            return max(2, k), loss.default_output
        n_outputs = k if self._multilabel or k > 2 else 1
        if loss.target == "binary":
            return n_outputs, loss.default_output
        # a distance, of one-hot rows: the outputs are to be probabilities all the same
        return n_outputs, "sigmoid" if self._multilabel or n_outputs == 1 else "softmax"

    def _decoded(self, outputs: Array, loss: Loss) -> Any:
        if self._multilabel:
            labels = (outputs >= loss.decision_threshold).astype(np.intp)
            return scipy.sparse.csr_matrix(labels) if self._sparse_labels and labels.ndim == 2 else labels
        return self.classes_[np.minimum(decided(outputs, loss.decision_threshold), len(self.classes_) - 1)]

    def _probabilities(self, outputs: Array) -> Array:
        """Probabilities (..., n, classes) from outputs (..., n, k)."""
        if self._multilabel:
            return outputs
        if len(self.classes_) == 1:
            return np.ones((*outputs.shape[:-1], 1), outputs.dtype)
        probabilities = class_probabilities(self.network_.architecture.output_layer.activation, outputs)
        assert probabilities is not None  # it was asked before
        return probabilities

    def _default_score(self, rows: WeightedRows, predicted: Any) -> float:
        if self._multilabel:
            return float(accuracy_score(rows.y, predicted, sample_weight=rows.weights))
        return float(np.average(rows.y == predicted, weights=rows.weights))

    # --- what a file keeps -------------------------------------------------------------------------------------

    def _own_facts(self) -> dict[str, Any]:
        return {"classes": self.classes_, "multilabel": self._multilabel, "sparse_labels": bool(self._sparse_labels)}

    def _take_own_facts(self, facts: dict[str, Any]) -> None:
        self.classes_ = facts["classes"]
        if not isinstance(self.classes_, np.ndarray) or self.classes_.ndim != 1:
            raise InvalidArgument("its classes are no list.")
        for name in ("multilabel", "sparse_labels"):
            if not isinstance(facts[name], bool):
                raise InvalidArgument(f"its {name} is neither true nor false.")
        self._multilabel, self._sparse_labels = facts["multilabel"], facts["sparse_labels"]
        loss = self.network_.loss
        if loss is None or self._output(loss)[0] != self.n_outputs_:
            raise InvalidArgument(f"{len(self.classes_)} classes do not go with the {self.n_outputs_} outputs.")

    # --- the public rest ---------------------------------------------------------------------------------------

    @available_if(takes_a_few_rows)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Take every row once, going on with the network, its optimizer and the order's stream as they are.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Classes, or several labels that are 0 or 1.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.
        classes : array-like, optional
            All classes that there will be, in the first call.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If something does not fit: the columns, classes that were not there before, or a parameter that needs to
            know all rows; with early stopping; or if the numbers became NaN or infinite.
        """
        if not self.__sklearn_is_fitted__():
            self.__dict__.pop("classes_", None)  # of a first call that failed
        _check_partial_fit_first_call(self, classes)
        return self._take_once(X, y, sample_weight)

    @available_if(_gives_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Array:
        """Probabilities of the classes, or of the labels where a row may have several.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        array of shape (n_samples, n_classes)
            In the order of ``classes_``; of an ensemble, the mean of its members' probabilities.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the rows are not finite, or have other columns than those of `fit`.
        """
        return self._probabilities(self._outputs(X))

    @available_if(_gives_probabilities)  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of `predict_proba`.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        array of shape (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the rows are not finite, or have other columns than those of `fit`.
        """
        with np.errstate(divide="ignore"):
            logarithms: Array = np.log(self.predict_proba(X))
        return logarithms

    @available_if(_gives_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba_members(self, X: Any) -> Array:
        """Probabilities by each member of the ensemble by itself.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        array of shape (n_members, n_samples, n_classes)
            One member where there is no ensemble.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the rows are not finite, or have other columns than those of `fit`.
        """
        return self._probabilities(self._member_outputs(X))

    @available_if(_gives_margins)  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Array:
        """The outputs of a loss that gives no probabilities, such as hinge: above 0 for the (second) class.

        Parameters
        ----------
        X : array-like or sparse of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        array of shape (n_samples,), or (n_samples, n_classes) for more than two classes or several labels

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the rows are not finite, or have other columns than those of `fit`.
        """
        outputs = self._outputs(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
