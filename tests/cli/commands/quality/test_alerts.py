import json

import pytest


@pytest.fixture(scope="module")
def stale(shoplake, copy_lake, tmp_path_factory):
    """The settings of a lake with an incident: it counts as stale."""
    own = copy_lake(tmp_path_factory.mktemp("stale"))
    assert shoplake("check", "--config", own, "--stale", "1ms").exit_code == 1
    return own


def incidents(shoplake, config, *options):
    return json.loads(shoplake("alerts", "list", "--config", config, "--json", *options).stdout)["incidents"]


def test_a_stale_lake_has_one_incident_however_often_it_is_checked(shoplake, stale):
    shoplake("check", "--config", stale, "--stale", "1ms")

    assert [(each["kind"], each["state"]) for each in incidents(shoplake, stale)] == [("stale", "opened")]
    output = shoplake("alerts", "list", "--config", stale).stdout
    assert "No run for" in output and f"--config {stale}" in output


def test_an_incident_is_acknowledged_by_its_id_and_a_wrong_id_is_answered(shoplake, stale):
    [incident] = incidents(shoplake, stale)
    wrong = shoplake("alerts", "ack", "zzz", "--because", "known", "--config", stale)
    assert (wrong.exit_code, incident["incident_id"] in wrong.stderr) == (1, True)

    done = shoplake("alerts", "ack", incident["incident_id"], "--because", "known", "--config", stale)

    assert (done.exit_code, "is acknowledged by" in done.stdout) == (0, True)
    assert [(each["state"], each["because"]) for each in incidents(shoplake, stale)] == [("acknowledged", "known")]


def test_a_run_ends_it_and_the_list_of_all_still_has_it(shoplake, stale):
    shoplake("run", "--config", stale)

    assert incidents(shoplake, stale) == []
    assert [each["state"] for each in incidents(shoplake, stale, "--all")] == ["resolved"]


def test_a_test_without_channels_says_what_to_write(shoplake, stale):
    result = shoplake("alerts", "test", "--config", stale)

    assert (result.exit_code, "[alerts] email =" in result.stderr) == (1, True)


def test_a_channel_that_does_not_deliver_is_an_exit_code(shoplake, stale, tmp_path):
    config = stale.with_name("with_alerts.toml")
    config.write_text(stale.read_text() + '\n[alerts.webhooks.ops]\nurl = "http://127.0.0.1:1/x"\n')

    result = shoplake("alerts", "test", "--config", config)

    assert (result.exit_code, result.stdout) == (
        1,
        "webhook:ops: FAILED, URLError\n  Nothing listens at that host and port. Check the address.\n",
    )
    as_json = shoplake("alerts", "test", "--config", config, "--json").stdout
    assert json.loads(as_json) == {"webhook:ops": "URLError"}
