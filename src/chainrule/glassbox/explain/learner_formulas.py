"""The formulas of a learner's own program, which may not be those of the mathematics.

For each number the right formula is tried first, then the ones that are written by mistake again and again; the first
that gives the number which the program computed is the one that is shown, with what is to be said about it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.functions.activations import Identity
from chainrule.functions.losses import Loss
from chainrule.glassbox.explain import activation_formulas
from chainrule.glassbox.explain.code_line import CodeLine, lines_that_return, lines_that_set
from chainrule.glassbox.explain.expression import Expression, Number, Symbol, applied, total
from chainrule.glassbox.explain.formula import Formula
from chainrule.glassbox.explain.layer_formulas import LayerFormulas
from chainrule.glassbox.explain.loss_formulas import OutputTerm, computed_from_z, slopes
from chainrule.glassbox.explain.numbers import TracedNumbers
from chainrule.glassbox.learner_network import LearnerLoss, LearnerNetwork

__all__ = ["LearnerFormulas"]

SUMMED = "Summed over the batch, where the J that is printed is a mean: each row counts n times as much."
HALF = "The 2 of the square is missing."
NO_MEAN = "The factor 2 / (n k) of the printed J, a mean over n rows and k outputs of a square, is missing."
VALUE = "The activation's value f(z) stands in it, where its derivative f'(z) belongs."
AT_A = "The derivative is taken at a, where the chain rule wants it at z: f'(z), and a = f(z)."
NO_SLOPE = "There is no f'(z) in it: that is the delta of cross-entropy."
SOME_FACTOR = "The derivative of the printed J, a mean over n rows and k outputs of a square, has the factor 2 / (n k)."
OTHER_LOSS = "Whether that is the derivative of {loss}.loss, chainrule.check_gradients tells."
MEAN_B = "Averaged over the rows, where dw is summed: a bias moves by a step n times smaller than a weight."
NEVER = "The program's step does not move this parameter, so that the gradient it uses is 0."
MEAN = "Averaged over the rows: where delta has the 1/n of J's mean in it already, that is once too often."


class LearnerFormulas:
    """What a learner's program computes.

    Parameters
    ----------
    numbers : TracedNumbers
        Gives every number of the trace as a symbol.
    network : LearnerNetwork
        The copy of the learner's network.
    loss : LearnerLoss
        Its loss.
    """

    def __init__(self, numbers: TracedNumbers, network: LearnerNetwork, loss: LearnerLoss) -> None:
        self.numbers, self.network, self.loss = numbers, network, loss

    @property
    def _last(self) -> int:
        return self.network.n_layers

    def _lines(self, name: str, *targets: str) -> tuple[CodeLine, ...]:
        """The statements of one of the program's own functions that assign to these."""
        return lines_that_set(getattr(type(self.network.given), name, None), *targets)

    def z(self, i: int, row: int, unit: int) -> Formula:
        """One z."""
        formula = LayerFormulas(self.numbers, self.numbers.wiring.dense(i - 1)).z(row, unit)
        return Formula(formula.rule, formula.candidates, self._lines("_feed_forward", "z[i+1]", f"z[{i}]"))

    def a(self, i: int, row: int, unit: int) -> Formula:
        """One a."""
        formula = LayerFormulas(self.numbers, self.numbers.wiring.dense(i - 1)).output(row, unit)
        activation = self.network.activations[i]
        return Formula(formula.rule, formula.candidates, lines_that_return(activation.given.activation))

    def row_loss(self, known: Formula | None) -> Formula:
        """One row's loss, by the formula of the loss that has the same values."""
        code = lines_that_return(self.loss.instance.loss)
        rule = f"loss = {self.loss}.loss of this row alone" if known is None else known.rule
        return Formula(rule, [] if known is None else known.candidates, code)

    def J(self) -> Formula:
        """J of the batch."""
        of = self.numbers
        rows = [of("loss", row) for row in range(of.n_rows)]
        code = lines_that_return(self.loss.instance.loss)
        rule = "J = mean of loss over the rows"
        remarks = ["", "This program's J is the sum of loss over the rows, and not their mean."]
        return Formula(rule, [total(list(rows)) / Symbol("n", of.n_rows), total(list(rows))], code, remarks=remarks)

    def output_delta(self, row: int, unit: int) -> Formula:
        """One delta of the output layer."""
        i, of = self._last, self.numbers
        y, z, a = of("y", row, unit), of(f"z[{i}]", row, unit), of(f"a[{i}]", row, unit)
        activation = self.network.activations[i].known_as or self.network.activations[i]
        n, k = Symbol("n", of.n_rows), Symbol("k", self.network.dimensions[-1])
        error = a - y
        candidates: list[tuple[Expression, str]] = []
        known, rule = self.loss.known_as, f"delta[{i}] = dJ/da[{i}] * f'(z[{i}])"
        if known is not None and computed_from_z(known, activation):
            rule = f"delta[{i}] = (a[{i}] - y) / n: the slopes of {self.loss} and {activation} cancel"
            candidates += [(error / n, ""), (error, SUMMED)]
        if activation.name != "softmax":
            slope = activation_formulas.derivative(activation, z, a)
            if known is not None:
                candidates += self._by_loss(known, OutputTerm(y, z, a, unit, int(k.value)), slope, n, k)
            candidates += self._of_square(error, slope, self._slope_at_a(activation, a), n, k)
        summed = SUMMED if known is not None else OTHER_LOSS.format(loss=self.loss)
        candidates += [(error / n, NO_SLOPE), (error, f"{NO_SLOPE} {summed}")]
        code = self._delta_lines()
        expressions, remarks = zip(*candidates, strict=True)
        return Formula(rule, expressions, code, remarks=remarks)

    def _by_loss(
        self, known: Loss, term: OutputTerm, slope: Expression, n: Symbol, k: Symbol
    ) -> list[tuple[Expression, str]]:
        d = slopes(known, Identity(), term)[0]  # of the loss alone, whatever output it goes with
        right = d / k if known.reduction == "mean" and k.value > 1 else d
        return [(right / n * slope, ""), (right * slope, SUMMED)]

    def _of_square(
        self, error: Expression, slope: Expression, at_a: Expression, n: Symbol, k: Symbol
    ) -> list[tuple[Expression, str]]:
        """The derivative of a square with a factor missing, at z and at a, and what is to be said of the factor."""
        if self.loss.known_as is not None and self.loss.known_as.name == "mse":
            one = k.value == 1
            whole, said = "", {"1": NO_MEAN, "2": SUMMED if one else SOME_FACTOR, "1/n": HALF if one else SOME_FACTOR}
        else:
            whole = OTHER_LOSS.format(loss=self.loss)
            said = dict.fromkeys(("1", "2", "1/n"), whole)
        found = []
        for of, place in ((slope, ""), (at_a, AT_A)):
            found += [
                (2 / (n * k) * error * of, f"{place} {whole}".strip()),
                (error * of, f"{place} {said['1']}".strip()),
                (2 * error * of, f"{place} {said['2']}".strip()),
                (error * of / n, f"{place} {said['1/n']}".strip()),
            ]
        return found

    def _slope_at_a(self, activation: Any, a: Expression) -> Expression:
        inner = activation_formulas.value(activation, a)
        if activation.name == "sigmoid":
            inner = applied("sigma", a)
        return activation_formulas.derivative(activation, a, inner)

    def _delta_lines(self) -> tuple[CodeLine, ...]:
        return lines_that_return(getattr(self.loss.instance, "delta", None))

    def hidden_delta(self, i: int, row: int, unit: int) -> Formula:
        """One delta of a hidden layer."""
        of = self.numbers
        back = LayerFormulas(of, of.wiring.dense(i)).error_of_input(row, unit)
        z, a = of(f"z[{i}]", row, unit), of(f"a[{i}]", row, unit)
        activation = self.network.activations[i].known_as or self.network.activations[i]
        right = back * activation_formulas.derivative(activation, z, a)
        at_a = back * self._slope_at_a(activation, a)
        value = back * a
        rule = f"delta[{i}] = (delta[{i + 1}] @ w[{i}].T) * f'(z[{i}])"
        code = self._lines("_back_prop", "delta")[-1:]  # the first is the output's
        return Formula(rule, [right, at_a, back, value], code, remarks=["", AT_A, "f'(z) is missing in it.", VALUE])

    def da(self, i: int, row: int, unit: int) -> Formula:
        """One dJ/da of a hidden layer."""
        back = LayerFormulas(self.numbers, self.numbers.wiring.dense(i)).error_of_input(row, unit)
        return Formula(f"da[{i}] = delta[{i + 1}] @ w[{i}].T", [back], self._lines("_back_prop", "delta")[-1:])

    def dw(self, i: int, j: int, k: int) -> Formula:
        """One dw."""
        of = self.numbers
        summed = total([of(f"a[{i}]", r, j) * of(f"delta[{i + 1}]", r, k) for r in range(of.n_rows)])
        mean = summed / Symbol("n", of.n_rows)
        every = self._lines("_back_prop", "dw") or self._lines("_back_prop", "update_params[i-1]", "update_params")
        code = every[:1] if i == self._last - 1 else every[-1:]  # the output's weights come first
        return Formula(
            f"dw[{i}] = a[{i}].T @ delta[{i + 1}]", [summed, mean, Number(0.0)], code, remarks=["", MEAN, NEVER]
        )

    def db(self, i: int, k: int) -> Formula:
        """One db."""
        of = self.numbers
        summed = total([of(f"delta[{i + 1}]", r, k) for r in range(of.n_rows)])
        mean = summed / Symbol("n", of.n_rows)
        code = self._lines("_update_w_b", "self.b[index]")
        rule = f"db[{i}] = sum of delta[{i + 1}] over the rows"
        remarks = ["", MEAN_B if self._sums_dw(i) else MEAN, NEVER]
        return Formula(rule, [summed, mean, Number(0.0)], code, remarks=remarks)

    def _sums_dw(self, i: int) -> bool:
        """Whether the program's dw is summed over the rows."""
        of = self.numbers.trace
        summed = np.asarray(of[f"a[{i}]"]).T @ np.asarray(of[f"delta[{i + 1}]"])
        return bool(np.allclose(of[f"dw[{i}]"], summed, rtol=1e-9, atol=1e-12))

    def new(self, name: str, index: tuple[int, ...]) -> Formula:
        """One parameter after the step."""
        of = self.numbers
        rate = Symbol("learning_rate", of.trace.learning_rate)
        old, gradient = of(name, *index), of(f"d{name}", *index)
        code = self._lines("_update_w_b", f"self.{name[0]}[index]")
        rule = f"new {name} = {name} - learning_rate * d{name}"
        return Formula(rule, [old - rate * gradient], code)
