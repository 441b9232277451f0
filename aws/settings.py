"""Settings of the cloud half: which cloud, which names, how many threads.

Read from a mapping such as the process environment or Streamlit's secrets; no secret is among
them. AWS credentials come from boto3's own chain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, cast

from aws.errors import SettingsError
from lambda_src.index import InvalidRecordError, parse_share

Target = Literal["local", "aws"]


def _matches(pattern: str, expected: str) -> Callable[[str], str | None]:
    """Return a check that names what is expected of a text that does not match."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: None if compiled.fullmatch(text) else expected


def _share(text: str) -> str | None:
    try:
        parse_share(text)
    except InvalidRecordError:
        return "a number from 0 to 1, such as 0.9"
    return None


REGION = r"[a-z]{2,8}(-[a-z]{1,16})+-\d{1,2}"
"""How regions are written, in every partition: `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`."""
PREFIX_CHARACTERS = 28
"""Characters of a prefix at most: the longest name that begins with it is that of the role,
`<prefix>-IrisLoop-FunctionRole-<13 characters>`, and IAM takes 64."""
_NAMES = {
    "stack": "IrisLoop",
    "score_table": "IrisExtended",
    "retrain_table": "IrisExtendedRetrain",
    "runs_table": "IrisExtendedRuns",
    "function": "IrisLambdaFn",
}
"""Names without a prefix; those of the queue and of the log follow from the function's."""
MIN_MAX_WRITES = 100
"""The lowest limit of writes a second: the retrain table takes twice as much, which is one
transaction of the function, and eight threads are served long before their requests' time is up."""
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)
_NAME = _matches(r"[A-Za-z0-9_.-]{3,64}", "3 to 64 letters, digits, '_', '.' or '-'")
_CHECKS: dict[str, Callable[[str], str | None]] = {
    "target": _matches(r"local|aws", "'local' or 'aws'"),
    "region": _matches(rf"|{REGION}", "a region such as us-east-1"),
    "profile": _matches(r"[^\x00-\x1f\x7f\]]{0,128}", "the name of a profile, on one line"),
    "prefix": _matches(
        rf"|[A-Za-z][A-Za-z0-9-]{{0,{PREFIX_CHARACTERS - 1}}}",
        f"at most {PREFIX_CHARACTERS} letters, digits or '-', a letter first, such as team-dev,",
    ),
    "stack": _matches(r"[A-Za-z][A-Za-z0-9-]{0,127}", "letters, digits and '-', a letter first"),
    "score_table": _NAME,
    "retrain_table": _NAME,
    "runs_table": _NAME,
    "function": _matches(r"[A-Za-z0-9_-]{1,48}", "1 to 48 letters, digits, '_' or '-'"),
    "role_arn": _matches(
        r"|arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}", "a role's ARN, or nothing"
    ),
    "threshold": _share,
    "protect": _matches(r"|on|off", "'on', 'off' or nothing"),
    "keep_days": _matches(r"|[1-9]\d{0,3}", "a number of days from 1 to 9999, or nothing"),
    "alarm": _matches(
        rf"|[^@\s]{{1,64}}@[^@\s]{{1,190}}|arn:aws[a-z-]*:sns:{REGION}:\d{{12}}:[\w-]{{1,256}}",
        "an e-mail address, or a topic's ARN, or nothing,",
    ),
    "max_writes": _matches(r"|[1-9]\d{2,6}", f"{MIN_MAX_WRITES} or more write units, or nothing,"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the cloud half, each read from `IRIS_<FIELD>`; an empty name is derived.

    Attributes:
        target: the local cloud, or AWS.
        region: of AWS; empty for the one that boto3 finds, in the environment or the profile.
        profile: of the AWS configuration files; empty for the one that boto3 finds.
        prefix: what the names begin with that are not set by themselves, such as `team-dev` for
            the stack `team-dev-IrisLoop`; several stages thus share an account. Empty for none.
        stack: name of the CloudFormation stack.
        score_table: name of the table of tested records.
        retrain_table: name of the table of candidates.
        runs_table: name of the table of runs.
        function: name of the Lambda function; the queue's and the log's begin with it.
        role_arn: of a role for the function; empty for one that the stack makes, with the least
            privileges.
        threshold: the one that a new stack starts with, 0 to 1; later the function's own counts.
        protect: whether a deploy protects runs and verdicts from deletion; empty for on AWS alone.
        keep_days: days for which AWS keeps the records of a run; empty for ever.
        alarm: who gets the alarms on the pipeline, an e-mail address or the ARN of a topic; empty
            for no alarms.
        max_writes: write units a second that the score table takes at most, and the retrain table
            twice; empty for no limit.
        threads: connections that write or read at once, 1 to 64.

    Raises:
        SettingsError: a value is out of range, or two tables have one name.
    """

    target: Target = "local"
    region: str = ""
    profile: str = ""
    prefix: str = ""
    stack: str = ""
    score_table: str = ""
    retrain_table: str = ""
    runs_table: str = ""
    function: str = ""
    role_arn: str = ""
    threshold: str = "0.9"
    protect: str = ""
    keep_days: str = ""
    alarm: str = ""
    max_writes: str = ""
    threads: int = 8

    def __post_init__(self) -> None:
        """Derive the names that are not set, check all, and that three tables have three names."""
        for name, text in _NAMES.items():
            if not getattr(self, name):
                derived = f"{self.prefix}-{text}" if self.prefix else text
                object.__setattr__(self, name, derived)
        for name, check in _CHECKS.items():
            received = getattr(self, name)
            expected = check(received)
            if expected:
                raise SettingsError(
                    f"Expected {expected} in IRIS_{name.upper()}, received {received[:80]!r}."
                )
        if not 1 <= self.threads <= 64:
            raise SettingsError(
                f"Expected 1 to 64 threads in IRIS_THREADS, received {self.threads}."
            )
        if len({self.score_table, self.retrain_table, self.runs_table}) < 3:
            raise SettingsError(
                "Expected three different names in IRIS_SCORE_TABLE, IRIS_RETRAIN_TABLE and "
                f"IRIS_RUNS_TABLE, received {self.score_table!r}, {self.retrain_table!r} and "
                f"{self.runs_table!r}."
            )

    @property
    def queue(self) -> str:
        """Return the name that the template gives the failure queue."""
        return f"{self.function}-failures"

    @property
    def log_group(self) -> str:
        """Return the name of the function's log."""
        return f"/aws/lambda/{self.function}"

    @property
    def protects_history(self) -> bool:
        """Return whether a deploy protects runs and verdicts from deletion."""
        return self.protect == "on" if self.protect else self.target == "aws"

    @property
    def record_days(self) -> int:
        """Return for how many days the records of a new run are kept, 0 for ever.

        The local cloud keeps all: its emulator does not make a table whose records expire.
        """
        return int(self.keep_days) if self.keep_days and self.target == "aws" else 0

    @property
    def cloud_name(self) -> str:
        """Return what a workspace calls this cloud: the target, and the prefix if there is one."""
        return f"{self.target}-{self.prefix}" if self.prefix else self.target

    @classmethod
    def from_mapping(cls, source: Mapping[str, str]) -> Settings:
        """Return the settings that a mapping names, and the defaults of the others.

        Args:
            source: such as the environment, with names like `IRIS_TARGET`; `AWS_REGION` and
                `AWS_DEFAULT_REGION` count where `IRIS_REGION` is not set.

        Raises:
            SettingsError: a value is out of range.
        """
        values = {
            field.name: source[f"IRIS_{field.name.upper()}"]
            for field in fields(cls)
            if source.get(f"IRIS_{field.name.upper()}")
        }
        region = source.get("AWS_REGION") or source.get("AWS_DEFAULT_REGION")
        if region:
            values.setdefault("region", region)
        threads = values.pop("threads", "8")
        if not _DIGITS.fullmatch(threads):
            raise SettingsError(
                f"Expected 1 to 64 threads in IRIS_THREADS, received {threads[:80]!r}."
            )
        target = cast(Target, values.pop("target", "local"))
        return cls(target=target, threads=int(threads), **values)
