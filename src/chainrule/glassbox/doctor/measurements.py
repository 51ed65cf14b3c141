"""The numbers that the rules read, each computed when it is first asked for."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines.outputs import outputs_of_rows
from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array, Rows
from chainrule.glassbox.doctor.case import Case
from chainrule.glassbox.doctor.encoded_rows import labels_of, some_rows
from chainrule.glassbox.doctor.label_order import LabelOrder, label_order, told_by_line
from chainrule.glassbox.doctor.learner_case import learner_copy
from chainrule.glassbox.doctor.own_gradient import OwnGradient, own_gradient
from chainrule.glassbox.doctor.reruns import Reruns
from chainrule.glassbox.doctor.scores import Scores, constant_J, scores
from chainrule.glassbox.doctor.shared_rows import SharedRows, shared_rows
from chainrule.glassbox.doctor.signals import Signals, signals
from chainrule.glassbox.doctor.update_ratios import update_ratios
from chainrule.glassbox.learner_network import LearnerNetwork
from chainrule.model import Network
from chainrule.network.sparse_rows import dense
from chainrule.training.classification import decided

__all__ = ["LEARNED", "Measurements"]

SAMPLE_ROWS, SAMPLE_NUMBERS = 2_000, 20_000_000
"""Rows that signals and scores are measured on, drawn by chance where there are more; fewer of very many columns."""

LEARNED = 0.1
"""Where J is less than this share of what the best constant output gives, the network has learned its rows, and what
looks odd in its layers does no harm: of that, nothing is said."""


class Measurements:
    """What is measured of a case.

    Parameters
    ----------
    case : Case
        What is examined.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.reruns = Reruns(case)

    # --- rows ----------------------------------------------------------------------------------------------------

    @cached_property
    def sample(self) -> LabelledRows:
        """Some of the training rows, dense."""
        rows = some_rows(self.case.rows, max(2, min(SAMPLE_ROWS, SAMPLE_NUMBERS // self.case.rows.x.shape[1])))
        return LabelledRows(dense(rows.x), rows.y, rows.weights)

    @cached_property
    def labels(self) -> Rows | None:
        """The class of each training row; None where y holds numbers."""
        return self.case.labels

    @cached_property
    def column_sizes(self) -> Array:
        """The root mean square of each column that enters the first layer, of shape (d_1,)."""
        x = dense(self.sample.x).astype(np.float64)
        sizes: Array = np.sqrt((x * x).mean(axis=0))
        return sizes

    @cached_property
    def class_counts(self) -> Rows:
        """How many training rows each class has."""
        assert self.labels is not None
        classes: Rows = np.bincount(self.labels, minlength=max(2, self.case.network.architecture.n_out))
        return classes

    @cached_property
    def recalls(self) -> dict[int, float]:
        """The share of each class's training rows that the network gets right."""
        assert self.labels is not None
        rows = self.case.rows
        guesses = self._guesses(rows)
        return {int(c): float((guesses == c)[self.labels == c].mean()) for c in np.unique(self.labels)}

    def _guesses(self, rows: LabelledRows) -> Rows:
        network = self.case.network
        with np.errstate(all="ignore"):
            a = outputs_of_rows(network.architecture, network.theta, network.state, rows.x, "numpy")
        return decided(a, self.case.recipe.loss.decision_threshold)

    @cached_property
    def label_order(self) -> LabelOrder:
        """How much y has to do with x."""
        rows = self.sample
        return label_order(dense(rows.x), rows.y, None if self.labels is None else self._labels_of(rows))

    @cached_property
    def validation_by_line(self) -> float:
        """How much of the held-out y a line tells that was fitted to the training rows, as in `label_order`."""
        assert self.case.validation is not None
        rows, new = self.sample, some_rows(self.case.validation, len(self.sample))
        labels = None if self.labels is None else (self._labels_of(rows), self._labels_of(new))
        return told_by_line(dense(rows.x), rows.y, dense(new.x), new.y, labels)

    @cached_property
    def shared_rows(self) -> SharedRows | None:
        """Rows that are both learned and held out; None where none are held out."""
        validation = self.case.validation
        return None if validation is None else shared_rows(self.case.rows.x, validation.x)

    # --- how far it came -----------------------------------------------------------------------------------------

    @cached_property
    def training(self) -> Scores:
        """How good the network is on the training rows."""
        rows = self.sample
        return scores(self.case.network, rows, self.case.recipe.loss, self._labels_of(rows))

    @cached_property
    def held_out(self) -> Scores | None:
        """How good it is on rows that were held out."""
        if self.case.validation is None:
            return None
        rows = some_rows(self.case.validation, SAMPLE_ROWS)
        return scores(self.case.network, rows, self.case.recipe.loss, self._labels_of(rows))

    @cached_property
    def constant_J(self) -> float:
        """J of always giving the mean of y."""
        return constant_J(self.sample, self.case.recipe.loss, self.case.output)

    @cached_property
    def remaining(self) -> float:
        """J as a share of `constant_J`: 1 is as good as guessing, 0 is perfect, infinite is diverged."""
        J = self.training.J
        if not math.isfinite(J):
            return math.inf
        return J / self.constant_J if self.constant_J > 1e-12 else 0.0

    @property
    def learned(self) -> bool:
        """Whether it has learned its rows."""
        return self.remaining < LEARNED and not self.case.diverged

    @cached_property
    def J_by_epoch(self) -> Array:
        """The J of each epoch of the fit; of the rerun where the fit has no history."""
        column = self.case.history.get("J", [])
        if not len(column) and (baseline := self.reruns.baseline) is not None:
            column = baseline.history.get("J", [])
        return np.asarray(column, np.float64)

    @cached_property
    def validation_by_epoch(self) -> Array:
        """The validation's J of each epoch; of the rerun where the fit did not measure it."""
        column = self.case.history.get("val_J", [])
        if not len(column) and self.case.validation is not None and (baseline := self.reruns.baseline) is not None:
            column = baseline.history.get("val_J", [])
        return np.asarray(column, np.float64)

    @cached_property
    def roughness(self) -> float:
        """By how much J rose from one epoch to the next over the second half, on average, as a share of its mean."""
        J = self.J_by_epoch[len(self.J_by_epoch) // 2 :]
        if len(J) < 2 or not np.isfinite(J).all() or J.mean() <= 0:
            return 0.0
        return float(np.maximum(np.diff(J), 0).mean() / J.mean())

    @cached_property
    def own_gradient(self) -> OwnGradient:
        """What a check of a learner's own gradient says, on a few rows."""
        return own_gradient(self.case)

    # --- inside --------------------------------------------------------------------------------------------------

    @cached_property
    def now(self) -> Signals:
        """What passes through the network as it is."""
        return signals(self.case.network, self.sample, self.case.recipe.loss)

    @cached_property
    def start_network(self) -> Network | None:
        """The network before its first step; None where that is not known."""
        case = self.case
        if case.learner is None:
            old = case.network
            return Network(layers=old.architecture.layers, seed=case.recipe.seed, dtype=old.dtype)
        if not case.learner.starts_itself:
            return None
        return learner_copy(LearnerNetwork(case.learner.started(), case.learner.loss))

    @cached_property
    def start(self) -> Signals | None:
        """What passed through it before its first step."""
        network = self.start_network
        return None if network is None else signals(network, self.sample, self.case.recipe.loss)

    @cached_property
    def output_spread(self) -> float:
        """How much the outputs differ from row to row, as a share of how much y does: 0 is a constant output."""
        a, y = self.now.output.astype(np.float64), self.sample.y.astype(np.float64)
        if not np.isfinite(a).all():
            return math.nan
        spread = float(np.sqrt(y.var(axis=0).sum()))
        return float(np.sqrt(a.var(axis=0).sum())) / spread if spread > 0 else math.nan

    @cached_property
    def update_ratios(self) -> dict[int, float]:
        """By how much of its size a step moves each w[i] early in the fit, by i; empty where it is not known."""
        return update_ratios(self.case, self.start_network)

    @property
    def activations(self) -> dict[int, Activation]:
        """The activation of each layer, from 2."""
        return self.case.network.activations

    def _labels_of(self, rows: LabelledRows) -> Rows | None:
        return labels_of(rows.y, self.case.recipe.loss)
