"""The formulas of every kind of layer: forward through it, backward through it, and its parameters' gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.functions.activations import Activation
from chainrule.functions.activations.activation import Elementwise
from chainrule.glassbox.explain import activation_formulas
from chainrule.glassbox.explain.code_line import CodeLine, lines_that_return, lines_that_set
from chainrule.glassbox.explain.expression import Expression, Number, Symbol, applied, total
from chainrule.glassbox.explain.formula import Formula
from chainrule.glassbox.explain.numbers import TracedNumbers
from chainrule.glassbox.learner_network import LearnerActivation
from chainrule.glassbox.trace.network_step import derivative_name
from chainrule.glassbox.trace.wiring import Place
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual

__all__ = ["LayerFormulas", "softmax_delta"]


class LayerFormulas:
    """The formulas of one layer in its place.

    Parameters
    ----------
    numbers : TracedNumbers
        Gives every number of the trace as a symbol.
    place : Place
        The layer, and the values around it.
    """

    def __init__(self, numbers: TracedNumbers, place: Place) -> None:
        self.numbers, self.place, self.layer = numbers, place, place.layer

    # --- forward -----------------------------------------------------------------------------------------------

    def z(self, row: int, unit: int) -> Formula:
        """One z of a dense layer."""
        i, of, layer = self.place.number, self.numbers, self.layer
        assert isinstance(layer, Dense)
        assert i is not None
        terms = [of(self.place.input, row, j) * of(f"w[{i}]", j, unit) for j in range(layer.n_in)]
        rule = f"z[{i + 1}] = {self.place.input} @ w[{i}]"
        if layer.bias:
            terms.append(of(f"b[{i}]", unit))
            rule += f" + b[{i}]"
        return Formula(rule, [total(terms)], lines_that_set(Dense.forward, "z"))

    def output(self, row: int, unit: int) -> Formula:
        """One output of the layer."""
        return OUTPUTS[type(self.layer)](self, row, unit)

    def _dense_output(self, row: int, unit: int) -> Formula:
        i = self.place.number
        assert i is not None
        layer = self.layer
        assert isinstance(layer, Dense)
        activation, name = layer.activation, f"z[{i + 1}]"
        code = _activation_lines(activation)
        if activation.name == "softmax":
            return Formula(
                f"{self.place.output} = softmax({name}): e^z over the sum of the row's e^z",
                self._softmax(row, unit, layer.n_out),
                code,
            )
        z = self.numbers(name, row, unit)
        rule = f"{self.place.output} = f({name}), f the {_called(activation)}"
        return Formula(rule, [activation_formulas.value(activation, z)], code)

    def _softmax(self, row: int, unit: int, n: int) -> list[Expression]:
        assert self.place.number is not None
        z = [self.numbers(f"z[{self.place.number + 1}]", row, k) for k in range(n)]
        plain = applied("exp", z[unit]) / total([applied("exp", each) for each in z])
        m = Symbol("m", max(each.value for each in z))
        shifted = applied("exp", z[unit] - m) / total([applied("exp", each - m) for each in z])
        return [plain, shifted]

    def _norm_output(self, row: int, unit: int) -> Formula:
        label, of = self.layer.label, self.numbers
        y = of(f"{label}.scale", unit) * of(f"{label}.normalised", row, unit) + of(f"{label}.shift", unit)
        rule = f"{self.place.output} = {label}.scale * {label}.normalised + {label}.shift"
        return Formula(rule, [y], lines_that_return(type(self.layer).forward))

    def _dropout_output(self, row: int, unit: int) -> Formula:
        label, of = self.layer.label, self.numbers
        assert isinstance(self.layer, Dropout)
        factor = of(f"{label}.factor", row, unit)
        rule = f"{self.place.output} = {self.place.input} * {label}.factor"
        return Formula(rule, [of(self.place.input, row, unit) * factor], lines_that_return(Dropout.forward))

    def _residual_output(self, row: int, unit: int) -> Formula:
        inside = self.place.inside[-1].output
        y = self.numbers(self.place.input, row, unit) + self.numbers(inside, row, unit)
        rule = f"{self.place.output} = {self.place.input} + {inside}"
        return Formula(rule, [y], lines_that_return(Residual.forward))

    # --- what a layer keeps of its own -------------------------------------------------------------------------

    def own(self, part: str, index: tuple[int, ...]) -> Formula:
        """A mean, a variance, a normalised number or a dropout factor."""
        label = self.layer.label
        if isinstance(self.layer, Dropout):
            return self._factor(index)
        assert isinstance(self.layer, BatchNorm | LayerNorm)
        if part == "normalised":
            return self._normalised(*index)
        if isinstance(self.layer, BatchNorm) and not self.numbers.training:
            running = Symbol(f"running {part} of {label}[{index[0]}]", self.numbers.number(f"{label}.{part}", *index))
            return Formula(f"{label}.{part}: the running {part}, kept up in training", [running])
        return self._statistic(part, index[0])

    def _normalised(self, row: int, unit: int) -> Formula:
        label, of = self.layer.label, self.numbers
        at = (unit,) if isinstance(self.layer, BatchNorm) else (row,)
        deviation = applied("sqrt", of(f"{label}.variance", *at) + self._epsilon)
        normalised = (of(self.place.input, row, unit) - of(f"{label}.mean", *at)) / deviation
        rule = f"{label}.normalised = ({self.place.input} - {label}.mean) / sqrt({label}.variance + epsilon)"
        code = lines_that_set(type(self.layer).forward, "normalised")
        return Formula(rule, [normalised], code)

    @property
    def _epsilon(self) -> Expression:
        return Symbol("epsilon", float(self.layer.epsilon))  # type: ignore[attr-defined]

    def _statistic(self, part: str, at: int) -> Formula:
        """The mean or variance of a unit over the rows (batch norm), or of a row over its units (layer norm)."""
        label, of, value = self.layer.label, self.numbers, self.place.input
        over_rows = isinstance(self.layer, BatchNorm)
        n = of.n_rows if over_rows else self.layer.n_units  # type: ignore[attr-defined]
        entries: list[Expression] = [of(value, r, at) if over_rows else of(value, at, r) for r in range(n)]
        if part == "variance":
            mean = of(f"{label}.mean", at)
            entries = [(each - mean) ** 2 for each in entries]
        if over_rows and of.weights is not None:
            shares = [of.batch_share(r) for r in range(n)]
            found = total([share * each for share, each in zip(shares, entries, strict=True)])
        else:
            found = total(entries) / n
        squared = f"({value} - {label}.mean)^2" if part == "variance" else value
        rule = f"{label}.{part} = mean of {squared} over the {'rows of the batch' if over_rows else 'units of the row'}"
        return Formula(rule, [found], lines_that_set(type(self.layer).forward, part))

    def _factor(self, index: tuple[int, ...]) -> Formula:
        label = self.layer.label
        assert isinstance(self.layer, Dropout)
        rule = f"{label}.factor = 0 with the probability {self.layer.rate:g}, else 1 / (1 - {self.layer.rate:g})"
        factor = self.numbers.number(f"{label}.factor", *index)
        kept: Expression = 1 / (1 - Symbol("rate", self.layer.rate))
        remark = "Drawn at random." if self.numbers.training else "In prediction nothing is dropped."
        return Formula(rule, [Number(0.0) if factor == 0 else kept, Number(factor)], (), remark)

    # --- backward ----------------------------------------------------------------------------------------------

    def error_of_output(self, row: int, unit: int) -> Expression:
        """DJ/d(output of this layer)."""
        return self.numbers(self._error_name, row, unit)

    @property
    def _error_name(self) -> str:
        """What dJ/d(output) is called; the last layer inside a residual connection has that of the whole."""
        if self.numbers.wiring.taker(self.place.output) is not None:
            return derivative_name(self.place.output)
        around = next(p for p in self.numbers.wiring.walk() if p.inside and p.inside[-1].output == self.place.output)
        return LayerFormulas(self.numbers, around)._error_name

    def _written_out_error(self, row: int, unit: int) -> Expression:
        """DJ/d(output), written out where a dense layer alone receives it, as in the post."""
        taker = self.numbers.wiring.taker(self.place.output)
        if taker is not None and isinstance(taker.layer, Dense):
            return LayerFormulas(self.numbers, taker).error_of_input(row, unit)
        return self.error_of_output(row, unit)

    def error_of_input(self, row: int, unit: int) -> Expression:
        """DJ/d(input), as far as it comes back through this layer."""
        return INPUT_ERRORS[type(self.layer)](self, row, unit)

    def _dense_error(self, row: int, unit: int) -> Expression:
        i, of = self.place.number, self.numbers
        assert isinstance(self.layer, Dense)
        assert i is not None
        return total([of(f"delta[{i + 1}]", row, k) * of(f"w[{i}]", unit, k) for k in range(self.layer.n_out)])

    def _dropout_error(self, row: int, unit: int) -> Expression:
        return self.error_of_output(row, unit) * self.numbers(f"{self.layer.label}.factor", row, unit)

    def _residual_error(self, row: int, unit: int) -> Expression:
        return self.error_of_output(row, unit) + self.numbers(f"d({self.layer.label}.inside)", row, unit)

    def _batch_norm_error(self, row: int, unit: int) -> Expression:
        label, of = self.layer.label, self.numbers
        factor = of(f"{label}.scale", unit) / applied("sqrt", of(f"{label}.variance", unit) + self._epsilon)
        own = self.error_of_output(row, unit)
        if not of.training:
            return own * factor
        share = of.batch_share(row)
        rest = of(f"d({label}.shift)", unit) + of(f"{label}.normalised", row, unit) * of(f"d({label}.scale)", unit)
        return factor * (own - share * rest)

    def _layer_norm_error(self, row: int, unit: int) -> Expression:
        label, of = self.layer.label, self.numbers
        assert isinstance(self.layer, LayerNorm)
        n = self.layer.n_units
        scaled = [self.error_of_output(row, k) * of(f"{label}.scale", k) for k in range(n)]
        normalised = [of(f"{label}.normalised", row, k) for k in range(n)]
        along_mean = total(scaled) / n
        along_deviation = total([g * v for g, v in zip(scaled, normalised, strict=True)]) / n
        deviation = applied("sqrt", of(f"{label}.variance", row) + self._epsilon)
        return (scaled[unit] - along_mean - normalised[unit] * along_deviation) / deviation

    def error_formula(self, row: int, unit: int, name: str = "") -> Formula:
        """One dJ/d(input): da[2][0,1], or d(dropout_1.output)[0,1]; or, by this name, the part through this layer."""
        name = name or derivative_name(self.place.input)
        code = BACKWARD_LINES[type(self.layer)]()
        return Formula(f"{name} = {self._error_rule()}", [self.error_of_input(row, unit)], code)

    def _error_rule(self) -> str:
        i, label = self.place.number, self.layer.label
        if i is not None:
            return f"delta[{i + 1}] @ w[{i}].T"
        d_out = self._error_name
        if isinstance(self.layer, Dropout):
            return f"{d_out} * {label}.factor"
        if isinstance(self.layer, Residual):
            return f"{d_out} + d({label}.inside), the way past the layers inside and the way through them"
        if isinstance(self.layer, BatchNorm):
            if not self.numbers.training:
                return f"{d_out} * {label}.scale / sqrt({label}.variance + epsilon)"
            return (
                f"{label}.scale / sqrt({label}.variance + epsilon) * ({d_out} - (d({label}.shift) + "
                f"{label}.normalised * d({label}.scale)) / n): mean and variance depend on every row"
            )
        return (
            f"(g - mean(g) - {label}.normalised * mean(g * {label}.normalised)) / sqrt({label}.variance + epsilon), "
            f"g = {d_out} * {label}.scale, means over the row's units"
        )

    def delta(self, row: int, unit: int) -> Formula:
        """One delta of a hidden dense layer."""
        i, layer = self.place.number, self.layer
        assert isinstance(layer, Dense)
        assert i is not None
        d_out, activation = self._error_name, layer.activation
        code = lines_that_set(Dense.backward, "delta") + _derivative_lines(activation)
        if activation.name == "softmax":
            a: list[Expression] = [self.numbers(self.place.output, row, k) for k in range(layer.n_out)]
            g: list[Expression] = [self.error_of_output(row, k) for k in range(layer.n_out)]
            rule = f"delta[{i + 1}] = a * (g - sum of g * a over the row), a = {self.place.output}, g = {d_out}"
            return Formula(rule, [softmax_delta(a, g, unit)], code)
        z, a_unit = self.numbers(f"z[{i + 1}]", row, unit), self.numbers(self.place.output, row, unit)
        slope = activation_formulas.derivative(activation, z, a_unit)
        rule = f"delta[{i + 1}] = {self._output_error_rule()} * f'(z[{i + 1}])"
        return Formula(rule, [self._written_out_error(row, unit) * slope], code)

    def _output_error_rule(self) -> str:
        taker = self.numbers.wiring.taker(self.place.output)
        if taker is not None and taker.number is not None:
            return f"(delta[{taker.number + 1}] @ w[{taker.number}].T)"
        return self._error_name

    # --- gradients of parameters -------------------------------------------------------------------------------

    def dw(self, j: int, k: int) -> Formula:
        """One dJ/dw of a dense layer."""
        i, of = self.place.number, self.numbers
        assert i is not None
        terms = [of(self.place.input, r, j) * of(f"delta[{i + 1}]", r, k) for r in range(of.n_rows)]
        rule, penalty = f"dw[{i}] = {self.place.input}.T @ delta[{i + 1}]", of.penalty
        w = of(f"w[{i}]", j, k)
        if penalty.l1:
            terms.append(Symbol("l1", penalty.l1) * applied("sign", w))
            rule += f" + l1 * sign(w[{i}])"
        if penalty.l2:
            terms.append(Symbol("l2", penalty.l2) * w)
            rule += f" + l2 * w[{i}]"
        return Formula(rule, [total(terms)], lines_that_set(Dense.backward_from_delta, "gradients")[:1])

    def db(self, k: int) -> Formula:
        """One dJ/db of a dense layer."""
        i, of = self.place.number, self.numbers
        assert i is not None
        summed = total([of(f"delta[{i + 1}]", r, k) for r in range(of.n_rows)])
        rule = f"db[{i}] = sum of delta[{i + 1}] over the rows"
        return Formula(rule, [summed], lines_that_set(Dense.backward_from_delta, "gradients")[-1:])

    def parameter_gradient(self, part: str, k: int) -> Formula:
        """One dJ/d(scale) or dJ/d(shift) of a norm."""
        label, of = self.layer.label, self.numbers
        errors = [self.error_of_output(r, k) for r in range(of.n_rows)]
        d_out = self._error_name
        rule = f"d({label}.shift) = sum of {d_out} over the rows"
        if part == "scale":
            errors = [g * of(f"{label}.normalised", r, k) for r, g in enumerate(errors)]
            rule = f"d({label}.scale) = sum of {d_out} * {label}.normalised over the rows"
        return Formula(rule, [total(errors)], lines_that_set(type(self.layer).backward, f"d_{part}"))


def softmax_delta(a: list[Expression], g: list[Expression], unit: int) -> Expression:
    """a_k (g_k - sum_j g_j a_j): dJ/dz behind a softmax from g = dJ/da."""
    return a[unit] * (g[unit] - total([each * of for each, of in zip(g, a, strict=True)]))


def _called(activation: Activation) -> str:
    return str(activation)


def _activation_lines(activation: Activation) -> tuple[CodeLine, ...]:
    if isinstance(activation, LearnerActivation):
        return lines_that_return(activation.given.activation)
    if isinstance(activation, Elementwise):
        return lines_that_return(type(activation).expression)
    return lines_that_return(type(activation).f)


def _derivative_lines(activation: Activation) -> tuple[CodeLine, ...]:
    if isinstance(activation, LearnerActivation):
        return lines_that_return(activation.given.prime) if activation.has_prime else ()
    if isinstance(activation, Elementwise):
        return lines_that_return(type(activation).derivative_expression)
    return lines_that_return(type(activation).backward)


OUTPUTS: dict[type[Any], Callable[[LayerFormulas, int, int], Formula]] = {
    Dense: LayerFormulas._dense_output,
    BatchNorm: LayerFormulas._norm_output,
    LayerNorm: LayerFormulas._norm_output,
    Dropout: LayerFormulas._dropout_output,
    Residual: LayerFormulas._residual_output,
}

INPUT_ERRORS: dict[type[Any], Callable[[LayerFormulas, int, int], Expression]] = {
    Dense: LayerFormulas._dense_error,
    BatchNorm: LayerFormulas._batch_norm_error,
    LayerNorm: LayerFormulas._layer_norm_error,
    Dropout: LayerFormulas._dropout_error,
    Residual: LayerFormulas._residual_error,
}

BACKWARD_LINES: dict[type[Any], Callable[[], tuple[CodeLine, ...]]] = {
    Dense: lambda: lines_that_set(Dense.backward_from_delta, "d_input")[-1:],
    BatchNorm: lambda: lines_that_return(BatchNorm.backward),
    LayerNorm: lambda: lines_that_return(LayerNorm.backward),
    Dropout: lambda: lines_that_return(Dropout.backward),
    Residual: lambda: lines_that_set(Residual.backward, "d_input"),
}
