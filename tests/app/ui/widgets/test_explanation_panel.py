"""Why a model decides so, on pages that need no cloud: measured once, and kept for all."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.model.explaining import evaluation_id, known_explanation
from app.ui import state
from app.ui.visit import visit_workspace
from tests.app.driving import is_calm, open_page, press, says, texts, until


def unfolded(page: str, *keys: str) -> AppTest:
    """Return a page with some of its parts open."""
    app = open_page(page)
    for key in keys:
        app.session_state[key] = True
    return app.run()


def test_importance_is_measured_once_and_a_visitor_sees_it(
    home_with_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_PUBLIC", "read-only")
    visitor = press(unfolded("train", state.IMPORTANCE_OPEN), "Measure")
    assert [error.value for error in visitor.error if "looked at, not changed" in error.value]
    assert visit_workspace().jobs.latest("explain") is None
    monkeypatch.setenv("IRIS_PUBLIC", "open")
    app = until(press(unfolded("train", state.IMPORTANCE_OPEN), "Measure"), says("of log loss"))
    assert is_calm(app), texts(app)
    (card,) = visit_workspace().models.list().cards
    found = known_explanation(visit_workspace(), card.id, evaluation_id(visit_workspace(), card))
    assert found is not None
    first, rows = found.importance.columns[0], found.importance.rows
    assert f"Shuffling **{first.column}** costs".replace("_", r"\_") in texts(app)
    assert f"({rows} rows, 10 shuffles)" in texts(app)
    assert f"guessing by the frequency of the classes has {found.importance.guess:.2f}" in texts(
        app
    )
    assert not [button for button in app.button if button.label == "Measure"]
    # AND it is there for whoever comes
    monkeypatch.setenv("IRIS_PUBLIC", "read-only")
    seen = unfolded("train", state.IMPORTANCE_OPEN, state.DEPENDENCE_OPEN)
    assert is_calm(seen), texts(seen)
    assert f"({rows} rows, 10 shuffles)" in texts(seen)
    assert "Correlated columns share their importance" in texts(seen)
    # AND the most important column is the first to be seen in detail
    assert seen.selectbox(key=state.part(state.DEPENDENCE_COLUMN, card.id)).value == first.column
    assert f"the mean of {rows} rows" in texts(seen)


def test_every_column_can_be_seen_in_detail(same_home: Path) -> None:
    app = unfolded("train", state.DEPENDENCE_OPEN)
    card = visit_workspace().models.list().cards[0]
    for column in ("soil_type", "petal_length"):
        app.selectbox(key=state.part(state.DEPENDENCE_COLUMN, card.id)).set_value(column).run()
        assert is_calm(app), texts(app)
        assert f"each value of {column}".replace("_", r"\_") in texts(app)
    app.toggle(key=state.CENTRED).set_value(True).run()
    assert is_calm(app), texts(app)


def test_sample_is_explained_and_a_change_changes_it(same_home: Path) -> None:
    folded = open_page("score")
    assert "Shapley" not in texts(folded)
    app = unfolded("score", state.REASONS_OPEN)
    assert is_calm(app), texts(app)
    assert "training rows" in texts(app)
    assert "not what is so in the world" in texts(app)
    before = texts(app)
    app.number_input(key="number_petal_length").set_value(1.0).run()
    assert is_calm(app), texts(app)
    assert texts(app) != before
    assert len(app.radio(key=next_radio(app)).options) == 3


def next_radio(app: AppTest) -> str:
    """Return the key of the choice of the class that is explained."""
    keys = (str(radio.key) for radio in app.radio)
    return next(key for key in keys if key.startswith(state.REASONS_CLASS))


def test_without_an_evaluation_set_a_sentence_says_what_to_do(home_with_model: Path) -> None:
    workspace = visit_workspace()
    for card in workspace.datasets.list().cards:
        workspace.datasets.delete(card.id)
    app = unfolded("train", state.IMPORTANCE_OPEN, state.DEPENDENCE_OPEN)
    assert len([error for error in app.error if "evaluation set" in error.value]) == 2
    assert not app.exception
