"""An HTML page that needs nothing else, and the parts that it is made of.

Every text is escaped, and a content security policy forbids what an escape could ever miss. Light
or dark is the reader's own setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

from app.services.export.theme import theme

_HEAD_START = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
"""
_HEAD_END = """
body { background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
  margin: 2rem auto; max-width: 60rem; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
p, caption { color: var(--soft); } caption { text-align: left; padding-bottom: .3rem; }
div.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left;
  vertical-align: top; }
td.number { text-align: right; }
td.right { outline: 2px solid var(--mark); outline-offset: -3px; }
svg { max-width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 11px; }
svg .bar { fill: var(--mark); } svg .line { stroke: var(--soft); fill: none; }
</style>
"""


def page(title: str, content: str) -> str:
    """Return a whole page; `content` is HTML."""
    return (
        f"{_HEAD_START}{_colours()}{_HEAD_END}"
        f"<title>{escape(title)}</title>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{content}</main>\n</body>\n</html>\n"
    )


def _colours() -> str:
    """Return the CSS that names the theme's colours, light or dark as the reader has set it."""
    dark = f"@media (prefers-color-scheme: dark) {{ {_properties('dark')} }}"
    return f":root {{ color-scheme: light dark; }}\n{_properties('light')}\n{dark}"


def _properties(scheme: Literal["light", "dark"]) -> str:
    """Return one theme's colours as CSS variables."""
    colours = theme(scheme)
    return (
        f":root {{ --back: {colours.background}; --text: {colours.text}; "
        f"--soft: {colours.muted}; --line: {colours.line}; --mark: {colours.primary}; }}"
    )


def paragraph(text: str) -> str:
    """Return a paragraph of plain text."""
    return f"<p>{escape(text)}</p>\n"


def section(title: str, content: str) -> str:
    """Return a part of the page with a heading; `content` is HTML."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}</section>\n"


def facts(rows: Iterable[tuple[str, object]]) -> str:
    """Return a table of names and values."""
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(str(value))}</td></tr>\n'
        for name, value in rows
    )
    return f'<div class="wide"><table>\n<tbody>\n{body}</tbody>\n</table></div>\n'


def table(header: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str) -> str:
    """Return a table whose first column names each row."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = ""
    for name, *values in rows:
        cells = "".join(f'<td class="number">{escape(str(value))}</td>' for value in values)
        body += f'<tr><th scope="row">{escape(str(name))}</th>{cells}</tr>\n'
    return wrapped(caption, head, body)


def wrapped(caption: str, head: str, body: str) -> str:
    """Return a table that scrolls on a narrow screen; `head` and `body` are HTML."""
    return (
        f'<div class="wide"><table>\n<caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )
