"""Destroying a stack, once what people gave it is exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.services.export.cloud_export import CloudExport, export_cloud
from app.services.left_overs import forget
from app.services.workspace import Workspace
from aws import stack
from aws.errors import AccessError
from aws.stack_events import OnEvent
from iris_core.errors import DataError


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What came of destroying a stack.

    Attributes:
        existed: whether there was a stack.
        export: of its runs and verdicts; None where nothing was exported.
    """

    existed: bool
    export: CloudExport | None = None


def export_folder(workspace: Workspace) -> Path:
    """Return a folder of the workspace for an export that is made now."""
    return (
        workspace.home
        / "exports"
        / f"{workspace.settings.stack}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    )


def destroy_cloud(
    workspace: Workspace, *, out: Path | None, on_event: OnEvent | None = None
) -> Destroyed:
    """Delete the stack with all its records; what cannot be exported is not deleted.

    Args:
        workspace: whose cloud it is.
        out: folder for the runs and verdicts; None to let them go.
        on_event: called with each of CloudFormation's events.

    Raises:
        AccessError: the credentials may not read, or not delete.
        CloudError: the tables cannot be read, or CloudFormation failed.
        DataError: the export could not be imported again, for something in the tables is not ours.
        StoreError: the export cannot be written.
    """
    cloud = workspace.cloud()
    if stack.stack_state(cloud) is None:
        forget(workspace.home, cloud.settings.prefix)
        return Destroyed(existed=False)
    export = None
    if out is not None:
        try:
            export = export_cloud(workspace, out)
        except AccessError as error:
            raise AccessError(
                "Destroy with credentials that may read the tables, or let runs and verdicts go "
                f"(`cloud destroy --no-export`): nothing was deleted. {error}"
            ) from error
        except DataError as error:
            raise DataError(
                "Mend what is named, or let runs and verdicts go (`cloud destroy --no-export`): "
                f"nothing was deleted. {error}"
            ) from error
    existed = stack.destroy(cloud, on_event=on_event)
    forget(workspace.home, cloud.settings.prefix)
    return Destroyed(existed, export)
