"""The loop over the pages, without a browser: test, review, retrain, and restore what was lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import state
from app.ui.visit import visit_workspace
from app.ui.widgets.error_display import UNEXPECTED
from aws import retrain_table, run_table, stack
from aws.tables import typed
from iris_core.records.keys import key_of
from iris_core.records.run import RunState
from tests.app.driving import go_to, is_calm, listed, press, says, tested, texts, trained, until

pytestmark = pytest.mark.cloud


def test_loop_from_training_to_a_retrained_model(app: AppTest) -> None:
    # GIVEN data in which 40 labels are wrong, and a model that was trained on the right ones
    app.number_input(key=state.NOISE_ROWS).set_value(40).run()
    assert "40 labels were changed" in texts(press(app, "Change labels"))
    trained(app)
    # WHEN the model is tested on the data with wrong labels, which is chosen already
    go_to(app, "test")
    assert "noisy" in app.selectbox(key="test_on").format_func(app.selectbox(key="test_on").value)
    tested(app)
    # THEN every record is accounted for, and the candidates are there to be reviewed
    workspace = visit_workspace()
    (run,) = run_table.runs(workspace.cloud())
    assert (run.state, run.stored, run.found) == ("reconciled", 1200, run.expected)
    assert run.found >= 35
    go_to(app, "retrain")
    assert is_calm(app), texts(app)
    assert len(listed(app)) == min(run.found, 50)
    # WHEN one is confirmed, the next relabelled and the next dropped
    decisions = review_three(app)
    verdicts = [c.verdict for c in retrain_table.candidates(workspace.cloud(), run) if c.verdict]
    assert sorted(verdict.decision for verdict in verdicts) == sorted(decisions)
    assert len(workspace.journal.verdicts(run.id)) == 3
    # THEN they correct the data: one row is relabelled, one is left out
    assert "1 row relabelled, 1 dropped, 0 added; 1,199 rows" in texts(press(app, "Apply verdicts"))
    # AND the model is trained anew on what is corrected
    until(press(app, "Retrain"), says("Evaluation accuracy"))
    newest, first = workspace.models.list().cards
    assert (newest.parent, newest.name) == (None, first.name)
    assert newest.rows == 1199
    # AND it is the one that is tested next, on the corrected data
    go_to(app, "test")
    assert newest.name in app.selectbox(key="model").options[0]
    assert app.selectbox(key="test_on").value == newest.dataset_id


def review_three(app: AppTest) -> tuple[str, str, str]:
    (keep,) = [button.label for button in app.button if button.label.startswith("Keep label")]
    press(app, keep)
    (accept,) = [button.label for button in app.button if button.label.startswith("Accept: ")]
    press(app, accept)
    press(app, "Drop")
    assert is_calm(app), texts(app)
    return "right", "relabel", "drop"


def test_verdict_of_somebody_else_is_not_overwritten(app_with_model: AppTest) -> None:
    # GIVEN a candidate on the screen, and a colleague who reviews it first
    app = tested(app_with_model)
    go_to(app, "retrain")
    workspace = visit_workspace()
    (run,) = run_table.runs(workspace.cloud())
    shown = next(retrain_table.candidates(workspace.cloud(), run))
    retrain_table.save_verdict(workspace.cloud(), shown, "drop")
    # WHEN it is reviewed here too
    (keep,) = [button.label for button in app.button if button.label.startswith("Keep label")]
    press(app, keep)
    # THEN it is said, and the colleague's verdict stays
    assert "Load it again" in app.error[0].value
    after = retrain_table.load(workspace.cloud(), shown.key)
    assert after is not None
    assert after.verdict is not None
    assert after.verdict.decision == "drop"


def test_run_of_a_stack_that_was_destroyed_and_deployed_again_is_restored(
    app_with_model: AppTest,
) -> None:
    # GIVEN a tested run, and a stack that was destroyed and deployed again
    app = tested(app_with_model)
    workspace = visit_workspace()
    go_to(app, "cloud")
    assert "IrisExtendedRetrain" in app.checkbox(key="destroy").label
    app.checkbox(key="destroy").check().run()
    until(press(app, "Destroy"), says("resources need attention"))
    assert stack.stack_state(workspace.cloud()) is None
    go_to(app, "test")
    assert "Deploy first" in app.error[0].value
    assert UNEXPECTED not in texts(app)
    go_to(app, "cloud")
    until(press(app, "Deploy"), says("All 7 resources healthy."))
    # WHEN the lost run is restored
    go_to(app, "test")
    assert "lost records or verdicts" in texts(app)
    until(press(app, "Restore"), says("Reconciled: all"))
    # THEN it is there again, under its own id
    assert [run.id for run in run_table.runs(workspace.cloud())] == [
        run.id for run in workspace.journal.runs()
    ]


def test_run_that_lacks_records_names_them_and_is_completed(app_with_model: AppTest) -> None:
    # GIVEN a run of which a record was lost, and the copy of another
    app = tested(app_with_model)
    workspace = visit_workspace()
    cloud, (run,) = workspace.cloud(), run_table.runs(workspace.cloud())
    copied = next(retrain_table.candidates(cloud, run)).key
    for table, key in (
        (cloud.settings.score_table, key_of(run.id, 0)),
        (cloud.settings.retrain_table, copied),
    ):
        cloud.dynamodb.delete_item(TableName=table, Key=typed(key._asdict()))
    run_table.save(cloud, replace(run, state=RunState.INCOMPLETE))
    # WHEN it is looked at
    go_to(app, "test")
    # THEN it is said what is missing
    assert "Not reconciled: some records are not accounted for" in texts(app)
    missing = app.dataframe[0].value
    assert list(missing["What"]) == ["not stored", "not copied"]
    assert list(missing["Record"]) == ["row 0", str(copied)]
    # AND it can be fixed
    until(press(app, "Complete this run"), says("Reconciled: all"))


def test_candidates_are_paged(app_with_model: AppTest) -> None:
    app = go_to(app_with_model, "test")
    app.number_input(key="test_threshold").set_value(1.0).run()
    tested(app)
    cloud, (run,) = visit_workspace().cloud(), run_table.runs(visit_workspace().cloud())
    # Nearly all rows: a probability may be 1 to the last bit, on some processors.
    rows = [candidate.key.row for candidate in retrain_table.candidates(cloud, run)]
    assert rows == sorted(set(rows))
    assert len(rows) == run.found > 100
    go_to(app, "retrain")
    assert list(listed(app)["Row"]) == rows[:50]
    assert list(listed(press(app, "Next"))["Row"]) == rows[50:100]
    assert list(listed(press(app, "Back"))["Row"]) == rows[:50]


def test_threshold_is_set_and_counts_in_the_next_run(app_with_model: AppTest) -> None:
    app = go_to(app_with_model, "cloud")
    # A form's values go with its button, not before.
    app.number_input(key="threshold").set_value(0.5)
    assert "The threshold is 0.5 now." in texts(press(app, "Set"))
    tested(app)
    (run,) = run_table.runs(visit_workspace().cloud())
    assert run.threshold == "0.5"
    # AND what the function did is in its log
    go_to(app, "cloud").session_state["log_open"] = True
    assert len(app.run().dataframe[1].value) > 0
    app.text_input(key="log_filter").set_value("no such words").run()
    assert "No such line." in texts(app)
