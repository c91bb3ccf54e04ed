import pytest


@pytest.fixture(scope="module")
def config(tmp_path_factory, shoplake):
    """The settings of a shop without files, in a repository."""
    path = tmp_path_factory.mktemp("github") / "shop" / "shoplake.toml"
    assert shoplake("init", "--config", path, "--timezone", "Europe/London", "--currency", "GBP").exit_code == 0
    return path


def test_the_workflows_are_in_the_repository_and_find_the_settings(shoplake, config):
    root = config.parents[1]

    done = shoplake("deploy", "github", "--out", root, "--config", config)

    assert done.exit_code == 0
    assert "--config shop/shoplake.toml" in (root / ".github/workflows/ci.yml").read_text()
    assert f"deploy databricks --out {root}/bundle --config {config}" in done.output


def test_settings_outside_of_the_repository_are_wrong_usage(shoplake, config, tmp_path):
    done = shoplake("deploy", "github", "--out", tmp_path, "--config", config)

    assert done.exit_code == 2
    assert "Name the root of its repository" in done.output
