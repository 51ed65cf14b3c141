"""The pure expressions of `functions/` and `optimizers/`, made ready to be compiled for one number type.

NumPy gives a Python number the type of the array that it meets: ``1 + e`` is of float32 where ``e`` is (NEP 50). A
compiler of scalars knows no such rule and would go over to float64, which halves the speed and gives other digits. So
the rule is applied to the source: wherever a number meets an element of an array, it is converted to the element's
type, once. What numbers alone make of each other, such as ``1 - beta1**number``, stays in float64, as in NumPy.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Collection, Mapping
from types import FunctionType
from typing import Any

__all__ = ["split_rule", "typed_expression"]

CONVERT, NUMBERS = "number_type", "numbers"
"""What the number type, and the tuple of numbers prepared beforehand, are called in the rewritten source."""


def typed_expression(
    expression: Callable[..., Any],
    elements: Collection[str],
    number_type: type,
    replaced: Mapping[str, Callable[..., Any]],
    constants: Mapping[str, Any] | None = None,
) -> Callable[..., Any]:
    """The same expression for elements of one type.

    Parameters
    ----------
    expression : callable
        A function of plain assignments, ``if``, and ``for`` over tuples of constants, that calls NumPy alone.
    elements : collection of str
        Its parameters that are elements of arrays; the others are numbers.
    number_type : type
        float32 or float64 of NumPy.
    replaced : mapping of str to callable
        What stands in the place of NumPy's functions, by their names.
    constants : mapping of str to object, optional
        Global names that differ from one number type to the other.

    Returns
    -------
    callable
        A plain function of the same parameters, which a compiler may take.
    """
    names = {**expression.__globals__, **(constants or {}), **_global_names(number_type, replaced)}
    function = _ConstantLoops(names).visit(_source(expression))
    function = _NumbersMeetElements(_elements(function, set(elements)), replaced).visit(function)
    return _made(function, expression, names)


def split_rule(
    rule: Callable[..., Any], elements: Collection[str], number_type: type, replaced: Mapping[str, Callable[..., Any]]
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """An expression in two: what its numbers make of each other, once, and what becomes of each element.

    Where the compiler cannot see that a power of the step's number is the same for all elements, it would take it for
    each of them.

    Parameters
    ----------
    rule : callable
        A function of assignments and a return, with elements in front and numbers behind.
    elements, number_type, replaced
        As in `typed_expression`.

    Returns
    -------
    prepare : callable
        Takes the rule's numbers; returns a tuple of numbers of the type.
    move : callable
        Takes the rule's elements, and that tuple.
    """
    names = {**rule.__globals__, **_global_names(number_type, replaced)}
    function = _source(rule)
    meeting = _NumbersMeetElements(_elements(function, set(elements)), replaced, apart=True)
    numbers_alone = [node for node in function.body if isinstance(node, ast.Assign) and not meeting.is_element(node)]
    of_elements = [node for node in function.body if node not in numbers_alone]
    move, prepare = _source(rule), _source(rule)
    move.body = [meeting.visit(node) for node in of_elements if not _is_docstring(node)]
    assert meeting.apart is not None
    result = ast.Tuple([ast.Call(ast.Name(CONVERT, ast.Load()), [each], []) for each in meeting.apart], ast.Load())
    prepare.body = [*numbers_alone, ast.Return(result)]
    n = len(elements)
    prepare.args.args, move.args.args = prepare.args.args[n:], [*move.args.args[:n], ast.arg(NUMBERS)]
    return _made(prepare, rule, names), _made(move, rule, names)


def _source(expression: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a function, without decorators and annotations."""
    function = ast.parse(textwrap.dedent(inspect.getsource(expression))).body[0]
    assert isinstance(function, ast.FunctionDef)
    function.decorator_list, function.returns = [], None
    for argument in function.args.args:
        argument.annotation = None
    return function


def _made(function: ast.FunctionDef, original: Callable[..., Any], names: Mapping[str, Any]) -> Callable[..., Any]:
    """The function of a syntax tree."""
    module = ast.fix_missing_locations(ast.Module([function], []))
    code = compile(module, original.__code__.co_filename, "exec")
    body = next(constant for constant in code.co_consts if inspect.iscode(constant))
    return FunctionType(body, dict(names), original.__name__)


def _global_names(number_type: type, replaced: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    return {CONVERT: number_type, **{_called(name): call for name, call in replaced.items()}}


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _called(name: str) -> str:
    return f"compiled_{name}"


class _ConstantLoops(ast.NodeTransformer):
    """A loop over a tuple of constants becomes its body, once for each of them."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names

    def visit_For(self, loop: ast.For) -> list[ast.stmt]:
        assert isinstance(loop.iter, ast.Name)
        assert isinstance(loop.target, ast.Name)
        copies: list[ast.stmt] = []
        for value in self.names[loop.iter.id]:
            body = ast.parse(ast.unparse(loop)).body[0]
            assert isinstance(body, ast.For)
            put = _Constant(loop.target.id, value)
            copies += [put.visit(statement) for statement in body.body]
        return copies


class _Constant(ast.NodeTransformer):
    """A name becomes a constant."""

    def __init__(self, name: str, value: float) -> None:
        self.name, self.value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(self.value) if node.id == self.name else node


def _elements(function: ast.FunctionDef, names: set[str]) -> set[str]:
    """The names that hold elements of arrays: those given, and what is assigned from them anywhere."""
    assignments = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    while True:
        before = len(names)
        for assignment in assignments:
            for target in assignment.targets:
                for name, value in _pairs(target, assignment.value):
                    if _mentions(value, names):
                        names.add(name)
        if len(names) == before:
            return names


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return [pair for t, v in zip(target.elts, value.elts, strict=True) for pair in _pairs(t, v)]
    assert isinstance(target, ast.Name)
    return [(target.id, value)]


def _mentions(node: ast.AST, names: Collection[str]) -> bool:
    return any(isinstance(each, ast.Name) and each.id in names for each in ast.walk(node))


class _NumbersMeetElements(ast.NodeTransformer):
    """Numbers are converted where they meet elements; NumPy's functions are replaced."""

    def __init__(self, elements: Collection[str], replaced: Collection[str], *, apart: bool = False) -> None:
        self.elements, self.replaced = elements, replaced
        self.apart: list[ast.expr] | None = [] if apart else None

    def is_element(self, node: ast.AST) -> bool:
        """Whether an element of an array has a part in it."""
        return _mentions(node, self.elements)

    def _converted(self, node: ast.expr) -> ast.expr:
        if self.apart is not None:  # to be computed before, and taken from the tuple
            self.apart.append(node)
            return ast.Subscript(ast.Name(NUMBERS, ast.Load()), ast.Constant(len(self.apart) - 1), ast.Load())
        return ast.Call(ast.Name(CONVERT, ast.Load()), [node], [])

    def _meet(self, operands: list[ast.expr]) -> list[ast.expr]:
        """The operands of one operation, visited, the numbers among elements converted."""
        met = any(map(self.is_element, operands))
        return [
            self._converted(self.visit(each)) if met and not self.is_element(each) else self.visit(each)
            for each in operands
        ]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        node.left, node.right = self._meet([node.left, node.right])
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        node.left, *node.comparators = self._meet([node.left, *node.comparators])
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Attribute) and node.func.attr in self.replaced:
            node.func = ast.Name(_called(node.func.attr), ast.Load())
        condition = [self.visit(each) for each in node.args[:1]] if _is_where(node) else []
        node.args = [*condition, *self._meet(node.args[len(condition) :])]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        (target,) = node.targets
        if isinstance(target, ast.Name) and target.id in self.elements and not self.is_element(node.value):
            node.value = self._converted(self.visit(node.value))
        else:
            node.value = self.visit(node.value)
        return node


def _is_where(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name.removeprefix("compiled_") == "where"
