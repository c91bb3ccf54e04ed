import logging

from shoplake.serve.mcp.mcp_server import build_server


def test_the_log_stays_as_it_was_configured(monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    level = root.level

    build_server()

    assert (root.level, root.handlers) == (level, [])
