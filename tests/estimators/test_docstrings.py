"""What the docstrings of the estimators say of their parameters is what the signatures say."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from chainrule import MLPClassifier, MLPRegressor
from chainrule.estimators.automatic_training import automatic_training
from chainrule.estimators.estimator_file import read_estimator, write_estimator
from chainrule.estimators.held_out_rows import held_out
from chainrule.estimators.multilayer_perceptron import BaseMultilayerPerceptron
from chainrule.estimators.solver import l2_of
from chainrule.estimators.table_encoder import TableEncoder

CLASSES = (MLPClassifier, MLPRegressor, TableEncoder)

PERCEPTRONS = (MLPClassifier, MLPRegressor, BaseMultilayerPerceptron)

METHODS = [
    getattr(cls, name)
    for cls in PERCEPTRONS
    for name in vars(cls)
    if callable(getattr(cls, name)) and not name.startswith(("_", "set_"))
]
"""Their own; scikit-learn adds those that set requests."""

THAT_RAISE = [*METHODS, write_estimator, read_estimator, held_out]


def section(documented, title):
    """The lines of a section, without its indentation."""
    text = inspect.getdoc(documented) or ""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n-{{3,}}\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return [] if found is None else found[1].splitlines()


def documented_parameters(documented):
    """The descriptions of type and default by the names of the parameters."""
    entries = [re.fullmatch(r"(\w+(?:, \w+)*) : (.+)", line) for line in section(documented, "Parameters")]
    return {name: entry[2] for entry in entries if entry is not None for name in entry[1].split(", ")}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_parameter_is_documented_in_the_order_of_the_signature_with_its_default(cls):
    signature = inspect.signature(cls).parameters
    documented = documented_parameters(cls)
    assert list(documented) == list(signature)
    for name, kind in documented.items():
        _, _, default = kind.partition(", default=")
        assert default, name
        assert ast.literal_eval(default) == signature[name].default, name


@pytest.mark.parametrize(
    "function", [*THAT_RAISE, automatic_training, l2_of], ids=lambda function: function.__qualname__
)
def test_every_argument_and_result_is_documented(function):
    signature = inspect.signature(function)
    assert list(documented_parameters(function)) == [name for name in signature.parameters if name != "self"]
    assert bool(section(function, "Returns")) == (signature.return_annotation != "None")


@pytest.mark.parametrize("function", THAT_RAISE, ids=lambda function: function.__qualname__)
def test_every_error_of_what_can_fail_is_documented(function):
    assert section(function, "Raises")
