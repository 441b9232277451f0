"""The evidence beside a record on the Retrain page: unfolded, it is drawn for each next one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.services.review.verdicts import give_verdict
from app.ui import state
from app.ui.pages.retrain.record_evidence import PLACES
from app.ui.visit import visit_workspace
from aws import retrain_table, run_table
from iris_core.records.candidate import Candidate
from tests.app.driving import is_calm, open_page, press, says, texts, until

pytestmark = pytest.mark.cloud


@pytest.fixture
def app(home_with_runs: Path) -> AppTest:
    """The Retrain page on the newest run, of data of which some labels are wrong."""
    return open_page("retrain")


def unfold(app: AppTest, key: str) -> AppTest:
    app.session_state[key] = True
    return app.run()


def first_candidate() -> Candidate:
    cloud = visit_workspace().cloud()
    return next(retrain_table.candidates(cloud, next(run_table.runs(cloud))))


def nearest(app: AppTest) -> pd.DataFrame:
    return next(table.value for table in app.dataframe if "Feature" in table.value)


def test_nearest_rows_stand_beside_the_record(app: AppTest) -> None:
    assert not [table for table in app.dataframe if "Feature" in table.value]
    shown = nearest(unfold(app, state.NEAREST_OPEN))
    assert is_calm(app), texts(app)
    given = first_candidate().record.actual_string
    assert list(shown.columns) == ["Feature", "This record", *PLACES]
    assert shown["This record"][0] == given
    assert "petal_length" in list(shown["Feature"])
    # AND what a search found takes their place
    until(press(app, "Find label errors"), says("are likely mislabelled"))
    found = nearest(app)
    (suggestion,) = [text.value for text in app.warning if "suggested" in text.value]
    suggested = suggestion.split("**")[1]
    assert found.iloc[0, 2:].tolist().count(suggested) >= 3
    assert found.iloc[1, 2:].astype(float).is_monotonic_increasing
    # AND the label that is wrong makes values unusual
    assert found.iloc[:, 1].str.endswith(" !").any()
    assert found.iloc[:, 2:].map(lambda cell: cell[-1:] in "↑↓").any(axis=None)
    # AND the next record has its own
    press(app, "Drop")
    assert not nearest(app).equals(found)


def test_values_are_compared_with_both_classes_and_the_prediction_is_explained(
    app: AppTest,
) -> None:
    record = first_candidate().record
    assert "Shapley" not in texts(app)
    assert f"**{record.class_string}** has" in texts(unfold(app, state.REASONS_OPEN))
    unfold(app, state.TYPICAL_OPEN)
    assert is_calm(app), texts(app)
    for name in (record.actual_string, record.class_string):
        assert f"**Compared with typical {name}**" in texts(app)


def test_history_says_who_gave_which_verdict_and_what_was_before(app: AppTest) -> None:
    assert "Nobody has given a verdict yet" in texts(unfold(app, state.HISTORY_OPEN))
    candidate = first_candidate()
    given = give_verdict(visit_workspace(), candidate, "drop", note="torn leaf", who="ada")
    give_verdict(visit_workspace(), given, "right", who="bob")
    app.query_params[state.RECORD] = str(candidate.key.row)
    app.run()
    entries = next(table.value for table in app.dataframe if "Before" in table.value)
    assert entries[["Who", "Verdict", "Before", "Note"]].to_numpy().tolist() == [
        ["bob", "keep", "drop", ""],
        ["ada", "drop", "undecided", "torn leaf"],
    ]


def test_blind_reviewer_is_shown_no_evidence(app: AppTest) -> None:
    for key in (state.NEAREST_OPEN, state.TYPICAL_OPEN, state.REASONS_OPEN, state.HISTORY_OPEN):
        app.session_state[key] = True
    app.toggle(key=state.BLIND).set_value(True).run()
    assert not [table for table in app.dataframe if "Feature" in table.value]
    assert "Compared with typical" not in texts(app)


def test_without_the_model_the_evidence_says_so(app: AppTest) -> None:
    visit_workspace().models.delete(next(run_table.runs(visit_workspace().cloud())).model)
    for key in (state.NEAREST_OPEN, state.TYPICAL_OPEN):
        app.session_state[key] = True
    app.run()
    assert not app.exception
    assert "Neither class is known" in texts(app)
    assert [error.value for error in app.error]
