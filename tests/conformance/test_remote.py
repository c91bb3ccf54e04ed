"""A Spark Connect server that somebody else keeps: it knows nothing of shoplake but what a session brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from reliability.lakes import lake_at, listed

from shoplake.engine.session.spark import server as spark_server
from shoplake.engine.session.spark import session
from shoplake.engine.session.spark.connection import TOKEN
from shoplake.engine.session.spark.java import java
from shoplake.errors import EngineError
from shoplake.simulate import generate

from .conftest import QUICK_TO_START
from .test_tables import SMALL, table_differences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shoplake.engine.session.spark.server import Server

pytestmark = pytest.mark.slow
"""A server of its own takes 10 s to start, and a shop on Spark a minute."""
LACKING = """
import pathlib, sys
sys.modules.update(dict.fromkeys(pathlib.Path(__file__).with_name("without").read_text().split()))
"""
"""Run whenever that Python starts: a module that is None cannot be imported."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is on the server's PYTHONPATH: a file `without` names modules that its Python is to lack."""
    folder = tmp_path_factory.mktemp("path")
    (folder / "sitecustomize.py").write_text(LACKING)
    (folder / "without").write_text("")
    return folder


@pytest.fixture(scope="module")
def server(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has Delta and the packages, and not ours."""
    try:
        java()
    except EngineError as error:
        pytest.skip(str(error))
    usual = spark_server._environment
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("theirs")))
        patch.setenv("JDK_JAVA_OPTIONS", QUICK_TO_START)
        patch.setattr(spark_server, "_environment", lambda *given: usual(*given) | {"PYTHONPATH": str(path)})
        yield spark_server.start_server()
        spark_server.stop_servers()


def there(server: Server, folder: Path, **settings):
    remote = f"sc://127.0.0.1:{server.port}"
    return lake_at(folder / "lake", folder / "landing", engine="spark", remote=remote, **settings)


def test_a_shops_tables_are_those_of_sail_its_browsers_too(server, tmp_path, monkeypatch):
    monkeypatch.setenv(TOKEN, server.token)
    generate(tmp_path / "landing", **SMALL)
    there(server, tmp_path).run()
    lake_at(tmp_path / "sail", tmp_path / "landing").run()

    assert table_differences(tmp_path / "sail", tmp_path / "lake") == {}
    assert any(row["browser"] for row in listed(tmp_path / "lake", "silver/events"))


@pytest.mark.parametrize(("token", "output"), [("wrong", "is not the server's"), (None, "the server asks for a token")])
def test_a_token_that_is_wrong_or_missing_is_one_line(server, tmp_path, monkeypatch, token, output):
    monkeypatch.delenv(TOKEN, raising=False)
    if token:
        monkeypatch.setenv(TOKEN, token)
    with pytest.raises(EngineError, match=f"Spark does not accept this session: .*{output}") as raised:
        there(server, tmp_path).run()
    assert "\n" not in str(raised.value) and server.token not in str(raised.value)


def test_a_python_that_lacks_something_gets_an_error_that_says_what_to_install(server, path, tmp_path, monkeypatch):
    monkeypatch.setenv(TOKEN, server.token)
    monkeypatch.setattr(session.SESSIONS, "_by_url", {})
    (path / "without").write_text("ua_parser")

    with pytest.raises(EngineError, match=r"lacks what shoplake's functions need. There: pip install ua-parser$"):
        there(server, tmp_path).run()
    (path / "without").write_text("")
