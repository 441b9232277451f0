"""The Lambda's packages: inline in the stack's template, and a zip for the console."""

from __future__ import annotations

import io
import re
import textwrap
import zipfile
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from aws.errors import DeployError

TEMPLATE_LIMIT = 51_200
"""Bytes of template body that CloudFormation takes (its quota "template body size")."""

TAG = "iris-loop"
"""Key of the tag that every resource has; its value is the stack's name."""

_PLACEHOLDER = 'ZipFile: "lambda_src/index.py is put here by aws/packaging.py"'
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def function_source() -> str:
    """Return the text of `lambda_src/index.py`, with Unix line ends whatever the checkout has."""
    return (
        "\n".join(files("lambda_src").joinpath("index.py").read_text("utf-8").splitlines()) + "\n"
    )


def render_template(without: Iterable[str] = ()) -> str:
    """Return `template.yaml` with the function's source inline, ready to deploy.

    Args:
        without: resources that are left out, with the outputs that refer to them.

    Raises:
        DeployError: the result is larger than `TEMPLATE_LIMIT`.
    """
    template = files("aws").joinpath("template.yaml").read_text("utf-8")
    before, placeholder, after = template.partition(_PLACEHOLDER)
    if not placeholder:
        raise DeployError(
            f"Restore aws/template.yaml: expected {_PLACEHOLDER!r} in it, found none."
        )
    indent = " " * (len(before) - before.rfind("\n") - 1 + 2)
    source = textwrap.indent(function_source(), indent)
    rendered = f"{before}ZipFile: |\n{source}{after.removeprefix(chr(10))}"
    size = len(rendered.encode())
    if size > TEMPLATE_LIMIT:
        raise DeployError(
            f"The template has {size:,} bytes with the function inline; CloudFormation takes "
            f"{TEMPLATE_LIMIT:,}. Shorten lambda_src/index.py, or upload the zip in the console."
        )
    for resource in without:
        block = rf"  {resource}:\n(?:    .*\n|\n)+"
        reference = rf"    DependsOn: {resource}\n|  \w+:\n    Value: !Ref {resource}\n"
        rendered = re.sub(rf"^(?:{block}|{reference})", "", rendered, flags=re.MULTILINE)
    return rendered.removesuffix("\nOutputs:\n")


def stack_request(stack: str, template: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what CloudFormation is sent to create or to update a stack.

    Args:
        stack: its name, and the value of the tag of its resources.
        template: of `render_template`.
        parameters: of the template.
    """
    return {
        "StackName": stack,
        "TemplateBody": template,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        "Capabilities": ["CAPABILITY_IAM"],
        "Tags": [{"Key": TAG, "Value": stack}],
    }


def function_zip() -> bytes:
    """Return the zip to upload in the Lambda console: always and everywhere the same bytes.

    Stored, not deflated, for compressors differ between zlib versions.
    """
    entry = zipfile.ZipInfo("index.py", date_time=_FIRST_ZIP_DATE)
    entry.create_system = 3  # Unix, on Windows too
    entry.external_attr = 0o644 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(entry, function_source())
    return packed.getvalue()
