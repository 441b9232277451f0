"""What moto lacks of the calls that protect a stack, until it has them."""

from __future__ import annotations

from typing import Any

import pytest
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult


def teach(patch: pytest.MonkeyPatch) -> None:
    """Let moto's CloudFormation protect stacks."""
    delete = CloudFormationResponse.delete_stack

    def delete_unless_protected(response: Any) -> ActionResult:
        if _stack(response).enable_termination_protection:
            raise ValidationError(
                message="Stack cannot be deleted: TerminationProtection is enabled"
            )
        return delete(response)

    patch.setattr(CloudFormationResponse, "delete_stack", delete_unless_protected)
    patch.setattr(
        CloudFormationResponse, "update_termination_protection", _protect_stack, raising=False
    )


def _stack(response: Any) -> Any:
    return response.cloudformation_backend.get_stack(response._get_param("StackName"))


def _protect_stack(response: Any) -> ActionResult:
    stack = _stack(response)
    stack.enable_termination_protection = response._get_param("EnableTerminationProtection")
    return ActionResult({"StackId": stack.stack_id})
