"""An object store on loopback, a process of its own: says its port, then answers until it is ended.

It heeds `If-None-Match` and `If-Match`, and refuses one key, `wrong`, as a store does that knows who may come in.
"""

from __future__ import annotations

import logging
import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

REFUSED = b"<Error><Code>InvalidAccessKeyId</Code><Message>The key does not exist.</Message></Error>"


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    store = DomainDispatcherApplication(create_backend_app)

    def guarded(environ, start):
        if "Credential=wrong/" not in environ.get("HTTP_AUTHORIZATION", ""):
            return store(environ, start)
        start("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(REFUSED)))])
        return [REFUSED]

    server = make_server("127.0.0.1", 0, guarded, threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
