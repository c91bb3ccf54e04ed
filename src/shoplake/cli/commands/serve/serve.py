"""Commands that serve a lake over HTTP: serve, keys create, list, revoke."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from shoplake.cli.group import FORMAT, LEVEL, ShoplakeCommand, ShoplakeGroup
from shoplake.cli.options import Duration, config_option, json_option, open_lake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.serve.keys.key_store import KeyStore
    from shoplake.settings.serve_settings import ServeSettings

ROLES = ("analyst", "service", "admin")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake serve --port 8321")
@click.option("--host", help="Address to listen at.  [default: 127.0.0.1, or host in [serve]]")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen at.  [default: 8321, or port in [serve]]")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that answer.  [default: 1]")
@click.option("--open", "opens_browser", is_flag=True, help="Open the first page in a browser.")
@click.option("--refresh", is_flag=True, help="Bring the store to the last finished run, and exit.")
@config_option
@json_option
def serve(config: Path, refresh: bool, opens_browser: bool, as_json: bool, **options: Any) -> None:
    """Serve the gold tables over HTTP."""
    from shoplake.serve.extra import check_extra

    check_extra("shoplake serve")
    lake = open_lake(config)
    if refresh:
        from shoplake.cli.output import emit
        from shoplake.cli.views.serve import StoreView
        from shoplake.serve.dashboard.first_charts import write_first_charts
        from shoplake.serve.store.builder import build_store

        return emit(StoreView(build_store(lake, write_first_charts)), as_json)
    settings = replace(lake.settings.serve, **{name: value for name, value in options.items() if value is not None})
    return _serve(config, settings, as_json, opens_browser)


def _serve(config: Path, settings: ServeSettings, as_json: bool, opens_browser: bool) -> None:
    """Print where the server listens, with a one-time login on loopback, and serve."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.serve import ServerView
    from shoplake.serve.address import find_address
    from shoplake.serve.keys.key_store import open_keys
    from shoplake.serve.server import LogOptions
    from shoplake.serve.server import serve as serve_lake

    find_address(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}/"
    token = open_keys(settings).create_login("admin") if settings.host in LOOPBACK else None
    view = ServerView(address, f"{address}login?token={token}" if token else None)
    emit(view, as_json)
    meta = click.get_current_context().meta
    level = meta.get(LEVEL, "info" if FORMAT in meta else None)
    with _opened_when_ready(address, view.login_url or address) if opens_browser else nullcontext():
        serve_lake(config.resolve(), settings, LogOptions(level, meta.get(FORMAT, "text")))


@contextmanager
def _opened_when_ready(address: str, page: str, *, wait_s: float = 60.0, pause_s: float = 0.25) -> Iterator[None]:
    """Open a page in a browser once there is data to show, or after 60 s, unless the server has ended before."""
    ended = Event()

    def wait_and_open() -> None:
        until = monotonic() + wait_s
        while not ended.wait(pause_s):
            if monotonic() >= until or _is_ready(address):
                click.launch(page)
                return

    Thread(target=wait_and_open, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _is_ready(address: str) -> bool:
    from urllib.request import urlopen  # slow to import, and every command imports this module

    try:
        with urlopen(f"{address}readyz", timeout=1):  # nosec B310  # the address is that of this server
            return True
    except OSError:
        return False


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake keys create --role analyst --expires 90d")
def keys() -> None:
    """Manage the API keys of a lake."""


@keys.command(epilog="Example: shoplake keys create --role service --expires 90d --label shop")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the holder may read.")
@click.option("--expires", "expires_s", type=Duration(), help="Time until the key expires. By default it does not.")
@click.option("--label", default="", help="What the key is for.")
@config_option
@json_option
def create(role: str, expires_s: float | None, label: str, config: Path, as_json: bool) -> None:
    """Create a key. Its secret is printed once and not stored."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.serve import NewKeyView

    emit(NewKeyView(*_open_keys(config).create(role, expires_s, label)), as_json)


@keys.command("list", epilog="Example: shoplake keys list")
@config_option
@json_option
def list_(config: Path, as_json: bool) -> None:
    """List all keys, without their secrets."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.serve import KeysView

    emit(KeysView(_open_keys(config).list()), as_json)


@keys.command(epilog="Example: shoplake keys revoke key-1f2e3d4c")
@click.argument("key")
@config_option
def revoke(key: str, config: Path) -> None:
    """Revoke a key and its sessions, from now on."""
    _open_keys(config).revoke(key)
    click.echo(f"Revoked {key}.")


def _open_keys(config: Path) -> KeyStore:
    from shoplake.serve.keys.key_store import open_keys

    return open_keys(open_lake(config).settings.serve)
