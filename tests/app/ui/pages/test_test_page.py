"""The Test page shows what a run says: its records, calibration, thresholds, and other runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Toggle

from app.services.runs.history import newest_run
from app.services.runs.threshold_choice import threshold_within
from app.ui import state
from app.ui.pages.test.record_link import RECORDS_VIEW
from app.ui.visit import visit_workspace
from aws import function, run_table, score_records
from aws.score_records import Cell
from aws.tables import typed
from iris_core.records.keys import key_of, new_run_id
from iris_core.records.run import Run, RunState
from tests.app.driving import is_calm, open_page, open_view, texts


@pytest.fixture
def home(same_home: Path) -> Path:
    """A workspace with a model and two runs, on the true labels and on wrong ones."""
    return same_home


@pytest.fixture
def app(home: Path) -> AppTest:
    return page()


def page(view: str = "", **address: str) -> AppTest:
    app = open_page("test", **address)
    if view:
        open_view(app, state.RUN_VIEW, view)
    return app


def newest() -> Run:
    return next(run_table.runs(visit_workspace().cloud()))


def test_accuracy_is_shown_with_its_interval(app: AppTest) -> None:
    (accuracy,) = [metric for metric in app.metric if metric.label == "Accuracy"]
    assert " % to " in accuracy.delta


def test_most_frequent_mistake_and_a_record_of_it_are_shown_at_first(app: AppTest) -> None:
    assert is_calm(app), texts(app)
    first = app.selectbox(key="cell").options[0]
    assert first.startswith("true ")
    assert " → predicted " in first
    listed = app.dataframe[0].value
    assert len(listed) == int(first.split(" · ")[1])
    assert set(listed["True label"]) == {first.removeprefix("true ").split(" → ")[0]}
    assert f"Row {listed['Row'][0]}" in texts(app)
    true_label = listed["True label"][0]
    assert f'z-score vs "{true_label}"' in app.dataframe[1].value.columns


def test_correct_records_are_read_page_by_page(app: AppTest) -> None:
    cell = next(name for name in app.selectbox(key="cell").options if "correct" in name)
    app.selectbox(key="cell").select(cell).run()
    first = app.dataframe[0].value
    assert len(first) == 50
    (following,) = [button for button in app.button if button.label == "Next"]
    following.click().run()
    assert is_calm(app), texts(app)
    assert app.dataframe[0].value["Row"][0] > first["Row"].iloc[-1]


def test_record_in_the_address_is_shown_with_its_cell(home: Path) -> None:
    app = page(record="7")
    assert is_calm(app), texts(app)
    assert "**Row 7**" in texts(app)
    record = score_records.load(visit_workspace().cloud(), newest(), 7)
    assert record is not None
    assert record.actual_string in str(
        app.selectbox(key="cell").format_func(app.selectbox(key="cell").value)
    )


@pytest.mark.parametrize("row", ["x", "-1", "1200", "99999999999", "٣"])
def test_nonsense_in_the_address_is_passed_over(home: Path, row: str) -> None:
    assert is_calm(page(record=row))


def test_threshold_lab_sets_the_threshold(home: Path) -> None:
    app = page("Threshold lab")
    assert is_calm(app), texts(app)
    run = newest()
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["To review"] == f"{run.expected:,}"
    app.slider(key=state.part(state.CHOSEN_THRESHOLD, run.id)).set_value(0.5).run()
    app.number_input(key="cost").set_value(2.0).run()
    figures = {metric.label: metric.value for metric in app.metric}
    assert float(figures["Cost"].replace(",", "")) == 2 * int(figures["To review"].replace(",", ""))
    assert "costs least on these 1,200 records" in texts(app)
    app.number_input(key=state.MISSED_COST).set_value(0.0).run()
    # Where a missed error costs nothing nobody is to review.
    cheapest = next(button for button in app.button if button.label.endswith("the cheapest"))
    cheapest.click().run()
    slider = app.slider(key=state.part(state.CHOSEN_THRESHOLD, run.id))
    assert slider.value == 0
    slider.set_value(0.5).run()
    (button,) = [button for button in app.button if "threshold to 0.5" in button.label]
    button.click().run()
    assert "is 0.5 now" in texts(app)
    assert function.threshold(visit_workspace().cloud()) == "0.5"
    function.set_threshold(visit_workspace().cloud(), "0.9")


def test_review_budget_chooses_the_highest_threshold_within_it(home: Path) -> None:
    app, run = page("Threshold lab"), newest()
    counts = run.metrics.thresholds
    assert counts is not None
    budget, slider = state.part(state.BUDGET, run.id), state.part(state.CHOSEN_THRESHOLD, run.id)
    # GIVEN the function's own threshold and the chosen one are the same: one sentence says it
    assert f"(applies now): {run.expected:,} to review" in texts(app)
    assert "(chosen)" not in texts(app)
    # WHEN a budget is entered
    most = (counts.errors + run.expected) // 2
    app.number_input(key=budget).set_value(most).run()
    # THEN the threshold within it is chosen, and compared with the one that applies
    assert is_calm(app), texts(app)
    load = threshold_within(run, most)
    assert app.slider(key=slider).value == load.threshold < 0.9
    assert f"{most:,} records are" in texts(app)
    assert f"(chosen): {load.reviews:,} to review" in texts(app)
    assert f"{load.caught:,} of {load.errors:,} errors caught" in texts(app)
    assert "95 % interval" in texts(app)
    assert f"(applies now): {run.expected:,} to review" in texts(app)
    # WHEN the misclassified records alone exceed the budget
    app.number_input(key=budget).set_value(counts.errors - 1).run()
    # THEN the chosen one stays, and it is said what to enter
    assert f"Enter at least {counts.errors:,}" in texts(app)
    assert app.slider(key=slider).value == load.threshold
    # WHEN more can be reviewed than there is
    app.number_input(key=budget).set_value(counts.rows + 1).run()
    assert "more than all of this run" in texts(app)
    assert app.slider(key=slider).value == 1


def test_threshold_that_somebody_garbled_can_be_replaced_in_the_lab(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function, "threshold", lambda _cloud: "as before")
    app = page("Threshold lab")
    assert is_calm(app), texts(app)
    assert "At 0.9 (chosen)" in texts(app)
    assert "applies now)" not in texts(app)


def test_calibration_classes_and_files_are_shown(home: Path) -> None:
    for view in ("Calibration", "Classes", "Files"):
        app = page(view)
        assert is_calm(app), texts(app)


def test_inputs_of_a_run_are_compared_with_the_training_data(home: Path) -> None:
    app = page("Inputs")
    assert is_calm(app), texts(app)
    assert "Of 20 inputs, 20 are stable" in texts(app)
    assert len(app.selectbox(key=state.DRIFTED_INPUT).options) == 20
    first = app.selectbox(key=state.UNFAMILIAR_INPUT).options[0]
    table = next(entry.value for entry in app.dataframe if "Value" in entry.value)
    assert first.endswith(f"{len(table)} row" + "s" * (len(table) > 1))
    low, high = (
        float(word)
        for caption in app.caption
        if caption.value.startswith("In training")
        for word in caption.value.replace("\\", "").rstrip(".").split()[-3::2]
    )
    assert all(not low <= value <= high for value in table["Value"])


def test_run_whose_data_are_gone_says_what_to_do_in_its_inputs(home: Path) -> None:
    cloud, run = visit_workspace().cloud(), newest()
    run_table.save(cloud, replace(run, dataset="ffffffffffff"))
    try:
        app = page("Inputs")
        assert is_calm(app), texts(app)
        assert "Add the data again to see how the inputs differ" in texts(app)
    finally:
        run_table.save(cloud, run)


def test_two_runs_are_compared_and_other_data_is_said(home: Path) -> None:
    app = page("Compare")
    assert is_calm(app), texts(app)
    assert "different data" in texts(app)
    assert "do not overlap" in texts(app)


def test_run_of_before_shows_what_it_has(home: Path) -> None:
    cloud, run = visit_workspace().cloud(), newest()
    metrics = replace(run.metrics, calibration=None, thresholds=None)
    run_table.save(cloud, replace(run, metrics=metrics))
    try:
        for view in ("Calibration", "Threshold lab", "Compare", "Files"):
            app = page(view)
            assert is_calm(app), texts(app)
            assert "tested before" in texts(app) or view in ("Compare", "Files")
    finally:
        run_table.save(cloud, run)


def test_run_whose_class_figures_could_not_be_kept_says_so(home: Path) -> None:
    cloud, run = visit_workspace().cloud(), newest()
    run_table.save(cloud, replace(run, metrics=replace(run.metrics, classes=(), confusion=())))
    try:
        app = page("Classes")
        assert is_calm(app), texts(app)
        assert "Give the classes shorter names" in texts(app)
        assert is_calm(open_page("retrain")), "the classes to relabel to are the model's"
    finally:
        run_table.save(cloud, run)


def test_records_of_a_cell_are_those_of_the_confusion_matrix(home: Path) -> None:
    run, cloud = newest(), visit_workspace().cloud()
    names = run.metrics.class_names
    for row, actual in enumerate(names):
        for column, predicted in enumerate(names):
            part = score_records.page(cloud, run, Cell(predicted, actual, names), limit=2000)
            assert len(part.records) == run.metrics.confusion[row][column]
            assert part.after is None


def test_reader_stops_after_so_many_records_and_goes_on(home: Path) -> None:
    run, cloud = newest(), visit_workspace().cloud()
    cell = Cell("no such class", "setosa")
    first = score_records.page(cloud, run, cell, most=1000)
    assert (first.records, first.after) == ((), key_of(run.id, 999))
    assert score_records.page(cloud, run, cell, after=first.after).after is None


def test_record_that_changed_is_opened_among_the_records(home: Path) -> None:
    app = page("Compare", record="7")
    app.session_state[state.pending(state.RUN_VIEW)] = RECORDS_VIEW
    app.run()
    assert "Row 7" in texts(app)


@pytest.fixture
def failed(home: Path) -> Iterator[Run]:
    """The newest run of the workspace, which failed."""
    cloud = visit_workspace().cloud()
    before = newest()
    run = replace(before, id=new_run_id(), state=RunState.FAILED, accuracy=None, note="no room")
    run_table.save(cloud, run)
    yield run
    key = {"partition_key": run_table.PARTITION, "sort_key": run.id}
    cloud.dynamodb.delete_item(TableName=cloud.settings.runs_table, Key=typed(key))


def toggle(app: AppTest) -> Toggle:
    (found,) = [entry for entry in app.toggle if entry.key == state.ALL_RUNS]
    return found


def test_there_is_no_toggle_without_failed_and_cancelled_runs(app: AppTest) -> None:
    assert [entry for entry in app.toggle if entry.key == state.ALL_RUNS] == []


@pytest.mark.parametrize("name", ["test", "retrain"])
def test_failed_run_is_hidden_until_it_is_asked_for(failed: Run, name: str) -> None:
    app = open_page(name)
    assert is_calm(app), texts(app)
    assert not toggle(app).value
    hidden = list(app.selectbox(key=state.RUN).options)
    app = toggle(app).set_value(True).run()
    assert is_calm(app), texts(app)
    assert len(app.selectbox(key=state.RUN).options) == len(hidden) + 1
    app = toggle(app).set_value(False).run()
    assert list(app.selectbox(key=state.RUN).options) == hidden


def test_failed_run_is_not_announced_as_a_newer_one(failed: Run) -> None:
    found = newest_run(visit_workspace(), visit_workspace().cloud(), None)
    assert found is not None
    assert found.id < failed.id
    assert newest().id == failed.id


def test_link_to_a_failed_run_shows_it(failed: Run) -> None:
    app = page(run=failed.id)
    assert toggle(app).value
    assert "Not reconciled: it failed. no room" in texts(app)
    # WHEN failed runs are hidden again, the link does not bring them back
    app = toggle(app).set_value(False).run()
    assert not toggle(app).value
    assert "is not in this list any more" in texts(app)
    assert "Not reconciled" not in texts(app)


def test_run_that_was_imported_is_not_called_reconciled_here(home: Path) -> None:
    old = new_run_id(datetime.now(UTC) - timedelta(days=3))
    imported = replace(newest(), id=old, rows=3, stored=3, found=1)
    run_table.save(visit_workspace().cloud(), imported)
    app = page(run=old)
    assert is_calm(app), texts(app)
    said = texts(app)
    assert "those of this run are not in this cloud" in said
    assert "reconciled where it was tested: 3 records and 1 candidate." in said
    assert "Reconciled" not in said


def test_run_whose_records_expired_says_so_and_lists_none(home: Path) -> None:
    cloud = visit_workspace().cloud()
    old = new_run_id(datetime.now(UTC) - timedelta(days=2))
    expired = replace(newest(), id=old, record_days=1)
    run_table.save(cloud, expired)
    app = page(run=old)
    assert is_calm(app), texts(app)
    said = texts(app)
    assert "those of this run were kept for 1 day" in said
    assert "No more records of this cell are stored." in said
    assert "Reconciled" not in said
    assert "Not reconciled" not in said
