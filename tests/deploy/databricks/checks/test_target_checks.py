import pytest

from shoplake.deploy.databricks.checks import check_bundle


def short_mode(document):
    document["targets"]["dev"]["mode"] = "dev"


def no_root_path(document):
    del document["targets"]["prod"]["workspace"]


@pytest.mark.parametrize(
    ("edit", "place", "message"),
    [
        (short_mode, "targets.dev", "mode is 'dev'. "),
        (no_root_path, "targets.prod", "production needs workspace.root_path"),
    ],
)
def test_a_mistake_in_a_target_is_found(changed, edit, place, message):
    [mistake] = check_bundle(changed("databricks.yml", edit))

    assert (mistake.place, message in mistake.message) == (place, True)
