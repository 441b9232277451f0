"""What people gave a cloud, as files: its runs, and the verdicts on their records."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from app.services.export.history_entries import Entry
from app.services.export.history_file import read_history, write_history
from app.services.export.history_transfer import by_run, history_entries
from app.services.review.exchange import review_csv
from app.services.workspace import Workspace
from iris_core.records.attributes import VERDICT
from iris_core.records.candidate import Candidate, is_listed
from iris_core.records.run import Run
from iris_core.records.verdict import UNDECIDED
from iris_core.storage.atomic_files import flush, scratch, write_file

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

    `history.jsonl` has all of it, and the candidates that nobody reviewed, as `import` takes it.
    The tables are read once, a page in memory at a time. From that file are the others, so that all
    are of one state: `runs.jsonl` has a run a line, `verdicts.jsonl` a reviewed candidate as it is
    stored, and for each run with verdicts there is a CSV as `review import` takes it.

    Raises:
        StoreError: a file cannot be written.
        CloudError: the tables cannot be read.
        DataError: what was written could not be imported again, or the features of a run with
            verdicts cannot be read.
    """
    reviewed: set[str] = set()
    history = folder / HISTORY
    counts = write_history(history, _noted(history_entries(workspace.cloud()), reviewed))
    with scratch(folder) as new:
        with (new / RUNS).open("w") as runs, (new / VERDICTS).open("w") as verdicts:
            for run, batches in by_run(read_history(history)):
                runs.write(_line(run.to_dict()))
                if run.id in reviewed:
                    items = filter(is_listed, chain.from_iterable(batches))
                    candidates = list(map(Candidate.from_item, items))
                    verdicts.writelines(_line(one.to_item()) for one in candidates if one.verdict)
                    content, _ = review_csv(workspace, run, candidates)
                    write_file(folder / f"review-{run.id}.csv", content)
                deque(batches, maxlen=0)  # they are checked as they are read
        for name in (RUNS, VERDICTS):
            flush(new / name)
            (new / name).replace(folder / name)
    return CloudExport(folder, counts.runs, counts.verdicts)


def _noted(entries: Iterable[Entry], reviewed: set[str]) -> Iterator[Entry]:
    """Yield the entries on, and note the ids of the runs that have verdicts."""
    run = ""
    for entry in entries:
        if isinstance(entry, Run):
            run = entry.id
        elif entry.get(VERDICT, UNDECIDED) != UNDECIDED:
            reviewed.add(run)
        yield entry


def _line(entry: object) -> str:
    return json.dumps(entry) + "\n"
