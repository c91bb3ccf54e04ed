import json


def test_the_command_says_file_by_file_and_fails_unless_all_are_published(shoplake, tmp_path):
    (tmp_path / "category_tree.csv").write_text("categoryid,parentid\n" + "1,\n" * 1_669)

    result = shoplake("check-source", "retailrocket", tmp_path, "--json")

    assert result.exit_code == 1
    said = {each["file"]: each["state"] for each in json.loads(result.stdout)}
    assert said == {
        "events.csv": "missing",
        "item_properties_part1.csv": "missing",
        "item_properties_part2.csv": "missing",
        "category_tree.csv": "as many records",
    }


def test_a_kind_that_nobody_publishes_is_refused(shoplake, tmp_path):
    result = shoplake("check-source", "zenith", tmp_path)

    assert (result.exit_code, result.stderr) == (
        1,
        "Error: No files of 'zenith' are published. There are: retailrocket.\n",
    )
