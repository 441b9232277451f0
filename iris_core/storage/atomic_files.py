"""Atomic writes: whoever looks, and whatever fails meanwhile, finds the old state or the new one.

What is new is written beside its place, flushed to the disk and then renamed. A process that is
killed meanwhile leaves but a hidden folder, which a later write clears away.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from iris_core.errors import StoreError

_WRITING = ".writing-"
_ABANDONED_AFTER = 24 * 3600.0


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn what the file system refuses into a `StoreError`."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{place}: expected to write there, received '{error.strerror or error}'. Nothing was "
            "changed; make room or give access, and try again."
        ) from error


@contextmanager
def scratch(root: Path) -> Iterator[Path]:
    """Give a new folder on the file system of `root`, and remove what is left of it after.

    Raises:
        StoreError: it, or what is done in it, cannot be written.
    """
    with writing(root):
        root.mkdir(parents=True, exist_ok=True)
        for path in root.glob(f"{_WRITING}*"):
            # Left by a process that was killed while it wrote.
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                    shutil.rmtree(path, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_WRITING, dir=root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def write_file(path: Path, content: bytes) -> None:
    """Write a file, or write it anew; raises `StoreError`, and then it is as it was."""
    with scratch(path.parent) as folder:
        fresh = folder / path.name
        fresh.write_bytes(content)
        flush(fresh)
        fresh.replace(path)
        flush(path.parent)


def remove_folder(path: Path) -> None:
    """Remove a folder: gone at once, whatever fails after; raises `StoreError` if it cannot be.

    It takes no room, so that a full disk can be cleared.
    """
    with writing(path):
        aside = path.with_name(f"{_WRITING}{secrets.token_hex(8)}")
        path.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def append_line(path: Path, line: str) -> None:
    """Append a line to a file; on disk when this returns.

    A blank line goes before it: a line that a crash tore ends there.

    Raises:
        StoreError: it cannot be written whole; readers find the lines before it.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(f"\n{line}\n".encode())
        flush(path)


def flush(path: Path) -> None:
    """Make a file or folder survive a power cut."""
    # Windows opens no folders, and needs no flush of them.
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
