"""Tables made from the code: every formula, name and curve in them is the one that chainrule computes with."""

import inspect
import re

import numpy as np
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from chainrule.functions.activations import ACTIVATIONS, Elementwise
from chainrule.functions.initializers import INITIALIZERS
from chainrule.functions.losses import LOSSES
from chainrule.network.layout import ArraySpec, Layout
from chainrule.optimizers import OPTIMIZERS, SGD, Clip, MovingAverage, StepOptimizer
from chainrule.optimizers.schedules import SCHEDULES, Cosine, CosLog, Exponential, Horizon, Plateau, StepDecay, WarmUp
from chainrule.optimizers.wrapper import Wrapper
from chainrule.training.metrics import METRICS

RANGES = {
    "real": "any number",
    "bounded_below": "from a negative number up",
    "nonnegative": "0 and up",
    "positive": "above 0",
    "symmetric": "between -1 and 1",
    "closed_probability": "from 0 to 1, both reached",
    "probability": "between 0 and 1",
    "distribution": "between 0 and 1, sum 1",
}
TARGETS = {
    "value": "a number for each output",
    "binary": "0 or 1 for each output",
    "class": "a class for each row",
    "levels": "a number for each set of levels",
}
OPTIMIZER_EXAMPLES = {
    "clip": lambda: Clip(SGD(), norm=1.0),
    "moving_average": lambda: MovingAverage(SGD()),
}
SCHEDULE_EXAMPLES = {
    "step_decay": lambda: StepDecay(1.0, factor=0.5, every=5),
    "exponential": lambda: Exponential(1.0, factor=0.85),
    "cosine": lambda: Cosine(1.0, period=10),
    "warm_up": lambda: WarmUp(Cosine(1.0), epochs=5),
    "plateau": lambda: Plateau(1.0, factor=0.5, patience=3),
    "cos_log": lambda: CosLog(1.0),
}


def activations():
    yield "$f$ and, dashed, $f'$", "activation", "$f(z)$, and below it $f'(z)$", "$a$, and how weights start"
    for cls in ACTIVATIONS:
        f = cls()
        yield (
            curve(f) if isinstance(f, Elementwise) else "",
            named(f),
            f"${f.formula}$ <br> ${f.derivative_formula}$",
            f"{RANGES[f.output_range]} <br> `{f.default_initializer}`",
        )


def losses():
    yield "loss", r"a row's loss, and below it $\partial / \partial a_j$", "`y`, and the output by default"
    for cls in LOSSES:
        loss = cls()
        output = f"`{ACTIVATIONS[loss.default_output].__name__}`"
        needs = "" if loss.needs in (None, "real") else f" ({RANGES[loss.needs]})"
        formulas = f"${loss.formula}$ <br> ${loss.derivative_formula}$"
        yield named(loss), formulas, f"{TARGETS[loss.target]} <br> {output}{needs}"


def initializers():
    yield "initializer", "variance of a weight", "drawn from"
    for cls in INITIALIZERS:
        yield f'`{cls.__name__}` <br> `"{cls.name}"`', f"${cls.variance}$", cls.distribution


def optimizers():
    yield "optimizer", "tier", "what it does, and below it its settings", "remembers", "default learning rate"
    layout = Layout.of((name, ArraySpec(name, (2, 2), "weight")) for name in ("w[1]", "w[2]", "w[3]"))
    for cls in OPTIMIZERS:
        rule = OPTIMIZER_EXAMPLES.get(cls.name, cls)()
        if isinstance(rule, StepOptimizer):
            remembers = ", ".join(f"`{name}`" for name in rule.start(np.ones(layout.size), layout)) or "nothing"
        else:
            remembers = "its last steps, while it runs"
        if isinstance(rule, Wrapper):
            rate = "the inner one's"
        else:
            rate = f"`{rule.default_learning_rate:g}`" if isinstance(rule, StepOptimizer) else "none"
        yield named(rule), str(rule.tier), f"${rule.formula}$ <br> {settings(cls)}", remembers, rate


def schedules():
    yield "over 20 epochs", "schedule", "value, and below it its settings"
    for cls in SCHEDULES:
        example = SCHEDULE_EXAMPLES.get(cls.name, lambda cls=cls: cls(1.0))()
        yield schedule_curve(example), named(example), f"${example.formula}$ <br> {settings(cls)}"


def settings(cls):
    """The arguments of a description, with their defaults."""
    arguments = inspect.signature(cls).parameters.values()
    texts = (p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in arguments)
    return ", ".join(f"`{text}`" for text in texts).replace("'", '"') or "no settings"


def metrics():
    yield "metric", "what it is", "better", "needs in `y`"
    for cls in METRICS:
        yield f'`"{cls.name}"`', f"${cls.formula}$", "high" if cls.higher_is_better else "low", cls.needs


def named(description):
    return f"`{type(description).__name__}` <br> `{description.name!r}`".replace("'", '"')


def curve(f, reach=4.0, low=-1.9, high=2.9, unit=30):
    """f and f' over z in [-reach, reach], as an SVG picture in a line; every picture has the same scale."""
    z = np.linspace(-reach, reach, 321)
    a = f.f(z)
    width, height, zero = 2 * reach * unit, (high - low) * unit, high * unit

    def path(values):
        shown = np.clip(values, low - 1, high + 1)  # what leaves the picture need not be drawn far outside
        return "M" + "L".join(f"{(x + reach) * unit:.1f} {zero - y * unit:.1f}" for x, y in zip(z, shown, strict=True))

    across = "".join(f"M0 {zero - y * unit:.0f}H{width:.0f}" for y in (-1, 1, 2))
    down = "".join(f"M{(x + reach) * unit:.0f} 0V{height:.0f}" for x in range(int(1 - reach), int(reach)) if x)
    middle = reach * unit
    numbers = "".join(
        f'<text x="{x:.0f}" y="{y:.0f}">{label}</text>'
        for x, y, label in [
            (middle - 2 * unit, zero + 11, "-2"),
            (middle + 2 * unit, zero + 11, "2"),
            (middle - 8, zero - unit + 3, "1"),
            (middle - 8, zero - 2 * unit + 3, "2"),
            (width - 6, zero + 11, "z"),
        ]
    )
    return (
        f'<svg class="curve" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="f and its derivative for {f}"><path class="grid" d="{across}{down}"/>'
        f'<path class="axis" d="M0 {zero:.0f}H{width:.0f}M{middle:.0f} 0V{height:.0f}"/>{numbers}'
        f'<path class="slope" d="{path(f.derivative(z, a))}"/><path class="f" d="{path(a)}"/></svg>'
    )


def schedule_curve(schedule, epochs=20, steps=20):
    """The values of a schedule over 20 epochs, in the last 15 of which val_J stands still, as an SVG picture."""
    horizon, state, values = Horizon(epochs * steps, steps), {}, []
    for epoch in range(epochs):
        values.append(schedule.values(epoch * steps, (epoch + 1) * steps, horizon, state))
        state = schedule.observe({"val_J": max(5 - epoch, 1)}, state)
    values = np.concatenate(values)
    width, height, margin = 240, 144, 12
    across = np.arange(len(values)) / len(values) * width
    down = height - margin - values / max(values.max(), 1) * (height - 2 * margin)
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(across, down, strict=True))
    return (
        f'<svg class="curve" viewBox="0 0 {width} {height}" role="img" aria-label="the values of {schedule}">'
        f'<path class="axis" d="M0 {height - margin}H{width}"/><path class="f" d="{line}"/></svg>'
    )


def markdown(rows):
    heading, *body = ([re.sub(r"\|", r"\\|", cell) for cell in row] for row in rows)
    yield "| " + " | ".join(heading) + " |"
    yield "|" + " --- |" * len(heading)
    yield from ("| " + " | ".join(row) + " |" for row in body)


class Table(SphinxDirective):
    """The table with the name that is given."""

    required_arguments = 1
    tables = {table.__name__: table for table in (activations, losses, initializers, optimizers, schedules, metrics)}

    def run(self):
        lines = list(markdown(self.tables[self.arguments[0]]()))
        table = nodes.container(classes=["from-code"])
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), self.content_offset, table)
        return [table]


def setup(app):
    app.add_directive("table-of", Table)
    return {"parallel_read_safe": True}
