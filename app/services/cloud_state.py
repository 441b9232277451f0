"""What the chosen cloud says of itself, for the loop at a glance."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.overview import SHOWN_RUNS
from app.services.runs.history import recent_runs
from app.services.workspace import Workspace
from aws import function
from aws.clients import Cloud
from aws.status import Part, status
from iris_core.records.run import Run

_FILTERING = ("function", "stream mapping", "table")


@dataclass(frozen=True, slots=True)
class CloudState:
    """What a cloud says of itself; by default nothing.

    Attributes:
        resources: all that the pipeline needs, with their states.
        threshold: that the function applies, empty if there is no function.
        runs: the newest runs of the project in its run table, newest first.
    """

    resources: tuple[Part, ...] = ()
    threshold: str = ""
    runs: tuple[Run, ...] = ()

    @property
    def is_filtering(self) -> bool:
        """Return whether records that are stored now are filtered by the function."""
        needed = [resource for resource in self.resources if resource.kind in _FILTERING]
        return bool(needed) and all(resource.well for resource in needed)

    @property
    def unhealthy(self) -> tuple[Part, ...]:
        """Return the resources that are missing or need attention."""
        return tuple(resource for resource in self.resources if not resource.well)


def cloud_state(workspace: Workspace, cloud: Cloud, project: str | None) -> CloudState:
    """Ask a cloud for its resources, and what is healthy of them for the threshold and the runs.

    Args:
        workspace: with the models and the data of the runs.
        cloud: to be asked.
        project: id of the project of the runs; None for all.

    Raises:
        CloudError: it does not answer, or refuses.
    """
    resources = status(cloud)
    healthy = {resource.name for resource in resources if resource.well}
    settings = cloud.settings
    threshold = function.threshold(cloud) if settings.function in healthy else ""
    has_runs = settings.runs_table in healthy
    runs = recent_runs(workspace, cloud, project, limit=SHOWN_RUNS) if has_runs else ()
    return CloudState(resources, threshold, tuple(runs))
