"""Hostile names and text stay names and text, up to the exported file."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.answers import print_rows
from app.services.export import html_page
from app.services.export.csv_export import csv_bytes, records_csv
from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.model.models import Model, ModelCard, build
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.schema import Schema
from iris_core.storage.dataset_store import DataSetStore
from iris_core.storage.model_store import ModelStore
from tests.faults.budget import budget
from tests.iris_core.samples import data_set
from tests.records import records_of

FORMULA = "=cmd|'/C calc'!A0"

NAMES = [
    *("__class__", "constructor", "__proto__", "self", "None", "nan", "0", "index", "Unnamed: 0"),
    *("../x", "/etc/passwd", "C:\\x", "a/b", "CON", ".", "%s", "%(row)s", "{0}", "{self}", "$HOME"),
    *("Row", "Class", "Class (feature)", "Actual", "Probability", "Features", "Reason", "S", "Run"),
    *("partition_key", "sort_key", "id", "label", "count", "species "),
    *("<script>alert(1)</script>", "&lt;", "![x](http://127.0.0.1/x)", "`x`", "a'b", 'a"b', "'"),
    *("\u202egpj.exe", "\u200b", "e\u0301", "\U0001f33c", "a\nb", "a;b", "a,b", "a\tb", "a|b"),
    *(FORMULA, "+1", "-1", "@a", "\uff1d1", "DROP TABLE x; --", "x" * 9_999),
]


@pytest.fixture(scope="module")
def untrained() -> Model:
    """Return an untrained network on columns and classes with all these names."""
    names = [name.strip() for name in NAMES]
    rng = np.random.default_rng(0)
    columns = {name: rng.normal(size=2 * len(names)) for name in names[1:]}
    kinds = pd.Series(names * 2, dtype="str")
    ds = data_set(pd.DataFrame({names[0]: kinds, **columns}))
    schema = Schema.fit(ds)
    network = build(ModelSpec(units=()), inputs=schema.width, classes=len(schema.classes))
    card = ModelCard(
        id="",
        name="../names",
        version=0,
        parent=None,
        created="2026-11-22T09:30:00.000+00:00",
        spec=ModelSpec(units=()),
        options=TrainOptions(),
        schema=schema,
        dataset_id=ds.id,
        dataset_name=ds.name,
        rows=ds.rows,
        history=(),
        metrics={},
        libraries={},
    )
    return Model(card, network)


def cells_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name[:20]) for name in NAMES])
def test_hostile_name_works_for_a_column_a_class_a_category_and_a_data_set(
    tmp_path: Path, name: str
) -> None:
    sink = io.StringIO()
    rows = [["kind", name, "soil"], [name, "1", name], ["y", "2", "clay"], ["z", "3", "p"]]
    csv.writer(sink).writerows(rows)
    home = tmp_path / "home"
    store = DataSetStore(home)
    with budget():
        ds = read_csv(sink.getvalue().encode(), name=name)
        again = store.load(store.add(ds).id)
    clean = name.strip()
    assert list(again.frame.columns) == ["kind", clean, "soil"]
    assert again.frame.to_numpy().tolist() == [[name, 1, name], ["y", 2, "clay"], ["z", 3, "p"]]
    assert again.id == read_csv(to_csv(ds), label="kind").id
    assert list(tmp_path.iterdir()) == [home]
    assert {path.name for path in home.rglob("*.*")} == {"data.csv", "card.json"}


def test_record_of_hostile_names_is_exported_field_by_field(untrained: Model) -> None:
    schema = untrained.card.schema
    names = [schema.label, *(feature.name for feature in schema.features)]
    classes = [*schema.classes, FORMULA]
    frame = pd.DataFrame({name: np.arange(len(classes)) + 0.5 for name in names[1:]})
    frame.insert(0, names[0], pd.Series(classes, dtype="str"))
    with budget():
        records = list(records_of(untrained, data_set(frame)))
        header, first, *_ = cells_of(records_csv(records))
    assert [record.actual_string for record in records] == classes
    assert len(set(header)) == len(header) == 5 + len(names)
    assert first[6:] == ["0.5"] * (len(names) - 1)
    assert {f"'{FORMULA}", "Class (feature)", "Class (feature) (feature)"} <= set(header)


def test_model_of_hostile_names_stays_in_the_workspace(tmp_path: Path, untrained: Model) -> None:
    home = tmp_path / "home"
    store = ModelStore(home)
    saved = store.import_bundle(store.export(store.save(untrained).card.id))
    assert saved.card.id == "names-v2"
    assert saved.card.schema == untrained.card.schema
    assert list(tmp_path.iterdir()) == [home]


# Text, and its cell in a spreadsheet.
EXPORTED = [
    pytest.param(FORMULA, f"'{FORMULA}", id="command"),
    pytest.param('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")', id="link"),
    pytest.param("+1+cmd", "'+1+cmd", id="plus"),
    pytest.param("-2+3", "'-2+3", id="minus"),
    pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
    pytest.param("\t=1", "'\t'=1", id="tab in front"),
    pytest.param("\r=1", "'\r'=1", id="carriage return in front"),
    pytest.param("\n=1", "'\n'=1", id="line feed in front"),
    pytest.param("\0=1", "'\0=1", id="NUL in front"),
    pytest.param("\uff1d1+1", "'\uff1d1+1", id="full-width"),
    pytest.param("x;=1+1", "x;'=1+1", id="behind a semicolon"),
    pytest.param('x;"=1+1"', 'x;\'"=1+1"', id="behind a semicolon and a quote"),
    pytest.param("first\n=1+1", "first\n'=1+1", id="on the second line"),
    pytest.param("-1e5x", "'-1e5x", id="almost a number"),
    pytest.param("-\u0661", "'-\u0661", id="Arabic digit"),
    pytest.param("-5.1", "-5.1", id="negative number"),
    pytest.param("+3", "+3", id="number with a sign"),
    pytest.param("-1e-05", "-1e-05", id="number with an exponent"),
    pytest.param("a=b", "a=b", id="sign within"),
    pytest.param("setosa", "setosa", id="word"),
    pytest.param("<b>x</b>", "<b>x</b>", id="HTML"),
    pytest.param("\u202ex", "\u202ex", id="bidi text"),
]


@pytest.mark.parametrize(("text", "expected"), EXPORTED)
def test_formula_gets_an_apostrophe_and_other_text_does_not(
    capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    assert cells_of(csv_bytes([text], [[text]])) == [[expected], [expected]]
    print_rows([{"Class": text}], as_csv=True)
    assert cells_of(capsys.readouterr().out.encode()) == [["Class"], [expected]]


class Tags(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "</td></table><img src=x onerror=y>",
        "&lt;b&gt;",
        "a\"b'c",
        "]]>",
    ],
)
def test_report_shows_hostile_text_as_text(text: str) -> None:
    def tags(word: str) -> Tags:
        parser = Tags()
        table = html_page.table([word, word], [(word, word)], caption=word)
        content = html_page.paragraph(word) + html_page.facts([(word, word)]) + table
        parser.feed(html_page.page(word, html_page.section(word, content)))
        return parser

    assert tags(text).tags == tags("harmless").tags
    assert tags(text).text.count(text) == tags("harmless").text.count("harmless")
