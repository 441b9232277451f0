"""Each reviewer's opinion is kept beside the verdict; a disagreement lasts until it is settled."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.records.opinions import MAX_BYTES, Opinion, Opinions
from iris_core.records.verdict import UNNAMED, Decision, Verdict

names = st.text(min_size=1, max_size=8)
given_opinions = st.builds(
    Opinion, who=names, decision=st.sampled_from(["right", "relabel", "drop"]), label=names,
    at=st.just("2026-11-22T09:30:00.000+00:00"),
)  # fmt: skip


def verdict(decision: Decision, label: str = "", *, minute: int = 0, carried: str = "") -> Verdict:
    return Verdict(decision, label, f"2026-11-22T09:{minute:02d}:00.000+00:00", "", carried)


KEPT, CHANGED, DROPPED = verdict("right", "a"), verdict("relabel", "b"), verdict("drop")


def said(*verdicts: tuple[str, Verdict]) -> Opinions:
    """The opinions when some reviewers gave verdicts one after the other."""
    opinions, before = Opinions(), None
    for who, each in verdicts:
        opinions, before = opinions.after(each, who, before=before), each
    return opinions


@given(st.lists(given_opinions, max_size=5, unique_by=lambda each: each.who), st.text(max_size=5))
def test_opinions_are_the_same_after_a_trip_through_their_item(
    given: list[Opinion], settled_by: str
) -> None:
    opinions = Opinions(tuple(sorted(given, key=lambda each: each.who)), settled_by)
    assert Opinions.from_item(opinions.to_item()) == opinions


def test_each_reviewer_has_one_opinion_their_newest() -> None:
    opinions = said(("ben", KEPT), ("ana", CHANGED), ("ben", DROPPED))
    assert [(each.who, each.decision) for each in opinions.given] == [
        ("ana", "relabel"), ("ben", "drop"),
    ]  # fmt: skip
    assert opinions.differ
    assert opinions.are_disputed


def test_the_same_class_by_another_way_is_no_disagreement() -> None:
    assert not said(("ana", KEPT), ("ben", verdict("relabel", "a"))).differ
    assert said(("ana", verdict("right", "")), ("ben", DROPPED)).differ
    assert not said(("ana", KEPT)).differ


def test_verdict_that_is_taken_back_takes_its_reviewers_opinion_with_it() -> None:
    both = said(("ana", KEPT), ("ben", DROPPED))
    left = both.after(None, "ben", before=DROPPED)
    assert [each.who for each in left.given] == ["ana"]
    assert both.after(None, "cy", before=DROPPED).given == both.given


@pytest.mark.parametrize("who", ["", UNNAMED])
def test_verdict_without_a_name_is_nobodys_opinion(who: str) -> None:
    opinions = said(("ana", KEPT), (who, DROPPED))
    assert [each.who for each in opinions.given] == ["ana"]
    assert not opinions.await_second_look(who)


def test_verdict_that_was_carried_over_is_no_opinion() -> None:
    assert Opinions.of_verdict(verdict("right", "a", carried="earlier")) == Opinions()


def test_second_look_is_of_those_who_have_not_seen_the_record() -> None:
    opinions = said(("ana", KEPT))
    assert opinions.await_second_look("ben")
    assert not opinions.await_second_look("ana")
    assert not Opinions().await_second_look("ben")


def test_settled_disagreement_stays_so_until_somebody_says_something_else() -> None:
    both = said(("ana", KEPT), ("ben", DROPPED))
    settled = both.after(KEPT, "cy", before=DROPPED, settles=True)
    assert settled.settled_by == "cy"
    assert settled.differ
    assert not settled.are_disputed
    # The one who settles has seen the others' opinions: that is none of their own.
    assert settled.given == both.given
    # WHEN somebody says the same, THEN it stays; WHEN something else, THEN it is open again
    same = settled.after(KEPT, "dee", before=KEPT)
    assert same.settled_by == "cy"
    assert same.after(CHANGED, "dee", before=KEPT).are_disputed
    assert settled.after(DROPPED, UNNAMED, before=KEPT).are_disputed
    assert settled.after(None, "cy", before=KEPT).are_disputed


def test_item_of_an_earlier_version_has_its_verdict_as_opinion() -> None:
    item = {"Verdict": "relabel", "Label": "b", "ReviewedAt": "2026", "Reviewer": "ana"}
    opinions = Opinions.from_item(item)
    assert opinions.given == (Opinion("ana", "relabel", "b", "2026"),)
    assert Opinions.from_item({**item, "Verdict": "undecided"}) == Opinions()
    assert Opinions.from_item({**item, "Reviewer": ""}) == Opinions()
    # AND what another one says is added
    assert opinions.after(DROPPED, "ben", before=CHANGED).differ


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '{"ana": 1}', '{"ana": {}}', '{"ana": []}', "[" * 100_000]
)
def test_text_that_cannot_be_read_has_no_opinions(text: str) -> None:
    assert Opinions.from_item({"Opinions": text}) == Opinions()


def test_oldest_opinions_give_way_where_an_item_would_grow_too_large() -> None:
    label = "ä" * 400
    opinions = said(
        *(
            (f"reviewer {number:02d}", verdict("right", label, minute=number))
            for number in range(30)
        )
    )
    assert len(opinions.to_text().encode()) <= MAX_BYTES
    assert opinions.given[-1].who == "reviewer 29"
    assert 5 < len(opinions.given) < 30
    assert json.loads(opinions.to_text())["reviewer 29"]["label"] == label
