"""Runs that several tests look at, each made once; what a test gets is a copy, which it may change."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from tests.cli.command_line import PENGUINS, chainrule


def made(tmp_path_factory, name, *arguments) -> Path:
    folder = tmp_path_factory.mktemp(name)
    with contextlib.chdir(folder):
        chainrule("train", *arguments, "--output", name)
    return folder / name


@pytest.fixture(scope="session")
def _penguins(tmp_path_factory) -> Path:
    return made(
        tmp_path_factory, "penguins", PENGUINS, "--target", "Species", "--epochs", 12, "--drop", "Individual ID"
    )


@pytest.fixture(scope="session")
def _diabetes(tmp_path_factory) -> Path:
    return made(tmp_path_factory, "diabetes", "diabetes", "--epochs", 30, "--members", 3)


@pytest.fixture(scope="session")
def _digits(tmp_path_factory) -> Path:
    return made(tmp_path_factory, "digits", "digits", "--epochs", 6, "--hidden", "15")


@pytest.fixture
def penguins(_penguins) -> Path:
    """A run of classes, with text, dates and gaps; a copy, which a test may change."""
    return Path(shutil.copytree(_penguins, "penguins"))


@pytest.fixture
def diabetes(_diabetes) -> Path:
    """A run of numbers, by an ensemble."""
    return Path(shutil.copytree(_diabetes, "diabetes"))


@pytest.fixture
def digits_run(_digits) -> Path:
    """A run of pictures."""
    return Path(shutil.copytree(_digits, "digits"))
