"""A workspace with a trained model, whose runs go through whatever cloud a fault makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.services.datasets import default_dataset
from app.services.pipeline import run_test
from app.services.review import give_verdict
from app.services.training import train_model
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
"""Rows of the runs before and after the one that is struck."""


class GivenCloud(Workspace):
    """A workspace on a cloud that somebody else made."""

    def __init__(self, home: Path, cloud: Any) -> None:
        super().__init__(home, cloud.settings)
        self._given: Cloud = cloud

    def cloud(self) -> Cloud:
        return self._given


@dataclass(frozen=True)
class CloudTrial:
    """A model, and data of `dataset.rows` rows; `workspace` are those of a local cloud."""

    workspace: Workspace
    model: Model
    dataset: DataSet

    @property
    def cloud(self) -> Cloud:
        """The local cloud itself, without a fault."""
        return self.workspace.cloud()

    def through(self, endpoint: str, **changes: Any) -> Workspace:
        """This workspace with the local cloud behind a proxy."""
        cloud = connect_local(self.workspace.settings, endpoint)
        return GivenCloud(self.workspace.home, replace(cloud, **changes))

    def empty_cloud(self) -> None:
        """Delete all records, by deleting the stack and making it again."""
        stack.destroy(self.cloud)
        stack.deploy(self.cloud)

    def attempt(self, workspace: Workspace, **options: Any) -> tuple[Run, CloudError | None]:
        """Test the model, come what may; returns the run as the workspace noted it."""
        problem = None
        try:
            run_test(workspace, self.model, self.dataset, **options)
        except CloudError as error:
            problem = error
        return workspace.journal.runs(limit=1)[0], problem

    def audit(self, *runs: Run) -> Audit:
        """Compare the tables' whole content with what these runs have tested."""
        settings = self.workspace.settings
        tested = [key_of(run.id, row) for run in runs for row in range(run.rows)]
        score, retrain = (
            scan(self.cloud, table) for table in (settings.score_table, settings.retrain_table)
        )
        return audit(score, retrain, tested, runs[0].threshold)

    def short_run(self) -> Run:
        """A run of few rows that ends well: the stream has delivered all that went before it."""
        few = self.dataset.with_rows("a few", self.dataset.frame.iloc[:FEW])
        self.workspace.datasets.add(few)
        run = run_test(self.workspace, self.model, few).run
        assert run.state == RunState.RECONCILED
        return run

    def reviewed_run(self) -> Run:
        """A short run, with a verdict on each of its candidates."""
        run = self.short_run()
        for found in retrain_table.candidates(self.cloud, run):
            give_verdict(self.workspace, found, "right")
        return run

    def verdicts(self, run: Run) -> dict[Key, tuple[str, str] | None]:
        """What reviewers decided about a run's candidates."""
        return {
            found.key: (found.verdict.decision, found.verdict.label) if found.verdict else None
            for found in retrain_table.candidates(self.cloud, run)
        }


@contextmanager
def cloud_trial(home: Path, rows: int) -> Iterator[CloudTrial]:
    """Train a model, and make data of so many rows."""
    workspace = Workspace(home, Settings())
    iris = default_dataset(workspace)
    # Trained so little that it is wrong and unsure often.
    model = train_model(workspace, iris, ModelSpec(), options=TrainOptions(epochs=2))
    indices = [row % iris.rows for row in range(rows)]
    dataset = iris.with_rows(f"iris of {rows} rows", iris.frame.iloc[indices])
    workspace.datasets.add(dataset)
    try:
        yield CloudTrial(workspace, model, dataset)
    finally:
        workspace.close()


def scan(cloud: Cloud, table: str) -> Items:
    """A whole table: records under keys that nobody tested are to be found too."""
    pages = cloud.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {
        (item["partition_key"]["S"], item["sort_key"]["S"]): {
            name: value["S"] for name, value in item.items()
        }
        for page in pages
        for item in page["Items"]
    }
