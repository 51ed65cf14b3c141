"""Short reruns: the same fit from the same start, as it was or with one change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.data.standardizer import Standardizer
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import Loss
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.doctor.case import Case
from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.encoded_rows import labels_of, some_rows
from chainrule.glassbox.doctor.finding import Measure, Trial
from chainrule.glassbox.doctor.learner_case import learner_copy
from chainrule.glassbox.doctor.learner_fit import LearnerFit
from chainrule.glassbox.doctor.scores import Scores, scores
from chainrule.glassbox.doctor.taught import teach
from chainrule.glassbox.learner_network import LearnerNetwork
from chainrule.model import Network
from chainrule.network.sparse_rows import Inputs, dense, taken_rows
from chainrule.optimizers import LBFGS
from chainrule.training.early_stopping import EarlyStopping

__all__ = ["Rerun", "Reruns"]

MOST_ROWS = 10_000
"""Rows of a rerun, drawn by chance where there are more: enough to tell a remedy from none, in seconds."""

SECONDS = 2.0
"""About how long a rerun may take; it has as many epochs as fit, and at most those of the fit itself."""

STEP_SECONDS, SECONDS_PER_NUMBER = 1e-4, 2e-9
"""What a step takes at least, and about what each parameter costs in each row of its batch, on one slow core. An
estimate by sizes alone, so that the same case has the same reruns on every machine."""


@dataclass(frozen=True, eq=False)
class Rerun:
    """What came of one.

    Attributes
    ----------
    network : Network
        The network after it, without encoder.
    training, held_out : Scores
        On the training rows, and on the rows held out where there are some.
    history : mapping of str to list
        Its history; empty for a network written as in the post.
    diverged : bool
        Whether its numbers became NaN or infinite.
    """

    network: Network
    training: Scores
    held_out: Scores | None
    history: Mapping[str, list[Any]]
    diverged: bool

    @property
    def measured(self) -> Scores:
        """The scores that a remedy is judged by: those of rows that were held out, where there are some."""
        return self.training if self.held_out is None else self.held_out


class Reruns:
    """The reruns of a case, each made once.

    Parameters
    ----------
    case : Case
        What is examined.

    Attributes
    ----------
    epochs : int
        How long they go.
    obstacle : str
        Why there can be none, as a sentence; empty where there can.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.rows = _without_single_row(case, some_rows(case.rows, MOST_ROWS))
        self.epochs = self._epochs()
        self._made: dict[str, Rerun] = {}  # by the text of the change
        self.obstacle = ""
        if not case.recipe_known:
            self.obstacle = (
                "Nothing was rerun, as the network does not know how it was taught: give the settings of its fit, "
                "learning_rate= among them. Without reruns, nothing can be said of the learning rate."
            )
        if case.learner is not None and not case.learner.can_fit:
            self.obstacle = (
                "No change was tried: the network has no `fit`, or its loss is not known. Give loss= as to its fit."
            )

    @property
    def baseline(self) -> Rerun | None:
        """The fit as it was."""
        return self.of(Change())

    def of(self, change: Change) -> Rerun | None:
        """The fit with this change; None where there can be no reruns."""
        if change.text not in self._made and not self.obstacle:
            try:
                self._made[change.text] = self._made_with(change)
            except InvalidType as error:
                if self.case.learner is None:
                    raise
                self.obstacle = f"No change was tried: {error}"  # the learner's code, which is said in the report
        return self._made.get(change.text)

    def trial(self, change: Change, measure: Measure) -> Trial | None:
        """A change beside the fit as it was; None where there can be no reruns."""
        before, after = self.baseline, self.of(change)
        if before is None or after is None:
            return None
        rows = "training rows" if before.held_out is None else "held-out rows"
        values = before.measured.value(measure), after.measured.value(measure)
        return Trial(change.text, measure, rows, self.epochs, *values)

    @property
    def measure(self) -> Measure:
        """What tells best how good the network is: the accuracy of classes, J of numbers."""
        return "J" if self.case.labels is None else "accuracy"

    def _epochs(self) -> int:
        recipe, network = self.case.recipe, self.case.network
        batch = len(self.rows) if isinstance(recipe.optimizer, LBFGS) else min(recipe.batch_size, len(self.rows))
        step = STEP_SECONDS + SECONDS_PER_NUMBER * network.theta.size * batch
        steps = -(-len(self.rows) // batch)
        return int(min(recipe.epochs, max(1, SECONDS / (step * steps))))

    def _made_with(self, change: Change) -> Rerun:
        loss = change.loss or self.case.recipe.loss
        kept = change.kept(len(self.rows)) if change.left_out else None
        train, held_out = self._prepared(self.rows, change, kept), None
        if self.case.validation is not None:
            held_out = self._prepared(some_rows(self.case.validation, MOST_ROWS), change, None)
        if self.case.learner is None:
            network, history, diverged = self._chainrules(change, loss, train, held_out)
        else:
            network, history, diverged = self._learners(self.case.learner, change, train)
        return Rerun(
            network,
            self._scores(network, train, change, loss, diverged),
            None if held_out is None else self._scores(network, held_out, change, loss, diverged),
            history,
            diverged,
        )

    def _prepared(self, rows: LabelledRows, change: Change, kept: Rows | None) -> LabelledRows:
        """Rows as the changed fit takes them; scaled as the training rows are."""
        x: Inputs = rows.x
        y, weights = rows.y, rows.weights
        if change.standardized_inputs:
            scaler = Standardizer.fitted(dense(self.rows.x))
            x = scaler.transform(dense(x), self.case.network.dtype)
        if change.standardized_targets:
            y = Standardizer.fitted(self.rows.y).transform(y, self.case.network.dtype)
        if change.as_classes:
            k = int(self.rows.y.max()) + 1
            y = np.eye(k, dtype=y.dtype)[np.clip(np.rint(y[:, 0]), 0, k - 1).astype(np.intp)]
        if kept is not None:
            x, y, weights = taken_rows(x, kept), y[kept], None if weights is None else weights[kept]
        return LabelledRows(x, y, weights)

    def _scores(self, network: Network, rows: LabelledRows, change: Change, loss: Loss, diverged: bool) -> Scores:
        given = self.rows.y
        rounded = not change.as_classes and _whole_classes(given)
        labels = np.rint(rows.y[:, 0]).astype(np.intp) if rounded else labels_of(rows.y, loss)
        if labels is not None and (labels < 0).any():
            labels = None
        found = scores(network, rows, loss, labels, rounded=rounded)
        return replace(found, J=math.inf) if diverged else found

    def _chainrules(
        self, change: Change, loss: Loss, train: LabelledRows, held_out: LabelledRows | None
    ) -> tuple[Network, Mapping[str, list[Any]], bool]:
        recipe, old = self.case.recipe, self.case.network
        network = Network(layers=change.layers or old.architecture.layers, seed=recipe.seed, dtype=old.dtype)
        finite = teach(
            network,
            recipe,
            train,
            self.epochs,
            loss=loss,
            held_out=held_out,
            penalty=Penalty() if change.without_penalty else None,
            rate_factor=change.rate_factor,
            balanced=change.balanced,
            callbacks=[EarlyStopping(patience=None)] if change.early_stopping else [],
        )
        return network, network.history, not finite

    def _learners(
        self, learner: LearnerFit, change: Change, train: LabelledRows
    ) -> tuple[Network, Mapping[str, list[Any]], bool]:
        assert change.suits_any_fit, change
        start = learner.started(usual_weights=change.fresh_weights)
        taught = learner.taught(start, dense(train.x), train.y, change.rate_factor, self.epochs)
        try:
            network = learner_copy(LearnerNetwork(taught, learner.loss))
        except InvalidArgument:  # its numbers are not finite any more
            return self.case.network, {}, True
        return network, {}, False


def _whole_classes(y: Array) -> bool:
    """Whether y has one column of whole numbers from 0 on, more than two of them: classes by their numbers, perhaps."""
    return y.shape[1] == 1 and bool((y == np.rint(y)).all()) and float(y.min()) >= 0 and float(y.max()) >= 2


def _without_single_row(case: Case, rows: LabelledRows) -> LabelledRows:
    """The rows, one less where the last batch would be a single row and a norm takes its statistics from batches."""
    batch = case.recipe.batch_size
    if case.network.architecture.couples_rows and len(rows) > 1 and len(rows) % max(2, batch) == 1:
        return some_rows(rows, len(rows) - 1)
    return rows
