import pytest

from shoplake.engine.storage.lake_format import FILE, FORMAT, check_format, write_format
from shoplake.errors import IncompatibleLakeError


def test_a_new_folder_has_no_format_number_and_gets_one(tmp_path):
    lake = str(tmp_path / "lake")

    assert not check_format(lake)
    write_format(lake)

    assert check_format(lake)
    assert [path.name for path in (tmp_path / "lake").iterdir()] == [FILE]


def test_a_number_that_is_there_is_not_written_again(tmp_path):
    write_format(str(tmp_path))
    before = (tmp_path / FILE).stat().st_mtime_ns

    write_format(str(tmp_path))

    assert (tmp_path / FILE).stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f'{{"format": {FORMAT + 1}}}', f"its format is {FORMAT + 1}, this version's is {FORMAT}"),
        ('{"form', "_format.json is damaged"),
        ("[]", "_format.json is damaged"),
    ],
)
def test_another_number_and_a_damaged_file_are_refused(tmp_path, text, reason):
    (tmp_path / FILE).write_text(text)

    for ask in (check_format, write_format):
        with pytest.raises(IncompatibleLakeError, match=f"^The lake {tmp_path} .*: {reason}\\. Set lake"):
            ask(str(tmp_path))


@pytest.mark.parametrize("table", ["ops/runs", "ops/progress"])
def test_a_lake_from_before_there_were_format_numbers_is_refused(tmp_path, table):
    (tmp_path / table / "_delta_log").mkdir(parents=True)

    with pytest.raises(IncompatibleLakeError, match="it has no format number"):
        check_format(str(tmp_path))


def test_an_object_store_has_the_number_too(bucket):
    assert not check_format(f"{bucket}/lake")
    write_format(f"{bucket}/lake")
    assert check_format(f"{bucket}/lake")
