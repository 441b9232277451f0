"""One right less, each in turn: a sentence names it, and with it again the work is completed.

One local cloud enforces policies for all. What Lambda itself does in the role's name (reading the
stream, writing the log, filling the queue) no emulator asks about; `cloud verify` finds it on AWS.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from aws import failures, function, lab_steps, retrain_table, run_table, score_records
from aws.access_policies import policies
from aws.clients import Cloud, connect_local
from aws.errors import AccessError, ServiceError, WriteError
from aws.local_cloud import LocalCloud
from aws.reconciliation import reconcile, replay, wait_for_candidates
from aws.score_table import ScoreWriter
from aws.settings import Settings
from aws.stack import deploy
from aws.status import status
from aws.tables import typed
from iris_core.records.run import Run
from tests.aws.samples import expected_of, sample_records, sample_run, write_run
from tests.faults.proxy import Forward, Proxy, Reply, Request
from tests.security.policies import SETTINGS, Grant, grants, many, statements

pytestmark = pytest.mark.cloud
NAME = "dashboard"


@dataclass(frozen=True)
class Guarded:
    """A local cloud that enforces policies.

    Attributes:
        owner: who may do everything.
        user: who may do what the policy of the moment allows.
        run: filtered.
    """

    owner: Cloud
    user: Cloud
    run: Run

    def allow(self, without: Grant | None = None) -> None:
        """Give the user the dashboard's policy, less one action on one resource."""
        document = json.loads(policies(SETTINGS)["dashboard.json"])
        document["Statement"] = list(_less(document["Statement"], without))
        text = json.dumps(document)
        # AWS allows the batch by the action for one message; the emulator wants one of its name.
        text = text.replace('"sqs:DeleteMessage"', '"sqs:DeleteMessage", "sqs:DeleteMessageBatch"')
        self.iam.put_user_policy(UserName=NAME, PolicyName=NAME, PolicyDocument=text)

    @property
    def iam(self) -> Any:
        return self.owner.iam

    def lose_a_copy(self) -> None:
        key = next(retrain_table.candidates(self.owner, self.run)).key
        self.owner.dynamodb.delete_item(
            TableName=self.owner.settings.retrain_table, Key=typed(key._asdict())
        )

    def fail_a_batch(self) -> None:
        url = self.owner.sqs.get_queue_url(QueueName=self.owner.settings.queue)["QueueUrl"]
        self.owner.sqs.send_message(QueueUrl=url, MessageBody="failed")


def _less(listed: list[dict[str, Any]], without: Grant | None) -> Iterator[dict[str, Any]]:
    for statement in listed:
        resources = {resource.removesuffix(":*") for resource in many(statement["Resource"])}
        actions = [
            action
            for action in many(statement["Action"])
            if without is None or action != without[0] or without[1] not in resources
        ]
        if actions:
            yield {**statement, "Action": actions}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AUTH", "true")
        hold = LocalCloud(tmp_path_factory.mktemp("guarded") / "cloud")
        owner = connect_local(Settings(), hold.endpoint())
    deploy(owner)
    owner.iam.create_user(UserName=NAME)
    key = owner.iam.create_access_key(UserName=NAME)["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
    run = write_run(owner, 30)
    assert wait_for_candidates(owner, expected_of(run).by_partition, timeout=60)
    run_table.save(owner, run)
    assert owner.endpoint
    with Proxy(owner.endpoint) as proxy:
        proxy.fault = with_request_id
        yield Guarded(owner, Cloud(owner.settings, session, proxy.endpoint), run)
    hold.close()


def with_request_id(request: Request, forward: Forward) -> Reply:
    """Give an answer the id that each of AWS's has; the emulator's refusals lack it."""
    reply = forward(request)
    return replace(reply, headers={"x-amzn-RequestId": "of-the-proxy", **reply.headers})


Work = Callable[[Guarded], object]
SCORE, RETRAIN, RUNS = (
    f"arn:aws:dynamodb:us-east-1:*:table/{name}"
    for name in (SETTINGS.score_table, SETTINGS.retrain_table, SETTINGS.runs_table)
)
FUNCTION = f"arn:aws:lambda:us-east-1:*:function:{SETTINGS.function}"
QUEUE = f"arn:aws:sqs:us-east-1:*:{SETTINGS.queue}"
LOG = f"arn:aws:logs:us-east-1:*:log-group:{SETTINGS.log_group}"
STACK = f"arn:aws:cloudformation:us-east-1:*:stack/{SETTINGS.stack}/*"


def look(guarded: Guarded) -> None:
    """The state of every resource."""
    parts = [part for part in status(guarded.user) if part.kind != "failure queue"]
    assert all(part.well for part in parts)


def look_at_the_lab(guarded: Guarded) -> None:
    assert all(step.done for step in lab_steps.lab_steps(guarded.user))


class Write:
    """A run, the same one at each try."""

    def __init__(self) -> None:
        self.run = sample_run(30)

    def __call__(self, guarded: Guarded) -> None:
        with ScoreWriter(guarded.user, self.run.id) as writer:
            for record in sample_records(30):
                writer(record)
        assert wait_for_candidates(guarded.user, expected_of(self.run).by_partition, timeout=60)
        assert reconcile(guarded.user, self.run.id, 30, "0.9").complete


class Save:
    """A run in the run table, the same one at each try."""

    def __init__(self) -> None:
        self.run = sample_run(1)

    def __call__(self, guarded: Guarded) -> None:
        run_table.save(guarded.user, self.run)
        assert run_table.load(guarded.user, self.run.id) == self.run


def review(guarded: Guarded) -> None:
    candidate = next(retrain_table.candidates(guarded.user, guarded.run))
    saved = retrain_table.save_verdict(guarded.user, candidate, "drop", who="ana")
    assert retrain_table.load(guarded.user, candidate.key) == saved


def read_many(guarded: Guarded) -> None:
    keys = [candidate.key for candidate in retrain_table.candidates(guarded.owner, guarded.run)]
    assert all(retrain_table.load_many(guarded.user, keys))


def read_one(guarded: Guarded) -> None:
    key = next(retrain_table.candidates(guarded.owner, guarded.run)).key
    assert retrain_table.load(guarded.user, key)


class Replay:
    """A candidate that was lost, once."""

    def __init__(self) -> None:
        self.lost = False

    def __call__(self, guarded: Guarded) -> None:
        if not self.lost:
            guarded.lose_a_copy()
            self.lost = True
        run = guarded.run
        missing = reconcile(guarded.user, run.id, run.rows, run.threshold).missing
        assert len(missing) == 1
        replay(guarded.user, missing, run.threshold)
        assert reconcile(guarded.user, run.id, run.rows, run.threshold).complete


_shares = (f"0.9{digits}" for digits in itertools.count(1))


def set_threshold(guarded: Guarded) -> None:
    wanted = next(_shares)
    function.set_threshold(guarded.user, wanted)
    assert function.threshold(guarded.owner) == wanted


def clear_failures(guarded: Guarded) -> None:
    guarded.fail_a_batch()
    peek = failures.peek(guarded.user)
    assert peek
    assert failures.delete(guarded.user, [failure.receipt for failure in peek.failures])


def count_failures(guarded: Guarded) -> None:
    assert failures.count(guarded.user) is not None


WORK: Mapping[Grant, Callable[[], Work]] = {
    ("dynamodb:BatchWriteItem", SCORE): Write,
    ("dynamodb:DescribeTable", SCORE): lambda: look,
    ("dynamodb:GetItem", SCORE): lambda: (
        lambda guarded: _is_there(score_records.load(guarded.user, guarded.run, 0))
    ),
    ("dynamodb:Query", SCORE): lambda: (
        lambda guarded: _is_there(list(score_records.stored(guarded.user, guarded.run)))
    ),
    ("dynamodb:Scan", SCORE): lambda: look_at_the_lab,
    ("dynamodb:BatchGetItem", RETRAIN): lambda: read_many,
    ("dynamodb:DescribeTable", RETRAIN): lambda: look,
    ("dynamodb:GetItem", RETRAIN): lambda: read_one,
    ("dynamodb:Query", RETRAIN): Write,
    ("dynamodb:Scan", RETRAIN): lambda: look_at_the_lab,
    ("dynamodb:UpdateItem", RETRAIN): lambda: review,
    ("dynamodb:DescribeTable", RUNS): lambda: look,
    ("dynamodb:GetItem", RUNS): Save,
    ("dynamodb:PutItem", RUNS): Save,
    ("dynamodb:Query", RUNS): lambda: lambda guarded: _is_there(list(run_table.runs(guarded.user))),
    ("lambda:GetFunctionConfiguration", FUNCTION): lambda: look,
    ("lambda:InvokeFunction", FUNCTION): Replay,
    ("lambda:UpdateFunctionConfiguration", FUNCTION): lambda: set_threshold,
    ("lambda:ListEventSourceMappings", "*"): lambda: look,
    ("sqs:DeleteMessage", QUEUE): lambda: clear_failures,
    ("sqs:GetQueueAttributes", QUEUE): lambda: count_failures,
    ("sqs:GetQueueUrl", QUEUE): lambda: count_failures,
    ("sqs:ReceiveMessage", QUEUE): lambda: clear_failures,
    ("logs:FilterLogEvents", LOG): lambda: (
        lambda guarded: _is_there(function.log_lines(guarded.user))
    ),
    ("cloudformation:DescribeStacks", STACK): lambda: look,
}
"""Of each right of the dashboard, what needs it; made anew for each test."""


HIDES_NOTHING = {
    ("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:us-east-1:*:alarm:*"),
    ("cloudwatch:GetDashboard", f"arn:aws:cloudwatch::*:dashboard/{SETTINGS.stack}"),
    ("dynamodb:DescribeContinuousBackups", RETRAIN),
    ("dynamodb:DescribeContinuousBackups", RUNS),
    ("sns:GetTopicAttributes", f"arn:aws:sns:us-east-1:*:{SETTINGS.function}-alarms"),
}
"""Rights to look at what guards the pipeline: without one the rest is shown, and no work fails."""


def _is_there(found: object) -> None:
    assert found


def test_each_right_of_the_dashboard_has_its_work() -> None:
    assert WORK.keys() | HIDES_NOTHING == grants(statements("dashboard"))
    assert not WORK.keys() & HIDES_NOTHING


@pytest.mark.parametrize("grant", WORK, ids=lambda grant: f"{grant[0]}, {grant[1][-16:]}")
def test_right_that_is_missing_is_named_and_the_next_try_completes_the_work(
    guarded: Guarded, grant: Grant
) -> None:
    work = WORK[grant]()
    guarded.allow(without=grant)
    with pytest.raises((AccessError, WriteError)) as caught:
        work(guarded)
    assert grant[0] in str(caught.value)
    assert "Ask for the permission" in str(caught.value)
    guarded.allow()
    work(guarded)


def test_function_that_may_not_write_is_named_and_what_it_left_is_copied(guarded: Guarded) -> None:
    guarded.allow()
    iam = guarded.iam
    (role,) = (
        entry["RoleName"]
        for entry in iam.list_roles()["Roles"]
        if "FunctionRole" in entry["RoleName"]
    )
    stored = iam.get_role_policy(RoleName=role, PolicyName="retrain")["PolicyDocument"]
    reduced = {
        **stored,
        "Statement": [entry for entry in stored["Statement"] if entry["Sid"] != "CopyCandidates"],
    }
    iam.put_role_policy(RoleName=role, PolicyName="retrain", PolicyDocument=json.dumps(reduced))
    run = write_run(guarded.user, 30)
    missing = reconcile(guarded.user, run.id, 30, "0.9").missing
    assert len(missing) == expected_of(run).by_partition.total()
    with pytest.raises(ServiceError, match="dynamodb:UpdateItem"):
        replay(guarded.user, missing, "0.9")
    iam.put_role_policy(RoleName=role, PolicyName="retrain", PolicyDocument=json.dumps(stored))
    # The stream delivers again what failed.
    assert wait_for_candidates(guarded.user, expected_of(run).by_partition, timeout=60)
    assert reconcile(guarded.user, run.id, 30, "0.9").complete
