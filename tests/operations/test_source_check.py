from dataclasses import replace
from hashlib import sha256

import pytest

from shoplake.declare import PublishedFile
from shoplake.errors import SettingsError
from shoplake.feeds import RETAILROCKET
from shoplake.operations.source_check import check_published_files

CONTENT = b"id,at\n1,a\n2,b\n"
FILE = PublishedFile("events.csv", 2, len(CONTENT), sha256(CONTENT).hexdigest()[:12])


@pytest.fixture
def check(tmp_path):
    """Check a file with some content."""

    def check_content(content, published=FILE):
        if content is not None:
            (tmp_path / published.name).write_bytes(content)
        [one] = check_published_files(replace(RETAILROCKET, published=(published,)), tmp_path)
        return one

    return check_content


@pytest.mark.parametrize(
    ("content", "state", "records"),
    [
        (CONTENT, "published", None),
        (CONTENT.replace(b"2", b"3"), "other content", 2),
        (CONTENT.replace(b"\n", b"\r\n"), "other line ends", 2),
        (CONTENT[:-2], "other content", 2),
        (CONTENT[:9], "fewer records", 1),
        (CONTENT + b"3,c\n", "more records", 3),
        (b"", "fewer records", 0),
        (None, "missing", None),
    ],
)
def test_a_file_is_compared_with_the_published_one(check, content, state, records):
    one = check(content)

    assert (one.state, one.records) == (state, records)
    assert one.is_good == (state == "published")
    assert bool(one.advice) == (state != "published")


def test_the_advice_counts_the_records_that_are_missing(check):
    assert check(CONTENT[:9]).advice == "1 are missing: the file is cut off. Download it again."


def test_where_no_checksum_is_known_the_records_are_counted(check):
    assert check(CONTENT, PublishedFile("events.csv", 2)).is_good
    assert not check(CONTENT, PublishedFile("events.csv", 3)).is_good


def test_a_zip_that_is_not_unpacked_is_named(check, tmp_path):
    (tmp_path / "archive.zip").touch()

    assert check(None).advice == "Unpack archive.zip there."


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match="There is no folder"):
        check_published_files(RETAILROCKET, tmp_path / "nowhere")
