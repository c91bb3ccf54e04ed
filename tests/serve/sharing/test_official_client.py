"""The official client of Delta Sharing against the server over loopback."""

import socket
import threading
import time
from contextlib import contextmanager

import delta_sharing
import pytest
import uvicorn

from .conftest import sharing_server


@contextmanager
def listening(app):
    """Serve an application on a free port of loopback; yields the address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    """The profile file of an analyst's key."""
    folder = tmp_path_factory.mktemp("client")
    server = sharing_server(folder)
    with listening(server.app) as address:
        path = folder / "shop.share"
        text = '{{"shareCredentialsVersion": 1, "endpoint": "{}/delta-sharing/", "bearerToken": "{}"}}'
        path.write_text(text.format(address, server.secrets["analyst"]))
        yield path


def test_tables_are_listed(profile):
    tables = delta_sharing.SharingClient(str(profile)).list_all_tables()

    assert [f"{each.share}.{each.schema}.{each.name}" for each in tables] == [
        "shoplake.gold.sales_daily",
        "shoplake.gold.products",
    ]


def test_a_table_is_loaded(profile):
    frame = delta_sharing.load_as_pandas(f"{profile}#shoplake.gold.sales_daily")

    assert frame["orders"].tolist() == [2, 2] and [str(each) for each in frame["net_sales"]] == ["10.50", "None"]
