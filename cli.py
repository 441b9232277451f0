"""The front door for cron and CI: the dashboard's services, without a screen.

Exit status: 0 when all is accounted for, 1 when a run does not reconcile (or is worse than before,
if that is asked for), 2 when something that was asked for cannot be done; the reason is then on
standard error.
"""

from __future__ import annotations

import json
import os
import sys

from app.cli.answers import ExitStatus, print_answer, say
from app.cli.parser import parser
from app.services import event_log
from app.services.workspace import Workspace, workspace_path
from aws.errors import CloudError
from aws.settings import Settings
from iris_core.errors import IrisError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    options = parser().parse_args(arguments)
    if options.log:
        event_log.start()
    workspace: Workspace | None = None
    try:
        environment = dict(os.environ)
        if options.target:
            environment["IRIS_TARGET"] = options.target
        workspace = Workspace(workspace_path(options.home), Settings.from_mapping(environment))
        exit_status, answer = options.run(workspace, options)
        print_answer(answer, options)
    except (IrisError, CloudError, OSError) as error:
        say(f"{type(error).__name__}: {error}")
        if options.json:
            print(json.dumps({"error": str(error), "kind": type(error).__name__}))
        return ExitStatus.CANNOT
    except KeyboardInterrupt:
        say("Stopped. What was written stays; `cli.py replay` completes a run.")
        return ExitStatus.CANNOT
    else:
        return int(exit_status)
    finally:
        if workspace is not None:
            workspace.close()


if __name__ == "__main__":
    sys.exit(main())
