import shutil
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from shoplake.engine.state.folder_ops import SHORT_RETENTION
from shoplake.engine.state.ops_tables import FILES, TABLE_RUNS
from shoplake.engine.state.ops_upkeep import INCIDENTS, OUTBOX
from shoplake.engine.state.state_store import StateStore
from shoplake.engine.storage import delta_log
from shoplake.pipeline.run_result import RunResult
from shoplake.quality.alerts.alerts import Alerts
from shoplake.quality.gates import Stop
from shoplake.settings.alert_settings import AlertSettings

START = datetime(2026, 3, 1, tzinfo=UTC)
STOP = Stop("silver.a", "rule", 100, 50, 0.05)


class Channel:
    """Keeps messages, or fails."""

    def __init__(self, name="webhook:ops"):
        self.name, self.sent, self.error = name, [], None

    def send(self, message):
        if self.error:
            raise self.error
        self.sent.append(message)


class Scene:
    """A state store with incidents, a channel, and a clock that is set by hand."""

    def __init__(self, folder):
        self.state = StateStore(str(folder / "lake"))
        self.channel, self.now, self.runs = Channel(), START, 0

    @property
    def alerts(self):
        """As a new process would have them."""
        return Alerts(self.state, AlertSettings(), [self.channel], 5.0, lambda: self.now)

    def run(self, *stops, tables=(), **parts):
        self.runs += 1
        self.now += timedelta(minutes=10)
        result = RunResult(f"r{self.runs}", stops=list(stops), **parts)
        result.tables = [SimpleNamespace(table=name) for name in tables]
        self.alerts.after_run(result)

    @property
    def subjects(self):
        return [each.subject for each in self.channel.sent]

    @property
    def states(self):
        return [each.state for each in self.alerts.incidents]


@pytest.fixture(scope="package")
def empty_lake(tmp_path_factory):
    state = StateStore(str(tmp_path_factory.mktemp("empty") / "lake"))
    for table in (FILES, INCIDENTS, OUTBOX, TABLE_RUNS):
        delta_log.create_if_missing(table, state.path(table), SHORT_RETENTION)
    return state.lake


@pytest.fixture
def scene(tmp_path, empty_lake):
    shutil.copytree(empty_lake, tmp_path / "lake")
    return Scene(tmp_path)


@pytest.fixture
def stop():
    return STOP
