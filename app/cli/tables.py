"""The arguments that say how a table is read, and which roles its columns have."""

from __future__ import annotations

import argparse

from app.cli.answers import say
from app.services.project_data import torn_groups
from app.services.workspace import Workspace
from iris_core.data.column_table import ReadingOptions
from iris_core.data.datasets import DataSet
from iris_core.data.roles import RoleChoice


def add_roles(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that choose roles."""
    parser.add_argument("--label", metavar="NAME", help="label column (guessed, and said)")
    for option, role in (
        ("numeric", "numbers"),
        ("categorical", "categories"),
        ("date", "dates"),
        ("ignore", "no features"),
        ("group", "what rows belong to, such as patients (guessed, and said): one at most"),
    ):
        parser.add_argument(
            f"--{option}", action="append", default=[], metavar="NAME", help=f"a column of {role}"
        )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how a file is read."""
    parser.add_argument("--encoding", metavar="NAME", help="of the text (UTF-8), such as cp1252")
    parser.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="whether the first line names the columns",
    )
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook (the only one)")
    parser.add_argument(
        "--missing", action="append", default=[], metavar="WORD", help="means a missing value"
    )
    parser.add_argument(
        "--decimal",
        choices=("point", "comma"),
        help="the decimal mark of numbers that can be read in two ways",
    )
    parser.add_argument(
        "--date-order",
        choices=("dmy", "mdy", "ymd"),
        help="the order in dates that can be read in two ways",
    )


def role_choice(options: argparse.Namespace) -> RoleChoice:
    """Return the roles that were chosen."""
    return RoleChoice(
        options.label,
        tuple(options.numeric),
        tuple(options.categorical),
        tuple(options.date),
        tuple(options.ignore),
        tuple(options.group),
    )


def reading_options(options: argparse.Namespace) -> ReadingOptions:
    """Return how the file is read."""
    return ReadingOptions(
        encoding=options.encoding,
        header=options.header,
        sheet=options.sheet,
        missing=tuple(options.missing),
        decimal={"point": ".", "comma": ","}.get(options.decimal),
        date_order=options.date_order,
    )


def say_notes(workspace: Workspace, dataset: DataSet) -> None:
    """Say on standard error what was understood of a data set when it was read."""
    for note in workspace.datasets.card(dataset.id).notes:
        say(note)


def say_torn_groups(workspace: Workspace, dataset: DataSet) -> None:
    """Say on standard error which groups are on both sides, unless its notes say it already."""
    torn = torn_groups(workspace, dataset)
    if torn and torn not in workspace.datasets.card(dataset.id).notes:
        say(torn)
