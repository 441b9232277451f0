"""Make the saved workspace of an earlier version, with that version's code.

    git worktree add ../earlier COMMIT
    python tests/earlier/make_workspace.py ../earlier OUT.zip

Data, a model, two runs on the local cloud, verdicts on both, one of them changed. What only the
processes of that time needed, such as locks, addresses, logs and a key of the emulator's, is left
out.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LEFT_OUT = (".lock", ".log", ".pem", "address.json")
"""Endings of the files that are left out; so is what is under `cloud/tmp`."""
EVERY = 20
"""Of the extended iris, every so many rows."""


def populate(home: Path) -> dict[str, object]:
    """Fill a workspace, and return what is to be found in it."""
    from app.services.data.datasets import DEFAULT_DATA
    from app.services.model.training import train_model
    from app.services.review.verdicts import give_verdict
    from app.services.runs.pipeline import run_test
    from app.services.workspace import Workspace
    from aws import retrain_table
    from aws.settings import Settings
    from iris_core.data.csv_reading import read_csv
    from iris_core.data.label_noise import add_label_noise
    from iris_core.data.splitting import split
    from iris_core.model.options import ModelSpec, TrainOptions

    workspace = Workspace(home, Settings())
    iris = read_csv(DEFAULT_DATA)
    few = iris.with_rows("sixty irises", iris.frame.iloc[::EVERY].reset_index(drop=True))
    noisy, _ = add_label_noise(few, rows=6, seed=1)
    for dataset in (few, noisy):
        workspace.datasets.add(dataset)
    spec, options = ModelSpec(units=(4,), learning_rate=0.02), TrainOptions(epochs=40, seed=7)
    model = train_model(workspace, few, spec, options=options)
    fitted, _ = split(few, test_share=0.2, seed=options.seed)
    rows = few.frame.to_numpy().tolist()
    runs = [run_test(workspace, model, dataset, timeout=60).run for dataset in (few, noisy)]
    found = [list(retrain_table.candidates(workspace.cloud(), run)) for run in runs]
    actual = found[0][0].record.actual_string
    other = next(name for name in few.classes if name != actual)
    relabelled = give_verdict(workspace, found[0][0], "drop")
    give_verdict(workspace, relabelled, "relabel", label=other)
    give_verdict(workspace, found[0][1], "right")
    give_verdict(workspace, found[0][2], "drop")
    wrong = next(c for c in found[1] if c.record.actual_string != c.record.class_string)
    give_verdict(workspace, wrong, "relabel", label=wrong.record.class_string)
    verdicts = [
        [list(candidate.key), candidate.verdict.decision, candidate.verdict.label]
        for run in runs
        for candidate in retrain_table.candidates(workspace.cloud(), run)
        if candidate.verdict
    ]
    workspace.close()
    return {
        "model": model.card.id,
        "datasets": [few.id, noisy.id],
        "training_rows": sorted(map(rows.index, fitted.frame.to_numpy().tolist())),
        "runs": [run.to_dict() for run in runs],
        "candidates": [len(entries) for entries in found],
        "verdicts": verdicts,
    }


def pack(home: Path, found: dict[str, object], out: Path) -> None:
    """Write the workspace, and what is to be found in it, to an archive."""
    passing = home / "cloud" / "tmp"
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        content = {"found.json": json.dumps(found, indent=1).encode()}
        for path in sorted(home.rglob("*")):
            is_kept = passing not in path.parents and not path.name.endswith(LEFT_OUT)
            if is_kept and path.is_file():
                content[f"home/{path.relative_to(home).as_posix()}"] = path.read_bytes()
        for name, data in content.items():
            archive.writestr(ZipInfo(name), data, ZIP_DEFLATED)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    os.environ["PYTHONPATH"] = sys.argv[1]
    with TemporaryDirectory() as folder:
        made = Path(folder) / "home"
        pack(made, populate(made), Path(sys.argv[2]))
