import socket
import threading

import grpc
import pytest

from shoplake.engine.session.spark import session
from shoplake.engine.session.spark.connection import TOKEN, ConnectRetryPolicy, check_reachable, url_with_token
from shoplake.errors import EngineError


class Gone(grpc.RpcError):
    def code(self):
        return grpc.StatusCode.UNAVAILABLE

    def trailing_metadata(self):
        return ()


@pytest.fixture
def unused_port():
    """A port without a listener."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        yield free.getsockname()[1]


@pytest.fixture
def without_tls():
    """The port of a server that says something, but not in TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            made, _ = server.accept()
            with made:
                made.recv(1024)
                made.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]


def test_a_server_that_does_not_answer_is_one_line_at_once(monkeypatch, unused_port):
    monkeypatch.setenv(TOKEN, "very secret")

    with pytest.raises(
        EngineError, match=f'No Spark Connect server answers at localhost:{unused_port}.*remote = "local"'
    ) as raised:
        session.session(f"sc://127.0.0.1:{unused_port}")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("remote", ["sc://host:1", "sc://host:1/", "sc://host:1/;use_ssl=true"])
def test_the_token_of_the_environment_goes_along(monkeypatch, remote):
    monkeypatch.setenv(TOKEN, "secret")

    assert url_with_token(remote).startswith("sc://host:1/;")
    assert url_with_token(remote).endswith(";token=secret")


@pytest.mark.parametrize(
    ("remote", "named"),
    [("sc://127.0.0.1:7", "sc://localhost:7/"), ("sc://[::1]", "sc://localhost:15002/"), ("sc://a:7", "sc://a:7/")],
)
def test_this_machine_is_called_localhost_which_alone_gets_a_token_without_tls(monkeypatch, remote, named):
    monkeypatch.delenv(TOKEN, raising=False)
    assert url_with_token(remote) == named


def test_a_token_for_a_server_without_tls_is_one_line_at_once(without_tls):
    with pytest.raises(EngineError, match=f"127.0.0.1:{without_tls} does not speak TLS, and a token is sent"):
        check_reachable(f"sc://127.0.0.1:{without_tls}/;token=secret")


def test_a_call_is_not_tried_again_without_a_listener(unused_port):
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ConnectRetryPolicy(f"sc://127.0.0.1:{server.getsockname()[1]}").can_retry(Gone())
    assert not ConnectRetryPolicy(f"sc://127.0.0.1:{unused_port}").can_retry(Gone())
