"""The peer of the server: the plainest thing a person would write with the same libraries, over the same documents.

FastAPI on granian with one worker, without keys, roles, limits, audit, ETag, cache, generations and security headers.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import sys
from pathlib import Path

from fastapi import FastAPI, HTTPException, Response
from granian import Granian
from granian.constants import Interfaces

FILE = "documents.sqlite"
FIND = 'SELECT document FROM "gold.customer_360" WHERE key = ?'


def load_app(store: str) -> FastAPI:
    """Return the application over the documents of a store: a fixed answer, and a look-up."""
    app, connection = FastAPI(), sqlite3.connect(f"file:{Path(store) / FILE}?mode=ro", uri=True)

    @app.get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/customers/{customer}")
    async def customer(customer: str, feed: str) -> Response:
        found = connection.execute(FIND, (f"{feed}\x1f{customer}",)).fetchone()
        if found is None:
            raise HTTPException(404)
        return Response(found[0], media_type="application/json")

    return app


class Loader:
    """Loads the application in a worker, which is a new process."""

    def __init__(self, store: str) -> None:
        self._store = store

    def __call__(self) -> FastAPI:
        """Return the application."""
        return load_app(self._store)


def main(store: str, port: str) -> None:
    """Serve until SIGTERM."""
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian("serve_peer:load_app", port=int(port), interface=Interfaces.ASGI, workers=1, log_enabled=False)
    server.serve(target_loader=Loader(store), wrap_loader=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
