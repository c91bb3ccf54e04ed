"""The names of earlier versions of tables in queries, on each engine."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.table_log import check_readable
from shoplake.engine.storage.upkeep.version_links import link_version
from shoplake.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from shoplake.declare import Table
    from shoplake.engine.session.capabilities import EngineCapabilities
    from shoplake.engine.write.table_location import TableLocation


class PastVersions:
    """Names versions; on Sail each is linked into a temporary folder, which goes with this object."""

    def __init__(self, capabilities: EngineCapabilities) -> None:
        self._capabilities = capabilities

    def sql_name(self, table: Table[...], location: TableLocation, version: int) -> str:
        """Return the name of a version in a query.

        Raises VersionNotFoundError for a version whose log or files are gone, UnsupportedFeatureError for one that
        Sail cannot read in an object store.
        """
        check_readable(location.path, table.qualified_name, version)
        if self._capabilities.has_maintenance:
            return f"{location.sql} VERSION AS OF {version}"
        if filesystem.is_remote(location.path):
            raise UnsupportedFeatureError(
                "Sail reads earlier versions of tables on this machine alone. Use Apache Spark for those in an object "
                'store: engine = "spark".'
            )
        folder = Path(self._folder, table.path)
        linked = folder / str(version)
        return f"delta.`{linked if linked.exists() else link_version(location.path, version, folder)}`"

    @cached_property
    def _folder(self) -> str:
        folder = tempfile.mkdtemp(prefix="shoplake-versions-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder
