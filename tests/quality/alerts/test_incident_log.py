import pytest

from shoplake.quality.alerts.findings import Finding
from shoplake.quality.alerts.incident import UnknownIncidentError
from shoplake.quality.alerts.incident_log import IncidentLog

GATE = Finding("gate", "silver.a", "g", 2, "silver.a: g does not pass.")


@pytest.fixture
def log(scene):
    return IncidentLog(scene.state, 86400)


def test_a_finding_opens_one_incident_however_often_it_is_found(log, scene):
    for run in ("r1", "r2"):
        log.update([GATE, GATE], run, scene.now)

    assert [(each.kind, each.state) for each in log.incidents()] == [("gate", "opened")]
    assert log.has_open


def test_an_unknown_id_is_answered_with_those_that_are_open(log, scene):
    log.update([GATE], "r1", scene.now)
    [incident] = log.incidents()

    with pytest.raises(UnknownIncidentError, match=f"Unknown incident 'zzz'. There are: {incident.incident_id}"):
        log.acknowledge("zzz", "ada", "why", scene.now)


def test_without_an_open_incident_none_can_be_acknowledged(log, scene):
    with pytest.raises(UnknownIncidentError, match="No incident is open"):
        log.acknowledge("abc", "ada", "why", scene.now)
