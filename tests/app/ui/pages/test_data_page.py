"""The Data page, driven as a person would: any data set, hostile ones among them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from app.services.data.datasets import DEFAULT_DATA, import_table
from app.services.workspace import Workspace
from app.ui import state
from app.ui.navigation import script
from app.ui.pages.data.views import VIEWS
from app.ui.visit import visit_workspace
from app.ui.widgets.error_display import UNEXPECTED
from iris_core.data.csv_reading import read_csv
from iris_core.data.roles import RoleChoice
from iris_core.data.splitting import split
from iris_core.exploration.drift import DriftLevel
from iris_core.records.run import Run
from tests.app.driving import ROOT, open_view, press, texts

PAGE = ROOT / script("data")
HEADERS = ("<b>kind</b>", "=SUM(A1)", "**bold** [link](https://x)", "$x^2$ `code` :material/home:")
CELLS = ("<script>alert(1)</script>", "=1+1", "# head", "![i](https://x)", "@cmd", "_y_")


@pytest.fixture
def workspace(home: Path) -> Workspace:
    """The dashboard's services on an empty workspace."""
    return visit_workspace()


def start(**choices: object) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    for key, value in choices.items():
        app.session_state[key] = value
    return app.run()


def show(app: AppTest, view: str) -> AppTest:
    open_view(app, state.VIEW, view)
    assert not app.exception
    assert not app.error, app.error[0].value
    return app


def wine_csv() -> str:
    """Another subject: four classes, categories, missing values, semicolons."""
    rows = [
        ";".join(
            (
                str(number),
                ("Alto", "Baja", "Centro", "Delta")[number % 4],
                ("red", "white", "")[number % 3],
                "" if number % 9 == 0 else f"{11 + number % 4 + number % 7 / 10:.1f}",
                str(number % 5),
            )
        )
        for number in range(80)
    ]
    return "\n".join(("number;region;shade;alcohol;stars", *rows)) + "\n"


def hostile_csv() -> str:
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(HEADERS)
    for number in range(36):
        cells = (CELLS[number % 6], number % 7, CELLS[(number + 1) % 3], number / 8)
        writer.writerow(cells)
    return sink.getvalue()


def test_default_data_opens_on_its_rows_and_has_every_view(workspace: Workspace) -> None:
    app = start()
    assert "1,200 rows; the first 1,000 are shown." in texts(app)
    assert app.dataframe[0].value.shape == (1_000, 21)
    for view in VIEWS:
        show(app, view)
    show(app, "Compare")
    assert "There is no other data set to compare with." in texts(app)
    press(app, "Split …")
    assert app.session_state[state.SPLIT_OPEN] is True


def test_search_says_how_many_rows_match_of_how_many(workspace: Workspace) -> None:
    app = start()
    app.text_input(key=state.SEARCH).set_value(" Setosa  5.1 ").run()
    frame = read_csv(DEFAULT_DATA).frame
    setosa = frame[frame["species"] == "setosa"]
    numbers = setosa.iloc[:, 1:]
    expected = ((numbers >= 5.1) & (numbers < 5.2)).any(axis=1).sum()
    assert f"{expected:,} of 1,200 rows match." in texts(app)
    assert set(app.dataframe[0].value["species"]) == {"setosa"}
    assert set(app.dataframe[0].value.index) <= set(setosa.index)
    app.text_input(key=state.SEARCH).set_value("no such thing").run()
    assert "0 of 1,200 rows match." in texts(app)
    assert "No row matches." in texts(app)


def test_another_subject_goes_through_every_view(workspace: Workspace) -> None:
    dataset = import_table(
        workspace, wine_csv().encode(), name="wine.csv", choice=RoleChoice("region")
    )
    app = start(**{state.DATA_SET: dataset.id})
    assert (
        "80 rows · 3 features, of them 1 categorical · 1 column left out · 4 classes of **region**"
        in texts(app)
    )
    for view in VIEWS:
        show(app, view)
    profile = show(app, "Columns").dataframe[0].value.set_index("Column")
    assert profile.loc["shade", "Missing"] == 26
    assert profile.loc["alcohol", "Type"] == "number"
    assert "Alto (20)" in str(profile.loc["region", "Most common"])
    show(app, "Histogram")
    app.selectbox(key=state.HISTOGRAM_COLUMN).set_value("shade").run()
    assert app.slider(key=state.BINS).disabled
    assert "26 of 80 rows have no value here." in texts(app)
    show(app, "Scatter")
    app.selectbox(key=state.SCATTER_X).set_value("shade").run()
    assert not app.exception
    # AND the views follow another data set at once, with its own columns
    other = import_table(workspace, DEFAULT_DATA)
    app.run().selectbox(key=state.DATA_SET).set_value(other.id).run()
    assert not app.exception
    assert "alcohol" not in app.selectbox(key=state.SCATTER_X).options
    assert str(app.selectbox(key=state.SCATTER_X).value) in other.features


@pytest.mark.parametrize(
    ("label", "views"), [(HEADERS[0], VIEWS), (HEADERS[2], ("Columns", "Classes"))]
)
def test_hostile_names_and_cells_are_shown_as_text(
    workspace: Workspace, label: str, views: Sequence[str]
) -> None:
    # WHEN a file of markup and formulae comes in by the form
    app = start()
    app.file_uploader[0].set_value(("<b>*own*.csv", hostile_csv().encode(), "text/csv"))
    app.run().selectbox(key=state.UPLOAD_LABEL).set_value(label).run()
    press(app, "Add")
    # THEN nothing of it is read as markup, on any view
    for view in views:
        show(app, view)
        drawn = [*app.caption, *app.markdown, *app.info, *app.success]
        for written in (*HEADERS, "<b>*own*"):
            if any(mark in written for mark in "*[$"):
                assert not any(written in element.value for element in drawn)
    frame = show(app, "Rows").dataframe[0].value
    assert set(frame.columns) == set(HEADERS)
    assert set(frame[HEADERS[0]]) == set(CELLS)


def test_two_data_sets_are_compared_column_by_column(workspace: Workspace) -> None:
    base = import_table(workspace, DEFAULT_DATA)
    moved = base.frame.assign(leaf_area_cm2=base.frame["leaf_area_cm2"] + 40)
    other = base.with_rows("moved", moved)
    workspace.datasets.add(other)
    app = show(start(**{state.DATA_SET: other.id}), "Compare")
    stable, moderate, drifted, unknown = get_args(DriftLevel)
    counts = f"**1** {drifted}, **0** {moderate}, **20** {stable}."
    assert f"Columns: {counts}" in texts(app)
    assert app.selectbox(key=state.DRIFTED_COLUMN).value == "leaf_area_cm2"
    assert other.id not in app.selectbox(key=state.COMPARE_WITH).options
    # AND of too few rows nothing is said
    few, _ = split(other, test_share=0.98, seed=0)
    workspace.datasets.add(few)
    app = show(start(**{state.DATA_SET: few.id}), "Compare")
    assert f"**21** {unknown}." in texts(app)


def test_data_set_is_deleted_after_a_confirmation_that_names_it(workspace: Workspace) -> None:
    import_table(workspace, DEFAULT_DATA)
    wine = import_table(workspace, wine_csv().encode(), name="my wine", choice=RoleChoice("region"))
    workspace.journal.save(
        Run(
            id="20260101T000000.000000Z-0123456789abcdef",
            model="iris-v1",
            dataset=wine.id,
            dataset_name=wine.name,
            rows=wine.rows,
            threshold="0.9",
        )
    )
    app = start(**{state.DATA_SET: wine.id, state.DELETE_OPEN: True})
    assert "Delete **my wine** with its 80 rows?" in texts(app)
    assert "A test run used it." in app.warning[0].value
    app.button(key=state.DELETE).click().run()
    assert not app.exception
    assert "Deleted my wine." in texts(app)
    assert wine.id not in [card.id for card in workspace.datasets.list().cards]
    assert "1,200 rows" in texts(app)
    # AND one click brings it back, and shows it
    press(app, "Undo")
    assert app.selectbox(key=state.DATA_SET).value == wine.id
    assert workspace.datasets.load(wine.id).rows == wine.rows
    assert "Deleted my wine." not in texts(app)


def test_default_data_can_be_loaded_again(workspace: Workspace) -> None:
    wine = import_table(workspace, wine_csv().encode(), name="wine", choice=RoleChoice("region"))
    app = start()
    assert app.selectbox(key=state.DATA_SET).value == wine.id
    press(app, "Load the default data")
    assert "1,200 rows ·" in texts(app)


def workbook() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    return sink.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (workbook(), "cannot be read as an Excel workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "expected"),
        ("k,größe\na,1\nb,2\n".encode("latin-1"), "expected UTF-8 text"),
    ],
)
def test_what_is_no_csv_is_refused_beside_the_form(
    workspace: Workspace, content: bytes, fault: str
) -> None:
    app = start()
    app.file_uploader[0].set_value(("book.csv", content, "text/csv"))
    app.run()
    assert fault in app.error[0].value.replace("\\", "")
    assert UNEXPECTED not in app.error[0].value
    assert not app.exception
    assert "At most 200 MB" in texts(app)
    assert len(app.dataframe) == 1
