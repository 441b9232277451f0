"""Verdicts out of what Label Studio exports: its JSON, or its JSON-MIN."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from app.services.review.file_verdicts import FileVerdict, FileVerdicts, RowName
from app.services.review.json_objects import JsonObject, json_objects, shortened
from app.services.review.label_studio import DROP, NOTE, VERDICT, label_of
from iris_core.errors import DataError
from iris_core.records.run import Run
from iris_core.records.verdict import MAX_NOTE, MAX_WHO, Decision

_FROM_HERE = "`cli.py review export --format label-studio` writes tasks that come back"


def read_tasks(file: Path, run: Run, is_known: Callable[[str], bool]) -> FileVerdicts:
    """Return the verdicts of annotated tasks; one that was skipped, or has none, is passed over.

    Args:
        file: as Label Studio exports it.
        run: into which they are taken.
        is_known: whether a run is one of the same project, by its id.

    Raises:
        DataError: it is no such file, or of another project; the message names the task.
    """
    found = FileVerdicts("task")
    for number, task in json_objects(file, "task"):
        task_id = task.get("id")
        place = f"task {number}" + (f" (id {task_id})" if isinstance(task_id, int) else "")
        try:
            row = _row(task, run, is_known)
            for choice, note, who in _annotations(task):
                decision: Decision = "drop" if choice == DROP else "relabel"
                label = "" if choice == DROP else label_of(choice)
                verdict = FileVerdict(place, decision, label, note[:MAX_NOTE], who[:MAX_WHO])
                found.add(row, verdict)
        except DataError as error:
            raise DataError(f"{file.name}, {place}: {error}") from error
    return found


def _row(task: JsonObject, run: Run, is_known: Callable[[str], bool]) -> RowName:
    """Return what the row of a task is named by."""
    data = _object(task["data"], "data") if _is_full(task) else task
    if "fingerprint" not in data:
        raise DataError(
            f"choose a file with tasks of this review: expected a fingerprint; {_FROM_HERE}, "
            "received none."
        )
    fingerprint = _text(data["fingerprint"], "fingerprint")
    if "run" not in data:
        return fingerprint, None
    run_id = _text(data["run"], "run")
    if run_id == run.id:
        return fingerprint, _row_number(data.get("row"))
    if not is_known(run_id):
        raise DataError(
            "choose a file with tasks of this project: expected one of its runs, received "
            f"{shortened(run_id)}."
        )
    return fingerprint, None


def _row_number(value: object) -> int | None:
    """Return the position of a row in its run; None if the task does not say."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise DataError(f"row: expected a whole number, received {shortened(value)}.")
    return value


def _is_full(task: JsonObject) -> bool:
    """Return whether a task is one of the JSON format, not of JSON-MIN."""
    return "data" in task


def _annotations(task: JsonObject) -> Iterator[tuple[str, str, str]]:
    """Yield the choice, the note and the reviewer of the annotations that have a choice."""
    if not _is_full(task):
        if (choice := _only(task.get(VERDICT), VERDICT)) is not None:
            yield choice, _joined(task.get(NOTE), NOTE), _reviewer(task.get("annotator"))
        return
    for entry in _list(task.get("annotations"), "annotations"):
        annotation = _object(entry, "annotations")
        is_cancelled = annotation.get("was_cancelled") or False
        if not isinstance(is_cancelled, bool):
            raise DataError(
                f"was_cancelled: expected true or false, received {shortened(is_cancelled)}."
            )
        results = [_object(one, "result") for one in _list(annotation.get("result"), "result")]
        if not is_cancelled and results:
            values = {name: _values(results, name) for name in (VERDICT, NOTE)}
            choices = [_only(value.get("choices"), "choices") for value in values[VERDICT]]
            notes = [_joined(value.get("text"), "text") for value in values[NOTE]]
            if (choice := _only(choices, VERDICT)) is not None:
                yield choice, "\n".join(notes), _reviewer(annotation.get("completed_by"))
            elif any(result.get("type") == "choices" for result in results):
                names = [result.get("from_name") for result in results]
                raise DataError(
                    f"choose a file with tasks of this review: expected a choice in '{VERDICT}', "
                    f"received one in {shortened(names)}."
                )


def _values(results: list[JsonObject], control: str) -> list[JsonObject]:
    """Return what was chosen or written in one control."""
    return [
        _object(result.get("value"), "value")
        for result in results
        if result.get("from_name") == control
    ]


def _only(value: object, name: str) -> str | None:
    """Return the one text of a list, or a text that stands alone; None if there is none."""
    texts = value if isinstance(value, list) else [value]
    if texts in ([], [None]):
        return None
    if len(texts) > 1:
        raise DataError(f"{name}: expected one choice, received {shortened(texts)}.")
    return _text(texts[0], name)


def _joined(value: object, name: str) -> str:
    """Return texts as one, a line each."""
    texts = value if isinstance(value, list) else [] if value is None else [value]
    return "\n".join(_text(text, name) for text in texts)


def _reviewer(value: object) -> str:
    """Return who gave a verdict: the e-mail address if that is known, else the user's number."""
    if isinstance(value, dict):
        value = value.get("email") or value.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return "" if value is None else _text(value, "completed_by")


def _text(value: object, name: str) -> str:
    """Return a text that can be stored."""
    # Half a surrogate pair, which JSON can write, can be stored nowhere.
    if not isinstance(value, str) or value.encode(errors="ignore").decode() != value:
        raise DataError(f"{name}: expected a text, received {shortened(value)}.")
    return value


def _list(value: object, name: str) -> list[object]:
    """Return a list, empty if there is none."""
    if not isinstance(value, list | None):
        raise DataError(f"{name}: expected a list, received {shortened(value)}.")
    return value or []


def _object(value: object, name: str) -> JsonObject:
    """Return an object."""
    if not isinstance(value, dict):
        raise DataError(f"{name}: expected an object, received {shortened(value)}.")
    return cast(JsonObject, value)
