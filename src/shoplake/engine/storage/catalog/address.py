"""The address of a table in a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from shoplake.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession


class CatalogAddress(str):
    """The name of a table, `catalog.layer.table`, and the session that answers for it.

    It stands where the folder of a table stands otherwise. What needs a folder raises UnsupportedFeatureError for it.
    """

    __slots__ = ("session",)
    session: SparkSession

    def __new__(cls, name: str, session: SparkSession) -> Self:
        """Return the address of a table."""
        address = super().__new__(cls, name)
        address.session = session
        return address

    @property
    def sql(self) -> str:
        """The name in a query."""
        return ".".join(f"`{part}`" for part in self.split("."))

    def query(self, statement: str) -> list[Row]:
        """Return the rows that a statement answers."""
        return self.session.sql(statement).collect()

    def value(self, statement: str) -> Any:
        """Return the only cell of the only row that a statement answers."""
        return self.query(statement)[0][0]


def is_in_catalog(at: str) -> bool:
    """Whether this is the address of a table in a catalog, and no folder."""
    return isinstance(at, CatalogAddress)


def check_folder(at: str) -> None:
    """Raise UnsupportedFeatureError for the address of a table in a catalog: only the catalog knows its files."""
    if isinstance(at, CatalogAddress):
        raise UnsupportedFeatureError(
            f"The files of {str(at)!r} belong to its catalog, and cannot be read or written here. "
            "Query the table by its name, or use a lake in a folder: leave catalog out of shoplake.toml."
        )
