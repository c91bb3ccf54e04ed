import json

from shoplake.feeds.zenith.native_format import NATIVE_FORMAT


def test_docs_writes_the_reference_into_a_folder(shoplake, shared, tmp_path):
    result = shoplake("docs", tmp_path / "pages", "--config", shared)
    assert result.exit_code == 0
    assert f"Begin at {tmp_path / 'pages/README.md'}." in result.stdout
    assert (tmp_path / "pages/tables/silver.events.md").is_file()


def test_schema_prints_the_json_schema_of_a_stream(shoplake):
    schema = json.loads(shoplake("schema", "orders").stdout)
    assert "order_id" in schema["required"]


def test_schema_without_a_stream_names_all(shoplake):
    assert shoplake("schema").stdout.split() == list(NATIVE_FORMAT)


def test_schema_of_an_unknown_stream_names_the_nearest(shoplake):
    result = shoplake("schema", "ordres")
    assert result.exit_code == 1
    assert result.stderr == "Error: The native format has no stream 'ordres'. Did you mean 'orders'?\n"
