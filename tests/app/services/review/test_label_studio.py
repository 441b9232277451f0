"""Tasks for Label Studio and what it exports: whatever classes and notes are, they survive."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.services.review.annotated_tasks import read_tasks
from app.services.review.label_studio import DROP, choice_of, config_of, label_of, task_of
from iris_core.errors import DataError
from iris_core.label_errors.suggestions import Suggestion
from iris_core.records.candidate import Candidate
from iris_core.records.keys import key_of
from iris_core.records.reason import Reason
from iris_core.records.record import Record
from iris_core.records.run import Run
from iris_core.records.verdict import MAX_NOTE, Decision, Verdict

RUN = Run(
    id="20261127T101112.131415Z-0123456789abcdef",
    model="iris-v1",
    dataset="data",
    dataset_name="flowers",
    rows=9,
    threshold="0.9",
)
SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parent / "label_studio_tasks.schema.json").read_text("utf-8"))
)
ODD = (
    "drop",
    "class:",
    "class:drop",
    "$given",
    "US$5",
    "a%20b",
    "a\nb",
    "\0",
    " lead",
    "",
    "<&\">'",
)
LABELS = st.text(max_size=20) | st.sampled_from(ODD)


def candidate(row: int, actual: str, predicted: str, verdict: Verdict | None = None) -> Candidate:
    fields = {"petal length (cm)": 1.5, "colour": None}
    record = Record(row, str(fields), predicted, actual, "0.75", f"{row:016d}")
    return Candidate(key_of(RUN.id, row), record, Reason.WRONG, "0.9", verdict, version=0)


def task(row: int, actual: str, predicted: str, verdict: Verdict | None = None) -> dict[str, Any]:
    return task_of(RUN, candidate(row, actual, predicted, verdict), f"{row:016d}", None)


def minimal(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return tasks as Label Studio's JSON-MIN has them: an object for each annotation."""
    flat: list[dict[str, Any]] = []
    for number, entry in enumerate(tasks):
        for annotation in entry["annotations"]:
            values = {"id": number, "annotator": 3, "annotation_id": 7, **entry["data"]}
            for result in annotation["result"]:
                ((_, texts),) = result["value"].items()
                values[result["from_name"]] = texts[0]
            flat.append(values)
    return flat


def unknown(run_id: str) -> bool:
    return False


@given(label=LABELS)
def test_choice_stands_for_one_class(label: str) -> None:
    choice = choice_of(label)
    assert label_of(choice) == label
    # What Label Studio or XML would change does not come up in it.
    assert choice
    assert choice != DROP
    assert choice.isprintable()
    assert "$" not in choice
    assert choice == choice.strip()


def test_plain_classes_are_choices_unchanged() -> None:
    names = ["setosa", "very long, with a comma", "名前", "1", "a%20b", "Drop", "class"]
    assert [choice_of(name) for name in names] == names


@given(labels=st.lists(LABELS, unique=True, max_size=30), suggested=st.booleans())
def test_configuration_has_a_choice_for_each_class_whatever_its_name(
    labels: list[str], suggested: bool
) -> None:
    view = ET.fromstring(config_of(labels, suggested=suggested))
    choices = view.find("Choices")
    assert choices is not None
    aliases = [choice.attrib["alias"] for choice in choices]
    assert aliases == [*map(choice_of, labels), DROP]
    # A name in a choice that begins with a dollar sign would be replaced by a field of the task.
    assert not any(re.search(r"\$\w", choice.attrib["value"]) for choice in choices)
    assert [choice.attrib["value"] for choice in choices][-1] == "Drop the record"
    assert (choices.get("layout") == "select") == (len(labels) > 20)
    # Every control is on the table of the fields, and each name comes up once.
    controls = [tag for tag in view if tag.get("toName")]
    assert {tag.attrib["toName"] for tag in controls} == {"fields"}
    names = [tag.attrib["name"] for tag in view if tag.get("name")]
    expected = ["fields", "verdict", *(["evidence"] if suggested else []), "note"]
    assert names == expected


@given(
    labels=st.lists(LABELS, unique=True, min_size=2, max_size=4),
    decisions=st.lists(st.sampled_from(["right", "relabel", "drop"]), min_size=1, max_size=4),
    notes=st.lists(st.text(max_size=MAX_NOTE), min_size=4, max_size=4),
    is_minimal=st.booleans(),
)
@example(
    labels=["drop", "$x"],
    decisions=["right", "drop"],
    notes=["a\r\nb", " ", "", ""],
    is_minimal=True,
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_classes_and_notes_survive_export_and_import(
    tmp_path: Path,
    labels: list[str],
    decisions: list[Decision],
    notes: list[str],
    is_minimal: bool,
) -> None:
    # GIVEN verdicts that keep the first class, give the second one, or drop the record
    given_label, other = labels[:2]
    label_by = {"right": given_label, "relabel": other, "drop": ""}
    tasks = [
        task(row, given_label, other, Verdict(decision, label_by[decision], "", note))
        for row, (decision, note) in enumerate(zip(decisions, notes, strict=False))
    ]
    assert [error.message for error in SCHEMA.iter_errors(tasks)] == []
    # WHEN they go through a file of either format
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(minimal(tasks) if is_minimal else tasks), "utf-8")
    found = read_tasks(path, RUN, unknown)
    # THEN each row has its class and note
    assert found.conflicts == []
    for row, (decision, note) in enumerate(zip(decisions, notes, strict=False)):
        verdict = found.take(f"{row:016d}", row)
        assert verdict is not None
        # A class that the record has already keeps it: that is seen when candidates are at hand.
        word = "drop" if decision == "drop" else "relabel"
        assert (verdict.decision, verdict.label) == (word, label_by[decision])
        assert verdict.note == note


def test_task_has_the_fields_as_text_and_both_predictions() -> None:
    suggestion = Suggestion(
        "f", 4, "setosa", "versicolor", True, 0.9, "label", 9, 9, 8, "9 of 9 say"
    )
    made: dict[str, Any] = task_of(RUN, candidate(4, "setosa", "virginica"), "f", suggestion)
    assert [error.message for error in SCHEMA.iter_errors([made])] == []
    assert made["data"] == {
        "fingerprint": "f",
        "run": RUN.id,
        "row": 4,
        "given": "setosa",
        "predicted": "virginica",
        "probability": "0.75",
        "reason": "misclassified",
        "fields": {"petal length (cm)": "1.5", "colour": ""},
    }
    of_model, of_search = made["predictions"]
    assert (of_model["model_version"], of_model["score"]) == ("model iris-v1", 0.75)
    assert of_model["result"][0]["value"] == {"choices": ["virginica"]}
    assert (of_search["model_version"], of_search["score"]) == ("label error search", 0.9)
    chosen, evidence = of_search["result"]
    assert chosen["value"] == {"choices": ["versicolor"]}
    assert (evidence["from_name"], evidence["value"]) == ("evidence", {"text": ["9 of 9 say"]})
    assert made["annotations"] == []


@pytest.mark.parametrize("probability", ["nan", "inf", "-0.1", "1.5", "much", ""])
def test_score_that_is_no_probability_is_left_out(probability: str) -> None:
    record = Record(0, "{}", "a", "b", probability)
    made = task_of(RUN, Candidate(key_of(RUN.id, 0), record, "wrong", "0.9", None, 0), "f", None)
    assert [error.message for error in SCHEMA.iter_errors([made])] == []
    assert made["predictions"] == [
        {
            "model_version": "model iris-v1",
            "result": [
                {
                    "id": "verdict",
                    "from_name": "verdict",
                    "to_name": "fields",
                    "type": "choices",
                    "value": {"choices": ["a"]},
                }
            ],
        }
    ]


def annotated(*choices: str, **others: object) -> dict[str, Any]:
    """Return a task with an annotation for each choice."""
    entry = task(1, "setosa", "virginica")
    entry["annotations"] = [
        {**task(1, "", "", Verdict("relabel", choice, ""))["annotations"][0], **others}
        for choice in choices
    ]
    return {"id": 41, **entry}


def found_in(tmp_path: Path, *tasks: object) -> Any:
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(tasks), "utf-8")
    return read_tasks(path, RUN, lambda run_id: run_id == "earlier")


@pytest.mark.parametrize(
    ("completed_by", "who"),
    [
        (7, "7"),
        ({"id": 7, "email": "ann@example.org", "first_name": "Ann"}, "ann@example.org"),
        ({"id": 7, "email": ""}, "7"),
        ("ann@example.org", "ann@example.org"),
        ({}, ""),
        (None, ""),
    ],
)
def test_reviewer_is_who_completed_the_annotation(
    tmp_path: Path, completed_by: object, who: str
) -> None:
    found = found_in(tmp_path, annotated("virginica", completed_by=completed_by))
    assert found.take(f"{1:016d}", 1).who == who


@pytest.mark.parametrize(
    "passed_over",
    [
        task(1, "setosa", "virginica"),
        annotated("virginica", was_cancelled=True),
        annotated("virginica", result=[]),
        annotated("virginica", result=None),
        {**annotated("virginica"), "annotations": None},
        {**task(1, "a", "b")["data"], "id": 1, "annotator": 2},
    ],
)
def test_skipped_and_empty_annotations_are_passed_over(
    tmp_path: Path, passed_over: dict[str, Any]
) -> None:
    found = found_in(tmp_path, passed_over)
    assert (found.left, found.conflicts) == ({}, [])


def test_annotations_that_disagree_are_named_once(tmp_path: Path) -> None:
    found = found_in(tmp_path, annotated("setosa", "virginica", "setosa"))
    assert (found.left, found.conflicts) == ({}, ["task 1 (id 41): its annotations disagree"])


def test_annotations_that_agree_are_one_verdict(tmp_path: Path) -> None:
    found = found_in(tmp_path, annotated("setosa", "setosa"), annotated("setosa"))
    assert (len(found.left), found.conflicts) == (1, [])


def test_copies_of_a_row_have_verdicts_of_their_own(tmp_path: Path) -> None:
    # GIVEN two rows of a run with the same values
    copies = [annotated("setosa"), annotated("virginica")]
    copies[1]["data"]["row"] = 5
    found = found_in(tmp_path, *copies)
    assert found.take(f"{1:016d}", 5).label == "virginica"
    assert found.take(f"{1:016d}", 1).label == "setosa"
    # WHEN the tasks are of an earlier run, THEN nothing but the values says which row it is
    for entry in copies:
        entry["data"]["run"] = "earlier"
    found = found_in(tmp_path, *copies)
    assert found.conflicts == [
        "task 1 (id 41): task 2 (id 41) contradicts it",
        "task 2 (id 41): another task contradicts it",
    ]


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    entry = annotated("virginica")
    change(entry)
    return entry


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"id": 3, "data": {"image": "x"}, "annotations": []}, "expected a fingerprint"),
        ({"id": 3, "image": "x", "choice": "cat", "annotator": 1}, "expected a fingerprint"),
        (
            changed(lambda task: task["data"].update(run="other")),
            "one of its runs, received 'other'",
        ),
        (changed(lambda task: task["data"].update(fingerprint=4)), "fingerprint: expected a text"),
        (changed(lambda task: task["data"].update(row=1.5)), "row: expected a whole number"),
        (changed(lambda task: task["data"].update(row=True)), "row: expected a whole number"),
        (changed(lambda task: task.update(data=[])), "data: expected an object, received []"),
        (changed(lambda task: task.update(annotations={})), "annotations: expected a list"),
        (changed(lambda task: task.update(annotations=[1])), "annotations: expected an object"),
        (annotated("a", was_cancelled="no"), "was_cancelled: expected true or false"),
        (annotated("a", result="x"), "result: expected a list"),
        (annotated("a", result=[[]]), "result: expected an object"),
        (annotated("a", completed_by=[1]), "completed_by: expected a text, received [1]"),
        (annotated("a", completed_by=True), "completed_by: expected a text, received True"),
        (
            annotated("a", result=[{"from_name": "verdict", "type": "choices", "value": None}]),
            "value: expected an object",
        ),
        (
            annotated("a", result=[{"from_name": "verdict", "value": {"choices": ["a", "b"]}}]),
            "choices: expected one choice, received ['a', 'b']",
        ),
        (
            annotated("a", result=[{"from_name": "verdict", "value": {"choices": [1]}}]),
            "choices: expected a text, received 1",
        ),
        (
            annotated("a", result=[{"from_name": "verdict", "value": {"choices": ["\ud800"]}}]),
            "choices: expected a text",
        ),
        (
            annotated("a", result=[{"from_name": "mood", "type": "choices", "value": {}}]),
            "expected a choice in 'verdict', received one in ['mood']",
        ),
        ({**task(1, "a", "b")["data"], "verdict": {"choices": ["a"]}}, "verdict: expected a text"),
        ({**task(1, "a", "b")["data"], "verdict": "a", "note": [2]}, "note: expected a text"),
    ],
)
def test_task_that_is_none_of_this_review_is_named(
    tmp_path: Path, entry: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=r"tasks\.json, task 2") as refused:
        found_in(tmp_path, annotated("setosa"), entry)
    assert message in str(refused.value)
