"""What the package promises of itself: public names, a light import, formulas and docstrings."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule
from chainrule.errors import ChainruleError, InvalidArgument, InvalidType, MissingExtra, nearest_names, require
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.losses import LOSSES
from chainrule.network.layers import LAYERS
from chainrule.optimizers import OPTIMIZERS

ROOT = Path(__file__).parent.parent
MODULES = [m.name for m in pkgutil.walk_packages(chainrule.__path__, "chainrule.") if not m.name.endswith("__main__")]


def test_the_public_names_are_sorted_and_can_be_imported():
    families = [*ACTIVATIONS, *LOSSES, *LAYERS, *OPTIMIZERS]
    assert set(chainrule.__all__) == {member.__name__ for member in families} | {
        "Callback", "ChainruleError", "Checkpoint", "CustomActivation", "CustomLoss", "Doctor", "EarlyStopping", "JsonLinesLog",
        "MLPClassifier", "MLPRegressor", "Network", "Standardizer", "TableEncoder", "TimeLimit", "TrainingDiverged", "__version__", "check_answers", "check_gradients", "diagnose", "explain", "fit_together", "hand_check", "initializers",
        "load", "paths", "schedules", "step", "trace",
    }  # fmt: skip
    for name in chainrule.__all__:
        assert getattr(chainrule, name) is not None
        assert name in dir(chainrule)
    with pytest.raises(AttributeError, match="no attribute 'network_of_networks'"):
        chainrule.network_of_networks  # noqa: B018


def test_the_lazy_names_are_those_that_type_checkers_see():
    source = inspect.getsource(chainrule)
    listed = {name for names in chainrule._HOMES.values() for name in names}
    assert listed | set(chainrule._FOLDERS) == set(chainrule.__all__) - {"__version__"}
    for name, module in chainrule._FOLDERS.items():
        assert re.search(rf"from {module.rpartition('.')[0]} import [^)]*\b{name}\b", source)
        assert importlib.import_module(module) is getattr(chainrule, name)
    for module, names in chainrule._HOMES.items():
        for name in names:
            assert f"from {module} import" in source
            assert name in source
            assert getattr(importlib.import_module(module), name) is getattr(chainrule, name)


def test_the_version_is_that_of_the_installed_package_and_in_the_changelog():
    assert chainrule.__version__ == importlib.metadata.version("chainrule")
    assert f"## {chainrule.__version__}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import chainrule", ["numpy", "rich", "sklearn", "safetensors", "cyclopts"]),
        (
            "from chainrule import Network, check_gradients",
            ["rich", "sklearn", "safetensors", "cyclopts", "scipy", "numba", "matplotlib", "numpy.ma"],
        ),
        ("import chainrule.cli", ["numpy", "rich", "sklearn", "cyclopts"]),
        ("import chainrule.vanilla", ["sklearn", "chainrule.functions"]),
    ],
)
def test_importing_loads_nothing_that_is_not_used(statement, absent):
    code = f"import sys; {statement}; print([m for m in {absent} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", MODULES)
def test_every_module_opens_with_a_sentence_and_names_what_is_public(name):
    module = importlib.import_module(name)
    assert module.__doc__
    assert module.__doc__.strip().splitlines()[0][-1] in ".?:,"
    public = getattr(module, "__all__", [])
    assert public or name == "chainrule.vanilla" or hasattr(module, "__path__")
    assert list(public) == sorted(public, key=lambda n: (not n.isupper(), not n[0].isupper(), n)), name
    for each in public:
        member = getattr(module, each)
        if inspect.isclass(member) or inspect.isfunction(member):
            assert inspect.getdoc(member), f"{name}.{each}"


def test_one_family_of_errors_is_also_what_python_expects():
    assert issubclass(InvalidArgument, ChainruleError)
    assert issubclass(InvalidArgument, ValueError)
    assert issubclass(InvalidType, TypeError)
    assert issubclass(chainrule.TrainingDiverged, ArithmeticError)


def test_a_missing_extra_is_told_from_a_broken_package(tmp_path, monkeypatch):
    with pytest.raises(MissingExtra, match=r"nowhere is not installed; it comes with: pip install 'chainrule\[x\]'"):
        require("nowhere.sub", "x")
    (tmp_path / "broken_package.py").write_text("import what_it_needs_itself")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="what_it_needs_itself"):
        require("broken_package", "x")
    assert require("json", "x").__name__ == "json"


def test_unknown_names_are_answered_with_the_nearest_or_all():
    names = ["relu", "sigmoid", "softmax"]
    assert nearest_names("Sigmoyd", names) == "did you mean 'sigmoid'?"
    assert nearest_names("so", names) == "did you mean 'softmax'?"
    assert nearest_names("xyz", names) == "choose from relu, sigmoid, softmax."
    assert nearest_names("xyz", map(str, range(10_000))).endswith(" and 9950 more.")
