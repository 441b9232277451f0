"""What the pipeline promises, checked one by one on a stack of its own that is deleted again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from aws import drift, failures, function, retrain_table, run_table, stack
from aws.clients import Cloud
from aws.errors import CloudError, translated
from aws.function_log import summarise
from aws.inventory import take_inventory
from aws.reconciliation import reconcile, replay, wait_for_candidates
from aws.redaction import redacted
from aws.score_table import ScoreWriter, read_partition
from aws.status import status
from aws.trial import ROWS, THRESHOLD, Trial, known_reasons, known_records
from iris_core.records.attributes import REASON
from iris_core.records.keys import Key, key_of, new_run_id
from iris_core.records.reason import Reason
from iris_core.records.record import Record

PATIENCE_SECONDS: Final = 300.0
"""How long the function, its trigger and its log are waited for: on AWS a new trigger takes a
minute or two to read its first record."""
CHANGED_THRESHOLD: Final = "0.99"
_BETWEEN: Final = "0.97"
"""A probability that only the changed threshold is above."""
_CHANGED_PROBABILITY: Final = "0.96"


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of the pipeline, checked.

    Attributes:
        name: the promise, as a sentence without a full stop.
        expected: what it comes to here.
        received: what came.
        seconds: that the check took.
        kept: whether what came is what was expected.
    """

    name: str
    expected: str
    received: str
    seconds: float
    kept: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a check expected and received."""

    expected: str
    received: str
    kept: bool


def check_promises(cloud: Cloud, *, patience: float = PATIENCE_SECONDS) -> Iterator[Promise]:
    """Deploy, and yield each promise when it is checked; `check_destroyed` belongs at the end.

    Args:
        cloud: with names that nothing else has.
        patience: seconds for which the function is waited for.

    Yields:
        The promises in their order; none after a deploy that failed.
    """
    trial = Trial(cloud, patience)
    for name, check in _CHECKS.items():
        promise = _checked(name, partial(check, trial))
        yield promise
        if check is _deploy and not promise.kept:
            return


def check_destroyed(cloud: Cloud, *, patience: float = PATIENCE_SECONDS) -> Promise:
    """Delete the stack, and check that nothing is left of it."""
    return _checked("Destroy leaves nothing", lambda: _destroy(Trial(cloud, patience)))


def _checked(name: str, check: Callable[[], _Seen]) -> Promise:
    """Make one check; an error of the cloud's, or an unreadable item, breaks the promise."""
    began = time.monotonic()
    try:
        seen = check()
    except (CloudError, LookupError, ValueError) as error:
        why = redacted(str(error) or type(error).__name__)
        seen = _Seen("no error", why, kept=False)
    seconds = round(time.monotonic() - began, 1)
    return Promise(name, seen.expected, seen.received, seconds, seen.kept)


def _same(expected: str, received: str) -> _Seen:
    return _Seen(expected, received, expected == received)


def _deploy(trial: Trial) -> _Seen:
    stack.deploy(trial.cloud)
    return _same("CREATE_COMPLETE", str(stack.stack_state(trial.cloud)))


def _is_healthy(trial: Trial) -> _Seen:
    parts = status(trial.cloud)
    expected = f"{len(parts)} resources healthy"
    ill = [f"{part.kind}: {part.state}" for part in parts if not part.well]
    return _same(expected, "; ".join(ill) or expected)


def _stores(trial: Trial) -> _Seen:
    written = known_records()
    run_table.save(trial.cloud, trial.run)
    with ScoreWriter(trial.cloud, trial.run.id, threshold=THRESHOLD) as writer:
        for record in written:
            writer(record)
    stored = map(Record.from_item, read_partition(trial.cloud, trial.partition))
    as_written = sum(1 for record in stored if record in written)
    return _same(f"{ROWS} records as written", f"{as_written} records as written")


def _copies(trial: Trial) -> _Seen:
    expected = Counter({trial.partition: len(known_reasons())})
    wait_for_candidates(trial.cloud, expected, timeout=trial.patience)
    found = {Key.from_item(item).row: item.get(REASON, "") for item in trial.copies()}
    return _same(_by_reason(known_reasons()), _by_reason(found))


def _by_reason(reasons: dict[int, str]) -> str:
    """Return the rows of each reason, in words."""
    rows: dict[str, list[str]] = {}
    for row, reason in sorted(reasons.items()):
        rows.setdefault(reason, []).append(str(row))
    return "; ".join(f"{reason}: {', '.join(of)}" for reason, of in sorted(rows.items())) or "none"


def _keeps_verdict(trial: Trial) -> _Seen:
    row = next(row for row, reason in known_reasons().items() if reason == Reason.WRONG)
    key = key_of(trial.run.id, row)
    expected = f"row {key.row}: right, by verification, at probability {_CHANGED_PROBABILITY}"
    candidate = retrain_table.load(trial.cloud, key)
    if candidate is None:
        return _Seen(expected, f"row {key.row} was not copied", kept=False)
    retrain_table.save_verdict(trial.cloud, candidate, "right", who="verification")
    # A record that is written as it was is in no stream.
    with ScoreWriter(trial.cloud, trial.run.id, threshold=THRESHOLD) as writer:
        writer(replace(known_records()[row], prob_string=_CHANGED_PROBABILITY))
    trial.until(lambda: _probability(trial, key) == _CHANGED_PROBABILITY)
    now = retrain_table.load(trial.cloud, key)
    verdict = now.verdict if now else None
    given = f"{verdict.decision}, by {verdict.who}" if verdict else "no verdict"
    return _same(expected, f"row {key.row}: {given}, at probability {_probability(trial, key)}")


def _probability(trial: Trial, key: Key) -> str:
    candidate = retrain_table.load(trial.cloud, key)
    return candidate.record.prob_string if candidate else "none"


def _reconciles(trial: Trial) -> _Seen:
    result = reconcile(trial.cloud, trial.run.id, ROWS, THRESHOLD)
    expected = len(known_reasons())
    return _same(
        f"{ROWS} tested, {ROWS} stored, {expected} expected, {expected} copied, none unexpected",
        f"{result.tested} tested, {result.stored} stored, {result.expected} expected, "
        f"{result.found} copied, {len(result.unexpected) or 'none'} unexpected",
    )


def _replays_nothing(trial: Trial) -> _Seen:
    before = trial.copies()
    keys = sorted(map(Key.from_item, before))
    if not keys:
        return _Seen("candidates, as they were", "no candidate to replay", kept=False)
    sent = replay(trial.cloud, keys, THRESHOLD)
    now = trial.copies()
    same = sum(1 for item in now if item in before)
    return _same(f"{len(keys)} sent, {len(keys)} as they were", f"{sent} sent, {same} as they were")


def _logs(trial: Trial) -> _Seen:
    copied = len(known_reasons())

    def counts() -> tuple[int, int, int]:
        log = summarise(function.log_lines(trial.cloud))
        of = log.counts
        return log.by_run.get(trial.run.id, 0), of.get("copied", 0), of.get("unjudgeable", 0)

    def is_complete() -> bool:
        # The stream may deliver a record twice.
        return counts()[0] >= ROWS and counts()[1] >= copied

    trial.until(is_complete)
    found = counts()
    return _Seen(
        f"at least {ROWS} received and {copied} copied, 0 that could not be evaluated",
        f"{found[0]} received and {found[1]} copied, {found[2]} that could not be evaluated",
        kept=found[0] >= ROWS and found[1] >= copied and not found[2],
    )


def _fails_nothing(trial: Trial) -> _Seen:
    return _same("0 batches", f"{failures.count(trial.cloud)} batches")


def _deploys_again(trial: Trial) -> _Seen:
    before = (trial.copies(), run_table.load(trial.cloud, trial.run.id))
    changed = stack.deploy(trial.cloud)
    is_same = before == (trial.copies(), run_table.load(trial.cloud, trial.run.id))
    received = (
        f"{'a change' if changed else 'no change'}, {'the same' if is_same else 'other'} items"
    )
    return _same("no change, the same items", received)


def _changes_threshold(trial: Trial) -> _Seen:
    function.set_threshold(trial.cloud, CHANGED_THRESHOLD)
    key = key_of(new_run_id(), 0)
    # Without a threshold of its own: the function's counts.
    with ScoreWriter(trial.cloud, key.run) as writer:
        writer(Record(0, "{'species': 'setosa'}", "setosa", "setosa", _BETWEEN))
    trial.until(lambda: retrain_table.load(trial.cloud, key) is not None)
    candidate = retrain_table.load(trial.cloud, key)
    by = f"copied by {candidate.threshold}" if candidate else "not copied"
    return _same(
        f"the function has {CHANGED_THRESHOLD}, and {_BETWEEN} is copied by {CHANGED_THRESHOLD}",
        f"the function has {function.threshold(trial.cloud)}, and {_BETWEEN} is {by}",
    )


def _destroy(trial: Trial) -> _Seen:
    cloud = trial.cloud
    stack.destroy(cloud)
    left: list[str] = []

    def is_gone() -> bool:
        # SQS may name a queue for a minute after its deletion.
        with translated("looking for what is left"):
            left[:] = sorted(take_inventory(cloud).there)
            if "FunctionLog" in left:
                drift.delete_log(cloud)
        return not left

    trial.until(is_gone)
    return _same("nothing", ", ".join(left) or "nothing")


_CHECKS: Final[dict[str, Callable[[Trial], _Seen]]] = {
    "Deploy makes the stack": _deploy,
    "Every resource is healthy": _is_healthy,
    "Every tested record is in the score table": _stores,
    "Exactly the expected candidates are in the retrain table, with their reason": _copies,
    "A verdict is kept when its record is delivered again": _keeps_verdict,
    "The run reconciles": _reconciles,
    "A replay changes nothing": _replays_nothing,
    "The function's log has the counts": _logs,
    "The failure queue is empty": _fails_nothing,
    "Deploy again changes nothing": _deploys_again,
    "A changed threshold is in force": _changes_threshold,
}
