def catalog(documents):
    return documents["resources/catalog.yml"]["resources"]


def test_there_is_a_schema_a_layer_and_a_volume_for_files_and_checkpoints(documents):
    assert set(catalog(documents)["schemas"]) == {"landing", "bronze", "silver", "gold", "ops"}
    assert set(catalog(documents)["volumes"]) == {"files", "checkpoints"}


def test_analysts_read_the_answers_alone(documents):
    readable = {
        name
        for name, schema in catalog(documents)["schemas"].items()
        for grant in schema["grants"]
        if grant["principal"] == "${var.analysts}"
    }

    assert readable == {"gold"}


def test_every_privilege_exists(documents):
    from databricks.sdk.service.catalog import Privilege  # slow to import

    granted = {
        privilege
        for kind in catalog(documents).values()
        for each in kind.values()
        for grant in each["grants"]
        for privilege in grant["privileges"]
    }

    assert granted <= {each.value for each in Privilege}
