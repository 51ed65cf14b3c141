"""The rule of each array in the post's notation, as MathML: what a student is to apply."""

from __future__ import annotations

from chainrule.functions.arrays import Array
from chainrule.glassbox.explain.mathml import MathmlTypesetter, math
from chainrule.glassbox.trace import Quantity
from chainrule.glassbox.worksheets.number_words import as_written
from chainrule.glassbox.worksheets.settings import WorksheetSettings

__all__ = ["matrix_mathml", "rules_of"]

EQUALS = '<mo form="infix">=</mo>'
PLUS = '<mo form="infix">+</mo>'
MINUS = '<mo form="infix">−</mo>'
TIMES = '<mo form="infix">·</mo>'
ENTRYWISE = '<mo form="infix">⊙</mo>'
THIN = '<mspace width="0.2em"/>'
TRANSPOSED = '<mi mathvariant="normal">T</mi>'
PRIME = '<mo lspace="0" rspace="0">′</mo>'


def _name(text: str) -> str:
    return MathmlTypesetter().symbol_piece(Quantity.parsed(text)).source


def _word(text: str) -> str:
    return f"<mtext>{text}</mtext>"


def _letter(text: str) -> str:
    return f"<mi>{text}</mi>"


def _number(value: float) -> str:
    return f"<mn>{as_written(value)}</mn>"


def _bracketed(inside: str) -> str:
    return f'<mrow><mo stretchy="false" form="prefix">(</mo>{inside}<mo stretchy="false" form="postfix">)</mo></mrow>'


def _fraction(top: str, bottom: str) -> str:
    fraction = f"<mfrac><mrow>{top}</mrow><mrow>{bottom}</mrow></mfrac>"
    return f'<mstyle displaystyle="true">{fraction}</mstyle>'


def _transposed(letter: str, layer: int) -> str:
    """With a T behind the number of the layer."""
    layer_mark = f'<mo stretchy="false">(</mo><mn>{layer}</mn><mo stretchy="false">)</mo>'
    return f"<msup>{_letter(letter)}<mrow>{layer_mark}{THIN}{TRANSPOSED}</mrow></msup>"


def _one_minus(letter: str) -> str:
    return _bracketed(f"<mn>1</mn>{MINUS}{_letter(letter)}")


NEGATIVE = '<mo form="prefix">−</mo>'
SQUARED = "<msup>{}<mn>2</mn></msup>"

FUNCTIONS = {
    "relu": "<mi>max</mi>" + _bracketed('<mn>0</mn><mo separator="true">,</mo><mi>z</mi>'),
    "sigmoid": _fraction("<mn>1</mn>", f"<mn>1</mn>{PLUS}<msup><mi>e</mi><mrow><mo>−</mo><mi>z</mi></mrow></msup>"),
    "tanh": f"<mi>tanh</mi>{_bracketed(_letter('z'))}",
    "identity": _letter("z"),
    "softmax": _fraction(
        "<msup><mi>e</mi><mi>z</mi></msup>", _word("the sum of the row's&#160;") + "<msup><mi>e</mi><mi>z</mi></msup>"
    ),
}
DERIVATIVES = {
    "relu": f"<mn>1</mn>{_word('&#160;where&#160;')}<mi>z</mi><mo>&gt;</mo><mn>0</mn>{_word(', else&#160;')}<mn>0</mn>",
    "sigmoid": f"<mi>a</mi>{TIMES}{_one_minus('a')}",
    "tanh": f"<mn>1</mn>{MINUS}<msup><mi>a</mi><mn>2</mn></msup>",
    "identity": "<mn>1</mn>",
}
AS_TEXT = {
    "relu": ("max(0, z)", "1 where z > 0, else 0"),
    "sigmoid": ("1 / (1 + e^-z)", "a (1 - a)"),
    "tanh": ("tanh(z)", "1 - a^2"),
    "identity": ("z", "1"),
    "softmax": ("e^z over the sum of the row's e^z", ""),
}
MATRIX = '<mtable class="matrix">'
MISSED = f"<mi>a</mi>{MINUS}<mi>y</mi>"


def rules_of(array: str, settings: WorksheetSettings) -> list[str]:
    """The rules for an array, as formulas: its own, and that of the function in it.

    Parameters
    ----------
    array : str
        Its name in the trace, such as ``delta[2]``.
    settings : WorksheetSettings
        Which activations, which loss, how many rows.
    """
    quantity = Quantity(array)
    letter, i = quantity.letter, quantity.number or 0
    if quantity.is_new:
        return [_update(letter, i)]
    if letter == "z":
        return [_weighted_sum(i)]
    if letter == "a":
        return [_activated(i, settings.activations[i - 2])]
    if letter in ("loss", "J"):
        return [_loss(settings) if letter == "loss" else _mean_loss()]
    if letter == "delta":
        return [_output_delta(i, settings)] if i == len(settings.dimensions) else _hidden_delta(i, settings)
    return [_weight_gradient(i) if letter == "dw" else _bias_gradient(i)]


def _weighted_sum(i: int) -> str:
    inside = f"{_name(f'z[{i}]')}{EQUALS}{_name(f'a[{i - 1}]')}{THIN}{_name(f'w[{i - 1}]')}{PLUS}{_name(f'b[{i - 1}]')}"
    return math(inside, f"z[{i}] = a[{i - 1}] @ w[{i - 1}] + b[{i - 1}]")


def _activated(i: int, activation: str) -> str:
    formula = FUNCTIONS[activation]
    inside = f"{_name(f'a[{i}]')}{EQUALS}<mi>f</mi>{_bracketed(_name(f'z[{i}]'))}{_word(',&#160;&#160;')}"
    inside += f"<mi>f</mi>{_bracketed(_letter('z'))}{EQUALS}{formula}"
    return math(inside, f"a[{i}] = f(z[{i}]), f(z) = {AS_TEXT[activation][0]}")


def _loss(settings: WorksheetSettings) -> str:
    k = settings.dimensions[-1]
    log_a = f"<mi>log</mi>{THIN}<mi>a</mi>"
    formula, text = {
        "mse": (SQUARED.format(_bracketed(MISSED)), "(a - y)^2"),
        "mae": (f'<mrow><mo form="prefix">|</mo>{MISSED}<mo form="postfix">|</mo></mrow>', "|a - y|"),
        "binary_cross_entropy": (
            f"{NEGATIVE}<mi>y</mi>{TIMES}{log_a}{MINUS}{_one_minus('y')}{TIMES}<mi>log</mi>{_one_minus('a')}",
            "-y log a - (1 - y) log(1 - a)",
        ),
        "cross_entropy": (f"{NEGATIVE}<mi>y</mi>{TIMES}{log_a}", "-y log a"),
    }[settings.loss]
    if k == 1:
        return math(f"{_word('loss')}{EQUALS}{formula}", f"loss = {text}")
    how = "the mean" if settings.loss in ("mse", "mae") else "the sum"
    inside = f"{_word('loss')}{EQUALS}{_word(f'{how} over the outputs of&#160;')}{formula}"
    return math(inside, f"loss = {how} over the outputs of {text}")


def _mean_loss() -> str:
    inside = f"<mi>J</mi>{EQUALS}{_word('the mean of the rows&#x2019; losses')}"
    return math(inside, "J = the mean of the rows' losses")


def _output_delta(i: int, settings: WorksheetSettings) -> str:
    n, k, output = settings.rows, settings.dimensions[-1], settings.activations[-1]
    by_likelihood = settings.loss in ("binary_cross_entropy", "cross_entropy")
    shares = n if by_likelihood else n * k
    top = 2 if settings.loss == "mse" else 1
    divisor = ["<mi>n</mi>"] * (n > 1) + ["<mi>k</mi>"] * (k > 1 and not by_likelihood)
    factor = f"<mn>{top}</mn>" if top > 1 else ""
    if divisor:
        factor = _fraction(f"<mn>{top}</mn>", TIMES.join(divisor))
    slope = "" if by_likelihood or output == "identity" else _derivative(output)
    core = _bracketed(MISSED) if factor or slope else MISSED
    core = f"<mi>sign</mi>{_bracketed(MISSED)}" if settings.loss == "mae" else core
    inside = f"{_name(f'delta[{i}]')}{EQUALS}{factor}{TIMES if factor else ''}{core}"
    text = f"delta[{i}] = {top / shares:g} * {'sign' * (settings.loss == 'mae')}(a - y)"
    if slope:
        inside += f"{TIMES}{slope}"
        text += f" * {AS_TEXT[output][1]}"
    return math(inside, text)


def _derivative(activation: str) -> str:
    """The derivative as a factor."""
    return DERIVATIVES[activation] if activation == "sigmoid" else _bracketed(DERIVATIVES[activation])


def _hidden_delta(i: int, settings: WorksheetSettings) -> list[str]:
    activation = settings.activations[i - 2]
    back = _bracketed(f"{_name(f'delta[{i + 1}]')}{THIN}{_transposed('w', i)}")
    slope = f"<msup><mi>f</mi>{PRIME}</msup>{_bracketed(_name(f'z[{i}]'))}"
    rule = f"{_name(f'delta[{i}]')}{EQUALS}{back}{ENTRYWISE}{slope}"
    own = math(rule, f"delta[{i}] = (delta[{i + 1}] @ w[{i}].T) * f'(z[{i}])")
    of_function = math(
        f"<msup><mi>f</mi>{PRIME}</msup>{_bracketed(_letter('z'))}{EQUALS}{DERIVATIVES[activation]}",
        f"f'(z) = {AS_TEXT[activation][1]}",
    )
    return [own, of_function]


def _weight_gradient(i: int) -> str:
    inside = f"{_name(f'dw[{i}]')}{EQUALS}{_transposed('a', i)}{THIN}{_name(f'delta[{i + 1}]')}"
    return math(inside, f"dw[{i}] = a[{i}].T @ delta[{i + 1}]")


def _bias_gradient(i: int) -> str:
    inside = f"{_name(f'db[{i}]')}{EQUALS}{_word('the sum over the rows of&#160;')}{_name(f'delta[{i + 1}]')}"
    return math(inside, f"db[{i}] = the sum over the rows of delta[{i + 1}]")


def _update(letter: str, i: int) -> str:
    name = f"{letter}[{i}]"
    rate = _word("learning_rate")
    inside = f"{_name(f'new {name}')}{EQUALS}{_name(name)}{MINUS}{rate}{TIMES}{_name(f'd{name}')}"
    return math(inside, f"new {name} = {name} - learning_rate * d{name}")


def _cell(value: float, signed: bool) -> str:
    """A number, with room for a sign where another one in its column has one."""
    room = "<mphantom><mn>\N{MINUS SIGN}</mn></mphantom>" if signed and value >= 0 else ""
    return f"<mtd>{room}{_number(value)}</mtd>"


def matrix_mathml(name: str, array: Array) -> str:
    """Name = matrix, every number written out."""
    rows = array if array.ndim == 2 else array[None, :]
    signed = [bool((column < 0).any()) for column in rows.T]
    cells = ["".join(_cell(float(each), minus) for each, minus in zip(row, signed, strict=True)) for row in rows]
    table = f"{MATRIX}{''.join(f'<mtr>{row}</mtr>' for row in cells)}</mtable>"
    inside = f"{_name(name)}{EQUALS}{THIN}{table}"
    numbers = "; ".join(", ".join(as_written(float(each)) for each in row) for row in rows)
    return math(inside, f"{name} = [{numbers}]")
