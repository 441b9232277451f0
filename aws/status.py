"""The state of each resource of the pipeline, and what to do about one that is not healthy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aws import failures, function, watch
from aws.clients import Cloud
from aws.errors import AccessError, translated
from aws.inventory import described_stack
from aws.redaction import redacted
from aws.stack import HEALTHY_STATES
from aws.tables import VIEWS, description, has_our_keys, keys_of, stream_view

SIGNALS = ("failure queue", "alarm", "alarm topic", "dashboard")
"""The kinds of what says how the pipeline works, which works without them."""

_CONFIRM = (
    "Confirm the subscription in the e-mail that AWS sent; if that is older than two days, deploy "
    "again for another one. Until then nobody gets the alarms."
)


@dataclass(frozen=True, slots=True)
class Part:
    """One resource that the pipeline needs.

    Attributes:
        kind: such as `table` or `function`.
        name: as it is called in the account.
        state: AWS's word for its state, or ours.
        well: whether it exists and is healthy; the JSON of `cloud status` has the same name.
        remedy: what to do if it is not; empty if it is.
    """

    kind: str
    name: str
    state: str
    well: bool
    remedy: str = ""


def status(cloud: Cloud) -> tuple[Part, ...]:
    """Return every resource of the pipeline, whoever made it: the stack or a person.

    The alarms are among them where there are some.
    """
    settings = cloud.settings
    with translated("looking at the cloud"):
        state, deployed = described_stack(cloud)
        return (
            _stack(cloud, state),
            _table(cloud, settings.score_table, "IRIS_SCORE_TABLE", streams=True),
            _table(cloud, settings.retrain_table, "IRIS_RETRAIN_TABLE"),
            _table(cloud, settings.runs_table, "IRIS_RUNS_TABLE"),
            _function(cloud),
            _mapping(cloud),
            _queue(cloud),
            *(_watching(cloud) if watch.is_on(settings, deployed) else ()),
        )


def _missing(kind: str, name: str) -> Part:
    return Part(kind, name, "missing", well=False, remedy="Deploy the stack.")


def _stack(cloud: Cloud, state: str | None) -> Part:
    if state is None:
        return _missing("stack", cloud.settings.stack)
    is_healthy = state in HEALTHY_STATES
    remedy = "" if is_healthy else "Deploy again; it mends what it can."
    return Part("stack", cloud.settings.stack, state, is_healthy, remedy)


def _table(cloud: Cloud, name: str, variable: str, *, streams: bool = False) -> Part:
    table = description(cloud, name)
    if not table:
        return _missing("table", name)
    if not has_our_keys(table):
        keys = ", ".join(f"{key} ({kind})" for key, kind in keys_of(table).items())
        remedy = (
            "Keys cannot be changed: delete the table and deploy, or name another one "
            f"({variable}). Expected partition_key (S), sort_key (S)."
        )
        return Part("table", name, f"other keys: {keys}", well=False, remedy=remedy)
    if streams and (fault := _stream_fault(table)):
        return Part("table", name, *fault)
    state = str(table.get("TableStatus", "unknown"))
    return Part("table", name, state, state == "ACTIVE", "" if state == "ACTIVE" else "Wait.")


def _stream_fault(table: Mapping[str, Any]) -> tuple[str, bool, str] | None:
    """Return the state, that it is not healthy, and the remedy for a stream that does not serve."""
    view = stream_view(table)
    if view in VIEWS:
        return None
    if not view:
        return "no stream", False, "Turn its stream on (new image), or deploy the stack."
    remedy = (
        "Turn its stream off, and on again with the new image, then add it to the function as a "
        "trigger again. Expected the new image, for the function reads nothing else."
    )
    return f"stream of {view}", False, remedy


def _function(cloud: Cloud) -> Part:
    name = cloud.settings.function
    configuration = function.configuration(cloud)
    if not configuration:
        return _missing("function", name)
    state = str(configuration.get("State", "Active"))
    # Pending: it is being made or changed. That ends by itself, and the stream waits for it.
    is_healthy = state in ("Active", "Inactive", "Pending")
    remedy = "" if is_healthy else redacted(configuration.get("StateReason", "Wait."))
    return Part("function", name, state, is_healthy, remedy)


def _mapping(cloud: Cloud) -> Part:
    name = f"{cloud.settings.score_table} → {cloud.settings.function}"
    mapping = function.mapping(cloud)
    if mapping is None:
        return _missing("stream mapping", name)
    stream = description(cloud, cloud.settings.score_table).get("LatestStreamArn")
    if stream and mapping.get("EventSourceArn") != stream:
        remedy = "Deploy again, then replay the runs since: the stream was turned off and on."
        return Part("stream mapping", name, "reads an old stream", well=False, remedy=remedy)
    state = str(mapping.get("State", "unknown"))
    is_healthy = state in ("Enabled", "Creating", "Enabling", "Updating")
    remedy = "" if is_healthy else "Enable the trigger in the Lambda console, or deploy again."
    return Part("stream mapping", name, state, is_healthy, remedy)


def _queue(cloud: Cloud) -> Part:
    name = cloud.settings.queue
    waiting = failures.count(cloud)
    if waiting is None:
        return _missing("failure queue", name)
    if waiting:
        remedy = "Read the function's log, fix the cause and replay the run."
        return Part("failure queue", name, f"{waiting} failed batches", well=False, remedy=remedy)
    return Part("failure queue", name, "empty", well=True)


def _watching(cloud: Cloud) -> Iterator[Part]:
    """Yield the alarms and the dashboard; of what may not be read, what is needed to read it."""
    function_name = cloud.settings.function
    looks: dict[tuple[str, str], Callable[[Cloud], tuple[Part, ...]]] = {
        ("alarm", f"{function_name}-*"): _alarms,
        ("alarm topic", watch.topic_name(cloud.settings)): _topic,
        ("dashboard", cloud.settings.stack): _dashboard,
    }
    for (kind, name), look in looks.items():
        try:
            with translated(f"reading the state of the {kind} {name}"):
                yield from look(cloud)
        except AccessError as error:
            yield Part(kind, name, "not known", well=False, remedy=str(error))


def _alarms(cloud: Cloud) -> tuple[Part, ...]:
    states = watch.states(cloud)
    ours = [name for part, name in watch.names(cloud.settings).items() if part in watch.SUFFIXES]
    return tuple(
        _alarm(name, states[name]) if name in states else _missing("alarm", name) for name in ours
    )


def _alarm(name: str, state: str) -> Part:
    is_well = state != "ALARM"
    remedy = "" if is_well else "Look at the dashboard, then at the function's log."
    return Part("alarm", name, state, is_well, remedy)


def _topic(cloud: Cloud) -> tuple[Part, ...]:
    name, state = watch.topic_name(cloud.settings), watch.topic_state(cloud)
    if not state:
        return ()
    if state == "missing":
        return (_missing("alarm topic", name),)
    is_well = state == "confirmed"
    return (Part("alarm topic", name, state, is_well, "" if is_well else _CONFIRM),)


def _dashboard(cloud: Cloud) -> tuple[Part, ...]:
    name = cloud.settings.stack
    there = Part("dashboard", name, "there", well=True)
    return (there if watch.has_dashboard(cloud) else _missing("dashboard", name),)
