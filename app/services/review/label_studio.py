"""A review for Label Studio: the candidates as its tasks, and what shows them there.

The format is that of https://labelstud.io/guide/task_format and of the tags `Choices`, `Table` and
`TextArea`; docs/review.md says how it was checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote, unquote

from app.services.review.label_search import Search
from app.services.review.ledger import row_of
from app.services.review.verdicts import classes, features
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.label_errors.suggestions import Suggestion
from iris_core.records.candidate import Candidate
from iris_core.records.reason import title_of
from iris_core.records.run import Run
from iris_core.records.verdict import Verdict

VERDICT: Final = "verdict"
"""The control by which a reviewer chooses a class."""
NOTE: Final = "note"
"""The control for a reviewer's note."""
EVIDENCE: Final = "evidence"
"""The control that shows the reason of a suggestion."""
DROP: Final = "drop"
"""The choice that drops a record."""
SEARCH: Final = "label error search"
"""The model version of the suggestions."""
_FIELDS: Final = "fields"
_ENCODED: Final = "class:"
_MOST_BUTTONS = 20
"""Classes that are shown as buttons; more are a list."""


def choice_of(label: str) -> str:
    """Return the choice that stands for a class, from which `label_of` returns the class.

    A name that Label Studio, XML or this module could take for something else is encoded: `$name`
    in a choice is replaced by a field of the task, and XML has no control characters.
    """
    return label if _is_plain(label) else _ENCODED + quote(label, safe="")


def label_of(choice: str) -> str:
    """Return the class that a choice stands for, which may not exist."""
    return unquote(choice.removeprefix(_ENCODED)) if choice.startswith(_ENCODED) else choice


def _is_plain(label: str) -> bool:
    """Return whether a class can be a choice as it is."""
    is_reserved = label == DROP or label.startswith(_ENCODED) or "$" in label
    return bool(label) and label.isprintable() and label.strip() == label and not is_reserved


def export_tasks(workspace: Workspace, run: Run, search: Search | None) -> bytes:
    """Return the candidates of a run as a JSON list of Label Studio's tasks, each on a line.

    A task has the record's fields, what names the row, and the tested model's class as a
    prediction; a candidate that was reviewed has its verdict as an annotation. Who gave it is left
    out: Label Studio refuses a file that names a user it does not have.

    Args:
        workspace: whose cloud holds the candidates.
        run: whose candidates.
        search: of the run, whose suggestions are to be predictions too; None for none.

    Raises:
        DataError: a record's fields cannot be read.
    """
    asked = search.asked.tolist() if search else []
    suggested = {entry.row: entry for entry in search.suggestions(asked)} if search else {}
    known = set(classes(workspace, run))
    tasks: list[str] = []
    for candidate in retrain_table.candidates(workspace.cloud(), run):
        row = row_of(workspace, run, candidate)
        suggestion = suggested.get(candidate.key.row)
        if suggestion and suggestion.suggested not in known | {candidate.record.actual_string}:
            # A class of the data that the model does not have: no verdict could name it.
            suggestion = None
        task = task_of(run, candidate, row.fingerprint if row else "", suggestion)
        tasks.append("\n" + json.dumps(task))
    return f"[{','.join(tasks)}\n]\n".encode()


def labelling_config(workspace: Workspace, run: Run, *, suggested: bool = False) -> str:
    """Return the labelling configuration, as XML, that shows the tasks of a run in Label Studio.

    Args:
        workspace: whose cloud holds the candidates.
        run: whose candidates.
        suggested: whether the tasks have suggestions.
    """
    known = classes(workspace, run)
    given = {
        candidate.record.actual_string
        for candidate in retrain_table.candidates(workspace.cloud(), run)
    }
    return config_of([*known, *sorted(given.difference(known))], suggested=suggested)


def config_of(labels: Iterable[str], *, suggested: bool) -> str:
    """Return a labelling configuration with a choice for each class, and one to drop the record."""
    choices = [_choice(choice_of(label), label) for label in labels]
    layout = ' layout="select"' if len(choices) > _MOST_BUTTONS else ""
    shown = (
        '  <Header size="5" value="Why another class is suggested"/>\n'
        f'  <TextArea name="{EVIDENCE}" toName="{_FIELDS}" editable="false" maxSubmissions="1"/>\n'
    )
    return (
        "<View>\n"
        '  <Header size="4" value="Which class should this record have?"/>\n'
        '  <Header size="5" value="True label: $given. Predicted: $predicted ($probability). '
        'For review because: $reason"/>\n'
        f'  <Table name="{_FIELDS}" value="${_FIELDS}"/>\n'
        f'  <Choices name="{VERDICT}" toName="{_FIELDS}" choice="single-radio" required="true" '
        f'requiredMessage="Choose one, or skip the record."{layout}>\n'
        + "".join(choices)
        + _choice(DROP, "Drop the record")
        + "  </Choices>\n"
        + (shown if suggested else "")
        + f'  <TextArea name="{NOTE}" toName="{_FIELDS}" placeholder="Note" rows="3" '
        'maxSubmissions="1"/>\n'
        "</View>\n"
    )


def _choice(choice: str, label: str) -> str:
    """Return one choice: its alias is what a result has, its value what people see."""
    # A full-width sign cannot begin the name of a field.
    shown = label if label and label.isprintable() else repr(label)
    shown = shown.replace("$", "\uff04")
    return f'    <Choice alias="{escape(choice)}" value="{escape(shown)}"/>\n'


def task_of(
    run: Run, candidate: Candidate, fingerprint: str, suggestion: Suggestion | None
) -> dict[str, object]:
    """Return a candidate as a task."""
    record = candidate.record
    predictions = [_prediction(f"model {run.model}", record.class_string, record.prob_string)]
    if suggestion:
        found = _prediction(SEARCH, suggestion.suggested, str(suggestion.probability))
        found["result"] = [
            _chosen(choice_of(suggestion.suggested)),
            _written(EVIDENCE, suggestion.reason),
        ]
        predictions.append(found)
    fields = {
        name: "" if value is None else str(value) for name, value in features(candidate).items()
    }
    return {
        "data": {
            "fingerprint": fingerprint,
            "run": run.id,
            "row": candidate.key.row,
            "given": record.actual_string,
            "predicted": record.class_string,
            "probability": record.prob_string,
            "reason": title_of(candidate.reason),
            _FIELDS: fields,
        },
        "predictions": predictions,
        "annotations": [_annotation(candidate.verdict)] if candidate.verdict else [],
    }


def _prediction(version: str, label: str, probability: str) -> dict[str, object]:
    """Return a class as a prediction, with its score unless that is no probability."""
    found: dict[str, object] = {"model_version": version, "result": [_chosen(choice_of(label))]}
    try:
        score = float(probability)
    except ValueError:
        return found
    return {**found, "score": score} if 0 <= score <= 1 else found


def _annotation(verdict: Verdict) -> dict[str, object]:
    """Return a verdict as an annotation."""
    result = [_chosen(DROP if verdict.decision == "drop" else choice_of(verdict.label))]
    if verdict.note:
        result.append(_written(NOTE, verdict.note))
    return {"result": result, "was_cancelled": False}


def _chosen(choice: str) -> dict[str, object]:
    """Return the result that a choice gives."""
    return _result(VERDICT, "choices", {"choices": [choice]})


def _written(control: str, text: str) -> dict[str, object]:
    """Return the result that a text gives."""
    return _result(control, "textarea", {"text": [text]})


def _result(control: str, kind: str, value: dict[str, object]) -> dict[str, object]:
    """Return what was chosen or written in a control."""
    return {"id": control, "from_name": control, "to_name": _FIELDS, "type": kind, "value": value}
