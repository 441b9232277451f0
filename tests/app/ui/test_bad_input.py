"""Nonsense in every input of every page: said beside it, nothing lost, nothing broken."""

from __future__ import annotations

import csv
import html
import io
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.services.candidates import CandidateFilter, as_csv
from app.services.csv_export import records_csv
from app.services.datasets import import_csv
from app.services.pipeline import run_test
from app.services.report import report_html
from app.services.training import train_model
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.data.views import VIEWS
from app.ui.visit import visit_workspace
from app.ui.widgets.error_display import UNEXPECTED
from app.ui.widgets.texts import plain
from aws import function, run_table, score_records
from aws.settings import Settings
from iris_core.model.options import ModelSpec, TrainOptions
from tests.app.conftest import close
from tests.app.driving import open_page, press, texts

pytestmark = pytest.mark.cloud

RUN_VIEWS = ("Mistakes and records", "Classes", "Reliability", "Threshold lab", "Compare", "Files")
PLACES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("loop", {}), ("train", {}), ("score", {}),
    *(("data", {state.VIEW: view}) for view in VIEWS),
    *(("test", {state.RUN_VIEW: view}) for view in RUN_VIEWS),
    ("retrain", {state.COUNTS_OPEN: True}),
    ("cloud", dict.fromkeys((state.LOG_OPEN, state.QUEUE_OPEN, state.COST_OPEN, state.LAB_OPEN),
                            True)),
)  # fmt: skip
"""Every page, with everything on it unfolded, and each of its views."""

MARKUP = "**x** [a](javascript:alert(1)) :red[y] $z$ :material/home: <b>b</b> &lt; https://e.x"
TEXTS = {
    "empty": "", "blanks": "   \t ", "long": "x" * 10_000, "control": "a\x00\x07\x1b\r\nb",
    "directions": "\u202eabc\u2066", "emoji": "👩\u200d🔬🌸", "markup": MARKUP,
    "formula": '=HYPERLINK("x")',
    "path": "../../etc/passwd", "digits": "٣ ² 1e308 nan inf -0 1_0 0x1F",
    "pattern": "(a+)+$ [ \\ % _ * ? ' \" ;",
}  # fmt: skip
NUMBERS = (math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 0, -1, 2**53)


def at(page: str, choices: dict[str, Any], **address: str) -> AppTest:
    app = open_page(page, **address)
    for key, value in choices.items():
        app.session_state[key] = value
    return app.run() if choices else app


@pytest.fixture
def console(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the console of the dashboard shows."""
    return caplog


def sound(app: AppTest, console: pytest.LogCaptureFixture) -> bool:
    """No exception, nothing unexpected, no traceback in the console."""
    assert not app.exception, app.exception[0].stack_trace
    assert UNEXPECTED not in texts(app)
    traced = [entry for entry in console.records if entry.exc_info]
    assert not traced, traced
    return True


WITH_INPUTS = [
    place
    for place in PLACES
    if place[0] in ("train", "score", "retrain", "cloud")
    or place[1] in ({state.VIEW: "Rows"}, {state.RUN_VIEW: "Threshold lab"})
]


@pytest.mark.parametrize(("page", "choices"), WITH_INPUTS)
def test_any_text_is_taken_and_stays(
    same_home: Path, page: str, choices: dict[str, Any], console: pytest.LogCaptureFixture
) -> None:
    app = at(page, choices)
    for key in [str(field.key) for field in app.text_input]:
        for name, text in TEXTS.items():
            app.text_input(key=key).set_value(text).run()
            assert sound(app, console), (key, name)
            field = app.text_input(key=key)
            assert field.value == text[: field.max_chars or None]


@pytest.mark.parametrize(("page", "choices"), WITH_INPUTS)
def test_numbers_out_of_range_break_nothing(
    same_home: Path, page: str, choices: dict[str, Any], console: pytest.LogCaptureFixture
) -> None:
    app = at(page, choices)
    for number in NUMBERS:
        for field in app.number_input:
            # A whole number cannot be written as another one.
            whole = isinstance(field.value, int)
            if not whole or (math.isfinite(number) and abs(number) <= 2**53):
                field.set_value(number)
        assert sound(app.run(), console), number


LINKS = {
    "data": (state.DATA_SET, state.VIEW, state.COMPARE_WITH),
    "train": (state.TRAIN_ON, state.PARENT),
    "score": (state.MODEL, state.RECORD, state.SCORE_FROM),
    "test": (state.MODEL, state.TEST_ON, state.RUN, state.RECORD),
    "retrain": (state.RUN, state.RECORD),
}


@pytest.mark.parametrize("page", LINKS)
@pytest.mark.parametrize("value", TEXTS)
def test_link_to_nothing_is_told_and_the_page_goes_on(
    same_home: Path, page: str, value: str, console: pytest.LogCaptureFixture
) -> None:
    app = open_page(page, **dict.fromkeys(LINKS[page], TEXTS[value]))
    assert sound(app, console)
    told = [entry.value for entry in (*app.warning, *app.error) if "link" in entry.value]
    assert bool(told) == bool(TEXTS[value].strip())


@pytest.fixture(scope="module")
def hostile_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace in which every name and cell that can be is markup or a formula."""
    home = (tmp_path_factory.mktemp("hostile") / "home").resolve()
    workspace = Workspace(home, Settings())
    dataset = import_csv(workspace, hostile_csv().encode(), name=f"{NAME}.csv", label=HEADERS[0])
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
    assert set(app.dataframe[0].value["Actual"]) > {"all"}
    app.selectbox(key=state.ACTUAL).set_value("all").run()
    assert set(app.dataframe[0].value["Actual"]) == {"all"}


def test_report_and_files_of_markup_hold_text(
    hostile_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_HOME", str(hostile_home))
    cloud = visit_workspace().cloud()
    run = next(run_table.runs(cloud))
    page = report_html(run, made_at=datetime.now(UTC))
    for written in ("<i>n</i>", "<script>alert", "<b>kind</b>"):
        assert written not in page
    assert html.escape(CLASSES[0]) in page
    records = records_csv(score_records.stored(cloud, run)).decode("utf-8-sig")
    candidates = as_csv(cloud, run, CandidateFilter()).decode("utf-8-sig")
    for file in (records, candidates):
        cells = [cell for row in csv.reader(io.StringIO(file)) for cell in row]
        assert "'=1+1" in cells
        assert not [cell for cell in cells if cell.startswith("=")]


def test_threshold_that_somebody_else_broke_is_shown_and_can_be_set(
    home_with_runs: Path, console: pytest.LogCaptureFixture
) -> None:
    # GIVEN a function whose environment was changed in the console of AWS
    cloud = visit_workspace().cloud()
    name = cloud.settings.function
    variables = cloud.lambda_.get_function_configuration(FunctionName=name)["Environment"]
    broken = {**variables["Variables"], "PROBABILITY_THRESHOLD": MARKUP}
    cloud.lambda_.update_function_configuration(
        FunctionName=name, Environment={"Variables": broken}
    )
    # THEN every page goes on, and one of them mends it
    for page, choices in (("loop", {}), ("test", {state.RUN_VIEW: "Threshold lab"}), ("cloud", {})):
        app = at(page, choices)
        assert sound(app, console), page
        assert MARKUP not in texts(app)
    app.number_input(key=state.THRESHOLD).set_value(0.5)
    assert "is 0.5 now" in texts(press(app, "Set"))
    assert function.threshold(cloud) == "0.5"


STALE = {
    "data": (state.DATA_SET, "Split"),
    "train": (state.TRAIN_ON, "Train"),
    "test": (state.TEST_ON, "Test"),
}


@pytest.mark.parametrize("page", STALE)
def test_click_for_a_data_set_that_is_gone_is_not_carried_out_on_another(
    home_with_runs: Path, page: str, console: pytest.LogCaptureFixture
) -> None:
    # GIVEN a data set that is chosen here, and deleted in another session
    key, button = STALE[page]
    before = {card.id: card for card in visit_workspace().datasets.list().cards}
    gone = next(card for card in before.values() if card.name.endswith("hacked"))
    app = open_page(page)
    app.selectbox(key=key).set_value(gone.id).run()
    visit_workspace().datasets.delete(gone.id)
    # WHEN its button is pressed
    press(app, button)
    # THEN that is said, another one is chosen, and nothing was done with it
    assert sound(app, console)
    (told,) = [warning.value for warning in app.warning if "in this list any more" in warning.value]
    assert plain(gone.name) in told
    assert app.selectbox(key=key).value in before.keys() - {gone.id}
    assert not visit_workspace().jobs.running()
    assert len(visit_workspace().datasets.list().cards) == len(before) - 1
    # AND it is said once, and the next click counts
    assert not [entry for entry in app.run().warning if "any more" in entry.value]


def test_confirmed_deletion_never_takes_another_data_set(home_with_runs: Path) -> None:
    app = open_page("data")
    gone = app.selectbox(key=state.DATA_SET).value
    kept = [card.id for card in visit_workspace().datasets.list().cards if card.id != gone]
    visit_workspace().datasets.delete(str(gone))
    app.button(key=state.DELETE).click().run()
    assert not app.exception
    assert [card.id for card in visit_workspace().datasets.list().cards] == kept


@pytest.mark.parametrize(
    ("page", "key", "button"), [("train", state.PARENT, "Train"), ("test", state.MODEL, "Test")]
)
def test_click_for_a_model_that_is_gone_is_not_carried_out_with_another(
    home_with_model: Path, page: str, key: str, button: str, console: pytest.LogCaptureFixture
) -> None:
    (card,) = visit_workspace().models.list().cards
    content = visit_workspace().models.export(card.id)
    other = visit_workspace().models.import_bundle(content).card
    app = open_page(page)
    app.selectbox(key=key).set_value(card.id).run()
    visit_workspace().models.delete(card.id)
    press(app, button)
    assert sound(app, console)
    assert any("any more" in warning.value for warning in app.warning)
    assert not visit_workspace().jobs.running()
    assert visit_workspace().models.list().cards == (other,)


def test_models_of_one_name_are_told_apart(home_with_model: Path) -> None:
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


@pytest.mark.parametrize("name", ["empty", "blanks", "long", "control", "directions"])
def test_name_that_cannot_be_is_explained_beside_it_and_stays(
    home_with_model: Path, name: str, console: pytest.LogCaptureFixture
) -> None:
    (card,) = visit_workspace().models.list().cards
    app = open_page("train")
    field = f"new_name_{card.id}"
    # A browser lets nobody write more than 100 characters.
    app.text_input(key=field).set_value(TEXTS[name][:100])
    press(app, "Rename it")
    assert sound(app, console)
    if name == "long":
        assert visit_workspace().models.card(card.id).name == "x" * 100
        return
    assert "printable characters" in app.error[0].value
    assert app.text_input(key=field).value == TEXTS[name]
    assert visit_workspace().models.card(card.id).name == card.name


def test_name_of_markup_is_a_name(home_with_model: Path) -> None:
    (card,) = visit_workspace().models.list().cards
    app = open_page("train")
    app.text_input(key=f"new_name_{card.id}").set_value(MARKUP)
    press(app, "Rename it")
    assert visit_workspace().models.card(card.id).name == MARKUP
    assert plain(MARKUP) in app.success[0].value


@pytest.mark.parametrize(
    "units", ["32, many", "-1", "1e3", "9" * 30, "99999", "0", "٣", MARKUP, "a\x00b", "1 " * 5_000]
)
def test_units_that_cannot_be_are_explained_and_stay(
    same_home: Path, units: str, console: pytest.LogCaptureFixture
) -> None:
    app = open_page("train")
    app.text_input(key=state.UNITS).set_value(units).run()
    assert sound(app, console)
    assert "expected" in app.error[0].value
    assert app.text_input(key=state.UNITS).value == units
    assert "Train" not in [button.label for button in app.button]


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
    assert len(set(options)) == len(options) == 3
    assert all(any(id_ in option for option in options) for id_ in ids)


def test_same_data_under_another_name_is_told_to_be_there(home: Path) -> None:
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
    dataset = import_csv(workspace, EXTREME.encode(), name="extreme.csv")
    train_model(workspace, dataset, ModelSpec(units=(4,)), options=TrainOptions(epochs=2))
    for page, choices in PLACES:
        if page in ("data", "train", "score"):
            app = at(page, choices)
            assert sound(app, console), (page, choices)
            assert not app.error, (page, choices, app.error[0].value)
