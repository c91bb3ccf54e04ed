import urllib.request

import pytest

from shoplake.cli.commands.lake.run_outputs import metrics_output
from shoplake.operations.observe import metrics_server


class Measured:
    """A lake whose metrics are how often they were asked for."""

    count = 0

    def metrics(self):
        self.count += 1
        return f"shoplake_files {self.count}\n"


def test_metrics_go_to_a_file_and_to_a_server_while_a_lake_is_watched(tmp_path, monkeypatch):
    servers = []

    class Server(metrics_server.MetricsServer):
        def __init__(self, port):
            super().__init__(port)
            servers.append(self)

    monkeypatch.setattr(metrics_server, "MetricsServer", Server)
    with metrics_output(Measured(), tmp_path / "lake.prom", 0) as write:
        write()
        with urllib.request.urlopen(f"http://127.0.0.1:{servers[0].port}/metrics") as answer:
            served = answer.read()

    assert (tmp_path / "lake.prom").read_text() == "shoplake_files 1\n" and served == b"shoplake_files 2\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--metrics-port", "0"), "--metrics-port needs --watch"),
        (("--metrics", "x.prom", "--dry-run"), "--dry-run writes nothing. Leave out --metrics."),
        (("--lineage", "x", "--dry-run"), "--dry-run writes nothing. Leave out --lineage."),
        (("--lineage", "ftp://ann:canary@host/x"), "'ftp://***@host/x' is no address that begins with https://"),
        (("--lineage", "http://ho st/x"), "'http://ho st/x' is no address that begins with https://"),
        (("--strict", "--dry-run"), "--strict is for one run"),
        (("--dry-run", "--watch"), "--dry-run plans one run"),
    ],
)
def test_options_that_do_not_fit_together_are_wrong_usage(shoplake, words, message):
    failed = shoplake("run", *words)

    assert failed.exit_code == 2 and message in failed.stderr
