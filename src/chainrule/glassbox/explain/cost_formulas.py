"""The formulas of the cost: a row's loss, J, the penalty, and the delta of the output layer."""

from __future__ import annotations

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.functions.losses import CrossEntropy, Loss
from chainrule.functions.losses.loss import ElementwiseLoss
from chainrule.glassbox.explain import activation_formulas
from chainrule.glassbox.explain.code_line import CodeLine, lines_that_return, lines_that_set
from chainrule.glassbox.explain.expression import Expression, Number, Others, Symbol, applied, total
from chainrule.glassbox.explain.formula import Formula
from chainrule.glassbox.explain.layer_formulas import softmax_delta
from chainrule.glassbox.explain.loss_formulas import OutputTerm, computed_from_z, output_terms, slopes, smoothed
from chainrule.glassbox.explain.numbers import TracedNumbers
from chainrule.network.layers import Dense
from chainrule.network.objective import Objective

__all__ = ["CostFormulas"]

MOST_WEIGHTS = 200
"""So many weights of an array have terms of their own in the penalty; it may have millions."""


class CostFormulas:
    """The formulas of J and of where backpropagation begins.

    Parameters
    ----------
    numbers : TracedNumbers
        Gives every number of the trace as a symbol.
    loss : Loss
        What J is.
    """

    def __init__(self, numbers: TracedNumbers, loss: Loss) -> None:
        self.numbers, self.loss = numbers, loss
        self.output_layer: Dense = numbers.trace.architecture.output_layer
        self.last = len(numbers.trace.dimensions)

    def row_loss(self, row: int) -> Formula:
        """One row's loss."""
        k, output = self.output_layer.n_out, self.output_layer.activation
        by_output = [output_terms(self.loss, output, self._term(row, j)) for j in range(k)]
        forms = [[found[min(form, len(found) - 1)] for found in by_output] for form in range(max(map(len, by_output)))]
        candidates = [self._reduced(total([each for each in form if each.value != 0] or form[:1])) for form in forms]
        if isinstance(self.loss, CrossEntropy) and self._from_z:
            candidates.append(self._from_logits(row))
        over = "mean" if self.loss.reduction == "mean" and k > 1 else "sum" if k > 1 else ""
        rule = f"loss = {f'{over} over the outputs of ' if over else ''}{_told(self.loss)}"
        dropped = isinstance(self.loss, CrossEntropy) and not self.loss.label_smoothing
        remark = "Terms whose y is 0 are left out: they are 0." if dropped else ""
        return Formula(rule, candidates, _loss_lines(self.loss, from_z=self._from_z), remark)

    def _from_logits(self, row: int) -> Expression:
        """The cross-entropy from z, where a is so small that its logarithm is lost."""
        terms = [self._term(row, j) for j in range(self.output_layer.n_out)]
        m = Symbol("m", max(term.z.value for term in terms))
        sum_of_exponentials = total([applied("exp", term.z - m) for term in terms])
        below = [smoothed(self.loss, term) * (m - term.z) for term in terms]
        return total([*(each for each in below if each.value != 0), applied("log", sum_of_exponentials)])

    @property
    def _from_z(self) -> bool:
        return computed_from_z(self.loss, self.output_layer.activation)

    def _term(self, row: int, j: int) -> OutputTerm:
        of = self.numbers
        z, a = of(f"z[{self.last}]", row, j), of(f"a[{self.last}]", row, j)
        return OutputTerm(of("y", row, j), z, a, j, self.output_layer.n_out)

    def _reduced(self, summed: Expression) -> Expression:
        k = self.output_layer.n_out
        return summed / Symbol("k", k) if self.loss.reduction == "mean" and k > 1 else summed

    def J(self) -> Formula:
        """J of the batch."""
        of, n = self.numbers, Symbol("n", self.numbers.n_rows)
        if of.weights is None:
            found = total([of("loss", row) for row in range(of.n_rows)]) / n
            rule = "J = mean of loss over the rows"
        else:
            weights = [Symbol(f"weight[{row}]", float(weight)) for row, weight in enumerate(of.weights)]
            found = total([weight * of("loss", row) for row, weight in enumerate(weights)]) / n
            rule = "J = sum of weight * loss over the rows, / n"
        return Formula(rule, [found], lines_that_set(Objective.value, "J"))

    def penalty(self) -> Formula:
        """The L1 and L2 terms of all weights, by layer."""
        of = self.numbers
        terms = [term for i, w in of.trace.w.items() for term in self._largest_penalties(i, w)] if of.penalty else []
        rule = "penalty = l1 * sum of |w| + l2 / 2 * sum of w^2, over all weights"
        code = lines_that_return(type(of.penalty).value)
        return Formula(rule, [total(terms) if terms else Number(0.0)], code)

    def _largest_penalties(self, i: int, w: Array) -> list[Expression]:
        """What the largest weights of an array add to the penalty, and what the others come to."""
        of, penalty = self.numbers, self.numbers.penalty
        flat = w.ravel().astype(np.float64)
        order = np.argsort(-np.abs(flat))
        terms: list[Expression] = []
        for entry in sorted(order[:MOST_WEIGHTS].tolist()):
            weight = of(f"w[{i}]", *(int(at) for at in np.unravel_index(entry, w.shape)))
            if penalty.l1:
                terms.append(Symbol("l1", penalty.l1) * applied("abs", weight))
            if penalty.l2:
                terms.append(Symbol("l2", penalty.l2) / 2 * weight**2)
        rest = flat[order[MOST_WEIGHTS:]]
        if rest.size:
            value = penalty.l1 * np.abs(rest).sum() + penalty.l2 / 2 * np.square(rest).sum()
            terms.append(Others(int(rest.size), float(value)))
        return terms

    def delta(self, row: int, unit: int) -> Formula:
        """One delta of the output layer."""
        share = self.numbers.batch_share(row)
        activation, k = self.output_layer.activation, self.output_layer.n_out
        name = f"delta[{self.last}]"
        code = _slope_lines(self.loss, from_z=self._from_z) + lines_that_set(Objective.value_and_gradient, "delta")
        if self._from_z:
            found = [share * self._mean(each) for each in slopes(self.loss, activation, self._term(row, unit))]
            rule = f"{name} = (a[{self.last}] - y) / n: the slope of {self.loss} and that of {activation} cancel"
            if self.loss.name not in ("cross_entropy", "binary_cross_entropy", "poisson"):
                rule = f"{name} = d(loss)/dz / n"
            return Formula(rule, found, code)
        if activation.name == "softmax":
            a = [self._term(row, j).a for j in range(k)]
            g = [share * self._mean(slopes(self.loss, activation, self._term(row, j))[0]) for j in range(k)]
            rule = f"{name} = a * (g - sum of g * a over the row), a = a[{self.last}], g = d(loss)/da / n"
            return Formula(rule, [softmax_delta(list(a), g, unit)], code)
        term = self._term(row, unit)
        slope = activation_formulas.derivative(activation, term.z, term.a)
        found = [share * self._mean(each) * slope for each in slopes(self.loss, activation, term)]
        rule = f"{name} = d(loss)/da / n * f'(z[{self.last}]), f the {activation}"
        return Formula(rule, found, code)

    def _mean(self, slope: Expression) -> Expression:
        k = self.output_layer.n_out
        return slope / Symbol("k", k) if self.loss.reduction == "mean" and k > 1 else slope


TOLD = {
    "mse": "(a - y)^2",
    "mae": "|a - y|",
    "huber": "(a - y)^2 / 2 where |a - y| is at most t, else t * (|a - y| - t / 2)",
    "quantile": "max(q * (y - a), (q - 1) * (y - a))",
    "poisson": "a - y * log a",
    "binary_cross_entropy": "-(y * log a + (1 - y) * log(1 - a))",
    "cross_entropy": "-y * log a",
}
"""The losses in words that a line of text can hold, by name."""


def _told(loss: Loss) -> str:
    told = TOLD.get(loss.name, str(loss))
    if getattr(loss, "label_smoothing", 0.0):
        told += ", y smoothed by s"
    return told


def _loss_lines(loss: Loss, *, from_z: bool) -> tuple[CodeLine, ...]:
    if isinstance(loss, ElementwiseLoss):
        return lines_that_return(type(loss).logit_expression if from_z else type(loss).expression)
    return lines_that_return(type(loss).rows)


def _slope_lines(loss: Loss, *, from_z: bool) -> tuple[CodeLine, ...]:
    if isinstance(loss, ElementwiseLoss):
        name = "logit_derivative_expression" if from_z else "derivative_expression"
        return lines_that_return(getattr(type(loss), name))
    return lines_that_return(type(loss).delta)
