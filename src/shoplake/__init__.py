"""shoplake: the lakehouse for online shops.

>>> from shoplake import Lake
>>> lake = Lake.open("shoplake.toml")
>>> lake.run()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shoplake.errors import ShoplakeError
    from shoplake.lake import Lake

__all__ = ["Lake", "ShoplakeError"]


def __getattr__(name: str) -> Any:
    """`Lake` and `ShoplakeError`, loaded when first asked for, so that the command line starts at once."""
    if name == "Lake":
        return _load_lake()
    if name == "ShoplakeError":
        from shoplake.errors import ShoplakeError

        return ShoplakeError
    raise AttributeError(f"module 'shoplake' has no attribute '{name}'")


def _load_lake() -> type[Lake]:
    try:
        from shoplake.lake import Lake
    except ModuleNotFoundError as error:
        from shoplake.missing_engine import EngineNotInstalledError

        raise EngineNotInstalledError.of_import(error) from error
    return Lake
