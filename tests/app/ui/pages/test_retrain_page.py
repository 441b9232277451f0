"""The Retrain page: filters, candidates that arrive, links to a record, and what is counted."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.services.job_starters import SEARCH, TEST
from app.services.journal import NotedVerdict
from app.services.review.bulk import give_verdicts
from app.services.review.candidates import CandidateFilter, as_csv, find, refresh
from app.services.review.choices import Choice
from app.ui import state
from app.ui.figures.candidates import CLASSES, OTHERS, by_reason_and_class, over_runs
from app.ui.pages.retrain import known_counts, verdict_buttons
from app.ui.visit import visit_workspace
from aws import retrain_table, run_table
from aws.candidate_counts import count_candidates
from aws.clients import Cloud
from aws.reconciliation import wait_for_candidates
from aws.tables import typed
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, key_of
from iris_core.records.record import Record
from iris_core.records.run import Run
from tests.app.driving import (
    is_calm,
    listed,
    open_page,
    press,
    record_shown,
    says,
    texts,
    until,
)
from tests.aws.samples import candidate_rows, expected_of, write_run

pytestmark = pytest.mark.cloud


@pytest.fixture
def app(home_with_runs: Path) -> AppTest:
    """The Retrain page on the newest run, of data of which some labels are wrong."""
    return opened()


def opened(**address: str) -> AppTest:
    return open_page("retrain", **address)


def verdict_on(candidate: Candidate) -> tuple[str, str]:
    """Return the decision on a candidate, and the label that it has by that."""
    reviewed = retrain_table.load(visit_workspace().cloud(), candidate.key)
    assert reviewed is not None
    assert reviewed.verdict is not None
    return reviewed.verdict.decision, reviewed.verdict.label


def the_run() -> Run:
    return next(run_table.runs(visit_workspace().cloud()))


def noted_verdicts(run: Run) -> list[NotedVerdict]:
    return list(visit_workspace().journal.verdict_notes(run.id))


def test_filters_choose_by_reason_class_confidence_and_verdict(app: AppTest) -> None:
    app.selectbox(key=state.REASON).set_value("wrong")
    app.selectbox(key=state.ACTUAL).set_value("setosa").run()
    shown = listed(app)
    assert set(shown["Reason"]) == {"misclassified"}
    assert set(shown["True label"]) == {"setosa"}
    app.slider(key=state.PROBABILITY_RANGE).set_value((0.99, 1.0)).run()
    assert listed(app)["Probability"].astype(float).min() >= 0.99
    press(app, "Drop")
    app.selectbox(key=state.VERDICT_FILTER).set_value("reviewed").run()
    assert list(listed(app)["Verdict"]) == ["drop"]
    app.selectbox(key=state.PREDICTED).set_value("setosa").run()
    assert "No candidate matches the filter" in texts(app)
    assert not app.error
    assert not app.exception


def test_class_that_was_just_chosen_is_the_one_it_is_relabelled_to(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN more classes than there are digits
    monkeypatch.setattr(verdict_buttons, "MAX_KEYS", 1)
    app.run()
    first = next(retrain_table.candidates(visit_workspace().cloud(), the_run()))
    choice = app.selectbox(key=state.new_label(str(first.key)))
    (other,) = [name for name in choice.options if name != choice.value]
    # In one drawing, as when somebody chooses and presses at once.
    choice.set_value(other)
    press(app, "Relabel")
    assert verdict_on(first) == ("relabel", other)


def test_each_class_has_a_button_and_a_note_goes_with_the_verdict(app: AppTest) -> None:
    first, second, *_ = retrain_table.candidates(visit_workspace().cloud(), the_run())
    actual, predicted = first.record.actual_string, first.record.class_string
    app.text_input(key=state.part(state.NOTE, first.key)).set_value("looked at the herbarium")
    press(app, predicted)
    assert verdict_on(first) == ("right" if predicted == actual else "relabel", predicted)
    (noted,) = noted_verdicts(the_run())
    assert noted.note == "looked at the herbarium"
    # AND the class that it has keeps the label
    press(app, second.record.actual_string)
    assert verdict_on(second) == ("right", second.record.actual_string)


def test_record_can_be_skipped_and_gone_back_to(app: AppTest) -> None:
    first, second, *_ = retrain_table.candidates(visit_workspace().cloud(), the_run())
    press(app, "Skip")
    assert f"**Row {second.key.row}**" in texts(app)
    press(app, "Drop")
    press(app, "Previous")
    assert f"**Row {second.key.row}**" in texts(app)
    press(app, "Take back")
    press(app, "Previous")
    assert f"**Row {first.key.row}**" in texts(app)
    # AND a verdict can be undone, which shows its record
    press(app, "Drop")
    press(app, "Skip")
    press(app, "Undo")
    assert f"**Row {first.key.row}**" in texts(app)
    assert "Verdict: " not in texts(app)
    # AND the first record of all stays
    assert f"**Row {first.key.row}**" in texts(press(app, "Previous"))


def test_key_is_heard_by_its_record_alone(app: AppTest) -> None:
    (drop,) = [button for button in app.button if button.label == "Drop"]
    assert drop.proto.shortcut == "d"
    press(app, "Drop")
    # THEN a key that was pressed twice is not heard by the next record
    (after,) = [button for button in app.button if button.label == "Drop"]
    assert after.key != drop.key
    # AND keys can be switched off
    app.toggle(key=state.SHORTCUTS).set_value(False).run()
    assert not [button.label for button in app.button if button.proto.shortcut]


def test_several_get_one_verdict_and_one_undo_takes_it_back(app: AppTest) -> None:
    cloud, run = visit_workspace().cloud(), the_run()
    app.selectbox(key=state.REASON).set_value("wrong").run()
    app.session_state[state.SEVERAL_OPEN] = True
    app.run()
    app.radio(key=state.SEVERAL).set_value("drop").run()
    wrong = [found.key for found in retrain_table.candidates(cloud, run) if found.reason == "wrong"]
    until(press(app, f"Give {len(wrong)} verdicts"), says("verdicts were given"))
    # What stands above is of now too, though the verdicts may have come while it was drawn.
    assert set(listed(app)["Verdict"]) == {"drop"}
    dropped = [found.key for found in retrain_table.candidates(cloud, run) if found.verdict]
    assert dropped == wrong
    assert "Give 0 verdicts" in [button.label for button in app.button if button.disabled]
    until(press(app, "Undo all of them"), says("verdicts were undone"))
    assert not [found for found in retrain_table.candidates(cloud, run) if found.verdict]


def test_suggestions_above_a_probability_are_accepted_at_once(app: AppTest) -> None:
    until(press(app, "Find label errors"), says("are likely mislabelled"))
    app.session_state[state.SEVERAL_OPEN] = True
    app.run()
    app.number_input(key=state.SEVERAL_LEAST).set_value(0.95).run()
    (give,) = [button.label for button in app.button if button.label.startswith("Give ")]
    until(press(app, give), says("verdicts were given"))
    verdicts = [
        found.verdict for found in retrain_table.candidates(visit_workspace().cloud(), the_run())
    ]
    given = [verdict for verdict in verdicts if verdict]
    assert give == f"Give {len(given)} verdicts"
    assert given
    assert {verdict.decision for verdict in given} == {"relabel"}


def test_interrupted_verdicts_are_completed(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN verdicts on many records, of which the process gave some before it was killed
    cloud, run = visit_workspace().cloud(), the_run()
    keys = [found.key for found in retrain_table.candidates(cloud, run)]
    save, left = retrain_table.save_verdict, iter(range(3))

    def dies(*args: Any, **more: Any) -> Candidate:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return save(*args, **more)

    choices = {key: Choice("drop") for key in keys}
    with monkeypatch.context() as patched:
        patched.setattr(retrain_table, "save_verdict", dies)
        with pytest.raises(KeyboardInterrupt):
            give_verdicts(visit_workspace(), run, choices)
    # WHEN the page is opened, THEN it says so, and the others can be given
    app.run()
    assert f"of {len(keys)} verdicts were given when the work was interrupted" in texts(app)
    press(app, "Give the others")
    assert "interrupted" not in texts(app)
    assert all(found.verdict for found in retrain_table.candidates(cloud, run))


def test_blind_reviewer_sees_neither_label_nor_prediction_before_the_verdict(app: AppTest) -> None:
    first = next(retrain_table.candidates(visit_workspace().cloud(), the_run()))
    app.toggle(key=state.BLIND).set_value(True).run()
    assert list(listed(app).columns) == [" ", "Row", "Verdict"]
    assert list(record_shown(app).columns) == ["Field", "Value"]
    assert "species" not in set(record_shown(app)["Field"])
    said = texts(app)
    assert "Predicted" not in said
    assert "Which class is it?" in said
    for label in ("Keep label", "Accept"):
        (button,) = [button for button in app.button if button.label.startswith(label)]
        assert button.label == label
        assert button.disabled
    # AND what it was is shown after the verdict
    app = press(app, "setosa")
    app = press(app, "Previous")
    assert verdict_on(first)[1] == "setosa"
    assert "Predicted" in texts(app)


def test_label_errors_come_first_with_their_reasons(app: AppTest) -> None:
    before = list(listed(app)["Row"])
    until(press(app, "Find label errors"), says("are likely mislabelled"))
    # THEN the first record's label is wrong, by what models say that never saw it
    assert "The label is likely wrong; suggested" in texts(app)
    assert "models that never saw this row say" in texts(app)
    assert list(listed(app)["Row"]) != before
    row = int(listed(app)["Row"].iloc[0])
    (accept,) = [button.label for button in app.button if button.label.startswith("Accept: ")]
    press(app, accept)
    reviewed = retrain_table.load(visit_workspace().cloud(), key_of(the_run().id, row))
    assert reviewed is not None
    assert verdict_on(reviewed) == ("relabel", accept.removeprefix("Accept: "))
    # AND another search goes on from what was reviewed
    press(app, "Find label errors")
    until(app, lambda _: len(visit_workspace().jobs.finished(SEARCH, the_run().id)) == 2)
    assert not app.error
    # AND each other order lists all of them as well
    for order in ("self-confidence", "uncertain", "diverse", "test"):
        app.selectbox(key=state.REVIEW_ORDER).set_value(order).run()
        assert len(listed(app)) == len(before)
        assert is_calm(app), texts(app)
    assert list(listed(app)["Row"]) == before


def test_verdict_of_a_killed_process_is_noted_when_its_run_is_looked_at(app: AppTest) -> None:
    # GIVEN a verdict that the table has, and a process that was killed before it noted it
    run, cloud = the_run(), visit_workspace().cloud()
    candidate = next(retrain_table.candidates(cloud, run))
    retrain_table.save_verdict(cloud, candidate, "drop")
    for _ in range(2):
        # WHEN somebody looks at the run, THEN it is noted once
        app.run()
        assert not app.error
        assert [entry.key for entry in noted_verdicts(run)] == [candidate.key]


def test_new_candidates_wait_until_they_are_asked_for(app: AppTest) -> None:
    # GIVEN a list on the screen, and a candidate before all of its records that comes later
    run, cloud = the_run(), visit_workspace().cloud()
    before = list(listed(app)["Row"])
    row = next(row for row in range(run.rows) if row not in before)
    item = cloud.dynamodb.get_item(
        TableName=cloud.settings.retrain_table, Key=typed(key_of(run.id, before[0])._asdict())
    )["Item"]
    item["sort_key"] = {"S": f"{row:09d}"}
    cloud.dynamodb.put_item(TableName=cloud.settings.retrain_table, Item=item)
    # THEN the list stays as it is, and a notice says so
    app.run()
    assert list(listed(app)["Row"]) == before
    # AND it is listed when it is asked for
    press(app, "1 new: show")
    assert row in list(listed(app)["Row"])


def test_active_test_is_announced_and_the_list_stays(app: AppTest) -> None:
    before = list(listed(app)["Row"])
    gate = threading.Event()
    visit_workspace().jobs.submit(TEST, "a test", lambda _: gate.wait(60))
    try:
        app.run()
        assert "A test is under way" in texts(app)
        assert list(listed(app)["Row"]) == before
    finally:
        gate.set()
    until(app, lambda app: "A test is under way" not in texts(app))
    assert list(listed(app)["Row"]) == before


def test_link_opens_its_record_compared_with_its_classes(same_home: Path) -> None:
    run = the_run()
    candidates = list(retrain_table.candidates(visit_workspace().cloud(), run))
    last = candidates[-1]
    app = opened(run=run.id, record=str(last.key.row))
    assert f"**Row {last.key.row}**" in texts(app)
    columns = list(record_shown(app).columns)
    assert f'z-score vs "{last.record.actual_string}"' in columns
    assert "petal_length" in list(record_shown(app)["Field"])
    # AND the counts are drawn when they are unfolded
    app.session_state[state.COUNTS_OPEN] = True
    assert "**By reason and class**" in texts(app.run())
    # AND one goes on from there
    press(app, "Skip")
    assert f"**Row {candidates[0].key.row}**" in texts(app)


@pytest.mark.parametrize("record", ["99999999", "-1", "x'*", "²", "9" * 30, ""])
def test_link_to_no_candidate_is_said_and_the_page_goes_on(same_home: Path, record: str) -> None:
    app = opened(record=record)
    assert "has no candidate in row" in texts(app)
    assert "**Row" in texts(app)
    assert not app.error
    assert not app.exception


def test_without_its_model_a_record_is_shown_all_the_same(app: AppTest) -> None:
    visit_workspace().models.delete(the_run().model)
    app.run()
    assert not app.exception
    assert "is not in this workspace any more" in texts(app)


@pytest.fixture(scope="module")
def filtered(local_cloud: Cloud) -> Run:
    """A run of 1,200 records that the function has been through."""
    run = write_run(local_cloud, 1200)
    assert wait_for_candidates(local_cloud, expected_of(run).by_partition, timeout=60)
    return run


def test_pages_of_a_filtered_list_join_without_gap(local_cloud: Cloud, filtered: Run) -> None:
    misclassified = CandidateFilter(reason="wrong")
    rows: list[int] = []
    after: Key | None = None
    while True:
        page = find(local_cloud, filtered, misclassified, after=after, limit=7)
        rows += [candidate.key.row for candidate in page.candidates]
        after = page.after
        if after is None:
            break
    assert rows == [row for row in candidate_rows(1200) if row % 10 == 0 and row % 7]


def test_list_keeps_its_records_with_their_verdicts(local_cloud: Cloud, filtered: Run) -> None:
    without_verdict = CandidateFilter(review="open")
    first = find(local_cloud, filtered, without_verdict, limit=5)
    listed_keys = [candidate.key for candidate in first.candidates]
    retrain_table.save_verdict(local_cloud, first.candidates[0], "drop")
    again = find(local_cloud, filtered, without_verdict, limit=5)
    candidates = refresh(local_cloud, listed_keys, again)
    assert [candidate.key for candidate in candidates] == listed_keys
    assert candidates[0].verdict is not None
    counts = count_candidates(local_cloud, filtered)
    assert counts.reviewed == 1
    assert counts.complete
    assert counts.total == len(candidate_rows(1200))
    assert as_csv(local_cloud, filtered, CandidateFilter(review="reviewed")).count(b"\r\n") == 2


@pytest.mark.parametrize(
    ("text", "low", "high", "matches"),
    [("0.5", 0.5, 1.0, True), ("0.5", 0.51, 1.0, False), ("odd", 0.0, 1.0, True),
     ("odd", 0.0, 0.9, False), ("1", 0.9, 1.0, True)],
)  # fmt: skip
def test_probability_is_in_its_range(text: str, low: float, high: float, matches: bool) -> None:
    record = Record(0, "{}", "a", "a", text)
    candidate = Candidate(Key("run#0", "0"), record, "unsure", "0.9", None, 0)
    assert CandidateFilter(low=low, high=high).matches(candidate) is matches


def test_pictures_have_their_counts_in_words() -> None:
    counts = {("wrong", f"<{number}>"): number + 1 for number in range(CLASSES + 3)}
    picture = by_reason_and_class({**counts, ("unsure", "<0>"): 5})
    assert "misclassified: 276; low confidence: 5." in picture.alt
    assert picture.table is not None
    assert picture.table["true label"].iloc[-1] == OTHERS
    assert picture.table[["misclassified", "low confidence"]].to_numpy().sum() == 281
    by_run = over_runs(["first", "second"], misclassified=[3, 1], others=[4, 2])
    assert "newest has 1 and 2" in by_run.alt
    assert by_run.table is not None
    assert list(by_run.table) == ["run", "misclassified", "low confidence only"]


def test_retraining_is_offered_once_there_is_something_to_learn_from(home_with_runs: Path) -> None:
    app = open_page("retrain")
    (button,) = [button for button in app.button if button.label == "Apply verdicts"]
    assert button.disabled
    press(app, "Drop")
    (button,) = [button for button in app.button if button.label == "Apply verdicts"]
    assert not button.disabled
    assert "Retrain" not in [button.label for button in app.button]
    assert "Apply the verdicts first" in texts(app)
    press(app, "Apply verdicts")
    assert "1 dropped" in texts(app)
    assert "Retrain" in [button.label for button in app.button]
    assert "rows evaluate and are left out" in texts(app)


def test_many_candidates_are_not_counted_anew_before_each_record(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_counts, "FEW", 1)
    run, cloud = the_run(), visit_workspace().cloud()
    total = count_candidates(cloud, run).total
    press(app, "Drop")
    assert f"1 of {total:,} candidates are reviewed" in progress_of(app)
    # WHEN somebody else reviews one, THEN that is seen when it is counted again, after the record
    other = list(retrain_table.candidates(cloud, run))[-1]
    retrain_table.save_verdict(cloud, other, "drop", who="Ana")
    press(app, "Drop")
    assert f"2 of {total:,} candidates are reviewed" in progress_of(app)
    monkeypatch.setattr(known_counts, "RECOUNTED_AFTER", 0)
    app.run()
    assert f"3 of {total:,} candidates are reviewed" in progress_of(app.run())
    # AND an undo counts at once
    press(app, "Undo")
    assert f"2 of {total:,} candidates are reviewed" in progress_of(app)


def progress_of(app: AppTest) -> str:
    """Return the text of the progress bar."""
    return str(app.get("progress")[0].proto.text)
