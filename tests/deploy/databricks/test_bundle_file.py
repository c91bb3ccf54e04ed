def test_prod_has_a_path_of_its_own_and_runs_as_a_service_principal(documents):
    prod = documents["databricks.yml"]["targets"]["prod"]

    assert prod["mode"] == "production" and prod["workspace"]["root_path"].startswith("/Workspace/Shared/")
    assert prod["run_as"] == {"service_principal_name": "${var.service_principal}"}
    assert {each["level"] for each in prod["permissions"]} == {"CAN_MANAGE", "CAN_VIEW"}


def test_dev_is_the_default_and_has_a_catalog_of_its_own(documents):
    targets = documents["databricks.yml"]["targets"]

    assert (targets["dev"]["mode"], targets["dev"]["default"]) == ("development", True)
    assert [each["variables"]["catalog"] for each in targets.values()] == ["my_shop_dev", "my_shop"]


def test_schemas_keep_their_names_in_development(documents):
    assert documents["databricks.yml"]["experimental"] == {"skip_name_prefix_for_schema": True}


def test_every_variable_says_what_it_is_and_alerts_go_where_the_settings_say(documents):
    variables = documents["databricks.yml"]["variables"]

    assert all(each["description"].endswith(".") for each in variables.values())
    assert variables["alert_email"]["default"] == "data@shop.example"


def test_no_host_is_named(documents):
    assert "host" not in str(documents["databricks.yml"])


def test_runs_are_tagged_by_lake_and_target(documents):
    tags = [each["presets"]["tags"] for each in documents["databricks.yml"]["targets"].values()]

    assert tags == [{"product": "shoplake", "lake": "my_shop", "target": each} for each in ("dev", "prod")]
