"""What is installed is fixed: every package in one version, every file by its hash."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "bench/requirements.lock",
    "bench/tables.lock",
)
PIN = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"^ {4}--hash=sha256:[0-9a-f]{64}( \\)?$")
ASKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+?)(?:;|$)", re.MULTILINE)


def text_of(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def pins(name: str) -> set[tuple[str, str]]:
    """The packages of a lock file with their versions."""
    return set(PIN.findall(text_of(name)))


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_file_has_hashes(name: str) -> None:
    lines = [line for line in text_of(name).splitlines() if not line.startswith("#")]
    assert lines
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if PIN.match(line):
            assert HASH.match(following), f"{line} has no hash"
        else:
            assert HASH.match(line), line


def test_lock_files_and_constraints_name_the_same_versions() -> None:
    assert pins("requirements-dev.lock") == pins("constraints.txt")
    assert pins("requirements.lock") <= pins("requirements-dev.lock")


@pytest.mark.parametrize("name", [lock.removesuffix(".lock") for lock in LOCKS])
def test_lock_file_holds_all_that_is_required(name: str) -> None:
    text = text_of(f"{name}.txt")
    asked = {(package.lower(), version) for package, version in ASKED.findall(text)}
    assert len(asked) == len(re.findall(r"^\w", text, re.MULTILINE)) > 1
    assert asked <= pins(f"{name}.lock")


def test_make_installs_nothing_without_checking_its_hash() -> None:
    makefile = text_of("Makefile")
    installs = re.findall(
        r"^\t\S+python \$\(INSTALL\) (\S+)(?: --no-deps)?$", makefile, re.MULTILINE
    )
    assert installs == [*LOCKS]
    assert re.search(r"^INSTALL := .* --require-hashes -r$", makefile, re.MULTILINE)
    assert makefile.count("pip install") == 1


def test_lock_files_name_no_index() -> None:
    for name in ("constraints.txt", *LOCKS):
        assert "://" not in text_of(name), name
