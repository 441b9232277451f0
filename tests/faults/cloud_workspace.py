"""A workspace with a trained model, for runs on a cloud with faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.services.data.datasets import default_dataset
from app.services.model.training import train_model
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import retrain_table, stack
from aws.clients import Cloud, connect_local
from aws.errors import CloudError
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run, RunState
from tests.faults.audit import Audit, Items, audit

FEW = 200
"""Rows of the runs before and after the one with a fault."""


class WorkspaceOnCloud(Workspace):
    """A workspace on a cloud that the test has made."""

    def __init__(self, home: Path, cloud: Any) -> None:
        super().__init__(home, cloud.settings)
        self._cloud_of_test: Cloud = cloud

    def cloud(self) -> Cloud:
        return self._cloud_of_test


@dataclass(frozen=True)
class CloudTestBed:
    """A model and data, in a workspace on a local cloud."""

    workspace: Workspace
    model: Model
    dataset: DataSet

    @property
    def cloud(self) -> Cloud:
        """The local cloud, without a fault."""
        return self.workspace.cloud()

    def through(self, endpoint: str, **changes: Any) -> Workspace:
        """Return this workspace with the local cloud behind a proxy.

        Args:
            endpoint: the proxy's.
            changes: fields of `Cloud` to replace.
        """
        cloud = connect_local(self.workspace.settings, endpoint)
        return WorkspaceOnCloud(self.workspace.home, replace(cloud, **changes))

    def empty_cloud(self) -> None:
        """Delete all records, by destroying and deploying the stack."""
        stack.destroy(self.cloud)
        stack.deploy(self.cloud)

    def attempt(self, workspace: Workspace, **options: Any) -> tuple[Run, CloudError | None]:
        """Test the model, whatever happens.

        Returns:
            the run as the workspace noted it, and the error if it failed.
        """
        problem = None
        try:
            run_test(workspace, self.model, self.dataset, **options)
        except CloudError as error:
            problem = error
        return next(workspace.journal.newest_runs()), problem

    def audit(self, *runs: Run) -> Audit:
        """Compare the tables' whole content with what these runs tested."""
        settings = self.workspace.settings
        tested = [key_of(run.id, row) for run in runs for row in range(run.rows)]
        score, retrain = (
            scan(self.cloud, table) for table in (settings.score_table, settings.retrain_table)
        )
        return audit(score, retrain, tested, runs[0].threshold)

    def short_run(self) -> Run:
        """Do a short run that is reconciled: the stream has delivered everything before it."""
        few = self.dataset.with_rows("a few", self.dataset.frame.iloc[:FEW])
        self.workspace.datasets.add(few)
        run = run_test(self.workspace, self.model, few).run
        assert run.state == RunState.RECONCILED
        return run

    def reviewed_run(self) -> Run:
        """Do a short run, and give a verdict on each of its candidates."""
        run = self.short_run()
        for candidate in retrain_table.candidates(self.cloud, run):
            give_verdict(self.workspace, candidate, "right")
        return run

    def verdicts(self, run: Run) -> dict[Key, tuple[str, str] | None]:
        """Return decision and label of each of a run's candidates."""
        verdicts = {
            candidate.key: candidate.verdict
            for candidate in retrain_table.candidates(self.cloud, run)
        }
        return {
            key: (verdict.decision, verdict.label) if verdict else None
            for key, verdict in verdicts.items()
        }


@contextmanager
def cloud_test_bed(home: Path, rows: int) -> Iterator[CloudTestBed]:
    """Train a model, and make data of so many rows."""
    workspace = Workspace(home, Settings())
    iris = default_dataset(workspace)
    # Trained so little that many records are misclassified or of low confidence.
    model = train_model(workspace, iris, ModelSpec(), options=TrainOptions(epochs=2))
    indices = [row % iris.rows for row in range(rows)]
    dataset = iris.with_rows(f"iris of {rows} rows", iris.frame.iloc[indices])
    workspace.datasets.add(dataset)
    try:
        yield CloudTestBed(workspace, model, dataset)
    finally:
        workspace.close()


def scan(cloud: Cloud, table: str) -> Items:
    """Return a whole table, also records under keys that nobody tested."""
    pages = cloud.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {
        (item["partition_key"]["S"], item["sort_key"]["S"]): {
            name: value["S"] for name, value in item.items()
        }
        for page in pages
        for item in page["Items"]
    }
