"""The write mode of documents that are sent again when they are corrected: orders, refunds, payments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from shoplake.declare.modes.mode import ARRIVAL, ARRIVED_AT, MergeMode, check_required
from shoplake.errors import DeclarationError

if TYPE_CHECKING:
    from shoplake.declare.column import Column
    from shoplake.declare.table import Table

CONTENT = "payload_hash"
"""The column whose values tell two versions of a document apart."""


@dataclass(frozen=True)
class ReplaceDocuments(MergeMode):
    """Keep the newest version of each document, whole: all of its rows, and no row of another version.

    The columns in `document` identify a document of a feed. A version is one record, which has one `order_by` and one
    content hash, or all rows of the document in one file of a batch where `version_line` is null. The greatest
    `order_by` wins; at equal times the greatest content hash; without a time the version that arrived last.
    `input_partitions` names the column that holds the partition in inputs that are not incremental: these provide the
    rows of some feeds, which are overwritten by partition.
    """

    update_scope: ClassVar[str] = "the documents of the new batches"
    accounts_for_rows: ClassVar[bool] = True

    document: tuple[str, ...]
    order_by: str = "updated_at"
    input_partitions: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def document_key(self) -> tuple[str, ...]:
        """The columns that identify a document in the table: the feed and those of `document`."""
        return ("feed", *self.document)

    def record_key(self, table: Table[...]) -> tuple[str, ...]:
        """Return the columns of `document`."""
        return self.document

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError unless the key contains the document, and the columns of a version are there."""
        where, columns = table.qualified_name, {column.name: column for column in table.columns}
        for name in self.document_key:
            if name not in table.key or not columns[name].required:
                raise DeclarationError(f"{where} replaces documents by '{name}': make it a required column of the key.")
        for name in (self.order_by, CONTENT, *ARRIVAL):
            if name not in columns:
                raise DeclarationError(f"{where} replaces documents and needs the column '{name}'.")
        check_required(table, table.key)

    def describe(self) -> str:
        """Describe the mode in a sentence or two, in Markdown."""
        document = ", ".join(f"`{name}`" for name in self.document)
        return f"Keeps the newest version of each document ({document}) whole, by `{self.order_by}` or else by arrival."


def content_columns(table: Table[...]) -> list[Column]:
    """Return the columns of a table of documents that say what a row is, not when and in what it came."""
    return [column for column in table.columns if column.name not in (*ARRIVAL, ARRIVED_AT)]
