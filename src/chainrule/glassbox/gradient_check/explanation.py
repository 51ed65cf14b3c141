"""From what explains each layer to findings: one for each mistake, with the layers and the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.gradient_check.factor import ONE, Factor, Reason, reasons_for
from chainrule.glassbox.gradient_check.finding import CodeLine, Finding
from chainrule.glassbox.gradient_check.first_seen import Seen, Sought, first_seen
from chainrule.glassbox.gradient_check.learner_subject import LearnerSubject
from chainrule.glassbox.gradient_check.mistakes import output_deltas, weight_gradients
from chainrule.glassbox.gradient_check.network_subject import NetworkSubject
from chainrule.glassbox.gradient_check.one_pass import OnePass
from chainrule.glassbox.gradient_check.search import EXPLAINED, LayerExplanation, multiple
from chainrule.glassbox.gradient_check.sentences import (
    MISTAKES,
    REMEDIES,
    and_joined,
    factor_remedy,
    factor_sentence,
    mean_sentence,
)

__all__ = ["Explanation", "lines_of_learner"]


def lines_of_learner(subject: LearnerSubject, layers: Sequence[LayerExplanation]) -> dict[str, list[Seen]]:
    """Where the learner's code makes dJ/da, each delta, dw and db, as they were explained, seen in a step."""
    more = subject.with_more_rows()
    rows = more.one_pass()
    if rows is None:
        return {}
    sought, behind = {"g": Sought(rows.g)}, rows.delta
    for layer in layers:
        i = layer.i
        sought[f"delta[{i + 1}]"] = Sought(layer.deltas[1])
        if layer.mistakes.weights == "w not transposed":
            sought[f"delta[{i + 2}] @ w[{i + 1}]"] = Sought(behind @ rows.w[i + 1])
        behind = layer.deltas[1]
        sought[f"w[{i}]"] = Sought(rows.claimed[f"w[{i}]"], any_factor=False)
        sought[f"b[{i}]"] = Sought(rows.claimed[f"b[{i}]"], any_factor=False)
    network = more.runnable()
    return first_seen(
        lambda: more.step(network),
        sought,
        lambda: {f"{each}[{i}]": array for each in "wb" for i, array in getattr(network, each).items()},
    )


@dataclass(frozen=True, eq=False)
class Explanation:
    """What explains a gradient.

    Attributes
    ----------
    subject : NetworkSubject or LearnerSubject
        Whose gradient it is.
    given, more : OnePass
        The rows given, and more.
    layers : sequence of LayerExplanation
        From the last back.
    components : list of Finding
        Parts that are wrong by themselves.
    lines : mapping of str to list of Seen
        Where the program makes dJ/da (``"g"``), each delta, and changes w and b.
    """

    subject: NetworkSubject | LearnerSubject
    given: OnePass
    more: OnePass
    layers: Sequence[LayerExplanation]
    components: list[Finding]
    lines: Mapping[str, Sequence[Seen]]

    def findings(self) -> list[Finding]:
        """All of them, in the order of the backward pass."""
        factors = self._factors()
        of_delta = [finding for finding in factors if not finding.kind.endswith("averaged")]
        means = [finding for finding in factors if finding.kind.endswith("averaged")]
        return [*of_delta, *self.components, *self._mistakes(), *means, *self._never()]

    @property
    def _error(self) -> float:
        return max((layer.error for layer in self.layers), default=0.0)

    # --- constant factors ----------------------------------------------------------------------------------------

    def _factors(self) -> list[Finding]:
        found: list[Finding] = []
        above: LayerExplanation | None = None
        for layer in self.layers:
            w, b = layer.w_factor, layer.b_factor
            if above is None:
                found += self._first_factors(layer)
            else:
                w_step = _step(w, above.w_factor)
                b_step = _step(b, above.b_factor)
                found += self._later_factors(layer, w_step, b_step)
            above = layer
        return found

    def _first_factors(self, layer: LayerExplanation) -> list[Finding]:
        """Those of the output layer, which go on to all others."""
        w, b = layer.w_factor, layer.b_factor
        delta, w_mean, b_mean = self._taken_apart(layer, w or b or ONE, b or w or ONE)
        found = []
        if not delta.is_one:
            finding = self._delta_factor(layer.i + 1, delta, self._all_names())
            if not layer.mistakes.number:
                finding = replace(finding, sentence=finding.sentence + _or_else([layer]))
            found.append(finding)
        for which, mean, factor in (("b", b_mean, b), ("w", w_mean, w)):
            names = [f"{which}[{each.i}]" for each in reversed(self.layers)]
            if factor is None or mean.is_one:
                continue
            if mean.power == -1 and abs(mean.base - 1) < 1e-6:
                found.append(self._mean(which, names, layer))
            else:
                found.append(self._array_factor(which, layer.i, mean, names))
        return found

    def _taken_apart(self, layer: LayerExplanation, w: Factor, b: Factor) -> tuple[Factor, Factor, Factor]:
        """The factor of delta, and what dw and db have besides; as the program was seen to make it, if it was."""
        n_times = Factor(w.value * self.given.n, _plus_one(w.power), w.base)
        for delta in (w, b, n_times):
            if self._seen(f"delta[{layer.i + 1}]", delta):
                return delta, w.over(delta), b.over(delta)
        if w.power is None or b.power is None or w.power == b.power or {w.power, b.power} == {0, 1}:
            delta = w if w.power == b.power or w.power is None or (w.power or 0) >= (b.power or 0) else b
        else:
            delta = w if w.power == 0 else b
        return delta, w.over(delta), b.over(delta)

    def _seen(self, name: str, factor: Factor | None = None) -> Sequence[Seen]:
        """Where a number was seen, in the order of the run; with this factor, if one is given."""
        seen = self.lines.get(name, ())
        if factor is None:
            return seen
        if factor.power is None:
            return ()
        value = factor.base * float(self.more.n) ** factor.power
        return [each for each in seen if abs(each.factor - value) <= 1e-6 * abs(value)]

    def _delta_factor(self, i: int, factor: Factor, names: tuple[str, ...]) -> Finding:
        output = i == self.given.last
        at_g = self._seen("g", factor) if output else ()
        reasons = reasons_for(factor, self.given.k, self._power_of_outputs() if output else None)
        seen = at_g or self._seen(f"delta[{i}]", factor if output else None)
        what = "dJ/da, with which backpropagation begins," if at_g else f"delta[{i}]"
        return self._with_factor(what, factor, reasons, names, seen[0].line if seen else None)

    def _power_of_outputs(self) -> int | None:
        """How dw of the output layer grows with the number of outputs, found with more; None if it cannot be told."""
        if not isinstance(self.subject, LearnerSubject):
            return None
        layer = self.layers[0]
        name = f"w[{layer.i}]" if layer.w_factor is not None else f"b[{layer.i}]"
        known = layer.w_factor or layer.b_factor
        with np.errstate(all="ignore"):
            try:
                rows = self.subject.with_more_outputs().one_pass()
            except (InvalidArgument, InvalidType):  # its code is for this number of outputs, or its J not finite
                return None
            if rows is None or known is None:
                return None
            for mistakes, delta in output_deltas(rows):
                for tried, dw in weight_gradients(rows, layer.i, mistakes, delta):
                    if tried == layer.mistakes:
                        c, error = multiple(rows.claimed[name], dw if name[0] == "w" else delta.sum(axis=0))
                        power = float(np.log(abs(c / known.value)) / np.log(rows.k / self.given.k))
                        told = error <= EXPLAINED and np.isfinite(power) and abs(power - round(power)) < EXPLAINED
                        return round(power) if told else None
        return None

    def _array_factor(self, which: str, i: int, factor: Factor, names: Sequence[str]) -> Finding:
        line = self._line_of_array(which, i)
        what = f"d{which}, of {and_joined(names)},"
        return self._with_factor(what, factor, reasons_for(factor, self.given.k), tuple(names), line)

    def _with_factor(
        self, what: str, factor: Factor, reasons: tuple[Reason, ...], names: tuple[str, ...], line: CodeLine | None
    ) -> Finding:
        sentence = factor_sentence(what, factor, reasons, self.given.n, self.given.k)
        kind = "sign" if [reason.name for reason in reasons] == ["-1"] else "factor"
        return Finding(kind, sentence, names, self._error, line, factor_remedy(reasons))

    def _mean(self, which: str, names: Sequence[str], layer: LayerExplanation) -> Finding:
        kind = "bias gradient averaged" if which == "b" else "weight gradient averaged"
        remedy = (
            "the sum over the rows, np.sum(delta, axis=0), in the place of the mean."
            if which == "b"
            else "np.dot(a.T, delta), not divided by the number of rows."
        )
        sentence = mean_sentence(which, self.given.n, names)
        return Finding(kind, sentence, tuple(names), self._error, self._line_of_array(which, layer.i), remedy)

    def _line_of_array(self, which: str, i: int) -> CodeLine | None:
        seen = self._seen(f"{which}[{i}]") or self._seen(f"{which}[{i}] changed")
        return seen[0].line if seen else None

    def _line_of_mistake(self, name: str, layer: LayerExplanation) -> CodeLine | None:
        i = layer.i
        if name == "one sum for all biases":
            return self._line_of_array("b", i)
        if name in ("z in the place of a", "dw transposed"):
            return self._line_of_array("w", i)
        if name == "new weights":
            seen = self._seen(f"w[{i + 1}] changed")
        elif name in (
            "derivative forgotten",
            "delta is a - y",
        ):  # seen where it is handed on
            seen = [each for each in self._seen(f"delta[{i + 1}]") if each.returned][-1:]
            seen = seen or self._seen(f"delta[{i + 1}]")
        else:
            seen = self._seen(f"delta[{i + 2}] @ w[{i + 1}]") if name == "w not transposed" else ()
            seen = seen or self._seen(f"delta[{i + 1}]")
        return seen[0].line if seen else None

    def _later_factors(self, layer: LayerExplanation, w: Factor, b: Factor) -> list[Finding]:
        """Those that come in at a hidden layer, beyond what came from behind."""
        if not w.is_one and w.same_as(b):
            names = tuple(name for name in self._all_names() if int(name[2:-1]) <= layer.i)
            return [self._delta_factor(layer.i + 1, w, names)]
        found = []
        for which, factor in (("w", w), ("b", b)):
            if not factor.is_one:
                found.append(self._array_factor(which, layer.i, factor, [f"{which}[{layer.i}]"]))
        return found

    # --- mistakes ------------------------------------------------------------------------------------------------

    def _mistakes(self) -> list[Finding]:
        """One finding for each kind of mistake, with all layers that it is in."""
        layers: dict[str, list[LayerExplanation]] = {}
        for layer in self.layers:
            for name in layer.mistakes.names:
                if name != "prime is wrong" or not self.components:
                    layers.setdefault(name, []).append(layer)
        return [self._mistake(name, where) for name, where in layers.items()]

    def _mistake(self, name: str, where: Sequence[LayerExplanation]) -> Finding:
        first = where[0]
        i = first.i + 1
        of_db = name == "one sum for all biases"
        of_dw = name in ("z in the place of a", "dw transposed")
        places = {"i": i, "before": i - 1, "after": i + 1, "delta": f"delta[{i}]"}
        sentence = MISTAKES[name].format(**places) + "."
        if len(where) > 1:
            own = "dw" if of_dw else "db" if of_db else "delta"
            also = and_joined([f"{own}[{each.i + (own == 'delta')}]" for each in where[1:]])
            verb = ("is" if len(where) == 2 else "are") if of_db else ("does" if len(where) == 2 else "do")
            sentence += f" So {verb} {also}."
        sentence += _or_else(where)
        names = [f"{'b' if of_db else 'w'}[{each.i}]" for each in where]
        if not (of_dw or of_db):
            names = [each for each in self._all_names() if int(each[2:-1]) <= first.i]
        line = self._line_of_mistake(name, first)
        error = max(layer.error for layer in self.layers)
        return Finding(name, sentence, tuple(names), error, line, REMEDIES.get(name, "").format(**places))

    def _never(self) -> list[Finding]:
        names = [name for layer in reversed(self.layers) for name in layer.never]
        if not names:
            return []
        return [
            Finding(
                "never updated",
                f"A step never changes {and_joined(names)}, though J depends on {'it' if len(names) == 1 else 'them'}.",
                tuple(names),
                self._error,
                None,
                f"subtract learning_rate * {and_joined(sorted({f'd{name[0]}' for name in names}))} from "
                f"{'it' if len(names) == 1 else 'them'}.",
            )
        ]

    def _all_names(self) -> tuple[str, ...]:
        names = (f"{each}[{i}]" for i in sorted(self.given.w) for each in "wb")
        return tuple(name for name in names if name in self.given.claimed)


def _step(own: Factor | None, above: Factor | None) -> Factor:
    """What a layer's factor has beyond that of the layer behind it."""
    return ONE if own is None or above is None else own.over(above)


def _plus_one(power: int | None) -> int | None:
    return None if power is None else power + 1


def _or_else(where: Sequence[LayerExplanation]) -> str:
    """What else would give the same numbers."""
    ways = [mistakes for layer in where for mistakes in layer.others]
    if not ways:
        return ""
    named = [" and ".join(mistakes.names) or "a constant factor alone" for mistakes in ways]
    return f" The same numbers would come from: {'; or '.join(dict.fromkeys(named))}."
