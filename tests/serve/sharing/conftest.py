"""A server over a small lake, whose keys, files and links a test knows."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from shoplake.serve.app import create_app
from shoplake.serve.keys.key_store import KeyStore
from shoplake.serve.sharing.part import sharing_part
from shoplake.settings.serve_settings import ServeSettings

from ..export.small_lake import CUSTOMERS, PRODUCTS, SALES, TABLES, SmallLake, product, sale
from ..fake_store import FakeStore

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI


@dataclass
class SharingServer:
    """The application, the secret of a key by role, and the lake."""

    app: FastAPI
    secrets: dict[str, str]
    lake: Any
    keys: KeyStore

    def client(self, role: str | None = "analyst") -> TestClient:
        headers = {} if role is None else {"Authorization": f"Bearer {self.secrets[role]}"}
        return TestClient(self.app, "http://localhost", headers=headers)


def sharing_server(folder: Path) -> SharingServer:
    lake = SmallLake(folder / "lake")
    customers = [{"customer_id": "C1", "email": "ann@example.org"}]
    lake.run({SALES: [sale(1), sale(2, None)], PRODUCTS: [product("Lamp")], CUSTOMERS: customers})
    versions = {table.qualified_name: 1 for table in TABLES}
    keys = KeyStore(folder / "keys.sqlite")
    store = FakeStore(SimpleNamespace(versions=versions))
    settings = ServeSettings(folder=str(folder), requests_per_second=10_000)
    app = create_app(store, keys, settings, [sharing_part(lake, keys.signing_secret)])
    return SharingServer(app, {role: keys.create(role)[1] for role in ("analyst", "service")}, lake, keys)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> SharingServer:
    """A server that tests only read."""
    return sharing_server(tmp_path_factory.mktemp("sharing"))
