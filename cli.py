"""The front door for cron and CI: the dashboard's services, without a screen.

Exit status: 0 when all is accounted for, 1 when a run does not reconcile, 2 when something that
was asked for cannot be done; the reason is then on standard error.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.services import event_log
from app.services.csv_export import as_cell
from app.services.datasets import default_dataset, import_csv
from app.services.pipeline import WAIT, TestOutcome, run_test
from app.services.recovery import find_run, lost_runs, replay
from app.services.training import newest_model, train_model
from app.services.workspace import Workspace, workspace_path
from aws import function, retrain_table, run_table, stack
from aws.errors import CloudError
from aws.health import health
from aws.packaging import function_zip, render_template
from aws.settings import Settings
from aws.status import status
from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.data.label_noise import add_label_noise
from iris_core.errors import IrisError, StoreError
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.run import RunState
from iris_core.storage.atomic_files import write_file

OK, DIFFERS, CANNOT = 0, 1, 2

Answer = Mapping[str, Any] | list[Mapping[str, Any]]
"""What a command prints: one object, or the rows of a table."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    options = _parser().parse_args(arguments)
    if options.log:
        event_log.start()
    workspace: Workspace | None = None
    try:
        environment = dict(os.environ)
        if options.target:
            environment["IRIS_TARGET"] = options.target
        workspace = Workspace(workspace_path(options.home), Settings.from_mapping(environment))
        exit_status, answer = options.run(workspace, options)
        _answer(answer, options)
    except (IrisError, CloudError, OSError) as error:
        _say(f"{type(error).__name__}: {error}")
        if options.json:
            print(json.dumps({"error": str(error), "kind": type(error).__name__}))
        return CANNOT
    except KeyboardInterrupt:
        _say("Stopped. What was written stays; `cli.py replay` completes a run.")
        return CANNOT
    else:
        return int(exit_status)
    finally:
        if workspace is not None:
            workspace.close()


def _train(workspace: Workspace, options: argparse.Namespace) -> tuple[int, Answer]:
    import time

    began = time.perf_counter()
    dataset = import_csv(workspace, options.data, label=options.label)
    model = _train_on(workspace, dataset.id, epochs=options.epochs, seed=options.seed)
    return OK, {
        "model": model.card.id,
        "dataset": dataset.id,
        "rows": dataset.rows,
        "accuracy": model.card.metrics["test_accuracy"],
        "seconds": round(time.perf_counter() - began, 3),
    }


def _test(workspace: Workspace, options: argparse.Namespace) -> tuple[int, Answer]:
    model = workspace.models.load(options.model) if options.model else newest_model(workspace)
    dataset = import_csv(workspace, options.data, label=model.card.schema.label)
    outcome = run_test(
        workspace,
        model,
        dataset,
        threshold=options.threshold,
        timeout=options.timeout,
        on_progress=_progress(),
    )
    return _test_answer(outcome)


def _hack(_workspace: Workspace, options: argparse.Namespace) -> tuple[int, Answer]:
    dataset = read_csv(options.data, label=options.label)
    hacked, changed = add_label_noise(dataset, rows=options.rows, seed=options.seed)
    _save(options.out, to_csv(hacked))
    return OK, {"changed": list(changed), "out": str(options.out)}


def _loop(workspace: Workspace, options: argparse.Namespace) -> tuple[int, Answer]:
    dataset = default_dataset(workspace)
    if workspace.models.list().cards:
        model = newest_model(workspace)
    else:
        model = _train_on(workspace, dataset.id, epochs=None, seed=0)
    hacked, changed = add_label_noise(dataset, rows=options.rows, seed=options.seed)
    workspace.datasets.add(hacked)
    exit_status, answer = _test_answer(run_test(workspace, model, hacked, on_progress=_progress()))
    return exit_status, {**answer, "changed": list(changed)}


def _runs(workspace: Workspace, _options: argparse.Namespace) -> tuple[int, Answer]:
    shown = (
        "id",
        "model",
        "dataset",
        "dataset_name",
        "state",
        "rows",
        "tested",
        "stored",
        "expected",
        "found",
        "threshold",
        "accuracy",
        "loss",
        "seconds",
        "note",
    )
    rows: list[Mapping[str, Any]] = [
        {name: run.to_dict()[name] for name in shown} for run in run_table.runs(workspace.cloud())
    ]
    return OK, rows


def _candidates(workspace: Workspace, options: argparse.Namespace) -> tuple[int, Answer]:
    cloud = workspace.cloud()
    chosen = [find_run(workspace, options.run_id)] if options.run_id else run_table.runs(cloud)
    rows: list[Mapping[str, Any]] = [
        {
            "partition_key": found.key.partition_key,
            "sort_key": found.key.sort_key,
            "Features": found.record.feature_string,
            "Class": found.record.class_string,
            "Actual": found.record.actual_string,
            "Probability": found.record.prob_string,
            "Reason": found.reason,
            "Threshold": found.threshold,
            "Verdict": found.verdict.decision if found.verdict else "",
            "Label": found.verdict.label if found.verdict else "",
        }
        for run in chosen
        for found in retrain_table.candidates(cloud, run)
    ]
    return OK, rows


def _replay(workspace: Workspace, options: argparse.Namespace) -> tuple[int, Answer]:
    if options.run_id:
        wanted = [options.run_id]
    else:
        unfinished = [
            run.id for run in run_table.runs(workspace.cloud()) if run.state != RunState.RECONCILED
        ]
        wanted = sorted({*unfinished, *(run.id for run in lost_runs(workspace))})
    rows: list[Mapping[str, Any]] = []
    complete = True
    for run_id in wanted:
        run, result = replay(workspace, run_id, on_progress=_progress())
        complete = complete and result.complete
        rows.append(
            {
                "run": run.id,
                "state": run.state,
                "tested": result.tested,
                "stored": result.stored,
                "expected": result.expected,
                "found": result.found,
            }
        )
    return OK if complete else DIFFERS, rows


def _cloud_status(workspace: Workspace, _options: argparse.Namespace) -> tuple[int, Answer]:
    cloud = workspace.cloud()
    parts = status(cloud)
    there = all(part.well for part in parts if part.kind != "failure queue")
    numbers = health(cloud) if there else None
    well = numbers is not None and numbers.well
    answer = {
        "target": cloud.settings.target,
        "region": cloud.settings.region,
        "well": well,
        "threshold": function.threshold(cloud) if there else None,
        **(asdict(numbers) if numbers else {}),
        "parts": [asdict(part) for part in parts],
    }
    return OK if well else DIFFERS, answer


def _cloud_deploy(workspace: Workspace, _options: argparse.Namespace) -> tuple[int, Answer]:
    changed = stack.deploy(workspace.cloud(), on_event=_tell)
    return OK, {"stack": workspace.settings.stack, "changed": changed}


def _cloud_destroy(workspace: Workspace, _options: argparse.Namespace) -> tuple[int, Answer]:
    destroyed = stack.destroy(workspace.cloud(), on_event=_tell)
    return OK, {"stack": workspace.settings.stack, "destroyed": destroyed}


def _cloud_logs(workspace: Workspace, options: argparse.Namespace) -> tuple[int, Answer]:
    lines = function.log_lines(workspace.cloud(), containing=options.containing)
    rows: list[Mapping[str, Any]] = [
        {"at": line.at.isoformat(timespec="milliseconds"), "text": line.text} for line in lines
    ]
    return OK, rows


def _cloud_package(_workspace: Workspace, options: argparse.Namespace) -> tuple[int, Answer]:
    content = render_template().encode() if options.template else function_zip()
    _save(options.out, content)
    return OK, {"out": str(options.out), "bytes": len(content)}


def _train_on(workspace: Workspace, dataset_id: str, *, epochs: int | None, seed: int) -> Model:
    """Train the default network, telling every epoch on standard error."""
    options = TrainOptions(seed=seed) if epochs is None else TrainOptions(epochs=epochs, seed=seed)
    show = _progress()
    return train_model(
        workspace,
        workspace.datasets.load(dataset_id),
        ModelSpec(),
        options=options,
        on_epoch=lambda epoch: show("epoch", epoch.number, epoch.of),
    )


def _test_answer(outcome: TestOutcome) -> tuple[int, dict[str, Any]]:
    run, result = outcome.run, outcome.reconciliation
    answer = {
        "run": run.id,
        "model": run.model,
        "tested": result.tested,
        "stored": result.stored,
        "expected": result.expected,
        "found": result.found,
        "missing": [str(key) for key in result.missing],
        "unexpected": [str(key) for key in result.unexpected],
        "accuracy": run.accuracy,
        "seconds": round(run.seconds or 0.0, 3),
    }
    return OK if result.complete else DIFFERS, answer


def _progress() -> Callable[[str, int, int], None]:
    """A line that counts on standard error; silent where that is no terminal."""
    if not sys.stderr.isatty():
        return lambda _line, _done, _total: None

    def show(line: str, done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        print(f"\r{line}: {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)

    return show


def _tell(event: stack.StackEvent) -> None:
    _say(str(event))


def _say(line: str) -> None:
    """Print a line on standard error; work goes on though nobody can be told."""
    with suppress(OSError):
        print(line, file=sys.stderr)


def _save(out: Path, content: bytes) -> None:
    """Write a file that was asked for; if it cannot be, what was there stays as it was."""
    if out.exists() and not out.is_file():
        # A pipe or a device: there is nothing to keep, and it must not be replaced.
        out.write_bytes(content)
    else:
        write_file(out.resolve(), content)


def _answer(answer: Answer, options: argparse.Namespace) -> None:
    """Print an answer; raises `StoreError` when it does not get out."""
    try:
        _print(answer, options)
        sys.stdout.flush()
    except OSError as error:
        # Python would try again on leaving, and end with a status of its own.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise StoreError(
            f"standard output: expected to write the answer there, received '{error.strerror}'. "
            "What was asked for is done; make room, and ask for its outcome again."
        ) from error


def _print(answer: Answer, options: argparse.Namespace) -> None:
    """Print an answer as JSON, CSV or text: nothing else is ever printed on standard output."""
    if options.json:
        wrapped = {options.rows_name: answer} if isinstance(answer, list) else answer
        print(json.dumps(wrapped))
    elif isinstance(answer, list):
        _print_rows(answer, as_csv=getattr(options, "format", "text") == "csv")
    else:
        for name, value in answer.items():
            print(f"{name}: {_short(value)}")


def _print_rows(rows: list[Mapping[str, Any]], *, as_csv: bool) -> None:
    if as_csv:
        names = list(rows[0]) if rows else []
        # Only beside its own line end does the csv module quote both characters of line ends.
        writer = csv.DictWriter(sys.stdout, names)
        writer.writeheader()
        writer.writerows({name: as_cell(value) for name, value in row.items()} for row in rows)
        return
    for row in rows:
        print("  ".join(_short(value) for value in row.values() if value not in ("", None)))


def _short(value: object) -> str:
    """One line for a terminal; long lists are counted instead."""
    if isinstance(value, list) and len(value) > 30:
        return f"{len(value)} of them; --json lists all"
    if isinstance(value, list):
        return ", ".join(_short(entry) for entry in value) or "none"
    if isinstance(value, dict):
        return "  ".join(str(entry) for entry in value.values() if entry not in ("", True, False))
    return str(value)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--home", metavar="DIR", help="the workspace (IRIS_HOME, ~/.iris-loop)")
    shared.add_argument("--target", choices=("local", "aws"), help="the cloud (IRIS_TARGET, local)")
    shared.add_argument("--json", action="store_true", help="print one JSON object")
    shared.add_argument("--log", action="store_true", help="log events on standard error, as JSON")
    parser = argparse.ArgumentParser(prog="cli.py", description="Iris Loop without a screen.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., Any], text: str, within: Any = commands) -> Any:
        added = within.add_parser(name, help=text, description=text, parents=[shared])
        added.set_defaults(run=run, rows_name=name)
        return added

    def data(added: argparse.ArgumentParser, *, label: bool = True) -> None:
        added.add_argument("--data", type=Path, required=True, metavar="CSV")
        if label:
            added.add_argument("--label", metavar="NAME", help="label column (the first)")

    train = command("train", _train, "train a model; a fifth of the rows measures it")
    data(train)
    train.add_argument("--epochs", type=int, metavar="N")
    train.add_argument("--seed", type=int, default=0, metavar="N")

    test = command("test", _test, "test a model, write every record, wait, reconcile")
    data(test, label=False)
    test.add_argument("--model", metavar="ID", help="the newest, if not given")
    test.add_argument("--threshold", metavar="T", help="set on the function first, 0 to 1")
    test.add_argument("--timeout", type=float, default=WAIT, metavar="S", help="for the function")

    hacked = command("hack", _hack, "change the labels of some rows to another class")
    data(hacked)
    hacked.add_argument("--rows", type=int, required=True, metavar="K")
    hacked.add_argument("--seed", type=int, default=0, metavar="S")
    hacked.add_argument("--out", type=Path, required=True, metavar="CSV")

    loop = command("loop", _loop, "the whole loop on the default data")
    loop.add_argument("--rows", type=int, default=25, metavar="K", help="labels to change (25)")
    loop.add_argument("--seed", type=int, default=0, metavar="S")

    for name, run, text in (
        ("runs", _runs, "list the test runs, newest first"),
        ("candidates", _candidates, "list the retrain candidates, of all runs or of one"),
    ):
        listing = command(name, run, text)
        listing.add_argument("--format", choices=("text", "csv"), default="text")
        if name == "candidates":
            listing.add_argument("--run", dest="run_id", metavar="ID")

    again = command("replay", _replay, "complete runs that a crash or failure broke off")
    again.add_argument("--run", dest="run_id", metavar="ID", help="all that need it, if not given")

    cloud = commands.add_parser("cloud", help="what the records go through")
    parts = cloud.add_subparsers(required=True, metavar="COMMAND")
    command("status", _cloud_status, "every part with its state and remedy", parts)
    command("deploy", _cloud_deploy, "make the stack, or bring it up to date", parts)
    command("destroy", _cloud_destroy, "delete the stack with all its records", parts)
    logs = command("logs", _cloud_logs, "the function's log", parts)
    logs.add_argument("--containing", default="", metavar="TEXT")
    package = command("package", _cloud_package, "the function as a zip for the console", parts)
    package.add_argument("--out", type=Path, required=True, metavar="FILE")
    package.add_argument("--template", action="store_true", help="the stack's template instead")
    return parser


if __name__ == "__main__":
    sys.exit(main())
