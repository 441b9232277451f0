"""Nonsense in every input of every page: explained next to it, nothing lost, nothing broken."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.NumberInput_pb2 import NumberInput

from app.ui import state
from app.ui.visit import visit_workspace
from app.ui.widgets.texts import plain
from aws import function
from tests.app.driving import open_page, press, texts
from tests.app.ui.page_views import MARKUP, PLACES, at, sound

pytestmark = pytest.mark.cloud

TEXTS = {
    "empty": "", "blanks": "   \t ", "long": "x" * 10_000, "control": "a\x00\x07\x1b\r\nb",
    "directions": "\u202eabc\u2066", "emoji": "👩\u200d🔬🌸", "markup": MARKUP,
    "formula": '=HYPERLINK("x")',
    "path": "../../etc/passwd", "digits": "٣ ² 1e308 nan inf -0 1_0 0x1F",
    "pattern": "(a+)+$ [ \\ % _ * ? ' \" ;",
}  # fmt: skip
NUMBERS = (math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 0, -1, 2**53)
WITH_INPUTS = [
    place
    for place in PLACES
    if place[0] in ("train", "score", "retrain", "cloud")
    or place[1].get(state.VIEW) == "Rows"
    or place[1].get(state.RUN_VIEW) == "Threshold lab"
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
            whole = field.proto.data_type == NumberInput.INT
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
def test_link_to_nothing_is_reported_and_the_page_goes_on(
    same_home: Path, page: str, value: str, console: pytest.LogCaptureFixture
) -> None:
    app = open_page(page, **dict.fromkeys(LINKS[page], TEXTS[value]))
    assert sound(app, console)
    messages = [entry.value for entry in (*app.warning, *app.error) if "link" in entry.value]
    assert bool(messages) == bool(TEXTS[value].strip())


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
    gone = next(card for card in before.values() if card.name.endswith("noisy"))
    app = open_page(page)
    app.selectbox(key=key).set_value(gone.id).run()
    visit_workspace().datasets.delete(gone.id)
    # WHEN its button is pressed
    press(app, button)
    # THEN that is said, another one is chosen, and nothing was done with it
    assert sound(app, console)
    (message,) = [
        warning.value for warning in app.warning if "in this list any more" in warning.value
    ]
    assert plain(gone.name) in message
    # (by "" the evaluation set is chosen, which is the default of a test)
    assert app.selectbox(key=key).value in {"", *before} - {gone.id}
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
    assert any(plain(MARKUP) in entry.value for entry in app.success)


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
