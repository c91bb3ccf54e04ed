from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sample_tables import feed

from shoplake.engine.ingest.file_ingestion import FileIngestion
from shoplake.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of some content."""

    def write(content: bytes | str, name: str = "f") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the examples of a property share."""
    return tmp_path_factory.mktemp("any")


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    (tmp_path / "landing").mkdir()
    return tmp_path / "landing"


@pytest.fixture
def settings(landing: Path) -> Settings:
    return Settings("lake", (feed(landing),))


@pytest.fixture
def take(state_store, settings: Settings):
    """One run's ingestion; the batches' ids and file names, and the ingestion itself."""

    def ingested(began_ago: timedelta = timedelta(0), **changes: object):
        ingestion = FileIngestion(state_store, replace(settings, **changes), "r1", datetime.now(UTC) - began_ago)
        found = []
        for batch in ingestion.batches():
            found.append((batch.id, [file.name for file in batch.files]))
            ingestion.commit_batch(batch)
        return found, ingestion

    return ingested
