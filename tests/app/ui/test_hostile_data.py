"""Names, cells and files that nobody expects: text on every page, nothing lost, nothing broken."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.services.data.datasets import import_table
from app.services.export.csv_export import records_csv
from app.services.model.training import train_model
from app.services.review.candidates import CandidateFilter, as_csv
from app.services.runs.downloads import run_model_card, run_report
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from app.ui import state
from app.ui.visit import visit_workspace
from app.ui.widgets.texts import plain
from aws import run_table, score_records
from aws.settings import Settings
from iris_core.data.roles import RoleChoice
from iris_core.model.options import ModelSpec, TrainOptions
from tests.app.conftest import close
from tests.app.driving import listed, open_page, press
from tests.app.ui.page_views import MARKUP, PLACES, at, sound

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def hostile_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace in which every name and cell that can be is markup or a formula."""
    home = (tmp_path_factory.mktemp("hostile") / "home").resolve()
    workspace = Workspace(home, Settings())
    dataset = import_table(
        workspace, hostile_csv().encode(), name=f"{NAME}.csv", choice=RoleChoice(HEADERS[0])
    )
    model = train_model(
        workspace, dataset, ModelSpec(units=(4,)), options=TrainOptions(epochs=2), name=NAME
    )
    run_test(workspace, model, dataset)
    run_test(workspace, model, dataset, threshold="1")
    workspace.close()
    yield home
    close(home)


NAME = "<i>n</i> **x** :material/home: https://e.x"
HEADERS = (
    "<b>kind</b> **k** :red[k]", "=SUM(A1)", "**bold** [link](https://x)", "$x^2$ `code`",
    "all", "www.evil.example",
)  # fmt: skip
CLASSES = ("<script>alert(1)</script>", "=1+1", "**b** :red[c] &lt;", "unseen label", "all",
           "https://evil.example")  # fmt: skip


def hostile_csv() -> str:
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(HEADERS)
    for number in range(120):
        name = CLASSES[number % 6]
        writer.writerow(
            (name, number % 7, CLASSES[(number + 1) % 3], number / 8, "yn"[number % 2], number % 5)
        )
    return sink.getvalue()


@pytest.mark.parametrize(("page", "choices"), PLACES)
def test_markup_in_names_and_cells_is_text_on_every_page(
    hostile_home: Path, page: str, choices: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch, console: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setenv("IRIS_HOME", str(hostile_home))
    app = at(page, choices)
    assert sound(app, console)
    assert not app.error, app.error[0].value
    drawn = (*app.markdown, *app.caption, *app.info, *app.success, *app.warning, *app.metric)
    labelled = (*app.number_input, *app.selectbox, *app.button, *app.text_input, *app.metric)
    said = [*(entry.value for entry in drawn), *(entry.label for entry in labelled)]
    for written in (NAME, *HEADERS, *CLASSES):
        if written not in plain(written):
            assert not [text for text in said if written in str(text)], written


def test_class_called_as_the_filter_says_all_can_be_chosen(
    hostile_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_HOME", str(hostile_home))
    app = open_page("retrain")
    assert set(listed(app)["True label"]) > {"all"}
    app.selectbox(key=state.ACTUAL).set_value("all").run()
    assert set(listed(app)["True label"]) == {"all"}


def test_report_and_files_of_markup_hold_text(
    hostile_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_HOME", str(hostile_home))
    cloud = visit_workspace().cloud()
    run = next(run_table.runs(cloud))
    page = run_report(visit_workspace(), run, made_at=datetime.now(UTC)).decode()
    for written in ("<i>n</i>", "<script>alert", "<b>kind</b>"):
        assert written not in page
    assert html.escape(CLASSES[0]) in page
    card = run_model_card(visit_workspace(), run, made_at=datetime.now(UTC)).decode()
    assert "<script>" not in card
    assert "[link](https://x)" not in card
    records = records_csv(score_records.stored(cloud, run)).decode("utf-8-sig")
    candidates = as_csv(cloud, run, CandidateFilter()).decode("utf-8-sig")
    for file in (records, candidates):
        cells = [cell for row in csv.reader(io.StringIO(file)) for cell in row]
        assert "'=1+1" in cells
        assert not [cell for cell in cells if cell.startswith("=")]


def test_models_of_one_name_are_distinguished(home_with_model: Path) -> None:
    (card,) = visit_workspace().models.list().cards
    other = visit_workspace().models.import_bundle(visit_workspace().models.export(card.id)).card
    visit_workspace().models.rename(other.id, "twin")
    third = visit_workspace().models.import_bundle(visit_workspace().models.export(other.id)).card
    visit_workspace().models.rename(third.id, card.name)
    for page, key in (
        ("train", state.PARENT),
        ("train", state.MANAGED_MODEL),
        ("test", state.MODEL),
    ):
        options = open_page(page).selectbox(key=key).options
        assert len(set(options)) == len(options)
        assert [name for name in options if card.id in name]
    assert len(set(open_page("train").multiselect(key=state.COMPARED).options)) == 3


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader[0].set_value((name, content, "text/csv"))
    return app.run()


@pytest.mark.parametrize(
    ("name", "called"),
    [
        (".csv", "unnamed"), ("  .csv", "unnamed"), ("a\x07\n\u202eb.csv", "ab"),
        ("../../etc/x.csv", None),
        ("x" * 255 + ".csv", "x" * 100), (f"{MARKUP[:80]}.csv", MARKUP[:80]),
        ("CON.tsv", "CON.tsv"),
    ],
)  # fmt: skip
def test_file_of_any_name_becomes_a_data_set_that_people_can_read(
    home: Path, name: str, called: str | None, console: pytest.LogCaptureFixture
) -> None:
    app = press(upload(open_page("data"), name, b"kind,size\na,1\nb,2\na,3\n"), "Add")
    assert sound(app, console)
    assert not app.error
    card = visit_workspace().datasets.card(str(app.selectbox(key=state.DATA_SET).value))
    assert card.name == (called or card.name)
    assert card.rows == 3
    assert not list(home.parent.glob("etc*"))


def test_one_file_name_from_two_sessions_is_two_data_sets(home: Path) -> None:
    first, second = open_page("data"), open_page("data")
    upload(first, "mine.csv", b"kind,size\na,1\nb,2\n")
    upload(second, "mine.csv", b"kind,size\na,1\nb,3\n")
    press(first, "Add")
    press(second, "Add")
    ids = {str(app.selectbox(key=state.DATA_SET).value) for app in (first, second)}
    assert len(ids) == 2
    sizes = {tuple(visit_workspace().datasets.load(id_).frame["size"]) for id_ in ids}
    assert sizes == {(1, 2), (1, 3)}
    options = second.selectbox(key=state.DATA_SET).options
    # (the default data are of another project)
    assert len(set(options)) == len(options) == 2
    assert all(any(id_ in option for option in options) for id_ in ids)


def test_same_data_under_another_name_is_reported_to_be_there(home: Path) -> None:
    content = b"kind,size\na,1\nb,2\n"
    press(upload(open_page("data"), "first.csv", content), "Add")
    app = press(upload(open_page("data"), "second.csv", content), "Add")
    assert "there already, as first" in app.success[0].value
    assert len(visit_workspace().datasets.list().cards) == 2


EXTREME = (
    "kind,huge,tiny,constant,whole,gap,number\n"
    + "".join(
        f"{'ab'[row % 2]},{'-' * (row % 3 == 0)}3.3e38,{row}e-320,5,{row * 10**15},"
        f"{'' if row % 2 else row},{row}\n"
        for row in range(40)
    )
)  # fmt: skip


def test_numbers_at_the_ends_of_what_a_computer_can_hold_go_through_every_page(
    home: Path, console: pytest.LogCaptureFixture
) -> None:
    workspace = visit_workspace()
    dataset = import_table(workspace, EXTREME.encode(), name="extreme.csv")
    train_model(workspace, dataset, ModelSpec(units=(4,)), options=TrainOptions(epochs=2))
    for page, choices in PLACES:
        if page in ("data", "train", "score"):
            app = at(page, choices)
            assert sound(app, console), (page, choices)
            assert not app.error, (page, choices, app.error[0].value)
