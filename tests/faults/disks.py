"""Disks that take no more.

What cannot be written raises a typed error with its remedy. The workspace then shows exactly what
was acknowledged, and nothing of the rest is left behind.
"""

from __future__ import annotations

import logging
import os
import resource
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from iris_core.errors import StoreError
from tests.faults.deeds import DEEDS, NO_FILE
from tests.faults.rows import Row
from tests.faults.trials import Harm, Trial, row, trials

SIZES = (0, 1, 60, 150, 200, 300, 500, 800, 1_500, 3_000, 6_000, 20_000)
"""Bytes that a file may have."""
PAGES = range(12)
"""Pages of 4 KB that are free."""
NAMES = range(6)
"""Files and folders that can still be made."""
_PAGE = 4_096
_FILLER = "filler"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system of two megabytes in memory."""

    path: Path

    @contextmanager
    def full(self, *, but: int = 0) -> Iterator[None]:
        """Leave so many pages free."""
        filler = self.path / _FILLER
        state = os.statvfs(self.path)
        filler.write_bytes(bytes(state.f_bavail * state.f_frsize - but * _PAGE))
        try:
            yield
        finally:
            filler.unlink()

    @contextmanager
    def out_of_names(self, *, but: int = 0) -> Iterator[None]:
        """Leave room for so many files and folders more."""
        folder = self.path / _FILLER
        folder.mkdir()
        for number in range(os.statvfs(self.path).f_favail - but):
            (folder / str(number)).touch()
        try:
            yield
        finally:
            shutil.rmtree(folder)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Let nobody write, not even the superuser."""
        remount = ["mount", "-o", "remount,ro", str(self.path)]
        subprocess.run(remount, check=True)
        try:
            yield
        finally:
            subprocess.run([*remount[:2], "remount,rw", remount[3]], check=True)


@contextmanager
def small_disk(path: Path) -> Iterator[SmallDisk]:
    """Mount a small disk; raises `PermissionError` where that is not allowed."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2M,nr_inodes=300", "tmpfs", str(path)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PermissionError(f"no file system can be mounted here: {error}") from error
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", str(path)], check=True)


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """Let no file of this process grow over `size` bytes: a full disk where none can be mounted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def harm(trial: Trial, point: str, full: AbstractContextManager[None]) -> Harm | None:
    """Do a deed while the disk is full; None if there was room enough."""
    with trial.home() as home:
        steps, acknowledged = trial.deed(home), 0
        next(steps)
        try:
            with full:
                for _ in steps:
                    acknowledged += 1
        except StoreError as error:
            if "make room" not in str(error):
                return Harm(point, torn=f"no remedy in '{error}'")
        else:
            return None
        if left := [*home.rglob(".writing-*")]:
            return Harm(point, torn=f"left behind: {left}")
        return trial.look(home, point, acknowledged=acknowledged, under_way=0)


def harms_by_size(trial: Trial, sizes: Iterable[int] = SIZES) -> list[Harm]:
    """Do a deed where no file may have more than each of so many bytes."""
    found = (harm(trial, f"no file over {size} bytes", no_file_over(size)) for size in sizes)
    return [made for made in found if made is not None]


def harms_by_room(
    trial: Trial, disk: SmallDisk, *, pages: Iterable[int] = PAGES, names: Iterable[int] = NAMES
) -> list[Harm]:
    """Do a deed on a disk with so many pages free, with names for so many files, and read only."""
    found = [
        *(harm(trial, f"{free} pages free", disk.full(but=free)) for free in pages),
        *(harm(trial, f"{free} names free", disk.out_of_names(but=free)) for free in names),
        harm(trial, "read only", disk.read_only()),
    ]
    return [made for made in found if made is not None]


def table() -> list[Row]:
    """Do every deed on full disks of every kind that this machine allows."""
    with TemporaryDirectory() as room:
        writing = trials(Path(room), [deed for deed in DEEDS if deed not in NO_FILE])
        rows = [row(f"file limit: {each.name}", harms_by_size(each)) for each in writing]
        try:
            with small_disk(Path(room) / "disk") as disk:
                on_disk = trials(disk.path)
                rows += [
                    row(f"full disk: {each.name}", harms_by_room(each, disk)) for each in on_disk
                ]
        except PermissionError as error:
            _log.warning("no full disk was tried: %s", error)
        return rows
