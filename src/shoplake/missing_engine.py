"""The error of an engine whose package is not installed. It imports no engine, so that it can be raised without one."""

from __future__ import annotations

from shoplake.errors import EngineError

PACKAGES = {"pysail": "pysail", "pyspark": "pyspark-client"}
"""The packages of the engines, by the module that is imported of them."""


class EngineNotInstalledError(EngineError):
    """The package of an engine is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"The engine's package {package} is not installed. Install Sail, which runs in this process: "
            "pip install 'shoplake[sail]' - or the client of a Spark server: pip install 'shoplake[spark]'"
        )
        self.package = package

    @classmethod
    def of_import(cls, error: ModuleNotFoundError) -> EngineNotInstalledError:
        """Return the error of a failed import. Raises `error` itself where the module is no engine's."""
        package = (error.name or "").partition(".")[0]
        if package not in PACKAGES:
            raise error
        return cls(PACKAGES[package])
