"""Builds what pages and commands share, once a workspace, and hands it out."""

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
from aws.local_cloud import LocalCloud
from aws.read_only import REFUSAL, read_only
from aws.settings import Settings, Target
from aws.stack import deploy
from iris_core.model.backend import warm_up
from iris_core.storage.atomic_files import write_file
from iris_core.storage.store import DataSetStore, ModelStore

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
        self.jobs = JobRunner()
        self._local = LocalCloud(home / "cloud")
        self._prepared = 0
        self._clouds: dict[str, Cloud] = {}
        self._lock = threading.RLock()
        self._warming = threading.Lock()
        self._looked_at: tuple[Cloud, Cloud] | None = None

    @property
    def journal(self) -> Journal:
        """What the workspace remembers of the chosen cloud's runs."""
        return Journal(self.home, self.settings.target)

    def choose_target(self, target: Target) -> None:
        """Work on another cloud from now on; the choice outlives this process.

        Raises `StoreError` when it cannot be noted; the cloud is then the one it was.
        """
        with self._lock:
            write_file(self.home / _CHOSEN_TARGET, target.encode())
            self.settings = replace(self.settings, target=target)

    def cloud(self) -> Cloud:
        """The chosen cloud. A local one is started, and its stack deployed, when need be.

        Raises `LocalCloudError` when it cannot be started. Nothing is deployed to AWS here; when it
        has refused the credentials, they are looked for anew.
        """
        with self._lock:
            if self.settings.target == "aws":
                known = self._clouds.get("aws")
                if known is None or known.is_refused:
                    known = self._clouds["aws"] = connect(self.settings)
                return known
            endpoint = self._local.endpoint()
            if endpoint not in self._clouds:
                self._clouds[endpoint] = connect_local(self.settings, endpoint)
            cloud = self._clouds[endpoint]
            if self._prepared != self._local.starts:
                # Every process that joins brings the stack up to date, one after the other.
                with FileLock(self.home / "cloud" / "deploy.lock"):
                    deploy(cloud)
                self._prepared = self._local.starts
            return cloud

    def cloud_to_look_at(self) -> Cloud:
        """The chosen cloud, through clients that refuse to change anything."""
        with self._lock:
            cloud = self.cloud()
            if self._looked_at is None or self._looked_at[0] is not cloud:
                self._looked_at = (cloud, read_only(cloud))
            return self._looked_at[1]

    def warm_up(self, *, after: float = 0.0) -> None:
        """Import TensorFlow in the background, once, beginning `after` seconds from now.

        Every page comes by here: it does not wait for a local cloud that is being started.
        """
        # Never released: the first one takes it, all others have nothing to do.
        if self._warming.acquire(blocking=False):
            timer = threading.Timer(after, warm_up)
            timer.name, timer.daemon = "warm-up", True
            timer.start()

    def close(self) -> None:
        """Stop the jobs and let go of the local cloud; waits until its state is saved."""
        self.jobs.close()
        self._local.close()


class ReadOnlyWorkspace(Workspace):
    """The services of a workspace for people who may only look; all else raises `VisitError`.

    The one place that tells the two apart: no page asks who is looking at it.
    """

    def __init__(self, whole: Workspace) -> None:
        """Show what `whole` has."""
        self._whole = whole
        self.home, self.settings = whole.home, whole.settings
        self.datasets = _only(whole.datasets, "card", "list", "load")
        self.models = _only(whole.models, "card", "export", "list", "load")
        self.jobs = _only(whole.jobs, "get", "latest", "running")

    @property
    def journal(self) -> Journal:
        """What the workspace remembers, to be read."""
        return _only(self._whole.journal, "broken", "run", "runs", "verdicts")

    def choose_target(self, target: Target) -> None:  # noqa: ARG002 - as in `Workspace`
        """Refuse: it would change the cloud for everybody."""
        raise NotPermittedError(REFUSAL)

    def cloud(self) -> Cloud:
        """The chosen cloud, to be read; a local one is started when need be."""
        return self._whole.cloud_to_look_at()

    def warm_up(self, *, after: float = 0.0) -> None:
        """Import TensorFlow in the background: changes nothing."""
        self._whole.warm_up(after=after)

    def close(self) -> None:
        """Refuse: it would end everybody's."""
        raise NotPermittedError(REFUSAL)


class _Only:
    """Hands through what is named of an object; everything else is refused."""

    def __init__(self, whole: object, names: tuple[str, ...]) -> None:
        self._whole, self._names = whole, names

    def __getattr__(self, name: str) -> object:
        if name not in self._names:
            raise NotPermittedError(REFUSAL)
        return getattr(self._whole, name)


def _only(whole: _T, *names: str) -> _T:
    return cast(_T, _Only(whole, names))


def workspace_path(home: str | None = None) -> Path:
    """The workspace: `home`, else `IRIS_HOME`, else `.iris-loop` in the person's home."""
    chosen = home or os.environ.get("IRIS_HOME") or "~/.iris-loop"
    return Path(chosen).expanduser().resolve()


_shared: dict[Path, Workspace] = {}
_shared_lock = threading.Lock()


def process_workspace() -> Workspace:
    """The services of this process's workspace, for the house itself.

    Closed when the process ends. The cloud is the one chosen last on the Cloud page, unless
    `IRIS_TARGET` says otherwise. Raises `SettingsError` when a setting cannot be meant.
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
    """The cloud that was chosen last; the local one if that is not known."""
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
