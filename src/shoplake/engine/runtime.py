"""What a process keeps open for its lakes: engine servers and sessions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shoplake.engine.session import sail
from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.state.state_store import StateStore
from shoplake.engine.storage import filesystem
from shoplake.engine.storage.locks.lease import Lease
from shoplake.engine.write.delta_engine import DeltaEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.engine.session.sail import SailServers
    from shoplake.engine.session.spark.session import SparkSessions
    from shoplake.settings import Settings


class EngineRuntime:
    """The engines that a lake's settings ask for, opened on demand.

    Lakes with different settings do not disturb each other. Shared per process are, each by what it depends on:

    - Sail servers, by memory limit (`sail.SERVERS`): a second server with the same limit would double the memory in
      use. A runtime with `SailServers` of its own shares none.
    - Spark sessions, by address and token (`SESSIONS`): a server keeps state for each. A runtime may have its own.
    - Handles of Delta tables, by thread, path and credentials: reading a log again is slow.
    - File systems of object stores and checks of their access, by credentials.
    - Which files were flushed, and the checksums of commit files, by path, time and size.

    The same for all lakes of a process are the time zone of the C library (UTC; each feed has its own as a setting)
    and the credentials that Sail reads from the environment.
    """

    def __init__(self, sail_servers: SailServers | None = None, spark_sessions: SparkSessions | None = None) -> None:
        self._sail_servers = sail_servers or sail.SERVERS
        self._spark_sessions = spark_sessions

    def open_engine(self, settings: Settings) -> DeltaEngine:
        """Return an engine on the lake of the settings.

        Raises EngineError where it cannot start or be reached, and SettingsError for a folder that Sail cannot use.
        """
        if settings.engine == "spark":
            session = self._spark().session(settings.remote, settings.memory_limit)
            compiles = settings.remote is not None  # else the session's owner decides
            spark = replace(SPARK, compiles_queries=compiles, shares_disk=settings.remote == "local")
            return DeltaEngine(session, settings.lake, spark, settings.catalog)
        if any(filesystem.is_remote(path) for path in (settings.lake, *(feed.path for feed in settings.feeds))):
            filesystem.export_credentials()
        return DeltaEngine(self._sail_servers.session(settings.memory_limit), settings.lake)

    def end_killed(self, settings: Settings) -> None:
        """End what a local Spark server still does for processes that were killed. The caller holds the lease.

        Raises EngineError where the server does not end it.
        """
        if settings.engine == "spark" and settings.remote == "local":
            self._spark().end_killed()

    def open_state(self, settings: Settings, engine: Callable[[], DeltaEngine]) -> StateStore:
        """Return the state store of the settings' lake; one in a catalog is reached by the session of the engine."""
        if settings.catalog is None:
            return StateStore(settings.lake)
        from shoplake.engine.state.catalog_ops import CatalogOps

        return StateStore(settings.lake, ops=CatalogOps(engine().session, settings.catalog))

    def open_lease(self, settings: Settings, owner: str, engine: Callable[[], DeltaEngine]) -> Lease | None:
        """Return the lease of a lake in a catalog; None where the lake's folder has it."""
        if settings.catalog is None:
            return None
        from shoplake.engine.state import catalog_lease

        backend = catalog_lease.CatalogLeaseBackend(engine().session, settings.catalog)
        interval_s = catalog_lease.HEARTBEAT_INTERVAL_S
        return Lease(
            settings.lake, owner, backend=backend, heartbeat_interval_s=interval_s, max_silence_s=2 * interval_s
        )

    def _spark(self) -> SparkSessions:
        if self._spark_sessions is None:
            from shoplake.engine.session.spark.session import SESSIONS

            self._spark_sessions = SESSIONS
        return self._spark_sessions
