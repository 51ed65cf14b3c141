"""Test set-up: the examples in README and docstrings are tests; `--proof` runs the long proofs in full."""

from __future__ import annotations

import contextlib
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser as MarkdownExamples
from sybil.parsers.rest import DocTestParser

ROOT = str(Path(__file__).parent)

pytest_collect_file = (
    Sybil(parsers=[MarkdownExamples()], patterns=["README.md"], path=ROOT, fixtures=["_examples_folder"])
    + Sybil(parsers=[DocTestParser()], patterns=["*.py"], path=f"{ROOT}/src", fixtures=["_examples_folder"])
).pytest()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--proof``."""
    parser.addoption("--proof", action="store_true", help="run the long proofs in full instead of a sample")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many cases hypothesis draws for each property, and let Ctrl-C be heard."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a job in the background of a shell inherits it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.register_profile("sample", max_examples=40, deadline=None, derandomize=True)
    settings.register_profile("proof", max_examples=1000, deadline=None)
    settings.load_profile("proof" if config.getoption("--proof") else "sample")


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> bool:
    """Whether to run a long proof in full."""
    return bool(request.config.getoption("--proof"))


@pytest.fixture(scope="module")
def _examples_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The examples of a page share a folder of their own, with the tables of examples/ in it."""
    with contextlib.chdir(tmp_path_factory.mktemp("examples")):
        shutil.copytree(Path(ROOT) / "examples" / "penguins", "examples/penguins")
        yield


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test works in a folder of its own, so that nothing is left in the project."""
    monkeypatch.chdir(tmp_path)
