"""The Retrain page with several reviewers: different records, second looks, disagreements."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.review.queue import PAGE_SIZE
from app.services.review.verdicts import give_verdict
from app.ui import state
from app.ui.access import PUBLIC
from app.ui.pages.retrain import reviewer
from app.ui.visit import visit_workspace
from aws import leases, retrain_table, run_table
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from iris_core.records.verdict import UNNAMED
from tests.app.driving import is_calm, listed, open_page, press, texts

pytestmark = pytest.mark.cloud

_SHOWN = re.compile(r"\*\*Row (\d+)\*\*")


def as_reviewer(name: str, **address: str) -> AppTest:
    """Open the Retrain page and enter a name."""
    app = open_page("retrain", **address)
    app.text_input(key=state.REVIEWER).set_value(name).run()
    return app


def row_shown(app: AppTest) -> int:
    found = _SHOWN.search(texts(app))
    assert found is not None, texts(app)
    return int(found[1])


def the_run() -> Run:
    return next(run_table.runs(visit_workspace().cloud()))


def candidates() -> list[Candidate]:
    return list(retrain_table.candidates(visit_workspace().cloud(), the_run()))


def holders() -> dict[int, str]:
    """Return who has a lease on which row."""
    return {each.key.row: each.lease.by for each in candidates() if each.lease is not None}


def test_two_reviewers_get_different_records(home_with_runs: Path) -> None:
    rows = [each.key.row for each in candidates()]
    ana = as_reviewer("Ana")
    assert row_shown(ana) == rows[0]
    assert holders() == {rows[0]: "Ana", rows[1]: "Ana"}
    # WHEN another one comes, THEN those that Ana has are passed over, and it is said who has them
    ben = as_reviewer("  Ben ")
    assert row_shown(ben) == rows[2]
    assert "2 records are with Ana now." in texts(ben)
    # AND each goes on with what is theirs: the verdict gives up its lease
    press(ana, "Drop")
    assert row_shown(ana) == rows[1]
    assert "2 records are with Ben now." in texts(ana)
    assert holders() == dict(zip(rows[1:5], ("Ana", "Ben", "Ben", "Ana"), strict=True))
    (reviewed,) = [each for each in candidates() if each.verdict]
    assert [opinion.who for opinion in reviewed.opinions.given] == ["Ana"]
    # AND what is skipped is free again
    press(ben, "Skip")
    assert row_shown(ben) == rows[3]
    assert rows[2] not in holders()
    assert is_calm(ana)
    assert is_calm(ben)


def test_without_a_name_all_is_as_it_was(home_with_runs: Path) -> None:
    app = open_page("retrain")
    press(app, "Drop")
    assert holders() == {}
    (reviewed,) = [each for each in candidates() if each.verdict]
    assert reviewed.verdict is not None
    assert reviewed.verdict.who == UNNAMED
    assert reviewed.opinions.given == ()
    # AND the name is kept from page to page
    app.text_input(key=state.REVIEWER).set_value("Ana").run()
    press(app, "Drop")
    assert {each.verdict.who for each in candidates() if each.verdict} == {UNNAMED, "Ana"}


def test_visitor_who_may_only_look_leases_nothing(
    home_with_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = candidates()
    assert leases.take(visit_workspace().cloud(), first, "Ana", now=time.time())
    monkeypatch.setenv(PUBLIC, "read-only")
    guest = as_reviewer("Guest")
    assert row_shown(guest) == second.key.row
    press(guest, "Skip")
    assert holders() == {first.key.row: "Ana"}
    assert is_calm(guest)


def test_link_to_a_record_of_another_reviewer_leads_to_a_free_one(home_with_runs: Path) -> None:
    first, second, *_ = candidates()
    assert leases.take(visit_workspace().cloud(), first, "Ana", now=time.time())
    ben = as_reviewer("Ben", record=str(first.key.row))
    assert f"Row {first.key.row} is with Ana now; here is another record." in texts(ben)
    assert row_shown(ben) == second.key.row
    # AND when all are with others, the page says so, and can be looked at again
    for each in candidates():
        leases.take(visit_workspace().cloud(), each, "Ana", now=time.time() + 600)
    press(ben, "Skip")
    assert f"{PAGE_SIZE} records are with Ana now" in texts(ben)
    for each in candidates():
        leases.give_up(visit_workspace().cloud(), each.key, "Ana")
    press(ben, "Look again")
    assert row_shown(ben) == first.key.row


def test_second_look_hides_what_others_said_until_ones_own_verdict(home_with_runs: Path) -> None:
    first, second, *_ = candidates()
    for each in (first, second):
        give_verdict(visit_workspace(), each, "drop", who="Ana")
    ben = as_reviewer("Ben")
    ben.selectbox(key=state.VERDICT_FILTER).set_value("second look").run()
    assert row_shown(ben) == first.key.row
    assert list(listed(ben)["Verdict"]) == ["reviewed", "reviewed"]
    assert "Reviewed by Ana." in texts(ben)
    assert "Verdict: drop" not in texts(ben)
    ben.session_state[state.HISTORY_OPEN] = True
    assert "Shown after your verdict." in texts(ben.run())
    # AND one that is skipped waits until the others are done
    press(ben, "Skip")
    assert row_shown(ben) == second.key.row
    press(ben, "Skip")
    assert row_shown(ben) == first.key.row
    # WHEN Ben gives another verdict
    press(ben, next(b.label for b in ben.button if b.label.startswith("Keep label: ")))
    # THEN both opinions are kept, and the other record comes
    reviewed = candidates()[0]
    assert [(opinion.who, opinion.decision) for opinion in reviewed.opinions.given] == [
        ("Ana", "drop"),
        ("Ben", "right"),
    ]
    assert row_shown(ben) == second.key.row
    assert list(listed(ben)["Verdict"]) == ["keep label", "reviewed"]
    press(ben, "Drop")
    assert "All candidates of this page are reviewed." in texts(ben)
    assert is_calm(ben)


def test_disagreement_is_shown_with_names_and_settled(home_with_runs: Path) -> None:
    first = candidates()[0]
    ana = give_verdict(visit_workspace(), first, "drop", who="Ana **x**")
    give_verdict(visit_workspace(), ana, "right", who="Ben")
    app = open_page("retrain")
    app.selectbox(key=state.VERDICT_FILTER).set_value("disagreement").run()
    assert "- **Ana \\*\\*x\\*\\***: drop" in texts(app)
    assert f"- **Ben**: keep label: {first.record.actual_string}" in texts(app)
    assert "Enter your name to settle it." in texts(app)
    app.text_input(key=state.REVIEWER).set_value("Cy").run()
    assert app.toggle(key=state.part(state.SETTLE, first.key)).value is True
    app.session_state[state.AGREEMENT_OPEN] = True
    app.run()
    assert "1 of 1 disagreements" in texts(app)
    # WHEN Cy gives a verdict, THEN it is settled, and the opinions stay
    press(app, "Drop")
    settled = candidates()[0]
    assert settled.opinions.settled_by == "Cy"
    assert [opinion.who for opinion in settled.opinions.given] == ["Ana **x**", "Ben"]
    assert "No disagreement is open: 1 of 1 are settled." in texts(app)
    table = next(table.value for table in app.dataframe if "Kappa" in table.value)
    assert table.iloc[0].to_dict() == {
        "Reviewers": "Ana **x** and Ben",
        "Records both saw": 1,
        "Agree": "0.0 % (0.0 % to 79.3 %)",
        "Kappa": "too few records: 8 are needed",
    }
    # AND whoever opens the record sees by whom
    assert "Settled by Cy" in texts(open_page("retrain", record=str(first.key.row)))


def test_name_of_who_is_logged_in_cannot_be_changed(
    home_with_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = {"email": "ana@example.org", "is_logged_in": True}
    monkeypatch.setattr(reviewer, "person", lambda: person)
    monkeypatch.setattr(reviewer, "person_name", lambda: person["email"])
    app = open_page("retrain")
    assert "You review as ana⁠@example.org." in texts(app)
    assert state.REVIEWER not in [box.key for box in app.text_input]
    assert set(holders().values()) == {"ana@example.org"}
    app.session_state[state.REVIEWER] = "Ben"
    press(app.run(), "Drop")
    assert {each.verdict.who for each in candidates() if each.verdict} == {"ana@example.org"}
