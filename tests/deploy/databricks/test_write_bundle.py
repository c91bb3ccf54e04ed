import ast
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from shoplake.cli.main import main
from shoplake.deploy.databricks.write_bundle import bundle_yaml

from .conftest import SHOP, read

LAYER = "(landing|bronze|silver|gold|ops)"
SCHEMA_NAME = re.compile(rf"\b{LAYER}\.(?!name\b|sql\b|yml\b|tf\b)`?\w|/Volumes/\S*/{LAYER}\b")
SECRET = re.compile(r"(?i)(password|secret|token|dapi[0-9a-f]{8}|hush|AKIA)")


def test_no_file_but_the_catalog_file_names_a_schema(bundle):
    found = {
        (path.relative_to(bundle).as_posix(), match[0])
        for path in files(bundle)
        if path.name not in ("catalog.yml", "catalog.tf", "README.md") and path.suffix != ".toml"
        for match in SCHEMA_NAME.finditer(without_comments(path))
    }

    assert found == set()


def test_no_value_of_a_job_dashboard_or_alert_is_a_schema(documents):
    values = {
        (path, name, value)
        for path, document in documents.items()
        if path != "resources/catalog.yml"
        for name, value in leaves(document)
        if name in ("schema", "schema_name", "dataset_schema", "catalog_name") and "${" not in str(value)
    }

    assert values == set()


def test_no_secret_is_in_any_file(bundle):
    assert [(path.name, match[0]) for path in files(bundle) for match in SECRET.finditer(path.read_text())] == []


def test_python_files_can_be_read(bundle):
    for path in bundle.rglob("*.py"):
        assert ast.parse("\n".join(line for line in path.read_text().splitlines() if "MAGIC" not in line))


def test_a_second_time_writes_the_same_and_deletes_what_is_no_longer_there(bundle, tmp_path):
    before = {path.relative_to(bundle): path.read_text() for path in files(bundle)}
    (bundle / "resources/gone.job.yml").write_text("resources: {}")
    (bundle / "tables/gold/gone.py").write_text("of a table that the project had")

    assert deploy_again(bundle).exit_code == 0
    assert {path.relative_to(bundle): path.read_text() for path in files(bundle)} == before


@pytest.mark.parametrize("name", ["1shop", "my-shop", "Shop"])
def test_a_name_that_has_to_be_quoted_is_refused(bundle, name):
    result = deploy_again(bundle, "--name", name)

    assert (result.exit_code, f"--name '{name}' is no name" in result.output) == (1, True)


def test_the_project_itself_is_not_overwritten(tmp_path):
    for name, text in {"shoplake.toml": SHOP, "databricks.yml": "bundle: {name: mine}", "rules.py": ""}.items():
        (tmp_path / name).write_text(text)

    result = deploy_again(tmp_path / "bundle", "--out", tmp_path)

    assert (result.exit_code, "has the project itself in it. Name a folder" in result.output) == (1, True)
    assert (tmp_path / "shoplake.toml").read_text() == SHOP and (tmp_path / "rules.py").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "shoplake.toml").write_text(SHOP)

    result = deploy_again(tmp_path / "bundle", "--out", tmp_path)

    assert "has other files and no bundle" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["shoplake.toml"]


def test_a_wheel_goes_with_the_bundle_and_every_job_installs_it(bundle, tmp_path):
    wheel = tmp_path / "shoplake-9.9-py3-none-any.whl"
    wheel.write_bytes(b"wheel")

    assert deploy_again(bundle, "--out", tmp_path / "out", "--wheel", wheel).exit_code == 0
    [environment] = read(tmp_path / "out/resources/daily.job.yml")["resources"]["jobs"]["daily"]["environments"]
    assert environment["spec"]["dependencies"] == [f"../dist/{wheel.name}"]
    assert (tmp_path / "out/dist" / wheel.name).read_bytes() == b"wheel"


def test_a_missing_wheel_is_one_line_that_says_how_to_build_one(bundle, tmp_path):
    result = deploy_again(bundle, "--wheel", tmp_path / "none.whl")

    assert "none.whl. Build one in the checkout of shoplake with: uv build --wheel" in result.output


def test_what_stands_twice_is_written_twice():
    mail = ["a"]

    assert "&" not in bundle_yaml({"x": mail, "y": mail})


def deploy_again(bundle: Path, *words):
    config = bundle.parent / "shoplake.toml"
    arguments = ["deploy", "databricks", "--out", bundle, "--config", config, *words]
    return CliRunner().invoke(main, [str(word) for word in arguments])


def files(bundle):
    return sorted(path for path in bundle.rglob("*") if path.is_file() and path.suffix != ".whl")


def without_comments(path):
    """A file without what only people read: comments, and in SQL also texts."""
    text = re.sub(r"(?m)^\s*(#|--).*$", "", path.read_text())
    quoted = r"'(?:\\.|[^'\\])*'"
    return re.sub(rf"COMMENT {quoted}|IS {quoted}|comment: .*", "", text) if path.suffix == ".sql" else text


def leaves(value, name=""):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, name)
    else:
        yield name, value
