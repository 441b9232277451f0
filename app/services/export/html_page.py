"""An HTML page that needs nothing else, and the parts that it is made of.

Every text is escaped, and a content security policy forbids what an escape could ever miss. Light
or dark is the reader's own setting; on paper it is black on white, and no row or chart is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

from app.services.export.theme import theme

Tone = Literal["good", "warning", "neutral"]
"""Of a headline: as it should be, for a person to look at, or neither."""

_HEAD_START = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
"""
_HEAD_END = """
body { background: var(--back); color: var(--text); margin: 2rem auto; max-width: 60rem;
  font: 1rem/1.5 "Source Sans", "Source Sans 3", "Source Sans Pro", system-ui, sans-serif;
  padding: 0 1rem; overflow-wrap: break-word; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
h1 { font-size: 2rem; margin-bottom: .4rem; }
h2 { font-size: 1.4rem; margin: 2.4rem 0 .4rem; border-top: 1px solid var(--line);
  padding-top: 1rem; }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .3rem; }
p { margin: .4rem 0; max-width: 46rem; }
p.soft, caption { color: var(--soft); } caption { text-align: left; padding-bottom: .3rem; }
div.headline { background: var(--panel); border-left: 6px solid var(--mark); border-radius: 6px;
  padding: .8rem 1.1rem; margin: 1rem 0; }
div.headline p:first-child { font-size: 1.25rem; font-weight: 600; line-height: 1.35; }
div.good { border-color: var(--good); } div.warning { border-color: var(--warning); }
div.wide { overflow-x: auto; margin: .6rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem 1.1rem .3rem 0; text-align: left;
  vertical-align: top; }
th, td { overflow-wrap: break-word; max-width: 15rem; }
table.facts td { max-width: 38rem; }
tbody th { font-weight: 400; }
th.number, td.number { text-align: right; }
td.right { outline: 2px solid var(--mark); outline-offset: -3px; }
pre { background: var(--panel); border-radius: 6px; padding: .7rem .9rem; white-space: pre-wrap;
  font: .875rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
svg { display: block; max-width: 100%; height: auto; margin: .8rem 0; }
svg text { fill: var(--text); font-size: 13px; }
svg .mark { fill: var(--mark); } svg .reference { fill: var(--soft); }
svg .bar { fill: var(--mark); fill-opacity: .45; }
svg .whisker { stroke: var(--mark); stroke-width: 2; fill: none; }
svg .whisker.reference { stroke: var(--soft); }
svg .grid { stroke: var(--line); fill: none; }
svg .diagonal { stroke: var(--soft); stroke-dasharray: 5 4; fill: none; }
@page { margin: 16mm 15mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); } }
@media print {
  :root { color-scheme: light; --back: white; --text: black; --soft: black; --line: silver;
    --panel: white; --mark: black; --good: black; --warning: black; }
  table { font-size: 9.5pt; } th, td { padding-right: .8rem; max-width: 11rem; }
  body { font-size: 10.5pt; margin: 0; max-width: none; padding: 0; }
  div.wide { overflow: visible; }
  div.headline { border: 1px solid black; border-left-width: 6px; }
  h1, h2, h3, caption { break-after: avoid; }
  thead { display: table-header-group; }
  tr, svg, pre, div.headline, table.short { break-inside: avoid; }
  p { orphans: 3; widows: 3; }
}
</style>
"""
_SHORT_ROWS = 14
"""Rows of a table that is not cut on paper: it fits on a page with room to spare."""


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
        f"--soft: {colours.muted}; --line: {colours.line}; --mark: {colours.primary}; "
        f"--panel: {colours.panel}; --good: {colours.good}; --warning: {colours.warning}; }}"
    )


def headline(sentences: Sequence[str], tone: Tone) -> str:
    """Return what matters most, the first sentence in large letters."""
    lines = "".join(f"<p>{escape(text)}</p>\n" for text in sentences)
    return f'<div class="headline {tone}">\n{lines}</div>\n'


def paragraph(text: str) -> str:
    """Return a paragraph of plain text."""
    return f"<p>{escape(text)}</p>\n"


def remark(text: str) -> str:
    """Return a paragraph of plain text that explains what stands beside it."""
    return f'<p class="soft">{escape(text)}</p>\n'


def commands(lines: Iterable[str]) -> str:
    """Return commands as they are entered, one a line."""
    return f"<pre>{escape(chr(10).join(lines))}</pre>\n"


def section(title: str, content: str) -> str:
    """Return a part of the page with a heading; `content` is HTML."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}</section>\n"


def subsection(title: str, content: str) -> str:
    """Return a part of a section with a heading; `content` is HTML."""
    return f"<h3>{escape(title)}</h3>\n{content}"


def facts(rows: Iterable[tuple[str, object]]) -> str:
    """Return a table of names and values."""
    cells = [
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(str(value))}</td></tr>\n'
        for name, value in rows
    ]
    body = "".join(cells)
    return (
        f'<div class="wide">{_opened(len(cells), "facts")}<tbody>\n{body}</tbody>\n</table></div>\n'
    )


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    caption: str,
    words: Sequence[int] = (),
) -> str:
    """Return a table whose first column names each row.

    Args:
        header: of each column.
        rows: as many values as the header each.
        caption: above it.
        words: the columns that hold words, from 0; the first does, the others hold numbers.
    """
    kinds = ["" if place in (0, *words) else ' class="number"' for place in range(len(header))]
    head = "".join(
        f'<th scope="col"{kind}>{breakable(name)}</th>'
        for kind, name in zip(kinds, header, strict=True)
    )
    body = []
    for name, *values in rows:
        cells = "".join(
            f"<td{kind}>{escape(str(value))}</td>"
            for kind, value in zip(kinds[1:], values, strict=True)
        )
        body.append(f'<tr><th scope="row">{escape(str(name))}</th>{cells}</tr>\n')
    return wrapped(caption, head, body)


def wrapped(caption: str, head: str, body: Sequence[str]) -> str:
    """Return a table that scrolls on a narrow screen; `head` and the rows of `body` are HTML."""
    return (
        f'<div class="wide">{_opened(len(body))}<caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(body)}</tbody>\n</table></div>\n"
    )


def breakable(name: str) -> str:
    """Return a name as HTML that may be broken behind its underscores, as a column's in a head."""
    return escape(name).replace("_", "_<wbr>")


def _opened(rows: int, *kinds: str) -> str:
    """Return the start of a table; a short one is kept on one page of paper."""
    names = " ".join((*kinds, *(["short"] if rows <= _SHORT_ROWS else [])))
    return f'<table class="{names}">\n'
