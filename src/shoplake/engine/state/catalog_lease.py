"""One writer per lake in a catalog: a row that only its holder may change while its heartbeat is young."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException, PySparkException

from shoplake.engine.session.error_mapping import first_line, retry_on_conflict
from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.storage.locks.lease_backends import LeaseHeldError, LeaseRecord
from shoplake.errors import CommitError, ShoplakeError
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import Row, SparkSession

TABLE = "ops._lease"
LEASE_TTL = timedelta(minutes=2)
"""The lease of an owner without a heartbeat for this long has expired, by the server's clock alone."""
HEARTBEAT_INTERVAL_S = 20.0
"""Each heartbeat is a commit."""


@dataclass
class CatalogLeaseBackend:
    """A row in `<catalog>.ops._lease`: of two writers that change it, Delta lets one commit.

    What the server still does for a process that has died is not stopped by it: it may commit once more.
    """

    session: SparkSession
    catalog: str
    ttl: timedelta = LEASE_TTL
    _token: str = field(default="", init=False)

    def acquire(self, record: LeaseRecord) -> None:
        """Hold it from now on. Raises LeaseHeldError."""
        expired = f"t.beat_at < current_timestamp() - INTERVAL {int(self.ttl.total_seconds())} SECONDS"
        row = (
            f"SELECT 1 AS id, {sql_literal(record.token)} AS token, {sql_literal(record.to_json().decode())} AS record"
        )
        statement = (
            f"MERGE INTO {self._address.sql} AS t USING ({row}) AS s ON t.id = s.id "
            f"WHEN MATCHED AND (t.token IS NULL OR t.token = s.token OR {expired}) THEN UPDATE SET "
            "token = s.token, record = s.record, beat_at = current_timestamp() "
            "WHEN NOT MATCHED THEN INSERT (id, token, record, beat_at) "
            "VALUES (s.id, s.token, s.record, current_timestamp())"
        )
        self._token = record.token
        try:
            self._write(statement)
        except AnalysisException as error:
            if "NOT_FOUND" not in str(error):
                raise
            self._create()
            self._write(statement)

    def renew(self, record: LeaseRecord) -> None:
        """Record that it is still held. Raises LeaseHeldError where another process has acquired it.

        Raises OSError where the server does not answer.
        """
        values = f"record = {sql_literal(record.to_json().decode())}, beat_at = current_timestamp()"
        try:
            self._write(f"UPDATE {self._address.sql} SET {values} WHERE token = {sql_literal(record.token)}")
        except (PySparkException, ShoplakeError) as error:
            raise OSError(first_line(error)) from error

    def release(self) -> None:
        """Hold it no longer; another's stays."""
        release = f"UPDATE {self._address.sql} SET token = NULL WHERE token = {sql_literal(self._token)}"
        retry_on_conflict(lambda: self._address.query(release))

    @property
    def _address(self) -> CatalogAddress:
        return CatalogAddress(f"{self.catalog}.{TABLE}", self.session)

    def _create(self) -> None:
        self._address.query(f"CREATE SCHEMA IF NOT EXISTS `{self.catalog}`.`ops`")
        columns = "id INT, token STRING, record STRING, beat_at TIMESTAMP"
        self._address.query(f"CREATE TABLE IF NOT EXISTS {self._address.sql} ({columns}) USING delta")

    def _write(self, statement: str) -> None:
        """Change the row. Raises LeaseHeldError where it is another's, and so did not change."""
        [changed] = _retried(lambda: self._address.query(statement))
        if not changed.num_affected_rows:
            rows = self._address.query(f"SELECT record FROM {self._address.sql}")
            raise LeaseHeldError(LeaseRecord.parse(str(rows[0].record).encode()) if rows else None)


def _retried(commit: Callable[[], list[Row]]) -> list[Row]:
    """Return what a statement answers, tried again where another commits first; a missing table is the caller's."""
    try:
        return retry_on_conflict(commit)
    except CommitError as error:
        if isinstance(error.__cause__, AnalysisException):
            raise error.__cause__ from None
        raise
