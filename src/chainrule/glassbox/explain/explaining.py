"""Explaining any number of a trace: which formula it has, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.losses import Loss
from chainrule.glassbox.explain.cost_formulas import CostFormulas
from chainrule.glassbox.explain.explanation import Explanation
from chainrule.glassbox.explain.expression import Number
from chainrule.glassbox.explain.formula import Formula
from chainrule.glassbox.explain.layer_formulas import LayerFormulas
from chainrule.glassbox.explain.learner_formulas import LearnerFormulas
from chainrule.glassbox.explain.numbers import TracedNumbers
from chainrule.glassbox.explain.update_formulas import update_formula
from chainrule.glassbox.learner_network import is_learner_network
from chainrule.glassbox.trace import Quantity, Trace
from chainrule.glassbox.trace.learner_program import LearnerProgramStep
from chainrule.glassbox.trace.network_step import NetworkStep, derivative_name
from chainrule.model import Network

__all__ = ["explain"]

OWN_CODE = "This is what the program computed; no rule that is known gives this number."


def explain(trace: Trace, name: str | Quantity) -> Explanation:
    """How one number of a trace came about, as symbols, as numbers, and by which line of code.

    Parameters
    ----------
    trace : Trace
        The step, from `chainrule.trace`.
    name : str
        Which number: ``z[2][0,1]`` (row 0, unit 1 of layer 2), ``delta[2][0,1]``, ``dw[1][3,0]``, ``new w[1][3,0]``,
        ``loss[0]``, ``J``, ``batch_norm_1.mean[2]``, ... Of an array with one number the index may be left out.

    Returns
    -------
    Explanation
        Printed, it is text; in a notebook it is shown as mathematics.

    Raises
    ------
    InvalidArgument, InvalidType
        If there is no such number.

    Examples
    --------
    >>> import chainrule
    >>> nn = chainrule.Network((2, 2, 1), ("relu", "sigmoid"), dtype=float)
    >>> nn.w[1], nn.w[2] = [[0.5, -1.0], [0.25, 2.0]], [[1.0], [-0.5]]
    >>> step = chainrule.trace(nn, [[2.0, 1.0]], [1])
    >>> print(chainrule.explain(step, "z[2][0,0]"))  # doctest: +ELLIPSIS
    z[2][0,0]
      z[2] = a[1] @ w[1] + b[1]
      = a[1][0,0] · w[1][0,0] + a[1][0,1] · w[1][1,0] + b[1][0]
      = 2 · 0.5 + 1 · 0.25 + 0
      = 1.25
      chainrule/network/layers/dense.py:...
    """
    if not isinstance(trace, Trace):
        raise _no_trace(trace)
    return _Explainer(trace).explanation(Quantity.parsed(name))


def _no_trace(given: object) -> InvalidType:
    """What is raised for something else, with the call that traces it."""
    is_own = is_learner_network(given) and not isinstance(given, Network)
    loss = ", loss=MSE" if is_own else ""
    whose = ", with your own class of the loss for MSE" if is_own else ""
    return InvalidType(
        f"Give the trace of a step, not {type(given).__name__}: step = chainrule.trace(network, x, y{loss}){whose}, "
        "and then chainrule.explain(step, 'z[2][0,0]')."
    )


class _Explainer:
    """Finds the formula of every number of one trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.numbers = trace, TracedNumbers(trace)
        step = trace.step
        self.program = (
            LearnerFormulas(self.numbers, step.network, step.loss) if isinstance(step, LearnerProgramStep) else None
        )
        self.explanation = lru_cache(maxsize=None)(self._explanation)

    def _explanation(self, quantity: Quantity) -> Explanation:
        quantity.check(self.trace)
        array = self.trace.array(quantity.name)
        shape = getattr(array, "shape", ())
        if not quantity.index and shape and all(d == 1 for d in shape):
            quantity = quantity.at(*(0 for _ in shape))
        value = quantity.value_in(array)
        if not isinstance(value, float):
            first = quantity.at(*(0 for _ in shape))
            raise InvalidArgument(
                f"{quantity} is an array of the shape {shape}: name one number of it, such as {first}."
            )
        given = self._given(quantity)
        if given is not None:
            return Explanation(quantity, value, given, None, is_given=True)
        formula = self._formula(quantity)
        chosen, remark = formula.chosen(value, self.numbers.epsilon)
        if chosen is None and not remark:
            remark = OWN_CODE
        return Explanation(quantity, value, formula.rule, chosen, formula.code, remark, _explain=self.explanation)

    def _given(self, quantity: Quantity) -> str | None:
        """What an input, a target or a parameter is; None of what is computed."""
        name, index = quantity.name, quantity.index
        if name in ("x", "y") or (name == "a[1]" and self.numbers.wiring.maker(name) is None):
            what = "target" if name == "y" else "input"
            return f"the {what} {index[1]} of row {index[0]}, as the network takes it"
        if f"new {name}" in self.trace:
            kind = {"w": "a weight", "b": "a bias"}.get(quantity.letter, "a parameter")
            return f"{kind}, as it was before this step"
        return None

    def _formula(self, quantity: Quantity) -> Formula:
        if self.program is not None:
            return self._of_program(self.program, quantity)
        name, index, i = quantity.name, quantity.index, quantity.number
        step = self.trace.step
        assert isinstance(step, NetworkStep)
        if quantity.is_new:
            return update_formula(self.numbers, step, quantity)
        cost = CostFormulas(self.numbers, step.objective.loss)
        if name in ("J", "penalty"):
            return cost.J() if name == "J" else cost.penalty()
        if name == "loss":
            return cost.row_loss(*index)
        if quantity.letter == "delta" and i == len(self.trace.dimensions):
            return cost.delta(*index)
        if i is not None and quantity.letter in ("z", "delta", "dw", "db"):
            number = i if quantity.letter in ("dw", "db") else i - 1
            formulas = LayerFormulas(self.numbers, self.numbers.wiring.dense(number))
            of_letter: dict[str, Callable[..., Formula]] = {
                "z": formulas.z,
                "delta": formulas.delta,
                "dw": formulas.dw,
                "db": formulas.db,
            }
            return of_letter[quantity.letter](*index)
        return self._of_layer(quantity)

    def _of_layer(self, quantity: Quantity) -> Formula:
        """A value between layers, its derivative, or what a layer keeps of its own."""
        wiring, name, index = self.numbers.wiring, quantity.name, quantity.index
        maker = wiring.maker(name)
        if maker is not None:
            return LayerFormulas(self.numbers, maker).output(*index)
        for place in wiring.walk():
            if derivative_name(place.input) == name:
                taker = wiring.taker(place.input)
                assert taker is not None
                return LayerFormulas(self.numbers, taker).error_formula(index[0], index[1])
        label, _, part = name.removeprefix("d(").removesuffix(")").partition(".")
        formulas = LayerFormulas(self.numbers, wiring.labelled(label))
        if part == "inside":
            return LayerFormulas(self.numbers, formulas.place.inside[0]).error_formula(index[0], index[1], name)
        if name.startswith("d("):
            return formulas.parameter_gradient(part, *index)
        return formulas.own(part, index)

    def _of_program(self, program: LearnerFormulas, quantity: Quantity) -> Formula:
        """A number that a learner's own program computed."""
        name, index, i = quantity.name, quantity.index, quantity.number
        if quantity.is_new:
            return program.new(name.removeprefix("new "), index)
        if name == "J":
            return program.J()
        if name == "penalty":
            return Formula("0: this J is the loss alone", [Number(0.0)])
        if name == "loss":
            known = program.loss.known_as
            return program.row_loss(self._known_row_loss(known, *index))
        assert i is not None
        if quantity.letter == "delta":
            last = i == len(self.trace.dimensions)
            return program.output_delta(*index) if last else program.hidden_delta(i, *index)
        of_letter: dict[str, Callable[..., Formula]] = {
            "z": program.z,
            "a": program.a,
            "da": program.da,
            "dw": program.dw,
            "db": program.db,
        }
        return of_letter[quantity.letter](i, *index)

    def _known_row_loss(self, loss: Loss | None, row: int) -> Formula | None:
        return None if loss is None else CostFormulas(self.numbers, loss).row_loss(row)
