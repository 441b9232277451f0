"""One workspace: the stores, the jobs and the cloud that pages and commands share."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast, get_args

from filelock import FileLock

from app.services.jobs import JobRunner
from app.services.journal import Journal
from aws.clients import Cloud, connect, connect_local
from aws.errors import NotPermittedError
from aws.identity import Identity, identity
from aws.local_cloud import LocalCloud
from aws.read_only import REFUSAL, read_only
from aws.settings import Settings, Target
from aws.stack import deploy
from iris_core.errors import Cancelled
from iris_core.model.backend import warm_up
from iris_core.storage.atomic_files import write_file
from iris_core.storage.dataset_store import DataSetStore
from iris_core.storage.model_store import ModelStore
from iris_core.storage.project_store import ProjectStore
from iris_core.storage.promotion_log import PromotionLog
from iris_core.storage.row_verdict_log import RowVerdictLog

_CHOSEN_TARGET = "target.txt"
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Workspace:
    """One workspace: its stores, its jobs, and the cloud it works on. Safe across threads."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self.home = home
        self.settings = settings
        self.datasets = DataSetStore(home)
        self.models = ModelStore(home)
        self.projects = ProjectStore(home)
        self.promotions = PromotionLog(home)
        self.row_log = RowVerdictLog(home)
        self.jobs = JobRunner(cancellation=Cancelled)
        self._local = LocalCloud(home / "cloud")
        self._prepared = 0
        self._clouds: dict[str, Cloud] = {}
        self._lock = threading.RLock()
        self._warming = threading.Lock()
        self._read_only: tuple[Cloud, Cloud] | None = None

    @property
    def journal(self) -> Journal:
        """The notes about the runs of the cloud that is chosen now."""
        return Journal(self.home, self.settings.cloud_name)

    def journal_of(self, cloud: Cloud) -> Journal:
        """Return the notes about a cloud's runs, whichever cloud is chosen meanwhile."""
        return Journal(self.home, cloud.settings.cloud_name)

    def choose_target(self, target: Target) -> None:
        """Work on another cloud from now on; the choice outlives this process.

        Raises:
            StoreError: it cannot be noted; the cloud is then the one it was.
        """
        with self._lock:
            write_file(self.home / _CHOSEN_TARGET, target.encode())
            self.settings = replace(self.settings, target=target)

    def cloud(self) -> Cloud:
        """Return the chosen cloud. A local one is started, and its stack deployed, when need be.

        Nothing is deployed to AWS here; when it has refused the credentials, they are read again.

        Raises:
            LocalCloudError: the local cloud cannot be started.
            CredentialsError: the AWS profile that is named does not exist.
            SettingsError: no region of AWS is named anywhere.
        """
        return self.cloud_of(self.settings.target)

    def cloud_of(self, target: Target) -> Cloud:
        """Return a cloud, whether it is the chosen one or not; otherwise as `cloud`.

        Args:
            target: which one.
        """
        with self._lock:
            if target == "aws":
                return self._aws()
            endpoint = self._local.endpoint()
            if endpoint not in self._clouds:
                settings = replace(self.settings, target="local")
                self._clouds[endpoint] = connect_local(settings, endpoint)
            cloud = self._clouds[endpoint]
            if self._prepared != self._local.starts:
                # Every process that joins brings the stack up to date, one after the other.
                with FileLock(self.home / "cloud" / "deploy.lock"):
                    deploy(cloud)
                self._prepared = self._local.starts
            return cloud

    def _aws(self) -> Cloud:
        with self._lock:
            connected = self._clouds.get("aws")
            if connected is None or connected.credentials_rejected:
                connected = self._clouds["aws"] = connect(replace(self.settings, target="aws"))
            return connected

    def aws_identity(self) -> Identity:
        """Return with which account, region, profile and role AWS is worked on, chosen or not.

        Raises:
            CredentialsError: there are no credentials, or AWS does not accept them.
            SettingsError: no region is named anywhere.
        """
        return identity(self._aws())

    def read_only_cloud(self) -> Cloud:
        """Return the chosen cloud through clients that refuse to change anything."""
        with self._lock:
            cloud = self.cloud()
            if self._read_only is None or self._read_only[0] is not cloud:
                self._read_only = (cloud, read_only(cloud))
            return self._read_only[1]

    def warm_up(self, *, after: float = 0.0) -> None:
        """Import TensorFlow in the background, once, beginning `after` seconds from now.

        Every page calls this: it does not wait for a local cloud that is being started.
        """
        # Never released: the first call takes it, all others have nothing to do.
        if self._warming.acquire(blocking=False):
            timer = threading.Timer(after, warm_up)
            timer.name, timer.daemon = "warm-up", True
            timer.start()

    def close(self) -> None:
        """Stop the jobs, release the local cloud, and wait until its state is saved."""
        self.jobs.close()
        self._local.close()


class ReadOnlyWorkspace(Workspace):
    """A workspace for people who may only look; all else raises `NotPermittedError`.

    No page asks who is visiting: the difference is made here alone.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Show what `workspace` has."""
        self._workspace = workspace
        self.home, self.settings = workspace.home, workspace.settings
        self.datasets = _restricted(workspace.datasets, "card", "list", "load")
        self.models = _restricted(workspace.models, "card", "export", "list", "load")
        self.projects = _restricted(workspace.projects, "broken", "card", "split")
        self.promotions = _restricted(workspace.promotions, "broken", "entries", "readable")
        self.row_log = _restricted(workspace.row_log, "reviews")
        self.jobs = _restricted(workspace.jobs, "finished", "latest", "running")

    @property
    def journal(self) -> Journal:
        """The notes about the runs of the cloud that is chosen now, to be read."""
        return self._readable(self._workspace.journal)

    def journal_of(self, cloud: Cloud) -> Journal:
        """Return the notes about a cloud's runs, to be read."""
        return self._readable(self._workspace.journal_of(cloud))

    def choose_target(self, target: Target) -> None:  # noqa: ARG002 - as in `Workspace`
        """Refuse: it would change the cloud for everybody."""
        raise NotPermittedError(REFUSAL)

    def cloud(self) -> Cloud:
        """Return the chosen cloud, to be read; a local one is started when need be."""
        return self._workspace.read_only_cloud()

    def cloud_of(self, target: Target) -> Cloud:
        """Return the chosen cloud, to be read; another one is not for visitors.

        Args:
            target: which one.
        """
        if target != self.settings.target:
            raise NotPermittedError(REFUSAL)
        return self.cloud()

    def aws_identity(self) -> Identity:
        """Return nothing: whose account it is concerns only those who may use it."""
        return Identity()

    def warm_up(self, *, after: float = 0.0) -> None:
        """Import TensorFlow in the background: changes nothing."""
        self._workspace.warm_up(after=after)

    def close(self) -> None:
        """Refuse: it would end everybody's."""
        raise NotPermittedError(REFUSAL)

    @staticmethod
    def _readable(journal: Journal) -> Journal:
        return _restricted(
            journal,
            "broken",
            "newest_runs",
            "newest_verdict",
            "reviewed_runs",
            "run",
            "runs",
            "scores",
            "verdict_notes",
            "verdicts",
        )


class _Restricted:
    """Passes on the named attributes of an object; everything else is refused."""

    def __init__(self, target: object, names: tuple[str, ...]) -> None:
        self._target, self._names = target, names

    def __getattr__(self, name: str) -> object:
        if name not in self._names:
            raise NotPermittedError(REFUSAL)
        return getattr(self._target, name)


def _restricted(target: _T, *names: str) -> _T:
    return cast(_T, _Restricted(target, names))


def workspace_path(home: str | None = None) -> Path:
    """Return the folder: `home`, else `IRIS_HOME`, else `.iris-loop` in the person's home."""
    chosen = home or os.environ.get("IRIS_HOME") or "~/.iris-loop"
    return Path(chosen).expanduser().resolve()


_shared: dict[Path, Workspace] = {}
_shared_lock = threading.Lock()


def process_workspace() -> Workspace:
    """Return this process's workspace, without regard to who visits.

    It is closed when the process ends. The cloud is the one chosen last on the Cloud page, unless
    `IRIS_TARGET` says otherwise.

    Raises:
        SettingsError: a setting is out of range or unknown.
    """
    home = workspace_path()
    with _shared_lock:
        if home not in _shared:
            settings = Settings.from_mapping({"IRIS_TARGET": chosen_target(home), **os.environ})
            _shared[home] = workspace = Workspace(home, settings)
            atexit.register(workspace.close)
            # Before the interpreter waits for the workers' threads: atexit comes after that.
            threading._register_atexit(workspace.jobs.close)  # type: ignore[attr-defined] # noqa: SLF001
        return _shared[home]


def chosen_target(home: Path) -> Target:
    """Return the cloud that was chosen last; the local one if that is not known."""
    path = home / _CHOSEN_TARGET
    try:
        chosen = path.read_text("utf-8")
    except FileNotFoundError:
        return "local"
    except (OSError, ValueError) as error:
        chosen = str(error)
    if chosen in get_args(Target):
        return cast(Target, chosen)
    _log.warning(
        "%s: expected 'local' or 'aws', received %.100r. The local cloud is used; choose one on "
        "the Cloud page.",
        path,
        chosen,
    )
    return "local"
