"""Where compiled code is kept, so that a machine compiles once: a folder of the user's, new for every version.

numba looks for changes in the file of a function alone, and not in what it calls. So the folder's name has a hash of
all sources of the package that can be compiled, of numba's and llvmlite's versions, and of the processor. Where the
folder cannot be written, every process compiles for itself, and says so.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numba
import numpy as np
from llvmlite import binding
from numba import cfunc
from numba.core.errors import NumbaError

import chainrule

__all__ = ["cache_folder", "compiled_function", "source_hash"]

COMPILED_FOLDERS = ("engines/compiled", "functions", "optimizers")
"""Of the package: what may become machine code."""

_LOCK = threading.RLock()
"""One thread compiles at a time."""


@cache
def cache_folder() -> Path:
    """The folder of this version's code; it need not exist yet.

    It is in that which the environment variable CHAINRULE_CACHE_DIR names, else in ``chainrule`` in that of
    XDG_CACHE_HOME, else in ``chainrule`` where the system keeps its users' caches.
    """
    if own := os.environ.get("CHAINRULE_CACHE_DIR"):
        base = Path(own)
    elif caches := os.environ.get("XDG_CACHE_HOME"):
        base = Path(caches) / "chainrule"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path("~/AppData/Local").expanduser()) / "chainrule"
    elif sys.platform == "darwin":
        base = Path("~/Library/Caches/chainrule").expanduser()
    else:
        base = Path("~/.cache/chainrule").expanduser()
    return base.absolute() / f"compiled-{source_hash()}"


def source_hash() -> str:
    """A hash of everything that the machine code, or numba's finding it again, depends on."""
    root, found = Path(chainrule.__file__).parent, hashlib.sha256()
    templates = root / "engines" / "compiled" / "kernels.py"  # numba compares where it is and when it was written
    found.update(f"{templates}\0{templates.stat().st_mtime_ns}\0".encode())
    for folder in COMPILED_FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    versions = [sys.version, numba.__version__, metadata.version("llvmlite"), np.__version__]
    processor = [binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()]
    found.update(
        "\0".join([*versions, *processor, numba.config.CPU_NAME or "", numba.config.CPU_FEATURES or ""]).encode()
    )
    return found.hexdigest()[:20]


def compiled_function(function: Callable[..., None], signature: Any, **options: Any) -> Any:
    """A function in machine code, from the folder where it is there; else it is compiled, and kept there.

    Its name must be its own among all that are compiled. In each process, the first that is compiled is announced.
    """
    with _LOCK:
        if not _keeps_code():
            return cfunc(signature, **options)(function)
        for _ in range(2):
            if not _files(function.__name__):
                _announce_compiling()
            try:
                with _numba_keeps_code_in(cache_folder()):
                    return cfunc(signature, cache=True, **options)(function)
            except NumbaError:
                raise
            except Exception:  # a damaged file fails in many ways, a full disk too: once more, without the file
                for path in _files(function.__name__):
                    path.unlink(missing_ok=True)
        return cfunc(signature, **options)(function)


def _files(name: str) -> list[Path]:
    """What numba has kept of a function, in a folder of its own making."""
    return list(cache_folder().glob(f"*/*.{name}-*"))


@contextmanager
def _numba_keeps_code_in(folder: Path) -> Iterator[None]:
    """While in this context, what numba compiles with ``cache=True`` is kept in the folder.

    The setting is numba's for the whole process, so it is put back at once. What another thread decorates with
    ``cache=True`` in that moment is kept there too, which costs it nothing but a second compiling later.
    """
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


@cache
def _keeps_code() -> bool:
    """Whether the folder, which is made, can be written; where not, a sentence says so, once in a process."""
    try:
        folder = cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_is_the_users_alone(folder)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except (OSError, RuntimeError) as error:  # RuntimeError: nobody knows where the user's home is
        _say(
            f"chainrule cannot keep compiled code ({error}), so that every new process compiles for itself, which "
            "takes about 10 seconds. Set the environment variable CHAINRULE_CACHE_DIR to a folder that can be written."
        )
        return False


def _check_is_the_users_alone(folder: Path) -> None:
    """Refuse a folder into which others may put machine code, which this process would then run.

    Raises
    ------
    PermissionError
        If it, or the one that it is in, belongs to somebody else or may be written by others.
    """
    if not hasattr(os, "getuid"):  # Windows: folders of a user are his own
        return
    for path, shared in ((folder, 0), (folder.parent, stat.S_ISVTX)):
        status = path.stat()
        others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not status.st_mode & shared
        if others or (status.st_uid not in (os.getuid(), 0)):
            raise PermissionError(f"others than you may write to {path}")


@cache
def _announce_compiling() -> None:
    """Say so, once in a process, before the first function is compiled."""
    if any(cache_folder().glob("*/*.nbc")):
        _say("chainrule compiles what this training needs and no earlier one did; this takes a few seconds, once.")
    else:
        _say("chainrule compiles its engine for this machine, which takes about 10 seconds, once.")


def _say(sentence: str) -> None:
    if sys.stderr is not None:  # as it is where a program has no console
        print(sentence, file=sys.stderr, flush=True)
