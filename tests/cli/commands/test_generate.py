import json

import pytest


def test_another_kind_of_shop_is_generated(shoplake, tmp_path):
    words = ["--kind", "retailrocket", "--landing", tmp_path, "--events", 50, "--properties", 300, "--days", 20]
    said = json.loads(shoplake("generate", *words, "--json").stdout)

    assert said["files"] == {"events": 1, "item_properties": 2, "category_tree": 1}
    assert said["records"]["item_properties"] == 300


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["--kind", "retailrocket", "--products", 5], "--products is for --kind zenith, not retailrocket."),
        (["--properties", 5], "--properties is for --kind retailrocket, not zenith."),
    ],
)
def test_what_only_another_kind_has_is_wrong_use(shoplake, tmp_path, words, wrong):
    result = shoplake("generate", "--landing", tmp_path, *words)

    assert (result.exit_code, wrong in result.stderr) == (2, True)
