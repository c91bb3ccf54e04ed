"""Servers on loopback that receive messages: HTTP and SMTP, also ones that refuse, are slow, or hang."""

from __future__ import annotations

import socketserver
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sink(BaseHTTPRequestHandler):
    """Keeps what is posted, and answers with the server's status after its delay, once it is released."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        time.sleep(self.server.delay_s)
        if self.server.released:
            self.server.released.wait(60)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append((headers, body))
        self.send_response(self.server.status)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def http_sink(status=200, delay_s=0.0, released=None):
    """A server whose `received` are headers and body of each request; `url` is its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    server.status, server.delay_s, server.received, server.released = status, delay_s, [], released
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    server.daemon_threads = True
    with _served(server):
        yield server


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs to hand over a message."""

    def handle(self):
        self._say("220 sink")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "RCPT" and self.server.refuses in line:
                self._say("550 no such mailbox")
            elif verb == "DATA":
                self._say("354 go on")
                lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
                self.server.received.append("".join(lines))
                self._say("250 kept")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mailbox(refuses="nobody"):
    """A mail server whose `received` are the messages; it refuses recipients with that text in their address."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)
    server.received, server.refuses, server.daemon_threads = [], refuses, True
    with _served(server):
        yield server


@contextmanager
def _served(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
