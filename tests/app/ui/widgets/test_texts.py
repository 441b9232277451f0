"""Texts of other people on the screen: text, whatever Streamlit would make of it."""

from __future__ import annotations

import re

import pytest
import streamlit as st

from app.ui.widgets.texts import counted, plain, sentence, when

JOINER = "\u2060"
MARKUP = (
    "**b** _i_ ~~s~~ `c`", "[a](javascript:alert(1))", "![i](https://x)", ":red[x] :blue-badge[y]",
    ":material/home: :material_home: :streamlit:", "$x$ $$y$$", "<b>b</b><script>",
    "&lt;b&gt; &copy;",
    "https://evil.example www.evil.example WWW.e.x me@evil.example", "a -> b <- c <-> d -- e >= f",
    "# head", "> quote", "- item", "1. item", "| a | b |", "x^2^ {.cls} ::name[x]", "=1+1 @cmd",
    "\\ \\alpha x\\",
)  # fmt: skip


def seen(markdown: str) -> str:
    """What a reader of Markdown sees of a text in which every mark is escaped."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace(JOINER, "")


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_escaped_and_seen_as_it_was_written(text: str) -> None:
    escaped = plain(text)
    assert seen(escaped) == text
    # No mark is left without a backslash before it.
    assert not re.search(r"(?<!\\)[*_~$\[\]<>#:|{}+=&`]", escaped.replace("\\\\", ""))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (":material/home:", ":material/"), ("https://x", "://"), ("www.x.y", "www."),
        ("WWW.x.y", "WWW."), ("me@x.y", "e@"), ("->", "->"), ("<->", "<-"), ("--", "--"),
        (":streamlit:", ":streamlit"),
    ],
)  # fmt: skip
def test_what_streamlit_replaces_even_when_escaped_is_taken_apart(text: str, whole: str) -> None:
    assert whole not in plain(text).replace("\\", "")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  lead, end\t", "lead, end"),
        ("a\n===\n\n    code", "a \\=\\=\\= code"),
        ("a\r\nb\u2028c", "a b c"),
        ("nul\x00 bell\x07", "nul\ufffd bell\ufffd"),
        ("\u202eevil\u202c", "\ufffdevil\ufffd"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("   ", ""),
    ],
)
def test_text_is_one_line_that_turns_nothing_around(text: str, line: str) -> None:
    assert plain(text) == line


def test_message_keeps_its_code_and_nothing_else() -> None:
    assert sentence("Say `cli.py runs` *now*.") == "Say `cli.py runs` \\*now\\*."
    # Backticks that a cell brings along do not let its markup through.
    for cell in ("`:red[x]```", "``:red[x]`", "`[a](https://x)````"):
        assert ":red[" not in sentence(f"received '{cell}'.")
        assert "[a](" not in sentence(f"received '{cell}'.")


@pytest.mark.parametrize("zone", [None, "", "Etc/Unknown", "../../etc/passwd", "a\x00b", "x" * 500])
def test_moment_is_written_whatever_zone_a_browser_says(
    zone: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(st.context), "timezone", zone)
    assert when("2026-01-02T03:04:05+00:00").hour == 3


def test_names_that_are_not_listed_are_counted_with_their_rows() -> None:
    counts = {"setosa": 1_200, "versicolor": 40, "virginica": 30}
    assert counted(counts, most=1) == "'setosa' (1,200) and 2 others (70 together)"
    assert counted(counts) == "'setosa' (1,200), 'versicolor' (40), 'virginica' (30)"
