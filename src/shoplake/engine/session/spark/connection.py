"""The way to a Spark server: whether it is there, how long it is waited for, and when it is given up."""

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

TOKEN = "SHOPLAKE_SPARK_TOKEN"
PORT = 15002
ANSWERS_WITHIN_S = 10
TRIES = 6
"""With growing pauses, a minute in all: that long a network may be gone. Spark's own client waits for ten."""
LOOPBACK = ("127.0.0.1", "::1")


def url_with_token(remote: str) -> str:
    """The address with the token of the environment behind it, if there is one.

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
        with socket.create_connection((host, port), ANSWERS_WITHIN_S) as made:
            if host != "localhost" and ";token=" in url:
                _shakes_hands(made, host)
    except ssl.SSLError as error:
        raise EngineError(
            f"The server at {host}:{port} does not speak TLS, and a token goes over nothing else: "
            f"{error.reason or error}. Put TLS before it, or reach it as localhost through a tunnel."
        ) from error
    except OSError as error:
        raise EngineError(
            f"No Spark Connect server answers at {host}:{port}: {error}. Is it running, and is "
            'remote in shoplake.toml right? For one on this machine: remote = "local".'
        ) from error


class ConnectRetryPolicy(DefaultPolicy):
    """Tries what failed on the way again, unless nobody listens there any more: that server has ended."""

    def __init__(self, url: str) -> None:
        super().__init__(max_retries=TRIES)
        self._url = url

    def can_retry(self, e: BaseException) -> bool:
        """Whether it may come to something if tried again."""
        return super().can_retry(e) and not is_refused(self._url)


def set_retry_policy(session: SparkSession) -> None:
    """Let a session give up a server that has ended, wherever it runs: a stream's own would hold the lake meanwhile."""
    client: Any = session.client
    client.set_retry_policies([ConnectRetryPolicy(f"sc://{client._builder.endpoint}")])


def is_refused(url: str) -> bool:
    """Whether the machine is there and nobody listens."""
    try:
        socket.create_connection(_address(url), ANSWERS_WITHIN_S).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def _address(url: str) -> tuple[str, int]:
    where = urlsplit(url)
    return where.hostname or "", where.port or PORT


def _shakes_hands(made: socket.socket, host: str) -> None:
    """Whose certificate it is, is for Spark's client to judge."""
    asks = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asks.check_hostname, asks.verify_mode = False, ssl.CERT_NONE
    asks.set_alpn_protocols(["h2"])
    asks.wrap_socket(made, server_hostname=host).close()
