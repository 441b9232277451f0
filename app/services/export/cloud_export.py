"""What people gave a cloud, as files: its runs, and the verdicts on their records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.services.export.history_transfer import export_history
from app.services.review.exchange import export_review
from app.services.workspace import Workspace
from aws import retrain_table, run_table
from aws.clients import Cloud
from aws.tables import description
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from iris_core.storage.atomic_files import write_file

RUNS, VERDICTS, HISTORY = "runs.jsonl", "verdicts.jsonl", "history.jsonl"


@dataclass(frozen=True, slots=True)
class CloudExport:
    """An export of a cloud.

    Attributes:
        folder: where its files are.
        runs: number of runs in it.
        verdicts: number of verdicts in it.
    """

    folder: Path
    runs: int
    verdicts: int


def export_cloud(workspace: Workspace, folder: Path) -> CloudExport:
    """Write all runs and verdicts of the workspace's cloud into a folder.

    `runs.jsonl` has a run a line, `verdicts.jsonl` a reviewed candidate as it is stored. For each
    run with verdicts there is a CSV beside them as `review import` takes it. `history.jsonl` has
    all of it, and the candidates that nobody reviewed, as `import` takes it.

    Raises:
        StoreError: a file cannot be written.
        CloudError: the tables cannot be read.
        DataError: the features of a run with verdicts cannot be read.
    """
    cloud = workspace.cloud()
    export_history(workspace, folder / HISTORY)
    has_runs = bool(description(cloud, cloud.settings.runs_table))
    has_candidates = bool(description(cloud, cloud.settings.retrain_table))
    runs = list(run_table.runs(cloud)) if has_runs else []
    verdicts: list[Candidate] = []
    for run in runs if has_candidates else ():
        if of_run := _reviewed(cloud, run):
            verdicts += of_run
            content, _ = export_review(workspace, run)
            write_file(folder / f"review-{run.id}.csv", content)
    write_file(folder / RUNS, _lines(run.to_dict() for run in runs))
    write_file(folder / VERDICTS, _lines(candidate.to_item() for candidate in verdicts))
    return CloudExport(folder, len(runs), len(verdicts))


def _reviewed(cloud: Cloud, run: Run) -> list[Candidate]:
    return [entry for entry in retrain_table.candidates(cloud, run) if entry.verdict]


def _lines(entries: Iterable[Mapping[str, object]]) -> bytes:
    return "".join(json.dumps(entry) + "\n" for entry in entries).encode()
