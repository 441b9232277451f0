"""A budget of records, and a sample of the suggestions by which the others are accepted."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.job_starters import SEARCH
from app.services.review.label_search import Search
from app.ui import state
from app.ui.visit import visit_workspace
from aws import retrain_table, run_table
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from tests.app.driving import is_calm, listed, open_page, press, says, texts, until

pytestmark = pytest.mark.cloud


@pytest.fixture
def app(home_with_runs: Path) -> AppTest:
    """The Retrain page on the newest run, of data of which some labels are wrong."""
    return open_page("retrain")


def the_run() -> Run:
    return next(run_table.runs(visit_workspace().cloud()))


def candidates() -> list[Candidate]:
    return list(retrain_table.candidates(visit_workspace().cloud(), the_run()))


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def found() -> Search:
    search: Search = visit_workspace().jobs.finished(SEARCH, the_run().id)[0].result
    return search


def searched(app: AppTest) -> AppTest:
    return until(press(app, "Find label errors"), says("are likely mislabelled"))


def drawn(app: AppTest, size: int) -> AppTest:
    app.number_input(key=state.SAMPLE_SIZE).set_value(size).run()
    return press(app, f"Draw {size} of them")


def review(app: AppTest, *, right: int, of: int) -> AppTest:
    """Review a sample: some get the class that is suggested, the others keep their label."""
    for number in range(of):
        prefix = "Accept: " if number < right else "Keep label: "
        (label,) = [name for name in buttons(app) if name.startswith(prefix)]
        press(app, label)
    return app


def test_budget_counts_and_says_when_it_is_used_up(app: AppTest) -> None:
    rows = [candidate.key.row for candidate in candidates()]
    app.number_input(key=state.REVIEW_BUDGET).set_value(2).run()
    press(app, "Drop")
    # THEN what is taken back counts no more
    press(app, "Undo")
    press(app, "Drop")
    press(app, "Take back")
    assert "0 of your 2 are reviewed" in next(bar.proto.text for bar in app.get("progress"))
    app.query_params.clear()
    press(app.run(), "Drop")
    press(app, "Drop")
    assert "Your budget is used up: you have reviewed 2 records" in texts(app)
    assert "Drop" not in buttons(app)
    # AND one may go on with as many
    press(app, "Review 2 more")
    assert f"**Row {rows[2]}**" in texts(app)
    press(app, "Drop")
    press(app, "Drop")
    # AND with all
    press(app, "Go on without a budget")
    assert app.number_input(key=state.REVIEW_BUDGET).value is None
    assert f"**Row {rows[4]}**" in texts(app)
    assert is_calm(app), texts(app)


def test_record_is_shown_when_it_is_asked_for_though_the_budget_is_used_up(app: AppTest) -> None:
    first, *_ = candidates()
    app.number_input(key=state.REVIEW_BUDGET).set_value(1).run()
    press(app, "Drop")
    app.query_params[state.RECORD] = str(first.key.row)
    app.run()
    assert f"**Row {first.key.row}**" in texts(app)


def test_sample_that_was_right_lets_the_others_be_accepted(app: AppTest) -> None:
    searched(app)
    doubtful = found().suspicion.doubtful
    drawn(app, 10)
    # THEN the list holds these alone, whatever is filtered
    sampled = set(listed(app)["Row"])
    assert len(sampled) == 10
    assert all(doubtful[row] for row in sampled)
    review(app, right=9, of=10)
    assert "9 of 10 were right (95 % interval 59.6 % to 98.2 %)." in texts(app)
    (accept,) = [name for name in buttons(app) if name.startswith("Accept the other ")]
    open_rows = {c.key.row for c in candidates() if c.verdict is None and doubtful[c.key.row]}
    assert accept == f"Accept the other {len(open_rows)}"
    # WHEN the others are accepted
    until(press(app, accept), says("verdicts were given"))
    given = [c for c in candidates() if c.verdict and c.key.row in open_rows]
    assert len(given) == len(open_rows)
    assert {c.verdict.decision for c in given if c.verdict} == {"relabel"}
    # THEN one undo takes all of them back, and the sample's verdicts stay
    until(press(app, "Undo all of them"), says("verdicts were undone"))
    assert {c.key.row for c in candidates() if c.verdict} == sampled


def test_page_says_when_the_other_suggestions_may_be_accepted_together(app: AppTest) -> None:
    searched(app)
    assert "accepts the others" not in texts(app)
    review(drawn(app, 10), right=9, of=10)
    press(app, "Go on with all candidates")
    # THEN the search that ten verdicts begin anew has learnt how many were right
    until(app, says("Of 10 suggestions reviewed 9 were right"))
    assert "That is four in five: *Several at once* accepts the others." in texts(app)


def test_sample_that_was_wrong_says_what_to_do(app: AppTest) -> None:
    searched(app)
    review(drawn(app, 10), right=7, of=10)
    said = texts(app)
    assert "Review the others one by one" in said
    assert "7 of 10 were right" in said
    assert not [name for name in buttons(app) if name.startswith("Accept the other ")]
    press(app, "Go on with all candidates")
    assert len(listed(app)) > 10
    # AND the next sample is of others
    before = {c.key.row for c in candidates() if c.verdict}
    app.selectbox(key=state.REVIEW_ORDER).set_value("test").run()
    drawn(app, 10)
    assert not before & set(listed(app)["Row"])


def test_sample_ends_when_it_is_not_wanted_or_its_search_is_gone(app: AppTest) -> None:
    searched(app)
    whole = len(listed(app))
    drawn(app, 12)
    assert len(listed(app)) == 12
    press(app, "End the sample")
    assert len(listed(app)) == whole
    app.session_state[state.SAMPLE] = (the_run().id, "search-0", (1, 2, 3))
    app.run()
    assert "Draw another sample" in texts(app)
    assert len(listed(app)) == whole
    assert is_calm(app), texts(app)
