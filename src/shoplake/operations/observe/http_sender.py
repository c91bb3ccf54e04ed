"""Posts JSON documents to a server in a thread, so that no run waits for it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from base64 import b64encode
from http.client import HTTPException
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 5.0


class HttpSender:
    """Posts documents to an http(s) address in their order; each has `timeout_s`, and so have all that wait at the end.

    User and password of the address are sent as basic authentication, unless `headers` have another. The first document
    that fails ends the sending. `problem` says why documents were not sent; empty where they were.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self._url, account = _split_account(url)
        self._headers, self._timeout_s = account | dict(headers or {}), timeout_s
        self._waiting: SimpleQueue[Any] = SimpleQueue()
        self._sender: Thread | None = None
        self.problem = ""

    def send(self, document: Mapping[str, Any]) -> None:
        """Post a document, soon."""
        if self.problem:
            return
        self._waiting.put(document)
        if self._sender is None:
            self._sender = Thread(target=self._send_waiting, name="shoplake-sender", daemon=True)
            self._sender.start()

    def close(self) -> None:
        """Wait until the documents are sent; set `problem` where that takes too long."""
        if self._sender is None:
            return
        self._waiting.put(None)
        self._sender.join(self._timeout_s)
        if self._sender.is_alive() and not self.problem:
            self.problem = "it is too slow"

    def _send_waiting(self) -> None:
        try:
            while (document := self._waiting.get()) is not None:
                self._post(document)
        except (OSError, ValueError, HTTPException) as error:
            self.problem = (
                str(error.reason if isinstance(error, urllib.error.URLError) else error) or type(error).__name__
            )

    def _post(self, document: Mapping[str, Any]) -> None:
        headers = {"Content-Type": "application/json", **self._headers}
        request = urllib.request.Request(self._url, json.dumps(document).encode(), headers)
        with urllib.request.urlopen(request, timeout=self._timeout_s):  # nosec B310  # http or https alone
            pass


def _split_account(url: str) -> tuple[str, dict[str, str]]:
    """Return an address without user and password, and the header that has them."""
    scheme, mark, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    account, at, host = place.rpartition("@")
    encoded = b64encode(unquote(account).encode()).decode()
    return f"{scheme}{mark}{host}{slash}{path}", {"Authorization": f"Basic {encoded}"} if at else {}
