"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from chainrule.errors import ChainruleError, FileNotWritten, InvalidType

__all__ = ["whole_file", "write_whole"]


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file under a temporary name beside its place, sync it, and rename it.

    Whoever reads `path`, at any moment and after a crash, finds the old content or the new one, nothing between.

    Raises
    ------
    FileNotWritten
        With the reason of the system; `path` is as it was.
    """
    with whole_file(path) as file:
        file.write(content)


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write to part by part, which takes its place when all of it is there, as in `write_whole`.

    Where the block ends by an error, or the process is killed, `path` is as it was.

    Raises
    ------
    FileNotWritten
        With the reason of the system, also where the block itself could not write.
    """
    target = _place(path)
    temporary: Path | None = None
    try:
        beside = target.parent / f".{target.name[:100]}.{secrets.token_hex(8)}.part"
        with open(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "wb") as file:
            temporary = beside
            if target.exists():
                os.chmod(beside, stat.S_IMODE(target.stat().st_mode))  # who may read it stays as it was
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
        temporary = None
        _sync_folder(target.parent)
    except OSError as error:
        if isinstance(error, ChainruleError):
            raise  # of the block, about something else
        raise FileNotWritten(
            f"{target} could not be written: {error.strerror or error}. What was there before is as it was."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _place(path: str | os.PathLike[str]) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise InvalidType(f"The path of a file is a string or a Path, not {path!r}.")
    try:
        target = Path(os.path.realpath(path))  # through a link, to the file that it points to
        something_else = target.exists() and not target.is_file()
    except (OSError, ValueError) as error:
        raise FileNotWritten(f"No file can be written to {str(path)[:200]!r}: {error}.") from error
    if something_else:
        raise FileNotWritten(f"{path} is not a regular file, and only such a file can be replaced whole.")
    return target


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last; a folder can be opened for that on POSIX systems alone."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # a folder that may be written to but not read; the file itself is in place and synced
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
