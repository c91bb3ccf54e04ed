import pytest
import yaml
from deploy.environments import ROOT

COMPOSE = ROOT / "containers/compose.yaml"


@pytest.fixture
def services():
    return yaml.safe_load(COMPOSE.read_text())["services"]


def test_no_service_is_root_or_has_a_capability(services):
    assert {service["user"] for service in services.values()} == {"10001:10001"}
    assert [service["cap_drop"] for service in services.values()] == [["ALL"]] * 3


def test_ports_are_those_of_loopback(services):
    assert [port for each in services.values() for port in each.get("ports", [])] == ["127.0.0.1:8321:8321"]


def test_all_services_see_the_same_project(services):
    assert {str(each["volumes"]) for each in services.values()} == {str(services["lake"]["volumes"])}


@pytest.mark.parametrize("name", ["lake", "pages"])
def test_the_commands_exist_with_their_options(services, name):
    from shoplake.cli.main import main

    command, *options = services[name]["command"]
    known = {option for parameter in main.commands[command].params for option in parameter.opts}
    assert {each for each in options if each.startswith("--")} <= known


@pytest.mark.slow
def test_the_file_is_that_of_the_specification(checker):
    checker("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)
