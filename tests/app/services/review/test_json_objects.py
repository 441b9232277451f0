"""A JSON list is read object by object; what cannot be trusted is refused in a sentence."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.services.review import json_objects
from app.services.review.json_objects import is_json
from iris_core.errors import DataError

_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def read(path: Path) -> list[dict[str, object]]:
    numbered = list(json_objects.json_objects(path, "task"))
    assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
    return [entry for _, entry in numbered]


@given(
    objects=st.lists(st.dictionaries(st.text(), _VALUES, max_size=4), max_size=5),
    indent=st.sampled_from([None, 2]),
    ascii_only=st.booleans(),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf", b" \r\n\t"]),
    chunk=st.integers(1, 50),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_list_is_read_as_it_was_written_wherever_the_reading_pauses(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    objects: list[dict[str, Any]],
    indent: int | None,
    ascii_only: bool,
    mark: bytes,
    chunk: int,
) -> None:
    text = json.dumps(objects, indent=indent, ensure_ascii=ascii_only)
    path = tmp_path / "tasks.json"
    path.write_bytes(mark + text.encode(errors="replace"))
    monkeypatch.setattr(json_objects, "_CHUNK", chunk)
    assert is_json(path)
    assert read(path) == json.loads(path.read_text("utf-8-sig"))


def test_large_list_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_text(
        json.dumps([{"row": row, "text": "é" * 1_000} for row in range(8_000)]), "utf-8"
    )
    assert path.stat().st_size > 48_000_000
    tracemalloc.start()
    count = sum(1 for _ in json_objects.json_objects(path, "task"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, peak < 12_000_000) == (8_000, True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}', "expected a JSON list of tasks"),
        (b"[1]", "task 1: expected a JSON object, received '1'"),
        (b"[{}, 2]", "task 1: expected another object after the comma, received '2'"),
        (b"[{},]", "task 1: expected another object after the comma, received ']'"),
        (b"[{} {}]", "task 1: expected a comma"),
        (b"[{}", "task 1: expected a comma or ']' after it, received ''"),
        (b"[", "task 1: expected a JSON object, received ''"),
        (b"[{}] x", "expected nothing after the list, received 'x'"),
        (b'[{}, {"a": ]', "task 2: expected a JSON object of at most 8,000,000 characters"),
        (b'[{"a": NaN}]', "task 1: expected a finite number, received NaN"),
        (b'[{"a": -Infinity}]', "task 1: expected a finite number, received -Infinity"),
        (b'[{"a": 1e999}]', "task 1: expected a finite number, received 1e999"),
        (
            b'[{"a": ' + b"9" * 5_000 + b"}]",
            "expected numbers of at most 40 digits, received 5,000",
        ),
        (b'[{"a": 1.' + b"0" * 5_000 + b"}]", "expected numbers of at most 40 digits"),
        (b'[{"a": {"b": 1, "c": 1, "b": 2}}]', "expected each name once, received 'b' twice"),
        (
            b'[{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
            "task 1: expected lists within lists",
        ),
        (b'[{"a": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001 + b"]", "lists within lists"),
        (b'[{"a": "\xff"}]', "expected JSON in UTF-8"),
        (b'[{"a": "\xc3', "expected JSON in UTF-8"),
    ],
)
def test_what_cannot_be_trusted_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    assert is_json(path)
    with pytest.raises(DataError, match=r"bad\.json") as refused:
        read(path)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MAX_BYTES", 20, "import it in parts: expected at most 20 bytes, received 21"),
        ("MAX_OBJECTS", 2, "import it in parts: expected at most 2 tasks, received more"),
        ("MAX_CHARACTERS", 5, "task 2: expected a JSON object of at most 5 characters"),
    ],
)
def test_limits_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, message: str
) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b'[{},{"abcdefg":1},{}]')
    monkeypatch.setattr(json_objects, "_CHUNK", 1)
    monkeypatch.setattr(json_objects, limit, value)
    with pytest.raises(DataError, match=message):
        read(path)


@pytest.mark.parametrize(
    "content", [b"", b"fingerprint,verdict\n", b'"[",verdict\n', b"\xff\xfe[\0"]
)
def test_other_files_are_no_json(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert not is_json(tmp_path / "file")
    assert not is_json(tmp_path / "none")
