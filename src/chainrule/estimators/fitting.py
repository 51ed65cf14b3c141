"""One call of fit: parameters become a network and its settings, and what came of the training becomes attributes."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring

from chainrule.errors import InvalidArgument, InvalidType, TrainingDiverged
from chainrule.estimators.automatic_training import AutomaticTraining, automatic_training, is_automatic
from chainrule.estimators.divergence import FitDiverged, best_put_back
from chainrule.estimators.fit_tasks import FitTask, FitTasks
from chainrule.estimators.held_out_rows import WeightedRows
from chainrule.estimators.iteration_lines import IterationLines
from chainrule.estimators.layers import hidden_sizes, layers_of
from chainrule.estimators.learning_rate import EpochRate, InverseScaling
from chainrule.estimators.solver import batch_rows, is_spread_out, l2_of, learning_rate_of, optimizer_of
from chainrule.estimators.stopping import NoImprovement
from chainrule.functions.losses import Loss
from chainrule.model import Network
from chainrule.network.architecture import Architecture
from chainrule.optimizers import LBFGS
from chainrule.training.callback import Callback
from chainrule.training.history import History
from chainrule.training.run import Run
from chainrule.training.thread_limit import ThreadLimit

__all__ = ["Fitting"]


class Fitting:
    """One call of fit: from checked rows to the attributes of the estimator.

    Parameters
    ----------
    estimator : BaseMultilayerPerceptron
        Whose parameters say how, and to which the attributes go.
    rows : WeightedRows
        To learn from.
    kept : WeightedRows or None
        To measure on after each epoch.
    seed : int
        Of a new network.
    goes_on : bool
        Whether the network that there is goes on learning.
    incremental : bool
        Whether every row is taken just once.
    """

    def __init__(
        self,
        estimator: Any,
        rows: WeightedRows,
        kept: WeightedRows | None,
        seed: int,
        *,
        goes_on: bool,
        incremental: bool,
    ) -> None:
        self.estimator, self.kept, self.incremental = estimator, kept, incremental
        weights = estimator._learning_weights(rows, incremental=incremental)
        self.rows = rows = rows._replace(weights=weights).weighted()
        self.loss = self._loss(goes_on)
        self.network = self._network(seed, goes_on)
        self.batch = batch_rows(estimator, rows.n)
        self.automatic = self._automatic()
        self.optimizer = optimizer_of(estimator, self.automatic)
        self.rate = learning_rate_of(estimator, self.optimizer, self.automatic)
        self.resumes = goes_on and self._can_resume()
        self.rows_seen = estimator.t_ if goes_on else 0
        training = self.network.training
        self.epochs_before = training.epoch if self.resumes and training is not None else 0
        self.stopping = None if isinstance(self.optimizer, LBFGS) else self._stopping()

    def _loss(self, goes_on: bool) -> Loss:
        loss: Loss = self.estimator._resolved_loss()
        if goes_on and loss != self.estimator.network_.loss:
            raise InvalidArgument(
                f"A training that goes on keeps its loss, {self.estimator.network_.loss!r}, and the parameters ask for "
                f"{loss!r}: fit anew, with warm_start=False."
            )
        return loss

    def _network(self, seed: int, goes_on: bool) -> Network:
        estimator, rows, loss = self.estimator, self.rows, self.loss
        hidden = hidden_sizes(estimator.hidden_layer_sizes, estimator.n_layers, estimator.width)
        n_out, output = estimator._output(loss)
        layers = layers_of(
            rows.X.shape[1],
            hidden,
            n_out,
            activation=estimator.activation,
            output=output,
            initializer=estimator.initializer,
            dropout=estimator.dropout,
            batch_norm=estimator.batch_norm,
        )
        if not goes_on:
            return Network(
                layers=layers,
                seed=seed,
                dtype=rows.X.dtype,
                target_scaler=estimator._target_scaler(rows, loss),
                classes=estimator._class_names(),
                n_members=estimator.n_members,
            )
        network: Network = estimator.network_
        if (Architecture.of(layers), estimator.n_members) != (network.architecture, network.n_members):
            raise InvalidArgument(
                f"A training that goes on keeps its layers, {network!r}, and the parameters ask for others: fit anew, "
                "with warm_start=False."
            )
        return network

    def _automatic(self) -> AutomaticTraining | None:
        """What the table asks for, where the parameters leave it to that."""
        estimator, rows = self.estimator, self.rows
        if not is_automatic(estimator, incremental=self.incremental):
            return None
        weight = rows.n if rows.weights is None else float(rows.weights.sum())
        return automatic_training(estimator, weight, rows.n, rows.X.shape[1], self.batch)

    def _can_resume(self) -> bool:
        """Whether the optimizer that there is now can take up what the last one remembers."""
        training = self.network.training
        if training is None or isinstance(self.optimizer, LBFGS):
            return False
        return training.recipe.get("optimizer", "").partition("(")[0] == type(self.optimizer).__name__

    @cached_property
    def _measured(self) -> Network:
        """A network of its own, to be given the parameters of an epoch and judged with them."""
        training, self.network.training = self.network.training, None
        try:
            return self.network.copy()
        finally:
            self.network.training = training

    # --- when to stop ------------------------------------------------------------------------------------------

    def _stopping(self) -> NoImprovement:
        estimator = self.estimator
        by_score = estimator._stops_early
        return NoImprovement(
            self._score() if by_score else _negative_loss,
            "Validation score" if by_score else "Training loss",
            tol=estimator.tol,
            # a rate that falls to 0 is to get there
            patience=math.inf if self.automatic and not by_score else estimator.n_iter_no_change,
            keeps_best=by_score,
            falling_rate=self.rate
            if isinstance(self.rate, EpochRate) and estimator.learning_rate == "adaptive"
            else None,
        )

    def _score(self) -> Callable[[Run], float]:
        """The score of the held-out rows."""
        estimator, kept = self.estimator, self.kept
        assert kept is not None
        if estimator.scoring == "loss":
            return _negative_validation_loss
        if estimator.scoring is None:
            encoded = self.network.encode(kept.X)

            def default(run: Run) -> float:
                outputs = self._network_now(run).predict(encoded)
                return float(estimator._default_score(kept, estimator._decoded(outputs, self.loss)))

            return default
        scorer = check_scoring(estimator, estimator.scoring)
        weights = {} if kept.weights is None else {"sample_weight": kept.weights}

        def by_scorer(run: Run) -> float:
            return _single_number(scorer(self._estimator_now(run), kept.X, kept.y, **weights))

        return by_scorer

    def _network_now(self, run: Run) -> Network:
        self._measured.theta, self._measured.state = run.parameters()
        self._measured.loss = self.loss
        return self._measured

    def _estimator_now(self, run: Run) -> Any:
        """A fitted copy, which takes rows without the names of their columns, as they are here."""
        fitted = copy.copy(self.estimator)
        fitted.network_ = self._network_now(run)
        vars(fitted).update(self._attributes(run.history))
        fitted.__dict__.pop("feature_names_in_", None)
        return fitted

    def _fitted_attributes(self, run: Run) -> dict[str, Any]:
        """What makes a copy of the estimator a fitted one."""
        network = self._network_now(run).copy()
        network.history = copy.deepcopy(run.history)
        return {"network_": network, **self._attributes(run.history)}

    # --- run ---------------------------------------------------------------------------------------------------

    def run(self, task: FitTask | None) -> None:
        """Fit the network, and store what came of it."""
        estimator = self.estimator
        settings = self._settings(task)
        diverged = False
        try:
            self.network.fit(
                self.network.encode(self.rows.X),
                estimator._encoded(self.rows.y, self.loss, self.network.dtype),
                self.loss,
                **settings,
            )
        except TrainingDiverged as error:
            diverged = True
            self._put_best_back(error)
        estimator.network_ = self.network
        for name, value in self._attributes(self.network.history, diverged=diverged).items():
            setattr(estimator, name, value)
        if isinstance(self.optimizer, LBFGS):
            estimator.loss_ = self._final_loss(settings["l2"])
        estimator.t_ = self.rows_seen + estimator.n_iter_ * self.rows.n
        if not diverged:
            self._warn()

    def _settings(self, task: FitTask | None) -> dict[str, Any]:
        estimator = self.estimator
        if self.incremental and is_spread_out(self.rate):
            raise InvalidArgument(
                f"learning_rate={estimator.learning_rate!r} is spread over a whole training, and partial_fit does not "
                "know how long that will be: call fit, or choose a rate that does not depend on it."
            )
        if self.resumes:
            self._begin_an_epoch()
        full_batch = isinstance(self.optimizer, LBFGS)
        return {
            "epochs": self.epochs_before + (1 if self.incremental else self._epochs()),
            "batch_size": None if full_batch else self.batch,
            "learning_rate": self.rate,
            "optimizer": self.optimizer,
            "l2": self._l2(),
            "sample_weight": self.rows.weights,
            "validation": self._validation(),
            "metrics": () if estimator.metrics is None else estimator.metrics,
            "shuffle": bool(estimator.shuffle),
            "callbacks": self._callbacks(task),
            "resume": self.resumes,
            "verbose": False,
            "engine": estimator.engine,
        }

    def _epochs(self) -> int:
        most = int(self.estimator.max_iter)
        return most if self.automatic is None else min(most, self.automatic.epochs)

    def _l2(self) -> float:
        """0 where the weights decay by themselves."""
        if self.automatic is not None and self.automatic.decay > 0:
            return 0.0
        n_outputs = self.network.architecture.n_out
        return l2_of(self.estimator.alpha, self.batch, self.rows.weights, self.loss, n_outputs)

    def _begin_an_epoch(self) -> None:
        """Drop the rest of an epoch that was interrupted, and the record of settings, which a person may change."""
        training = self.network.training
        assert training is not None
        training.position, training.order, training.J, training.penalty = 0, None, [], []
        training.recipe = {}

    def _validation(self) -> tuple[Any, ...] | None:
        if self.kept is None:
            return None
        X, y, weights = self.kept
        y = self.estimator._encoded(y, self.loss, self.network.dtype)
        return (self.network.encode(X), y) if weights is None else (self.network.encode(X), y, weights)

    def _callbacks(self, task: FitTask | None) -> list[Callback]:
        estimator = self.estimator
        callbacks: list[Callback] = []
        if isinstance(self.rate, EpochRate) and estimator.learning_rate == "invscaling":
            callbacks.append(InverseScaling(self.rate, estimator.power_t, self.rows_seen))
        if self.stopping is not None:
            callbacks.append(self.stopping)
        if estimator.n_threads is not None:
            callbacks.append(ThreadLimit(int(estimator.n_threads)))
        if estimator.verbose:
            callbacks.append(IterationLines(self.stopping if estimator._stops_early else None))
        if task is not None and getattr(estimator, "_skl_callbacks", []):
            callbacks.append(FitTasks(task, estimator, self._fitted_attributes))
        return callbacks

    def _put_best_back(self, error: TrainingDiverged) -> None:
        """With early stopping, the epoch that went wrong counts as one without a score; else it is an error."""
        training = self.network.training
        best = None if training is None else training.best
        if self.stopping is None or best is None:
            raise FitDiverged.of(error) from error
        self.stopping.scores.append(math.nan)
        self.network.theta, self.network.state = best.theta, best.state
        warnings.warn(best_put_back(error, best), ConvergenceWarning, stacklevel=6)

    # --- what comes of it --------------------------------------------------------------------------------------

    def _attributes(self, history: History, *, diverged: bool = False) -> dict[str, Any]:
        """What is told of the training by scikit-learn's names."""
        curve = [J + penalty for J, penalty in zip(history.get("J", []), history.get("penalty", []), strict=True)]
        curve += [math.nan] if diverged else []
        by_score = self.estimator._stops_early
        stopping = self.stopping
        return {
            "n_iter_": len(curve) - self.epochs_before,
            "loss_": curve[-1] if curve else math.nan,
            "loss_curve_": curve,
            "best_loss_": None if by_score else min(curve, default=math.inf),
            "validation_loss_curve_": list(history["val_J"]) if "val_J" in history else None,
            "validation_scores_": list(stopping.scores) if by_score and stopping is not None else None,
            "best_validation_score_": stopping.best if by_score and stopping is not None else None,
            "_no_improvement_count": 0 if stopping is None else stopping.count,
        }

    def _final_loss(self, l2: float) -> float:
        """J and penalty after the last iteration; the history has those before it."""
        estimator, network = self.estimator, self.network
        y = estimator._encoded(self.rows.y, self.loss, network.dtype)
        record = network.evaluate(network.encode(self.rows.X), y, self.loss, sample_weight=self.rows.weights)
        return float(record["J"] + l2 / 2 * sum(np.sum(w * w, dtype=np.float64) for w in network.w.values()))

    def _ran_out_of_iterations(self) -> bool:
        if self.automatic is not None:
            return self._epochs() < self.automatic.epochs
        return self.estimator.learning_rate in ("auto", "constant", "invscaling", "adaptive")

    def _warn(self) -> None:
        """What scikit-learn warns of: an interruption, and a training that ran out of iterations."""
        estimator, stopped = self.estimator, self.network.history.stopped
        if estimator._stops_early and np.isnan(estimator.validation_scores_).all():
            warnings.warn(
                "The validation score was NaN after every epoch: none was the best, and the parameters are the last.",
                stacklevel=6,
            )
        if self.network.history.interrupted:
            warnings.warn("Training interrupted by user.", stacklevel=6)
        elif self.incremental:
            return
        elif isinstance(self.optimizer, LBFGS) and (not stopped or "evaluations" in stopped):
            advice = "Increase max_iter or max_fun, or scale the data."
            reason = stopped or f"max_iter={estimator.max_iter} iterations were made."
            warnings.warn(f"lbfgs failed to converge: {reason} {advice}", ConvergenceWarning, stacklevel=6)
        elif not stopped and self._ran_out_of_iterations():
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) reached and the optimization hasn't "
                "converged yet.",
                ConvergenceWarning,
                stacklevel=6,
            )


def _single_number(score: Any) -> float:
    try:
        return float(score)
    except (TypeError, ValueError):
        raise InvalidType(
            f"scoring gave {repr(score)[:80]}, and early stopping needs a single number, the higher the better."
        ) from None


def _negative_loss(run: Run) -> float:
    row = run.history.last()
    return -float(row["J"] + row["penalty"])


def _negative_validation_loss(run: Run) -> float:
    return -float(run.history["val_J"][-1])
