"""Where compiled code is kept, so that a machine compiles once: a folder of the user's, new for every version.

numba looks for changes in the file of a function alone, and not in what it calls. So the folder's name has a hash of
all sources of the package that can be compiled, of numba's and llvmlite's versions, and of the processor.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path

import numba
import numpy as np
from llvmlite import binding

import chainrule

__all__ = ["cache_folder", "cached_code"]

COMPILED_FOLDERS = ("engines/compiled", "functions", "optimizers")
"""Of the package: what may become machine code."""

_LOCK = threading.RLock()


@cache
def cache_folder() -> Path:
    """The folder of this version's code; it need not exist yet."""
    given = os.environ.get("CHAINRULE_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if os.environ.get("CHAINRULE_CACHE_DIR"):
        base = Path(given or "")
    elif given:
        base = Path(given) / "chainrule"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "chainrule"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches" / "chainrule"
    else:
        base = Path.home() / ".cache" / "chainrule"
    return base / f"compiled-{source_hash()}"


def source_hash() -> str:
    """A hash of everything that the machine code depends on."""
    root, found = Path(chainrule.__file__).parent, hashlib.sha256()
    for folder in COMPILED_FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    versions = [sys.version, numba.__version__, metadata.version("llvmlite"), np.__version__]
    processor = [binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()]
    found.update(
        "\0".join([*versions, *processor, numba.config.CPU_NAME or "", numba.config.CPU_FEATURES or ""]).encode()
    )
    return found.hexdigest()[:20]


@contextmanager
def cached_code() -> Iterator[None]:
    """While in this context, what numba compiles with ``cache=True`` is kept in the folder.

    The setting is numba's for the whole process, so it is put back at once, and other functions keep their places.
    """
    with _LOCK:
        before = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(cache_folder())
        try:
            yield
        finally:
            numba.config.CACHE_DIR = before
