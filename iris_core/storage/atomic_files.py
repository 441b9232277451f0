"""Atomic writes: whatever fails meanwhile, a reader finds the old state or the new one.

A new state is written next to the old one, flushed to the disk and then renamed. A process that is
killed meanwhile leaves only a hidden folder, which a later write removes.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from iris_core.errors import StoreError

_WRITING = ".writing-"
_ABANDONED_AFTER = 24 * 3600.0


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an `OSError` into a `StoreError` that names `path`."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path}: expected to write there, received '{error.strerror or error}'. Nothing was "
            "changed; make room or give access, and try again."
        ) from error


@contextmanager
def scratch(root: Path) -> Iterator[Path]:
    """Yield a new folder on the file system of `root`, and remove it afterwards if still there.

    Raises:
        StoreError: the folder, or a file in it, cannot be written.
    """
    with writing(root):
        root.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(root)
        folder = Path(tempfile.mkdtemp(prefix=_WRITING, dir=root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def write_file(path: Path, content: bytes) -> None:
    """Create or replace a file.

    Raises:
        StoreError: it could not be written; it is as it was.
    """
    with scratch(path.parent) as folder:
        new = folder / path.name
        new.write_bytes(content)
        flush(new)
        new.replace(path)
        flush(path.parent)


def create_file(path: Path, content: bytes) -> bool:
    """Create a file; return False, and change nothing, if there is one of that name.

    Of several processes that create the same file at once, one gets True.

    Raises:
        StoreError: it could not be written; there is none.
    """
    with scratch(path.parent) as folder:
        new = folder / path.name
        new.write_bytes(content)
        flush(new)
        try:
            os.link(new, path)
        except FileExistsError:
            return False
        flush(path.parent)
        return True


def remove_file(path: Path) -> None:
    """Remove a file, if it is there.

    Raises:
        StoreError: it could not be removed.
    """
    with writing(path):
        path.unlink(missing_ok=True)


def remove_folder(path: Path) -> None:
    """Remove a folder in one step, so that nobody finds half of it.

    It needs no room, so that a full disk can be cleared.

    Raises:
        StoreError: it could not be removed; it is as it was.
    """
    with writing(path):
        _clear_abandoned(path.parent)
        hidden = path.with_name(f"{_WRITING}{secrets.token_hex(8)}")
        path.rename(hidden)
        shutil.rmtree(hidden, ignore_errors=True)


def append_lines(path: Path, lines: Sequence[str]) -> None:
    """Append lines to a file; they are on disk when this returns.

    A line end goes before them, so that they never continue a line that a crash cut short.

    Raises:
        StoreError: they could not be written completely; the lines before are as they were.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write("".join(f"\n{line}\n" for line in lines).encode())
        flush(path)


def read_lines(path: Path, what: str) -> list[str]:
    """Return the lines that were appended to a file, and what a crash left of others.

    There are none without a file.

    Args:
        path: of the file.
        what: it holds, for the message.

    Raises:
        StoreError: they cannot be read at all.
    """
    if not path.exists():
        return []
    try:
        return path.read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise StoreError(
            f"Give access to {path}, and try again: expected a file of {what}, received "
            f"'{error.strerror or error}'."
        ) from error


def flush(path: Path) -> None:
    """Flush a file or folder to the disk, so that it survives a power cut."""
    # Windows opens no folders, and needs no flush of them.
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _clear_abandoned(root: Path) -> None:
    """Remove the hidden folders that processes have left which were killed a day ago or earlier."""
    for path in root.glob(f"{_WRITING}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                shutil.rmtree(path, ignore_errors=True)
