"""Where a lab step is done in AWS's console."""

from __future__ import annotations

import pytest

from aws.lab_steps import LabStep, console_address
from aws.settings import Settings


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "console.aws.amazon.com"),
        ("cn-north-1", "console.amazonaws.cn"),
        ("us-gov-west-1", "console.amazonaws-us-gov.com"),
        ("eusc-de-east-1", "console.amazonaws-eusc.eu"),
    ],
)
def test_console_is_that_of_the_partition(region: str, host: str) -> None:
    step = LabStep("The function", False, "none", service="lambda")
    address = console_address(Settings(region=region), step)
    assert address == f"https://{host}/lambda/home?region={region}"
