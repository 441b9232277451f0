"""The arguments of the commands."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.cli import (
    cloud_commands,
    commands,
    data_commands,
    history_commands,
    model_commands,
    report_commands,
    review_commands,
    tables,
    verify_command,
)
from app.services.runs.pipeline import FUNCTION_SECONDS
from aws.verification import PATIENCE_SECONDS
from iris_core.label_errors.orders import ORDERS
from iris_core.label_errors.suspecting import METHODS
from iris_core.model.recipes import DEFAULT, RECIPES


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it parses has the command as `run`."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--home", metavar="DIR", help="the workspace (IRIS_HOME, ~/.iris-loop)")
    shared.add_argument("--target", choices=("local", "aws"), help="the cloud (IRIS_TARGET, local)")
    shared.add_argument("--json", action="store_true", help="print one JSON object")
    shared.add_argument("--log", action="store_true", help="log events on standard error, as JSON")
    root = argparse.ArgumentParser(prog="cli.py", description="Iris Loop without a screen.")
    subparsers = root.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., Any], text: str, within: Any = subparsers) -> Any:
        added = within.add_parser(name, help=text, description=text, parents=[shared])
        added.set_defaults(run=run, rows_name=name)
        return added

    def data(added: argparse.ArgumentParser) -> None:
        added.add_argument("--data", type=Path, required=True, metavar="FILE")
        tables.add_roles(added)
        tables.add_reading(added)

    def project(added: argparse.ArgumentParser) -> None:
        added.add_argument("--project", metavar="ID", help="as `data list` shows it (the newest)")

    train = command("train", commands.train, "train a model; a fifth of the rows evaluates it")
    data(train)
    train.add_argument(
        "--evaluation", type=Path, metavar="CSV", help="evaluate on these rows instead"
    )
    train.add_argument(
        "--network", choices=list(RECIPES), default=DEFAULT, help="which to train (default)"
    )
    train.add_argument("--epochs", type=int, metavar="N", help="at most (as the network has them)")
    train.add_argument("--seed", type=int, default=0, metavar="N")
    train.add_argument(
        "--class-weights", action="store_true", help="each class counts the same in the loss"
    )

    test = command("test", commands.test, "test a model, write every record, wait, reconcile")
    project(test)
    test.add_argument(
        "--data", type=Path, metavar="FILE", help="the project's evaluation set, if not given"
    )
    tables.add_reading(test)
    test.add_argument("--model", metavar="ID", help="the champion, if not given")
    test.add_argument("--threshold", metavar="T", help="of this run, 0 to 1 (the function's)")
    test.add_argument(
        "--timeout", type=float, default=FUNCTION_SECONDS, metavar="S", help="for the function"
    )

    retrain = command("retrain", model_commands.retrain, "train the champion's next version")
    retrain.add_argument("--further", action="store_true", help="go on from its weights, not anew")
    retrain.add_argument("--dataset", metavar="ID", help="the corrected data, if not given")
    retrain.add_argument("--seed", type=int, metavar="N", help="the champion's, if not given")
    retrain.add_argument(
        "--weight", type=int, default=1, metavar="N", help="of reviewed rows, 1 to 10 (1)"
    )
    compare = command("compare", model_commands.compare, "is the newest model better?")
    compare.add_argument("--champion", metavar="ID", help="the champion, if not given")
    compare.add_argument("--challenger", metavar="ID", help="the newest other, if not given")
    promoting = command("promote", model_commands.promote_model, "make a model the champion")
    promoting.add_argument("--model", required=True, metavar="ID")
    back = command("rollback", model_commands.rollback, "bring back the champion before")
    for added in (promoting, back):
        added.add_argument("--why", default="", metavar="TEXT", help="noted with the time and who")
    for added in (retrain, compare, promoting, back):
        project(added)

    noise = command(
        "hack", commands.change_labels, "change the labels of some rows to another class"
    )
    data(noise)
    noise.add_argument("--rows", type=int, required=True, metavar="K")
    noise.add_argument("--seed", type=int, default=0, metavar="S")
    noise.add_argument("--out", type=Path, required=True, metavar="CSV")

    loop = command("loop", commands.loop, "the whole loop on the default data")
    loop.add_argument("--rows", type=int, default=25, metavar="K", help="labels to change (25)")
    loop.add_argument("--seed", type=int, default=0, metavar="S")

    of_models = subparsers.add_parser("model", help="why a model decides as it does, and its card")
    parts = of_models.add_subparsers(required=True, metavar="COMMAND")
    explaining = command(
        "explain", model_commands.explain, "what shuffling each column costs, in log loss", parts
    )
    explaining.add_argument("model", metavar="NAME", help="id of a model, or name of its newest")
    explaining.add_argument("--data", metavar="ID", help="the evaluation set, if not given")
    carding = command("card", report_commands.card, "the card of a model, as Markdown", parts)
    carding.add_argument("name", metavar="NAME", help="its id or its name, as `models` lists them")
    carding.add_argument("--out", type=Path, required=True, metavar="FILE")

    listing = command("models", model_commands.models, "list the models, newest first")
    listing.add_argument("--format", choices=("text", "csv"), default="text")
    project(listing)
    for name, run, text in (
        ("runs", commands.runs, "list the test runs, newest first"),
        ("candidates", commands.candidates, "list the retrain candidates, of all runs or of one"),
    ):
        listing = command(name, run, text)
        listing.add_argument("--format", choices=("text", "csv"), default="text")
        if name == "candidates":
            listing.add_argument("--run", dest="run_id", metavar="ID")
        else:
            listing.add_argument(
                "--check",
                action="store_true",
                help="status 1 if the newest run is worse than those before it beyond chance",
            )

    replay = command(
        "replay", commands.replay_runs, "complete runs that a crash or failure interrupted"
    )
    replay.add_argument("--run", dest="run_id", metavar="ID", help="all that need it, if not given")

    reporting = command("report", report_commands.report, "the report on a run, as an HTML file")
    reporting.add_argument("run_id", nargs="?", metavar="RUN", help="the newest, if not given")
    reporting.add_argument("--out", type=Path, required=True, metavar="FILE")
    project(reporting)

    exporting = command(
        "export",
        history_commands.export,
        "all runs, candidates and verdicts of the cloud, as a file",
    )
    exporting.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="JSON Lines, or Parquet (.parquet)"
    )
    importing = command(
        "import", history_commands.import_, "bring such a file into this cloud; what is newer stays"
    )
    importing.add_argument("--file", type=Path, required=True, metavar="FILE")

    datasets = subparsers.add_parser("data", help="data sets, where each comes from, projects")
    parts = datasets.add_subparsers(required=True, metavar="COMMAND")
    listing = command("list", data_commands.list_datasets, "list the data sets", parts)
    listing.set_defaults(rows_name="datasets")
    listing.add_argument("--format", choices=("text", "csv"), default="text")
    project(listing)
    show = command(
        "show", data_commands.show_dataset, "where a data set comes from, row by row", parts
    )
    show.add_argument("dataset", metavar="ID")
    deletion = command(
        "delete-project",
        data_commands.delete_whole_project,
        "delete a project's data sets and models; its runs stay",
        parts,
    )
    deletion.add_argument("--project", required=True, metavar="ID", help="as `data list` shows it")
    deletion.add_argument("--yes", action="store_true", help="without it, only say what would go")

    review = subparsers.add_parser("review", help="candidates out, verdicts in, data corrected")
    parts = review.add_subparsers(required=True, metavar="COMMAND")
    export = command(
        "export", review_commands.export, "the candidates of a run, to review them elsewhere", parts
    )
    export.add_argument("--out", type=Path, required=True, metavar="FILE")
    export.add_argument("--format", choices=review_commands.FORMATS, default="csv", help="(csv)")
    export.add_argument(
        "--suggest", action="store_true", help="in Label Studio also what the label is likely to be"
    )
    export.add_argument(
        "--config", type=Path, metavar="XML", help="and the labelling configuration of Label Studio"
    )
    taking = command("import", review_commands.import_, "take over the verdicts of a file", parts)
    taking.add_argument(
        "--file",
        type=Path,
        required=True,
        metavar="FILE",
        help="a CSV with fingerprint, verdict, label, note; or Label Studio's JSON or JSON-MIN",
    )
    undoing = command(
        "undo", review_commands.undo_newest, "take back the newest verdict, or import", parts
    )
    undoing.add_argument("--who", metavar="NAME", help="whose verdict (of the workspace)")
    completing = command(
        "complete", review_commands.complete, "go on with interrupted imports", parts
    )
    past = command(
        "history", review_commands.list_history, "who gave which verdict, what was before", parts
    )
    past.add_argument("--row", type=int, metavar="N", help="of one record, from 0")
    past.add_argument("--format", choices=("text", "csv"), default="text")
    agreeing = command(
        "agreement", review_commands.show_agreement, "how far reviewers agree, where not", parts
    )
    applying = command(
        "apply", review_commands.apply, "make the corrected version of the data", parts
    )
    rescoring = command(
        "rescore", review_commands.rescore_run, "a run against the corrected labels", parts
    )
    suggesting = command(
        "suggest", review_commands.suggest, "which labels are likely wrong, and why", parts
    )
    suggesting.add_argument(
        "--order", choices=tuple(ORDERS), default=next(iter(ORDERS)), help="(%(default)s)"
    )
    suggesting.add_argument("--budget", type=int, metavar="N", help="at most this many rows (all)")
    suggesting.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="a random sample of this many doubtful rows, to accept the others by",
    )
    suggesting.add_argument("--method", choices=METHODS, default=METHODS[0], help="(%(default)s)")
    suggesting.add_argument("--seed", type=int, default=0, metavar="S")
    suggesting.add_argument("--dataset", metavar="ID", help="all rows of these data, not of a run")
    for added in (
        export, taking, undoing, completing, past, agreeing, applying, rescoring, suggesting,
    ):  # fmt: skip
        added.add_argument("--run", dest="run_id", metavar="ID", help="the newest, if not given")
        project(added)
    applying.add_argument("--dataset", metavar="ID", help="correct these data instead of a run's")

    cloud = subparsers.add_parser("cloud", help="the tables, the stream and the function")
    parts = cloud.add_subparsers(required=True, metavar="COMMAND")
    command("status", cloud_commands.status, "every part with its state and remedy", parts)
    command("deploy", cloud_commands.deploy, "make the stack, or bring it up to date", parts)
    destroying = command(
        "destroy", cloud_commands.destroy, "delete the stack with all its records", parts
    )
    destroying.add_argument("--yes", action="store_true", help="on AWS: do not ask")
    destroying.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where runs and verdicts are exported before (on AWS into the workspace)",
    )
    destroying.add_argument("--no-export", action="store_true", help="skip that export")
    verifying = command(
        "verify",
        verify_command.verify,
        "check every promise on a stack of its own, which is deleted again",
        parts,
    )
    verifying.add_argument(
        "--report", type=Path, metavar="FILE", help="write what came as Markdown, for an issue"
    )
    verifying.add_argument("--yes", action="store_true", help="on AWS: do not ask")
    verifying.add_argument(
        "--timeout", type=float, default=PATIENCE_SECONDS, metavar="S", help="for the function"
    )
    threshold = command(
        "threshold", cloud_commands.threshold, "set the function's own threshold", parts
    )
    threshold.add_argument(
        "threshold", nargs="?", metavar="T", help="0 to 1, for runs without one of their own"
    )
    threshold.add_argument(
        "--budget",
        type=int,
        metavar="N",
        help="instead of T: the highest threshold at which the function copies at most N records "
        "of a run, misclassified or below it",
    )
    threshold.add_argument(
        "--run", dest="run_id", metavar="ID", help="whose records N bounds (the newest reconciled)"
    )
    logs = command("logs", cloud_commands.logs, "the function's log", parts)
    logs.add_argument("--containing", default="", metavar="TEXT", help="only lines with this text")
    logs.add_argument(
        "--since", metavar="WHEN", help="30m, 2h, 3d or a time such as 2026-11-22T09:30Z (all)"
    )
    package = command(
        "package", cloud_commands.package, "the function as a zip for the console", parts
    )
    package.add_argument("--out", type=Path, required=True, metavar="FILE")
    package.add_argument("--template", action="store_true", help="the stack's template instead")
    policies = command(
        "policies", cloud_commands.policies, "the IAM policies for AWS, as JSON files", parts
    )
    policies.add_argument("--out", type=Path, required=True, metavar="DIR")
    return root
