"""Test set-up: the examples in README and docstrings are tests; `--proof` runs the long proofs in full."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser as MarkdownExamples
from sybil.parsers.rest import DocTestParser

pytest_collect_file = (
    Sybil(parsers=[MarkdownExamples()], patterns=["README.md"], path=str(Path(__file__).parent))
    + Sybil(parsers=[DocTestParser()], patterns=["src/**/*.py"], path=str(Path(__file__).parent))
).pytest()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--proof``."""
    parser.addoption("--proof", action="store_true", help="run the long proofs in full instead of a sample")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many cases hypothesis draws for each property."""
    settings.register_profile("sample", max_examples=40, deadline=None)
    settings.register_profile("proof", max_examples=1000, deadline=None)
    settings.load_profile("proof" if config.getoption("--proof") else "sample")


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> bool:
    """Whether to run a long proof in full."""
    return bool(request.config.getoption("--proof"))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test works in a folder of its own, so that nothing is left in the project."""
    monkeypatch.chdir(tmp_path)
