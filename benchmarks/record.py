"""What is written down beside the figures, and where: a figure without its machine and versions says nothing."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["PEERS", "RESULTS", "machine", "versions", "write"]

RESULTS = Path(__file__).parent / "results"
"""One JSON file a question."""


PEERS = ("scikit-learn", "torch", "jax", "jaxlib", "onnxruntime")
"""The packages of the competitors that are not ours."""


def machine() -> dict[str, Any]:
    """Kind of processor and number of cores, and nothing that names the machine or its owner."""
    return {"processor": _processor(), "cores": os.cpu_count(), "system": platform.system()}


def versions(packages: Sequence[str]) -> dict[str, str | None]:
    """Versions of Python, of NumPy's linear algebra and of `packages`; None for what is not installed."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "python": platform.python_version(),
        "BLAS of numpy": f"{blas['name']} {blas.get('version', '')}".strip(),
        **{package: _version(package) for package in packages},
    }


def write(question: str, result: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write a result whole, in place of the one before."""
    folder.mkdir(exist_ok=True)
    path, new = folder / f"{question}.json", folder / f"{question}.json.new"
    dated = {"question": question, "date": datetime.now(UTC).date().isoformat(), **result}
    new.write_text(json.dumps(dated, indent=1) + "\n", encoding="utf-8")
    return new.replace(path)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
