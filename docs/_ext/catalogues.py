"""Tables made from the code: every formula, name and curve in them is the one that chainrule computes with."""

import inspect
import re

import numpy as np
from docutils import nodes
from docutils.statemachine import StringList
from numpydoc.docscrape import FunctionDoc
from sphinx.util.docutils import SphinxDirective

from chainrule.cli.train import train
from chainrule.functions.activations import ACTIVATIONS, Elementwise
from chainrule.functions.initializers import INITIALIZERS
from chainrule.functions.losses import LOSSES
from chainrule.optimizers import OPTIMIZERS

RANGES = {
    "real": "any number",
    "nonnegative": "0 and up",
    "symmetric": "between -1 and 1",
    "probability": "between 0 and 1",
    "distribution": "between 0 and 1, sum 1",
}
TARGETS = {
    "value": "a number for each output",
    "binary": "0 or 1 (or a probability) for each output",
    "class": "one class for each row, as a number or one-hot",
}


def activations():
    yield "curve", "activation", "$a = f(z)$", "$f'(z)$", "values of $a$", "weights start as"
    for cls in ACTIVATIONS:
        f = cls()
        yield (
            curve(f) if isinstance(f, Elementwise) else "",
            named(f),
            f"${f.formula}$",
            f"${f.derivative_formula}$",
            RANGES[f.output_range],
            f"`{f.default_initializer}`",
        )


def losses():
    yield "loss", "a row's loss", "`y` holds", "its output activation", "needs outputs"
    for cls in LOSSES:
        loss = cls()
        needs = "" if loss.needs is None else RANGES[loss.needs]
        output = f"`{ACTIVATIONS[loss.default_output].__name__}`"
        yield named(loss), f"${loss.formula}$", TARGETS[loss.target], output, needs


def initializers():
    yield "initializer", "variance of a weight", "distribution"
    for cls in INITIALIZERS:
        start = cls()
        fan = r"n_\text{in}" if start.fan == "in" else r"\tfrac{1}{2} (n_\text{in} + n_\text{out})"
        yield named(start), rf"${start.scale:g} \, / \, {fan}$", start.distribution


def optimizers():
    yield "optimizer", "a step", "remembers", "settings"
    for cls in OPTIMIZERS:
        rule = cls()
        settings = ", ".join(f"`{name}={value:g}`" for name, value in rule.scheduled.items())
        yield named(rule), f"${rule.formula}$", ", ".join(rule.remembers) or "nothing", settings or "none"


def train_options():
    yield "option", "default", "meaning"
    meaning = {p.name.partition(":")[0]: " ".join(p.desc) for p in FunctionDoc(train)["Parameters"]}
    for name, parameter in inspect.signature(train).parameters.items():
        positional = parameter.default is parameter.empty
        option = "json" if name == "as_json" else name.replace("_", "-")
        default = "" if positional or parameter.default in (None, False) else f"`{parameter.default}`"
        yield (f"`{name.upper()}`" if positional else f"`--{option}`"), default, meaning[name]


def named(description):
    return f"`{type(description).__name__}` <br> `{description.name!r}`".replace("'", '"')


def curve(f, reach=4.0):
    """f and f' over z in [-reach, reach], as an SVG picture in a line."""
    z = np.linspace(-reach, reach, 81)
    a = f.f(z)
    width, height, top, bottom = 120, 60, max(a.max(), 1.0) * 1.1, min(a.min(), 0.0) - 0.15 * max(a.max(), 1.0)
    across = (z + reach) / (2 * reach) * width
    zero = height * top / (top - bottom)

    def path(values):
        down = (top - values) / (top - bottom) * height
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(across, down, strict=True))

    return (
        f'<svg class="curve" viewBox="0 0 {width} {height}" role="img" aria-label="f and its derivative for {f}">'
        f'<path class="axis" d="M0 {zero:.1f}H{width}M{width / 2} 0V{height}"/>'
        f'<path class="slope" d="{path(f.derivative(z, a))}"/><path class="f" d="{path(a)}"/></svg>'
    )


def markdown(rows):
    heading, *body = ([re.sub(r"\|", r"\\|", cell) for cell in row] for row in rows)
    yield "| " + " | ".join(heading) + " |"
    yield "|" + " --- |" * len(heading)
    yield from ("| " + " | ".join(row) + " |" for row in body)


class Table(SphinxDirective):
    """The table with the name that is given."""

    required_arguments = 1
    tables = {table.__name__: table for table in (activations, losses, initializers, optimizers, train_options)}

    def run(self):
        lines = list(markdown(self.tables[self.arguments[0]]()))
        table = nodes.container(classes=["from-code"])
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), self.content_offset, table)
        return [table]


def setup(app):
    app.add_directive("table-of", Table)
    return {"parallel_read_safe": True}
