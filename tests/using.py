"""Data that a project is to work with, as a training would do it."""

from __future__ import annotations

from app.services.project_data import plan_data, use_data
from app.services.workspace import Workspace
from iris_core.data.datasets import DataSet


def used(workspace: Workspace, dataset: DataSet) -> tuple[DataSet, DataSet | None]:
    """Work with data from now on; return what to train on, and what to evaluate on."""
    plan = plan_data(workspace, dataset)
    use_data(workspace, plan)
    return plan.training, plan.evaluation
