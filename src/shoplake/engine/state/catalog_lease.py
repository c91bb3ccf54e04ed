"""One writer per lake in a catalog: a row that only its holder may change while its heartbeat is young."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from pyspark.errors import PySparkException

from shoplake.engine.session.error_mapping import first_line, retry_on_conflict
from shoplake.engine.storage.catalog.address import CatalogAddress, text
from shoplake.engine.storage.locks.lease_backends import LeaseHeldError, LeaseRecord

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

TABLE = "ops._lease"
LEASE_TTL = timedelta(seconds=60)
"""The lease of an owner without a heartbeat for this long has expired, by the server's clock alone."""
HEARTBEAT_INTERVAL_S = 15.0
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
        at = self._address
        at.query(f"CREATE SCHEMA IF NOT EXISTS `{self.catalog}`.`ops`")
        at.query(
            f"CREATE TABLE IF NOT EXISTS {at.sql} (id INT, token STRING, record STRING, beat_at TIMESTAMP) USING delta"
        )
        expired = f"t.beat_at < current_timestamp() - INTERVAL {int(self.ttl.total_seconds())} SECONDS"
        self._merge(record, f"(t.token IS NULL OR t.token = s.token OR {expired})")
        self._token = record.token
        self._check(record)

    def renew(self, record: LeaseRecord) -> None:
        """Record that it is still held. Raises LeaseHeldError where another process has acquired it.

        Raises OSError where the server does not answer.
        """
        try:
            self._merge(record, "t.token = s.token")
            self._check(record)
        except PySparkException as error:
            raise OSError(first_line(error)) from error

    def release(self) -> None:
        """Hold it no longer; another's stays."""
        release = f"UPDATE {self._address.sql} SET token = NULL WHERE token = {text(self._token)}"
        retry_on_conflict(lambda: self._address.query(release))

    @property
    def _address(self) -> CatalogAddress:
        return CatalogAddress(f"{self.catalog}.{TABLE}", self.session)

    def _merge(self, record: LeaseRecord, condition: str) -> None:
        """Write a record where a condition on the row `t` is true, or where there is none."""
        row = f"SELECT 1 AS id, {text(record.token)} AS token, {text(record.to_json().decode())} AS record"
        statement = (
            f"MERGE INTO {self._address.sql} AS t USING ({row}) AS s ON t.id = s.id "
            f"WHEN MATCHED AND {condition} THEN UPDATE SET "
            "token = s.token, record = s.record, beat_at = current_timestamp() "
            "WHEN NOT MATCHED THEN INSERT (id, token, record, beat_at) "
            "VALUES (s.id, s.token, s.record, current_timestamp())"
        )
        retry_on_conflict(lambda: self._address.query(statement))

    def _check(self, record: LeaseRecord) -> None:
        """Raise LeaseHeldError unless the row is one's own."""
        row = self._row()
        if row is None or row.token != record.token:
            raise LeaseHeldError(None if row is None else LeaseRecord.parse(str(row.record).encode()))

    def _row(self) -> Row | None:
        rows = self._address.query(f"SELECT token, record FROM {self._address.sql}")
        return rows[0] if rows else None
