"""Views of the local Spark servers: those that run, those that were stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shoplake.engine import Server


@dataclass(frozen=True)
class SparkStatusView:
    """The server of this shoplake installation, and all servers of the user. Tokens are never shown."""

    own: Server | None
    servers: Sequence[Server]

    def render(self, console: Console) -> None:
        """Print each server with its address and log."""
        if self.own is None:
            _print(console, 'Not running. A lake with engine = "spark", remote = "local" starts it.')
        for server in self.servers:
            whose = "Spark server" if server == self.own else "Spark server of another shoplake"
            since = datetime.fromtimestamp(server.started_at, UTC)
            _print(console, f"{whose}: running since {since:%Y-%m-%d %H:%M:%S} UTC, {_address(server)}.")
            _print(console, f"Log: {server.log}")

    def to_json(self) -> dict[str, Any]:
        """Return whether the own server runs, and one object per server."""
        servers = [
            {"pid": each.pid, "port": each.port, "log": each.log, "is_of_this_shoplake": each == self.own}
            for each in self.servers
        ]
        return {"is_running": self.own is not None, "servers": servers}


@dataclass(frozen=True)
class SparkStopView:
    """The servers that were stopped."""

    stopped: Sequence[Server]

    def render(self, console: Console) -> None:
        """Print one line per server."""
        for server in self.stopped:
            _print(console, f"Stopped process {server.pid}.")
        if not self.stopped:
            _print(console, "Not running.")

    def to_json(self) -> dict[str, Any]:
        """Return the process ids of the servers."""
        return {"stopped": [server.pid for server in self.stopped]}


def _address(server: Server) -> str:
    return f"process {server.pid}, 127.0.0.1:{server.port}"


def _print(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True)
