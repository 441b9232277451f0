"""Deploys and destroys that are killed, cut off or repeated: the next one completes them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from aws import stack
from aws.clients import Cloud, connect_local
from aws.errors import CredentialsError
from aws.status import status
from tests.faults import proxy as faults
from tests.faults.deploy_kills import (
    CASES,
    OWN,
    Case,
    around_changes,
    calls_of,
    kill_and_repeat,
    killed_after,
    works,
)
from tests.faults.proxy import Proxy, Reply, Request, Struck

pytestmark = pytest.mark.cloud


@pytest.fixture
def endpoint(local_cloud: Cloud) -> Iterator[str]:
    """Give a local cloud without a stack of this test, before and after."""
    assert local_cloud.endpoint
    yield local_cloud.endpoint
    stack.destroy(connect_local(OWN, local_cloud.endpoint))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_deploy_or_destroy_that_is_killed_around_a_change_is_completed_by_the_next_one(
    endpoint: str, case: Case
) -> None:
    # GIVEN the calls that it makes when nobody kills it
    cloud = connect_local(OWN, endpoint)
    case.before(cloud)
    names = calls_of(endpoint, case.work)
    assert case.change in names
    # WHEN it is killed at one of them, and repeated, THEN it is complete
    for calls in around_changes(names):
        assert kill_and_repeat(case, endpoint, calls), f"killed after {calls} of {names}"
    # THEN there are no calls beyond them
    case.before(cloud)
    assert not killed_after(len(names), endpoint, case.work)


def nth(fault: faults.Fault, number: int) -> Struck:
    requests = itertools.count()
    return Struck(fault, lambda _request: next(requests) == number)


@pytest.mark.parametrize("number", range(16))
def test_deploy_and_destroy_whose_answers_are_lost_succeed(endpoint: str, number: int) -> None:
    with Proxy(endpoint) as proxy:
        cloud = connect_local(OWN, proxy.endpoint)
        for work in (stack.deploy, stack.deploy, stack.destroy, stack.destroy):
            proxy.fault = nth(faults.reset_after, number)
            work(cloud)
            proxy.fault = faults.healthy
            if work is stack.deploy:
                assert all(part.well for part in status(cloud))
    assert stack.stack_state(connect_local(OWN, endpoint)) is None


def expired(request: Request, _forward: faults.Forward) -> Reply:
    """Refuse the credentials, as the service does that is asked."""
    says = b"The security token included in the request is expired"
    if "X-Amz-Target" in request.headers:
        body = b'{"__type": "ExpiredTokenException", "message": "%b"}' % says
        return Reply(400, body, faults.JSON)
    if request.path.startswith("/20"):  # Lambda's paths begin with the version of its API
        headers = {"x-amzn-ErrorType": "ExpiredTokenException", "x-amzn-RequestId": "r"}
        body = b'{"message": "%b"}' % says
        return Reply(403, body, {"Content-Type": "application/json", **headers})
    body = (
        b"<ErrorResponse><Error><Code>ExpiredToken</Code></Error><RequestId>r</RequestId>"
        b"</ErrorResponse>"
    )
    return Reply(403, body, {"Content-Type": "text/xml"})


def from_request(fault: faults.Fault, number: int) -> Struck:
    """Let a fault strike a request and all behind it."""
    requests = itertools.count()
    return Struck(fault, lambda _request: next(requests) >= number)


@pytest.mark.parametrize("is_new", [True, False], ids=["deploy", "deploy again"])
def test_deploy_whose_credentials_expire_at_any_call_says_so_and_the_next_one_completes_it(
    endpoint: str, is_new: bool
) -> None:
    cloud = connect_local(OWN, endpoint)
    stack.deploy(cloud)
    said: list[str] = []
    with Proxy(endpoint) as proxy:
        for number in itertools.count():
            if is_new:
                stack.destroy(cloud)
            # WHEN they expire at the next call, and stay so
            proxy.fault = from_request(expired, number)
            try:
                stack.deploy(connect_local(OWN, proxy.endpoint))
                break
            except CredentialsError as error:
                said.append(str(error))
            # THEN the next deploy completes it
            stack.deploy(cloud)
            assert all(part.well for part in status(cloud))
    assert len(said) > 10, "there is a call beyond"
    assert all("they are wrong or have expired. Get fresh ones" in text for text in said)
    assert works(cloud)
