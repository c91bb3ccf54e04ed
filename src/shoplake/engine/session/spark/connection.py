"""Connections to a Spark server: reachability, token, timeouts and retries."""

from __future__ import annotations

import os
import socket
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pyspark.sql.connect.client.retries import DefaultPolicy

from shoplake.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TOKEN = "SHOPLAKE_SPARK_TOKEN"  # nosec B105  # the name of a variable
PORT = 15002
CONNECT_TIMEOUT_S = 10
TRIES = 6
"""With growing pauses, a minute in all: that long a network may be down. Spark's own client waits for ten."""
LOOPBACK = ("127.0.0.1", "::1")


def url_with_token(remote: str) -> str:
    """Return the address with the token of the environment behind it, if there is one.

    Spark's client sends a token over TLS, but to `localhost`, by that name alone: other names of it become that.
    """
    token = os.environ.get(TOKEN)
    where = urlsplit(remote)
    if where.hostname in LOOPBACK:
        where = where._replace(netloc=f"localhost:{where.port or PORT}")
    base = where._replace(path=where.path or "/").geturl()
    return f"{base};token={token}" if token else base


def check_reachable(url: str) -> None:
    """Raise EngineError unless somebody listens there, with TLS where a token goes over it.

    Spark's own client would try for minutes.
    """
    host, port = _address(url)
    try:
        with socket.create_connection((host, port), CONNECT_TIMEOUT_S) as connection:
            if host != "localhost" and ";token=" in url:
                _check_tls(connection, host)
    except ssl.SSLError as error:
        raise EngineError(
            f"The server at {host}:{port} does not speak TLS, and a token is sent over nothing else: "
            f"{error.reason or error}. Put TLS before it, or reach it as localhost through a tunnel."
        ) from error
    except OSError as error:
        raise EngineError(
            f"No Spark Connect server answers at {host}:{port}: {error}. Is it running, and is "
            'remote in shoplake.toml right? For one on this machine: remote = "local".'
        ) from error


class ConnectRetryPolicy(DefaultPolicy):
    """Retries requests that failed on the network, unless the server has ended and nothing listens any more."""

    def __init__(self, url: str) -> None:
        super().__init__(max_retries=TRIES)
        self._url = url

    def can_retry(self, e: BaseException) -> bool:
        """Whether a retry may succeed."""
        return super().can_retry(e) and not is_refused(self._url)


def set_retry_policy(session: SparkSession) -> None:
    """Let a session fail once its server has ended; a stream's own session would keep the lake locked meanwhile."""
    client: Any = session.client
    client.set_retry_policies([ConnectRetryPolicy(f"sc://{client._builder.endpoint}")])


def is_refused(url: str) -> bool:
    """Whether the machine answers and nothing listens."""
    try:
        socket.create_connection(_address(url), CONNECT_TIMEOUT_S).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def _address(url: str) -> tuple[str, int]:
    where = urlsplit(url)
    return where.hostname or "", where.port or PORT


def _check_tls(connection: socket.socket, host: str) -> None:
    """Raise SSLError unless the server speaks TLS; Spark's client verifies the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    context.wrap_socket(connection, server_hostname=host).close()
