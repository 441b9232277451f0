"""A file with more columns than a project has joins it without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.data.datasets import import_table
from app.services.projects import narrower_projects
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.errors import DataError

PLOT = b"species,width,zone\na,1.5,01\nb,2.5,x2\na,3.5,x4\nb,4.5,x3\n"
WIDER = b"who,zone,species,width,day\nann,01,a,1.0,1\nbob,02,b,2.0,2\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, Settings())


def test_columns_that_the_project_does_not_have_are_no_features(workspace: Workspace) -> None:
    first = import_table(workspace, PLOT, name="plot")
    later = import_table(workspace, WIDER, like=first.columns, name="wider")
    assert later.columns.project == first.columns.project
    assert later.columns == first.columns
    assert later.ignored == ("who", "day")
    # AND codes stay as they are written, as in the project
    assert later.frame["zone"].tolist() == ["01", "02"]
    assert workspace.datasets.card(later.id).project == first.columns.project


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"species,zone,day\na,x1,1\nb,x2,2\n", "received none for 'width'"),
        (
            b"species,width,zone,day\na,thin,x1,1\nb,wide,x2,2\n",
            "column 'width': expected a number",
        ),
        (b"species,width,day\na,1,1\nb,2,2\n", "received none for 'zone'"),
    ],
    ids=["missing number", "text instead of numbers", "missing category"],
)
def test_file_that_does_not_fit_is_refused_and_not_kept(
    workspace: Workspace, content: bytes, named: str
) -> None:
    first = import_table(workspace, PLOT, name="plot")
    with pytest.raises(DataError, match=named):
        import_table(workspace, content, like=first.columns, name="other")
    assert [card.id for card in workspace.datasets.list().cards] == [first.id]


def test_projects_are_offered_whose_columns_are_fewer_with_the_same_label(
    workspace: Workspace,
) -> None:
    plot = import_table(workspace, PLOT, name="plot").columns.project
    small = import_table(workspace, b"species,width\na,1\nb,2\n", name="small").columns.project
    import_table(workspace, b"zone,width\na,1\nb,2\n", name="other label")
    columns = ("who", "zone", "species", "width", "day")
    fits = narrower_projects(workspace, columns, "species")
    assert [(project.id, left) for project, left in fits] == [
        (plot, ("who", "day")),
        (small, ("who", "zone", "day")),
    ]
    assert narrower_projects(workspace, columns, "day") == []
    # AND the same columns are the project itself: nothing is to be left out
    own = narrower_projects(workspace, ("species", "width", "zone"), "species")
    assert [project.id for project, _ in own] == [small]
