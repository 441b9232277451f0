"""The commands of a review: candidates out, verdicts in and undone, the data corrected by them."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any, Final

from app.cli.account import account_name
from app.cli.answers import Answer, ExitStatus, progress_line, save_file
from app.services.projects import find_project, projects
from app.services.review.applying import apply_to_dataset, apply_to_run
from app.services.review.bulk import complete_bulk, unfinished_bulks
from app.services.review.exchange import STORED_WORDS, export_review, import_review
from app.services.review.history import history
from app.services.review.label_search import search_run
from app.services.review.label_studio import export_tasks, labelling_config
from app.services.review.ledger import note_verdicts_of_run
from app.services.review.rescoring import rescore
from app.services.review.reviewers import PairAgreement, reviewer_agreement
from app.services.review.suggesting import Question, suggest_for_dataset, suggest_for_run
from app.services.review.undoing import undo
from app.services.runs.recovery import find_run
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from aws import run_table
from iris_core.errors import NotFoundError, OptionError
from iris_core.records.interval import Interval
from iris_core.records.run import Run, RunState

FORMATS: Final = ("csv", "label-studio")
"""What a review can be exported as."""


def chosen_run(workspace: Workspace, options: argparse.Namespace) -> Run:
    """Return the run that is named, else the newest one of the project that was tested to its end.

    Raises:
        NotFoundError: there is none.
    """
    if options.run_id:
        return find_run(workspace, options.run_id)
    project = None
    if options.project:
        project = find_project(workspace, options.project).id
    elif known := projects(workspace):
        project = known[0].id
    of_runs = RunProjects(workspace)
    for run in run_table.runs(workspace.cloud()):
        if run.state in (RunState.RECONCILED, RunState.INCOMPLETE) and (
            project in (None, of_runs.project_of(run))
        ):
            return run
    raise NotFoundError("Test a model first, with `python cli.py test`: there is no run yet.")


def export(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Write the candidates of a run, to review them, as CSV or as tasks of Label Studio.

    Raises:
        OptionError: a CSV has neither suggestions nor a labelling configuration.
    """
    if options.format == "csv" and (options.suggest or options.config):
        raise OptionError(
            "Add --format label-studio: expected --suggest and --config with it only, "
            "received one of them for a CSV."
        )
    run = chosen_run(workspace, options)
    answer: dict[str, Any] = {"run": run.id, "exported": 0, "out": str(options.out)}
    if options.format == "csv":
        content, answer["exported"] = export_review(workspace, run)
        save_file(options.out, content)
        return ExitStatus.OK, answer
    tasks = export_tasks(workspace, run, search_run(workspace, run) if options.suggest else None)
    # Each task is a line, and so is each bracket.
    answer["exported"] = tasks.count(b"\n") - 2
    save_file(options.out, tasks)
    if options.config:
        config = labelling_config(workspace, run, suggested=options.suggest)
        save_file(options.config, config.encode())
        answer["config"] = str(options.config)
    return ExitStatus.OK, answer


def import_(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Take over the verdicts of a file; exit status 1 if one of them could not be."""
    run = chosen_run(workspace, options)
    done = import_review(
        workspace, run, options.file, who=account_name(), on_progress=progress_line()
    )
    status = ExitStatus.DIFFERS if done.conflicts else ExitStatus.OK
    return status, {
        "run": run.id,
        "imported": done.imported,
        "unchanged": done.unchanged,
        "conflicts": list(done.conflicts),
    }


def undo_newest(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Undo the newest verdict or bulk; exit status 1 if a record stays as it is."""
    run = chosen_run(workspace, options)
    # Also those of a process that was killed before it noted them.
    note_verdicts_of_run(workspace, workspace.cloud(), run)
    done = undo(workspace, run, who=options.who, on_progress=progress_line())
    return ExitStatus.DIFFERS if done.refused else ExitStatus.OK, {
        "run": run.id,
        "undone": len(done.undone),
        "rows": [key.row for key in done.undone],
        "conflicts": [f"row {refused.key.row}: {refused.why}" for refused in done.refused],
    }


def complete(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Give the rest of the verdicts of interrupted bulks; exit status 1 if one cannot be given."""
    run = chosen_run(workspace, options)
    bulks = unfinished_bulks(workspace, run)
    done = [complete_bulk(workspace, run, bulk.id, on_progress=progress_line()) for bulk in bulks]
    conflicts = [key.row for result in done for key in result.conflicts]
    return ExitStatus.DIFFERS if conflicts else ExitStatus.OK, {
        "run": run.id,
        "bulks": len(bulks),
        "of": sum(bulk.of for bulk in bulks),
        "given_before": sum(bulk.given for bulk in bulks),
        "given": sum(result.given for result in done),
        "conflicts": [f"row {row}: somebody else reviewed it meanwhile" for row in conflicts],
    }


def list_history(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """List the verdicts on a run's candidates, or on one: who gave which, and what was before."""
    run = chosen_run(workspace, options)
    return ExitStatus.OK, [
        {
            "row": entry.key.row,
            "version": entry.version,
            "at": entry.at,
            "who": entry.who,
            "verdict": STORED_WORDS[entry.decision],
            "label": entry.label,
            "before": STORED_WORDS[entry.before] if entry.before else None,
            "before_label": entry.before_label,
            "undo": entry.is_undo,
            "note": entry.note,
            "carried_from": entry.carried_from,
        }
        for entry in history(workspace, run, options.row)
    ]


def show_agreement(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Say how far the reviewers of a run agree, and on which of its records they differ."""
    run = chosen_run(workspace, options)
    found = reviewer_agreement(workspace.cloud(), run)
    return ExitStatus.OK, {
        "run": run.id,
        "reviewers": found.opinions,
        "seen_by_several": found.seen_by_several,
        "disagreements": len(found.differing),
        "open_disagreements": found.open,
        "pairs": [_pair(pair) for pair in found.pairs],
        "differing": [
            {
                "row": key.row,
                "settled_by": opinions.settled_by,
                "opinions": {
                    opinion.who: {
                        "verdict": STORED_WORDS[opinion.decision],
                        "label": opinion.label,
                        "at": opinion.at,
                    }
                    for opinion in opinions.given
                },
            }
            for key, opinions in found.differing.items()
        ],
    }


def _pair(pair: PairAgreement) -> dict[str, Any]:
    """Return the agreement of two reviewers."""
    agreed = pair.agreement
    return {
        "reviewers": list(pair.reviewers),
        "records": agreed.records,
        "agreed": agreed.agreed,
        "agreement": agreed.share,
        "agreement_interval": _ends(agreed.share_interval),
        "kappa": agreed.kappa,
        "kappa_interval": _ends(agreed.interval) if agreed.interval else None,
        "too_few": agreed.too_few,
        "records_needed": agreed.needed,
    }


def apply(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Make the corrected version of the data."""
    if options.dataset:
        applied = apply_to_dataset(workspace, options.dataset)
    else:
        applied = apply_to_run(workspace, chosen_run(workspace, options))
    return ExitStatus.OK, {
        "dataset": applied.dataset.id,
        "relabelled": applied.relabelled,
        "dropped": applied.dropped,
        "added": applied.added,
        "rows": applied.dataset.rows,
        "evaluation_rows": applied.evaluation_rows,
    }


def suggest(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Say which rows are likely labelled wrongly, and why, in the order to review them."""
    question = Question(options.order, options.budget, options.sample, options.method, options.seed)
    if options.dataset:
        asked = {"dataset": options.dataset}
        answer = suggest_for_dataset(workspace, options.dataset, question)
    else:
        run = chosen_run(workspace, options)
        asked = {"run": run.id}
        answer = suggest_for_run(workspace, run, question)
    return ExitStatus.OK, {
        **asked,
        "order": options.order,
        "rows": answer.rows,
        "wrong": answer.wrong,
        "enough": answer.found.enough,
        "last_reviewed": answer.found.reviewed,
        "last_wrong": answer.found.wrong,
        "last_wrong_interval": _ends(answer.found.interval),
        "accept_others": answer.trusted.acceptable,
        "suggestions_reviewed": answer.trusted.reviewed,
        "suggestions_right": answer.trusted.right,
        "suggestions_right_interval": _ends(answer.trusted.interval),
        "suggestions": [asdict(suggestion) for suggestion in answer.suggestions],
    }


def _ends(interval: Interval) -> list[float]:
    """Return the ends of an interval."""
    return [interval.low, interval.high]


def rescore_run(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Score a run again against the labels as corrected since."""
    run = chosen_run(workspace, options)
    rescored = rescore(workspace, workspace.cloud(), run)
    return ExitStatus.OK, {
        "run": run.id,
        "accuracy": run.accuracy,
        "corrected_accuracy": rescored.accuracy,
        "baseline_accuracy": rescored.baseline_accuracy,
        "interval": _ends(rescored.interval),
        "rows": rescored.rows,
        "relabelled": rescored.relabelled,
        "dropped": rescored.dropped,
    }
