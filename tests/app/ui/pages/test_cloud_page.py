"""The Cloud page: the log added up, the failure queue, the costs, the lab's steps, its files."""

from __future__ import annotations

from pathlib import Path

import pytest
from moto import mock_aws
from streamlit.testing.v1 import AppTest

from app.services.export import item_export
from app.services.workspace import Workspace
from app.ui import state
from app.ui.visit import visit_workspace
from aws import failures, run_table, stack
from aws.clients import Cloud, connect
from aws.errors import UnreachableError
from aws.reconciliation import wait_for_candidates
from aws.settings import Settings
from iris_core.records.run import Run, RunState
from tests.app.driving import go_to, open_page, press, says, texts, until
from tests.aws.alarms import EMAIL, with_alarms
from tests.aws.samples import candidate_rows, expected_of, sample_record, write_run

pytestmark = pytest.mark.cloud

PARTS = (state.LOG_OPEN, state.QUEUE_OPEN, state.COST_OPEN)


@pytest.fixture
def app(home: Path) -> AppTest:
    """The Cloud page on a workspace of its own, everything on it folded."""
    return open_page("cloud")


def unfold(app: AppTest, *parts: str) -> AppTest:
    for part in parts:
        app.session_state[part] = True
    app.run()
    assert not app.exception
    return app


def test_account_is_shown_before_aws_is_chosen_and_before_anything_is_deployed(
    app: AppTest,
) -> None:
    line = "AWS account 123456789012, region us-east-1, role user moto"
    with mock_aws():
        app.radio(key=state.TARGET).set_value("aws").run()
        assert line in texts(app).replace("\\", "")
        press(app, "Yes, work on AWS")
        assert line in texts(app).replace("\\", "")
        assert [button.label for button in app.button if not button.disabled][:2] == [
            "Look again",
            "Deploy",
        ]
    assert not app.exception


def test_alarms_are_listed_with_their_states_and_a_link_to_the_dashboard(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_TARGET", "aws")
    monkeypatch.setenv("IRIS_ALARM", EMAIL)
    with mock_aws():
        cloud = connect(Settings(target="aws"))
        stack.deploy(cloud)
        with_alarms(cloud, LagAlarm="ALARM")
        app = open_page("cloud")
    table = app.dataframe[0].value
    states = dict(zip(table["Name"], table["State"], strict=True))
    assert (states["IrisLambdaFn-lag"], states["IrisLambdaFn-errors"]) == ("ALARM", "OK")
    assert "2 of 15 resources need attention." in [warning.value for warning in app.warning]
    (link,) = app.get("link_button")
    assert link.proto.url.endswith("region=us-east-1#dashboards/dashboard/IrisLoop")


def test_protection_is_asked_for_once_and_again_when_somebody_looks_again_or_deploys(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_TARGET", "aws")
    with mock_aws():
        cloud = connect(Settings(target="aws"))
        stack.deploy(cloud)
        app = open_page("cloud")
        cloud.dynamodb.update_table(TableName="IrisExtendedRuns", DeletionProtectionEnabled=False)
        # What the page says stays for a while
        assert protection_on(app.run()).startswith("Runs and verdicts are protected:")
        assert "in part" in protection_on(press(app, "Look again"))
        press(app, "Deploy")
        until(app, lambda app: protection_on(app).startswith("Runs and verdicts are protected:"))


def protection_on(app: AppTest) -> str:
    """What the page says of the protection; empty while the stack is changed."""
    said = (caption.value.replace("\\", "") for caption in app.caption)
    return next((text for text in said if text.startswith("Runs and verdicts are ")), "")


def test_stack_on_aws_is_destroyed_after_an_export(app: AppTest, home: Path) -> None:
    with mock_aws():
        stack.deploy(connect(Settings(target="aws")))
        app.radio(key=state.TARGET).set_value("aws").run()
        press(app, "Yes, work on AWS")
        app.checkbox(key=state.DESTROY).check().run()
        press(app, "Destroy")
        until(app, says("0 runs and 0 verdicts were exported to"))
    (folder,) = (home / "exports").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        "history.jsonl",
        "runs.jsonl",
        "verdicts.jsonl",
    }


def test_account_without_credentials_is_an_error_with_the_remedy_and_the_way_back(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    app.radio(key=state.TARGET).set_value("aws").run()
    assert "aws configure" in app.error[0].value
    press(app, stay(app))
    assert not app.error


def stay(app: AppTest) -> str:
    (label,) = [button.label for button in app.button if button.label.startswith("Stay on")]
    return label


def test_parts_that_are_folded_ask_nothing(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_cloud: Cloud) -> None:
        raise AssertionError("nobody opened it")

    monkeypatch.setattr(failures, "peek", forbidden)
    assert not app.run().error


def test_everything_opens_on_an_empty_cloud(app: AppTest) -> None:
    unfold(app, *PARTS)
    assert not app.error
    said = texts(app)
    assert "No log lines in the last day" in said
    assert "No failed batches." in said
    assert "Runs and verdicts are not protected from deletion." in said
    assert "the extended iris data" in said
    assert [metric.label for metric in app.metric] == ["1,000 records", "1,000,000 records"]


def test_run_is_counted_priced_and_done(app: AppTest) -> None:
    # GIVEN a run that the function has been through, one of its records with a broken probability
    cloud = visit_workspace().cloud()
    run = write_run(cloud, 70)
    assert wait_for_candidates(cloud, expected_of(run).by_partition, timeout=60)
    found = len(candidate_rows(70))
    run_table.save(cloud, run_of(run, found))
    # WHEN all parts are opened
    unfold(app, *PARTS)
    # THEN the log is added up, and the bill is that of the run's share
    frames = [frame.value for frame in app.dataframe]
    counts = next(frame for frame in frames if "Meaning" in frame)
    by_outcome = dict(zip(counts["What"], counts["Records"], strict=True))
    assert (by_outcome["received"], by_outcome["copied"]) == (70, found)
    go_to(app, "lab")
    assert "Local cloud: 7 of 7 steps are done." in texts(app)
    assert run.model in app.selectbox(key=state.RUN).options[0]
    unfold(go_to(app, "cloud"), *PARTS)
    assert app.number_input(key=state.COST_SHARE).value == pytest.approx(100 * found / 70, abs=0.1)
    assert "the first 70 of the newest run" in texts(app)
    # AND the files hold both tables' items
    score, retrain = item_export.score_items(cloud, run), item_export.retrain_items(cloud, run)
    assert score.count(b"\r\n") == 71
    assert retrain.count(b"\r\n") == found + 1
    assert score.decode("utf-8-sig").startswith("partition_key,sort_key,Features,Class,Actual")
    assert run.id.encode() in retrain
    assert sample_record(0).class_string.encode() in score


def run_of(run: Run, found: int) -> Run:
    return Run.from_dict(
        {**run.to_dict(), "state": RunState.RECONCILED, "found": found, "stored": run.rows}
    )


def test_refused_records_are_named_in_the_log(app: AppTest) -> None:
    cloud = visit_workspace().cloud()
    run = write_run(cloud, 1)
    broken = {
        "partition_key": {"S": f"{run.id}#000000"}, "sort_key": {"S": "000000007"},
        "Features": {"S": "{}"}, "Class": {"S": "a"}, "Actual": {"S": "a"},
        "Probability": {"S": "<b>0,9"},
    }  # fmt: skip
    cloud.dynamodb.put_item(TableName=cloud.settings.score_table, Item=broken)
    app.session_state[state.LOG_OPEN] = True
    for _ in range(100):
        if "were refused by the function" in texts(app.run()):
            break
    refused = next(frame.value for frame in app.dataframe if "Why" in frame.value)
    assert "<b>0,9" in refused["Why"].iloc[0]


def test_failures_are_shown_and_go_by_a_button_only(app: AppTest) -> None:
    cloud = visit_workspace().cloud()
    url = cloud.sqs.get_queue_url(QueueName=f"{cloud.settings.function}-failures")["QueueUrl"]
    cloud.sqs.send_message(QueueUrl=url, MessageBody="=1+1 <b>")
    unfold(app, state.QUEUE_OPEN)
    shown = app.dataframe[1].value
    assert list(shown["Message"]) == ["=1+1 <b>"]
    assert list(shown["Why"]) == ["not said"]
    (button,) = [button for button in app.button if button.label.startswith("Delete these")]
    button.click().run()
    assert "No failed batches." in texts(app)


def test_cloud_that_does_not_answer_leaves_the_downloads(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_workspace: Workspace) -> None:
        raise UnreachableError("Expected an answer, received none. Look at the network.")

    monkeypatch.setattr(Workspace, "cloud", unreachable)
    app.run()
    (message,) = app.error
    assert "received none" in message.value
    assert not [label for label in downloads(app) if "Policy" in label]
    assert "Downloads" in [subheader.value for subheader in app.subheader]
    # AND the policies, for whoever asks for them
    unfold(app, state.POLICIES_OPEN)
    assert downloads(app)[-2:] == ["Policy dashboard.json", "Policy deployer.json"]


def downloads(app: AppTest) -> list[str]:
    return [str(button.proto.label) for button in app.get("download_button")]
