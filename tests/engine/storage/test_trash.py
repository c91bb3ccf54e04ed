from datetime import UTC, datetime, timedelta
from pathlib import Path

from shoplake.engine.storage.durability.durable_heads import mark_durable, table_folders
from shoplake.engine.storage.durability.head_check import find_damage
from shoplake.engine.storage.trash import empty_trash, move_to_trash


def table(lake):
    folder = lake / "gold/t/_delta_log"
    folder.mkdir(parents=True)
    (folder / "0.json").write_text("{}")
    return lake / "gold/t"


def test_a_folder_moves_to_the_trash_with_all_below_it(tmp_path):
    at = table(tmp_path)

    to = Path(move_to_trash(str(tmp_path), "gold/t"))

    assert not at.exists() and to.parent == tmp_path / "_trash" and to.name.startswith("gold.t-")
    assert (to / "_delta_log/0.json").read_text() == "{}"


def test_a_table_in_the_trash_is_no_damage(tmp_path):
    table(tmp_path)
    (tmp_path / "gold/t/_delta_log/0.json").rename(tmp_path / f"gold/t/_delta_log/{0:020d}.json")
    mark_durable(str(tmp_path))

    move_to_trash(str(tmp_path), "gold/t")
    mark_durable(str(tmp_path))

    assert (table_folders(str(tmp_path)), find_damage(str(tmp_path))) == ([], [])


def test_what_is_not_there_does_not_move(tmp_path):
    assert move_to_trash(str(tmp_path), "gold/t") is None


def test_the_copy_of_a_table_that_moves_to_the_trash_is_removed(tmp_path):
    for name in ("gold/t", "_copies/gold/t", "_copies/gold/other"):
        (tmp_path / name).mkdir(parents=True)

    move_to_trash(str(tmp_path), "gold/t")

    assert [path.name for path in (tmp_path / "_copies/gold").iterdir()] == ["other"]


def test_the_trash_keeps_seven_days(tmp_path):
    table(tmp_path)
    to = Path(move_to_trash(str(tmp_path), "gold/t"))
    (tmp_path / "_trash/of_a_user").mkdir()

    assert empty_trash(str(tmp_path), datetime.now(UTC) + timedelta(days=6)) == []
    assert empty_trash(str(tmp_path), datetime.now(UTC) + timedelta(days=8)) == [to.name]
    assert [path.name for path in (tmp_path / "_trash").iterdir()] == ["of_a_user"]


def test_tables_of_one_name_lie_beside_each_other_in_the_trash(tmp_path):
    moved = []
    for _ in range(3):
        table(tmp_path)
        moved.append(move_to_trash(str(tmp_path), "gold/t"))

    assert len({*moved}) == 3
    assert all(Path(each, "_delta_log/0.json").exists() for each in moved)


def test_what_earlier_versions_moved_to_the_trash_is_deleted_too(tmp_path):
    (tmp_path / "_trash/gold.t-20260301T120000Z").mkdir(parents=True)

    assert empty_trash(str(tmp_path)) == ["gold.t-20260301T120000Z"]


def test_a_lake_without_a_trash_has_nothing_to_delete(tmp_path):
    assert empty_trash(str(tmp_path)) == []


def test_a_folder_of_an_object_store_moves_too(bucket, spark):
    from shoplake.engine.storage import filesystem

    where, root = filesystem.filesystem_for(f"{bucket}/lake")
    with where.open_output_stream(f"{root}/gold/t/0.json") as out:
        out.write(b"{}")

    to = move_to_trash(f"{bucket}/lake", "gold/t")

    _, moved = filesystem.filesystem_for(f"{to}/0.json")
    assert where.get_file_info(f"{root}/gold/t/0.json").type.name == "NotFound"
    assert where.get_file_info(moved).size == 2
