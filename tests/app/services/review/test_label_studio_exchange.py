"""Candidates go to Label Studio as tasks, and its annotations come back as verdicts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from app.services.data.datasets import change_labels
from app.services.review.exchange import import_review
from app.services.review.label_search import search_run
from app.services.review.label_studio import config_of, export_tasks, labelling_config
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError
from iris_core.model.models import Model
from iris_core.records.run import Run

pytestmark = pytest.mark.cloud

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parent / "label_studio_tasks.schema.json").read_text("utf-8"))
)
NO_RUN = "20201122T093000.123456Z-0123456789abcdef"
CLASSES = ("setosa", "versicolor", "virginica")
Task = dict[str, Any]


@pytest.fixture(scope="module")
def run(workspace: Workspace, model: Model, dataset: DataSet) -> Run:
    noisy, _ = change_labels(workspace, dataset, rows=20, seed=4)
    return run_test(workspace, model, noisy, threshold="0.9").run


def exported(workspace: Workspace, run: Run) -> list[Task]:
    tasks: list[Task] = json.loads(export_tasks(workspace, run, None))
    assert [error.message for error in SCHEMA.iter_errors(tasks)] == []
    assert len(tasks) == run.found
    return tasks


def annotate(task: Task, choice: str, note: str = "", **others: object) -> Task:
    """Return a task as Label Studio exports it once somebody made a choice."""
    shared = {"to_name": "fields", "origin": "manual"}
    result = [
        {
            **shared,
            "id": "x",
            "from_name": "verdict",
            "type": "choices",
            "value": {"choices": [choice]},
        }
    ]
    if note:
        value = {"text": [note]}
        result.append(
            {**shared, "id": "y", "from_name": "note", "type": "textarea", "value": value}
        )
    annotation = {
        "id": 9,
        "completed_by": {"id": 2, "email": "ann@example.org"},
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "lead_time": 4.25,
        **others,
    }
    return {"id": 100, "project": 3, **task, "annotations": [*task["annotations"], annotation]}


def taken_over(workspace: Workspace, run: Run, path: Path, tasks: Sequence[Task]) -> Any:
    path.write_text(json.dumps(tasks, indent=1, ensure_ascii=False), "utf-8")
    return import_review(workspace, run, path, who="me")


def verdicts(workspace: Workspace, run: Run) -> dict[int, tuple[str, str, str, str]]:
    return {
        entry.key.row: (
            entry.verdict.decision,
            entry.verdict.label,
            entry.verdict.note,
            entry.verdict.who,
        )
        for entry in retrain_table.candidates(workspace.cloud(), run)
        if entry.verdict
    }


def test_annotations_become_verdicts(workspace: Workspace, run: Run, tmp_path: Path) -> None:
    one, two, three, four, *others = exported(workspace, run)
    kept, other = one["data"]["given"], two["data"]["predicted"]
    # GIVEN tasks of which one was kept, one relabelled, one dropped, and one skipped
    tasks = [
        annotate(one, kept, "looks fine\nto me"),
        annotate(two, other, completed_by=5),
        annotate(three, "drop", completed_by=None),
        annotate(four, "setosa", was_cancelled=True),
        *others,
    ]
    done = taken_over(workspace, run, tmp_path / "export.json", tasks)
    assert (done.imported, done.unchanged, done.conflicts) == (3, 0, ())
    assert verdicts(workspace, run) == {
        one["data"]["row"]: ("right", kept, "looks fine\nto me", "ann@example.org"),
        two["data"]["row"]: ("relabel", other, "", "5"),
        three["data"]["row"]: ("drop", "", "", "me"),
    }
    # WHEN what is exported now comes back as it is, THEN it changes nothing
    again = exported(workspace, run)
    assert [len(task["annotations"]) for task in again] == [1, 1, 1, *[0] * (len(again) - 3)]
    done = taken_over(workspace, run, tmp_path / "again.json", again)
    assert (done.imported, done.unchanged, done.conflicts) == (0, 3, ())


def test_json_min_comes_back_as_well(workspace: Workspace, run: Run, tmp_path: Path) -> None:
    *_, last = exported(workspace, run)
    flat = {**last["data"], "id": 7, "verdict": "drop", "note": "blurred", "annotator": 2}
    done = taken_over(workspace, run, tmp_path / "min.json", [{**flat, "annotation_id": 12}])
    assert (done.imported, done.conflicts) == (1, ())
    assert verdicts(workspace, run)[last["data"]["row"]] == ("drop", "", "blurred", "2")


def test_what_contradicts_itself_or_has_no_candidate_is_named(
    workspace: Workspace, run: Run, tmp_path: Path
) -> None:
    before = verdicts(workspace, run)
    *_, one, two, _ = exported(workspace, run)
    gone = annotate(two, "setosa")
    gone["data"] = {**gone["data"], "fingerprint": "k" * 16}
    torn = annotate(annotate(one, "drop"), one["data"]["given"])
    done = taken_over(workspace, run, tmp_path / "torn.json", [torn, gone])
    assert (done.imported, verdicts(workspace, run)) == (0, before)
    assert done.conflicts == (
        "task 1 (id 100): its annotations disagree",
        "task 2 (id 100): the run has no candidate of this row",
    )


def test_tasks_of_an_earlier_run_come_back_by_their_rows(
    workspace: Workspace, run: Run, model: Model, tmp_path: Path
) -> None:
    task = exported(workspace, run)[-4]
    later = run_test(workspace, model, workspace.datasets.load(run.dataset), threshold="0.9").run
    done = taken_over(workspace, later, tmp_path / "tasks.json", [annotate(task, "drop")])
    assert (done.imported, done.conflicts) == (1, ())
    assert verdicts(workspace, later)[task["data"]["row"]][0] == "drop"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"annotations": [{"result": {}}]}, "task 2 (id 100): result: expected a list"),
        ({"data": {"text": "of another project"}}, "task 2 (id 100): choose a file with tasks"),
        (
            {"data": {"fingerprint": "k" * 16, "run": "unknown"}},
            "one of its runs, received 'unknown'",
        ),
    ],
)
def test_file_with_a_fault_changes_nothing(
    workspace: Workspace, run: Run, tmp_path: Path, change: Task, message: str
) -> None:
    before = verdicts(workspace, run)
    *_, one, two, _ = exported(workspace, run)
    tasks = [annotate(one, "drop"), {**annotate(two, "drop"), **change}]
    with pytest.raises(DataError) as refused:
        taken_over(workspace, run, tmp_path / "fault.json", tasks)
    assert message in str(refused.value)
    assert verdicts(workspace, run) == before


@pytest.mark.parametrize("fingerprint", ["", "k" * 16])
def test_class_of_another_project_is_refused_and_the_task_named(
    workspace: Workspace, run: Run, tmp_path: Path, fingerprint: str
) -> None:
    before = verdicts(workspace, run)
    *_, one, two, _ = exported(workspace, run)
    two["data"]["fingerprint"] = fingerprint or two["data"]["fingerprint"]
    tasks = [annotate(one, "drop"), annotate(two, "tulip")]
    with pytest.raises(DataError, match=r"task 2 \(id 100\): expected one of .*, received 'tulip'"):
        taken_over(workspace, run, tmp_path / "tulips.json", tasks)
    assert verdicts(workspace, run) == before


def test_suggestions_are_predictions_with_their_reason(workspace: Workspace, run: Run) -> None:
    search = search_run(workspace, run, method="quick")
    tasks: list[Task] = json.loads(export_tasks(workspace, run, search))
    assert [error.message for error in SCHEMA.iter_errors(tasks)] == []
    reasons = {
        task["data"]["row"]: task["predictions"][1]["result"][1]["value"]["text"][0]
        for task in tasks
        if len(task["predictions"]) == 2
    }
    assert reasons == {
        entry.row: entry.reason for entry in search.suggestions(search.asked.tolist())
    }
    assert reasons


def test_configuration_has_the_classes_of_the_run(workspace: Workspace, run: Run) -> None:
    for suggested in (False, True):
        made = labelling_config(workspace, run, suggested=suggested)
        assert made == config_of(CLASSES, suggested=suggested)


def test_label_that_the_model_does_not_know_can_be_kept(
    workspace: Workspace, model: Model, dataset: DataSet, tmp_path: Path
) -> None:
    # GIVEN a run on rows of which two have a class that the model was not trained on
    labels = pd.Series(["tulip", "tulip", "setosa"], dtype="str")
    frame = dataset.frame.head(3).assign(**{dataset.label: labels})
    tulips = replace(dataset, name="tulips", frame=frame)
    workspace.datasets.add(tulips)
    tested = run_test(workspace, model, tulips).run
    tasks = [task for task in exported(workspace, tested) if task["data"]["given"] == "tulip"]
    # WHEN they are kept by the choice that the configuration has for it
    assert 'alias="tulip"' in labelling_config(workspace, tested)
    kept = [annotate(task, "tulip") for task in tasks]
    done = taken_over(workspace, tested, tmp_path / "kept.json", kept)
    # THEN the label stays
    assert (done.imported, done.conflicts) == (2, ())
    assert {entry[:2] for entry in verdicts(workspace, tested).values()} == {("right", "tulip")}
