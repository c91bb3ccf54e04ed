import urllib.error
import urllib.request

import pytest

from shoplake.errors import ShoplakeError
from shoplake.operations.observe.metrics_server import MetricsServer


def get(server, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}") as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def test_the_present_text_is_served_at_metrics_and_nothing_elsewhere():
    with MetricsServer(0) as server:
        empty = get(server, "/metrics")[1]
        server.text = "shoplake_files 3\n"
        kind, text = get(server, "/metrics")
        with pytest.raises(urllib.error.HTTPError, match="404") as missing:
            get(server, "/")
        missing.value.close()

    assert (empty, text, kind) == ("", "shoplake_files 3\n", "text/plain; version=0.0.4; charset=utf-8")


def test_a_port_in_use_is_an_error_that_says_so():
    with (
        MetricsServer(0) as server,
        pytest.raises(ShoplakeError, match=f"Port {server.port} cannot be used for metrics"),
    ):
        MetricsServer(server.port)
