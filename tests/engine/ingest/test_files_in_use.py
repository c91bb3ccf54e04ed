import pytest
from deltalake import DeltaTable
from sample_shop import drop_marks, lake_landing, sample_shop
from sample_tables import drop, mark, marks, marks_raw

from shoplake.engine.ingest import files_in_use
from shoplake.errors import CommitError

DAYS = "2026-03-01", "2026-03-02", "2026-03-03"


def rows(lake, table):
    return DeltaTable(f"{lake.settings.lake}/{table.layer}/{table.name}").to_pyarrow_table().num_rows


@pytest.fixture
def meanwhile(monkeypatch):
    """Calls a function when the files of the next batch were inspected and are about to be read."""
    read = files_in_use.read_batch

    def arrange(change):
        def changed(*args):
            monkeypatch.setattr(files_in_use, "read_batch", read)
            change()
            return read(*args)

        monkeypatch.setattr(files_in_use, "read_batch", changed)

    return arrange


def test_a_file_that_is_sent_again_while_it_is_read_loses_no_record(tmp_path, meanwhile):
    lake = sample_shop(tmp_path)
    drop_marks(lake, 1, *DAYS)
    path = drop_marks(lake, 2, *DAYS)
    whole = path.read_text()
    meanwhile(lambda: path.write_text(""))

    first = lake.run()
    path.write_text(whole)
    second = lake.run()

    assert (first.files, second.files, rows(lake, marks_raw), rows(lake, marks)) == (1, 1, 6, 6)
    assert list(lake.verify()) == []


@pytest.mark.parametrize("change", ["gone", "a folder", "replaced"])
def test_a_file_that_changes_while_it_is_read_is_left_and_the_others_are_ingested(tmp_path, meanwhile, change):
    lake = sample_shop(tmp_path)
    drop_marks(lake, 1, *DAYS)
    path = drop_marks(lake, 2, *DAYS)
    text = path.read_text()

    def alter():
        path.unlink()
        if change == "a folder":
            path.mkdir()
        elif change == "replaced":
            path.write_text(text.replace("m2", "m3"))

    meanwhile(alter)

    result = lake.run()

    assert (result.files, result.rejected, rows(lake, marks)) == (1, [], 3)
    assert lake.run().files == (change == "replaced")


def test_a_batch_of_which_nothing_is_left_is_none(tmp_path, meanwhile):
    lake = sample_shop(tmp_path)
    path = drop_marks(lake, 1, *DAYS)
    meanwhile(path.unlink)

    assert lake.run().files == 0

    drop_marks(lake, 2, *DAYS)
    assert (lake.run().files, rows(lake, marks_raw)) == (1, 3)
    assert list(lake.verify()) == []


def test_a_file_that_grows_while_it_is_read_is_taken_and_read_again(tmp_path, meanwhile):
    lake = sample_shop(tmp_path)
    path = drop_marks(lake, 1, *DAYS)
    whole = path.read_text() + path.read_text().splitlines()[0].replace("m1-", "m9-") + "\n"
    meanwhile(lambda: path.write_text(whole))

    assert [lake.run().files, lake.run().files] == [1, 1]
    assert rows(lake, marks) == 4


def test_a_write_that_fails_for_another_cause_is_an_error(tmp_path, meanwhile):
    lake = sample_shop(tmp_path)
    drop(lake_landing(lake) / "marks/1.json", mark("a"))

    def fail():
        raise CommitError("No space left on device")

    meanwhile(fail)

    with pytest.raises(CommitError, match="No space"):
        lake.run()
