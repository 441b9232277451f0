"""Full and read-only disks.

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
from tests.faults.action_checks import ActionCheck, FaultOutcome, action_checks, report_row
from tests.faults.actions import ACTIONS, WITHOUT_FILE_WRITES
from tests.faults.report_rows import Row

SIZES = (0, 1, 60, 150, 200, 300, 500, 800, 1_500, 3_000, 6_000, 20_000)
"""Limits of a file's size, in bytes."""
PAGES = range(12)
"""Numbers of free pages of 4 KB."""
INODES = range(6)
"""Numbers of files and folders that can still be made."""
_PAGE = 4_096
_FILLER = "filler"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system of two megabytes in memory."""

    path: Path

    @contextmanager
    def full(self, *, but: int = 0) -> Iterator[None]:
        """Fill the disk, except so many pages."""
        filler = self.path / _FILLER
        state = os.statvfs(self.path)
        filler.write_bytes(bytes(state.f_bavail * state.f_frsize - but * _PAGE))
        try:
            yield
        finally:
            filler.unlink()

    @contextmanager
    def without_inodes(self, *, but: int = 0) -> Iterator[None]:
        """Use up the inodes, except so many."""
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
        """Forbid every write, even to the superuser."""
        remount = ["mount", "-o", "remount,ro", str(self.path)]
        subprocess.run(remount, check=True)
        try:
            yield
        finally:
            subprocess.run([*remount[:2], "remount,rw", remount[3]], check=True)


@contextmanager
def small_disk(path: Path) -> Iterator[SmallDisk]:
    """Mount a small disk.

    Raises:
        PermissionError: mounting is not allowed here.
    """
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
    """Limit the files of this process to `size` bytes: a full disk where none can be mounted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def run_on_full_disk(
    check: ActionCheck, point: str, full: AbstractContextManager[None]
) -> FaultOutcome | None:
    """Do an action while the disk is full; None if there was room enough."""
    with check.home() as home:
        steps, acknowledged = check.action(home), 0
        next(steps)
        try:
            with full:
                for _ in steps:
                    acknowledged += 1
        except StoreError as error:
            if "make room" not in str(error):
                return FaultOutcome(point, torn=f"no remedy in '{error}'")
        else:
            return None
        if left := [*home.rglob(".writing-*")]:
            return FaultOutcome(point, torn=f"left behind: {left}")
        return check.inspect(home, point, acknowledged=acknowledged, under_way=0)


def limit_file_size(check: ActionCheck, sizes: Iterable[int] = SIZES) -> list[FaultOutcome]:
    """Do an action under each limit of a file's size, and return the outcomes of the refusals."""
    outcomes = (
        run_on_full_disk(check, f"no file over {size} bytes", no_file_over(size)) for size in sizes
    )
    return [outcome for outcome in outcomes if outcome is not None]


def limit_disk_space(
    check: ActionCheck,
    disk: SmallDisk,
    *,
    pages: Iterable[int] = PAGES,
    inodes: Iterable[int] = INODES,
) -> list[FaultOutcome]:
    """Do an action on a disk that is nearly full, short of inodes, and read only.

    Args:
        check: the action.
        disk: the disk that holds its workspace.
        pages: numbers of free pages of 4 KB.
        inodes: numbers of free inodes.

    Returns:
        the outcomes of the refusals.
    """
    outcomes = [
        *(run_on_full_disk(check, f"{free} pages free", disk.full(but=free)) for free in pages),
        *(run_on_full_disk(check, f"{n} inodes free", disk.without_inodes(but=n)) for n in inodes),
        run_on_full_disk(check, "read only", disk.read_only()),
    ]
    return [outcome for outcome in outcomes if outcome is not None]


def table() -> list[Row]:
    """Do every action on full disks of every kind that this machine allows."""
    with TemporaryDirectory() as room:
        writing = [action for action in ACTIONS if action not in WITHOUT_FILE_WRITES]
        rows = [
            report_row(f"file limit: {check.name}", limit_file_size(check))
            for check in action_checks(Path(room), writing)
        ]
        try:
            with small_disk(Path(room) / "disk") as disk:
                rows += [
                    report_row(f"full disk: {check.name}", limit_disk_space(check, disk))
                    for check in action_checks(disk.path)
                ]
        except PermissionError as error:
            _log.warning("no full disk was tested: %s", error)
        return rows
