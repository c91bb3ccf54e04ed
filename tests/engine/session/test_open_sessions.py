"""Records of the sessions that processes have open on the local Spark server."""

import pytest

from shoplake import Lake
from shoplake.engine import EngineRuntime
from shoplake.engine.session.spark import open_sessions
from shoplake.engine.session.spark.open_sessions import OpenSessions
from shoplake.errors import EngineError
from shoplake.settings import Settings

ONE, OTHER = "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "6fa459ea-ee8a-3ca4-894e-db77e160355e"


@pytest.fixture
def ended(monkeypatch):
    """The sessions that a server was told to end, with their users."""
    found = []
    monkeypatch.setattr(open_sessions, "end_session", lambda _, session, user: found.append((session, user)))
    return found


def test_the_session_of_a_process_that_has_ended_is_ended_once(tmp_path, ended):
    (tmp_path / ONE).write_text("ada")

    assert OpenSessions(tmp_path).end_killed("sc://localhost") == [ONE]
    assert OpenSessions(tmp_path).end_killed("sc://localhost") == [] and ended == [(ONE, "ada")]


def test_the_sessions_of_a_process_that_lives_are_left_alone(tmp_path, ended):
    mine, other = OpenSessions(tmp_path), OpenSessions(tmp_path)
    mine.hold(ONE, "ada")
    other.hold(OTHER, "bob")

    assert mine.end_killed("sc://localhost") == [] and ended == []
    assert sorted(file.name for file in tmp_path.iterdir()) == [ONE, OTHER]


def test_a_session_that_has_ended_has_no_record(tmp_path):
    mine = OpenSessions(tmp_path)
    mine.hold(ONE, "ada")
    mine.forget(ONE)

    assert list(tmp_path.iterdir()) == []


def test_a_run_stops_where_the_server_still_works_for_a_killed_process(tmp_path):
    class Sessions:
        def end_killed(self):
            raise EngineError("The Spark server does not end the query of a process that was killed")

    settings = Settings(str(tmp_path / "lake"), (), "spark", "local")
    lake = Lake(settings, EngineRuntime(spark_sessions=Sessions()))

    with pytest.raises(EngineError, match="does not end"):
        lake.restore(None)
