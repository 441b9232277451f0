"""Which project a test run is of, also when the run itself does not say."""

from __future__ import annotations

from functools import cached_property

from app.services.workspace import Workspace
from iris_core.records.run import Run


class RunProjects:
    """Which project a run belongs to. The workspace's cards are read once, if they are needed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def project_of(self, run: Run) -> str:
        """Return the id of a run's project; empty if that is not known.

        A run of an earlier version does not name it: it is that of its model, else of its data.
        """
        by_model = run.project or self._of_models.get(run.model)
        return by_model or self._of_datasets.get(run.dataset, "")

    @cached_property
    def _of_models(self) -> dict[str, str]:
        cards = self._workspace.models.list().cards
        return {card.id: card.schema.columns.project for card in cards}

    @cached_property
    def _of_datasets(self) -> dict[str, str]:
        return {card.id: card.project for card in self._workspace.datasets.list().cards}
