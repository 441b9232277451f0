"""Every vendor error becomes one of ours, with a remedy."""

from __future__ import annotations

import pytest
from botocore import exceptions as vendor

from aws import errors
from aws.clients import connect
from aws.settings import Settings


def answer(code: str) -> vendor.ClientError:
    return vendor.ClientError({"Error": {"Code": code, "Message": "Said the cloud."}}, "Call")


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("ExpiredTokenException", errors.CredentialsError),
        ("UnrecognizedClientException", errors.CredentialsError),
        ("AccessDeniedException", errors.AccessError),
        ("AccessDenied", errors.AccessError),
        ("ResourceNotFoundException", errors.NotDeployedError),
        ("ConditionalCheckFailedException", errors.ConflictError),
        ("SomethingNew", errors.ServiceError),
    ],
)
def test_answer_becomes_our_error(code: str, ours: type[errors.CloudError]) -> None:
    with pytest.raises(ours, match="while testing"), errors.translated("testing"):
        raise answer(code)


def test_call_that_is_not_allowed_is_named_though_the_service_does_not_name_it() -> None:
    denied = vendor.ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "Access to the resource is denied."}},
        "GetQueueUrl",
    )
    assert "counting (GetQueueUrl): Access" in str(errors.translate(denied, "counting"))


def test_every_error_of_botocore_is_translated() -> None:
    kinds = [
        kind
        for kind in vars(vendor).values()
        if isinstance(kind, type) and issubclass(kind, vendor.BotoCoreError)
    ]
    assert len(kinds) > 50
    for kind in kinds:
        plain = kind.__new__(kind)
        Exception.__init__(plain, "no details")
        assert isinstance(errors.translate(plain, "testing"), errors.CloudError)


def test_missing_credentials_name_the_remedy() -> None:
    ours = errors.translate(vendor.NoCredentialsError(), "deploying")
    assert isinstance(ours, errors.CredentialsError)
    assert "AWS_ACCESS_KEY_ID" in str(ours)


def test_lost_connection_is_unreachable() -> None:
    lost = vendor.EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    assert isinstance(errors.translate(lost, "writing"), errors.UnreachableError)


def test_profile_that_does_not_exist_is_a_credentials_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(errors.CredentialsError, match="nobody"):
        connect(Settings(target="aws"))
